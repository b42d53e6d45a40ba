#!/usr/bin/env python3
"""FAULTS C-38: each program is built with what hinders an attacker. tests/hardening.py [--fortified] PROGRAM..."""
import subprocess
import sys


def read(program, *options):
    return subprocess.run(["readelf", "-W", *options, program], capture_output=True, text=True, check=True).stdout


def missing(program, is_fortified):
    head, dynamic, segments = read(program, "-h"), read(program, "-d"), read(program, "-l")
    symbols = read(program, "--dyn-syms")
    stack = [line for line in segments.splitlines() if "GNU_STACK" in line]
    holds = {
        "position independent": "DYN" in head and "PIE" in dynamic,
        "relocations read only": "GNU_RELRO" in segments,
        "bound at start": "NOW" in dynamic,
        "no executable stack": len(stack) == 1 and "RWE" not in stack[0],
        "stack protector": "__stack_chk_fail" in symbols,
        "libstdc++ assertions": "__glibcxx_assert_fail" in symbols,
        "no path for libraries": "RPATH" not in dynamic and "RUNPATH" not in dynamic,
    }
    if "X86-64" in head:
        # Debian's own start files carry no mark, and so the linker leaves the one of the whole program out.
        with open(program, "rb") as file:
            holds["indirect branches marked"] = file.read().count(b"\xf3\x0f\x1e\xfa") > 100
    if is_fortified:
        holds["fortified functions"] = "_chk@" in symbols.replace("__stack_chk_fail", "")
    return [what for what, is_there in holds.items() if not is_there]


programs = sys.argv[1:]
is_fortified = programs[:1] == ["--fortified"]
faults = [f"{program}: {what}" for program in programs[is_fortified:] for what in missing(program, is_fortified)]
print("\n".join(faults) or f"{len(programs) - is_fortified} programs hold")
sys.exit(bool(faults))
