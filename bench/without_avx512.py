#!/usr/bin/env python3
"""without_avx512.py FROM TO: copies a shared library, with a trap in place of each cpuid instruction, so that
without_avx512.cpp can answer what the library asks the processor. Needs objdump."""
import re
import subprocess
import sys

source, target = sys.argv[1:]
library = bytearray(open(source, "rb").read())
sections = subprocess.run(["objdump", "-h", source], check=True, capture_output=True, text=True).stdout
address, offset = (int(value, 16) for value in re.search(r" \.text +\S+ +(\S+) +\S+ +(\S+)", sections).groups())
listing = subprocess.run(["objdump", "-d", "-j", ".text", "--no-show-raw-insn", source],
                         check=True, capture_output=True, text=True).stdout
places = [int(line.split(":")[0], 16) - address + offset for line in listing.splitlines() if line.endswith("\tcpuid")]
assert places, "no cpuid instruction"
for place in places:
    assert library[place:place + 2] == b"\x0f\xa2"
    library[place:place + 2] = b"\xcc\x90"  # int3, nop
with open(target, "wb") as file:
    file.write(library)
