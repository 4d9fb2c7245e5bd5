#!/usr/bin/env bash
# quantize_against_reference.sh FOLDER: CPU seconds and peak memory from 1,600 calibration pictures to the written file
# and to the report, on this computer; then what the reference quantizer once needed for them on another (its
# timing.json): memory can be compared, seconds cannot.
# FOLDER: the build's bench folder. MUDRA_SHARED: the reference data.
set -euo pipefail
[ -n "${MUDRA_SHARED:-}" ] || { echo "SKIPPED: MUDRA_SHARED is not set"; exit 0; }
mudra=$1/../mudra/cli/mudra
OMP_WAIT_POLICY=passive python3 - "$mudra" "$MUDRA_SHARED/data/reference-quantizer" <<'END'
import json, os, re, sys, tempfile

mudra, reference = sys.argv[1:]

def cost(*arguments):
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execv(mudra, [mudra, *arguments])
    _, status, used = os.wait4(child, 0)
    assert status == 0, arguments
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024

def row(title, seconds, memory):
    print(f"  {title:<24} {seconds:6.2f} CPU s  {memory:5.0f} MB")

processor = re.search("model name.*: (.*)", open("/proc/cpuinfo").read())
print(f"here, on {processor[1] if processor else 'an unnamed processor'}:")
model, pictures = f"{reference}/relu6.onnx", f"{reference}/calib_u8.npy"
with tempfile.TemporaryDirectory() as folder:
    out = f"{folder}/x.espdl"
    for title, options in (("int8, kl", ["--calibration", "kl"]), ("int8, search", []), ("best", ["--recipe", "best"])):
        seconds, memory = cost("quantize", model, "--data", pictures, "--out", out, *options)
        row(title, seconds, memory)
        more, more_memory = cost("analyze", model, out, "--data", pictures)
        row("  with analyze", seconds + more, max(memory, more_memory))
timing = json.load(open(f"{reference}/int8_50/timing.json"))
stages = {stage["stage"]: stage for stage in timing["stages"]}
print("esp-ppq, recorded on another computer:")
row("kl", stages["quantize"]["cpu"], stages["quantize"]["rss_MB"])
row("  with its report", timing["api_cpu"], timing["rss_MB"])
END
