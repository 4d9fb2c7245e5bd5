#!/usr/bin/env bash
# quantize_against_reference.sh FOLDER: CPU seconds and peak memory from calibration pictures to the written file and
# to the report, beside what the reference quantizer needed for the same 1,600 pictures (its timing.json).
# FOLDER: the build's bench folder. MUDRA_SHARED: the reference data.
set -euo pipefail
[ -n "${MUDRA_SHARED:-}" ] || { echo "SKIPPED: MUDRA_SHARED is not set"; exit 0; }
mudra=$1/../mudra/cli/mudra
OMP_WAIT_POLICY=passive python3 - "$mudra" "$MUDRA_SHARED/data/reference-quantizer" <<'END'
import json, os, sys, tempfile

mudra, reference = sys.argv[1:]

def cost(*arguments):
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execv(mudra, [mudra, *arguments])
    _, status, used = os.wait4(child, 0)
    assert status == 0, arguments
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024

timing = json.load(open(f"{reference}/int8_50/timing.json"))
stages = {stage["stage"]: stage for stage in timing["stages"]}
print(f"{'reference, kl':<34} {stages['quantize']['cpu']:6.2f} CPU s  {stages['quantize']['rss_MB']:5.0f} MB")
print(f"{'reference, with its report':<34} {timing['api_cpu']:6.2f} CPU s  {timing['rss_MB']:5.0f} MB")
model, pictures = f"{reference}/relu6.onnx", f"{reference}/calib_u8.npy"
with tempfile.TemporaryDirectory() as folder:
    out = f"{folder}/x.espdl"
    for title, options in (("int8, kl", ["--calibration", "kl"]), ("int8, search", []), ("best", ["--recipe", "best"])):
        seconds, memory = cost("quantize", model, "--data", pictures, "--out", out, *options)
        print(f"{'mudra, ' + title:<34} {seconds:6.2f} CPU s  {memory:5.0f} MB")
        more, more_memory = cost("analyze", model, out, "--data", pictures)
        print(f"{'  with analyze':<34} {seconds + more:6.2f} CPU s  {max(memory, more_memory):5.0f} MB")
END
