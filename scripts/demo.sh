#!/usr/bin/env bash
# demo.sh MUDRA: the whole story on rendered hands, in run/demo; an interrupted one goes on. With MUDRA_SHARED the
# recorded runs of a real chip are computed again, too.
set -euo pipefail
mudra=$1
run=run/demo
recorded=()
list=${MUDRA_SHARED:-}/data/published/hardware-runs.json
[ ! -f "$list" ] || recorded=(--recorded "$list")
[ ! -f $run/report.html ] || rm -rf "$run"  # that one was finished; this is another
"$mudra" reproduce --out "$run" "${recorded[@]}"
echo "  $mudra studio --demo
    opens this network in a browser: before your camera, with its pictures, and your own to be learnt"
