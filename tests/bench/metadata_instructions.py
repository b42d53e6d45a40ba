#!/usr/bin/env python3
"""Counts the instructions that metadata costs the living photolift-photo, and bare Exiv2 for the same photos.

    metadata_instructions.py BIN FOLDER        BIN: where photolift-photo and photo_bench are, a release build

Unlike times they do not depend on what else the machine does. valgrind counts those of the programs, not those of the system for
them. Both sides run twice, over few and over more rounds: the difference leaves out how they start and end.
"""

import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile

FEW, MANY = 1, 3


def counted(command, work):
    """Runs the command under valgrind, does `work` with the process, and gives the count."""
    with tempfile.TemporaryDirectory() as folder:
        counts = pathlib.Path(folder, "counts")
        work(["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={counts}"] + command)
        for line in counts.read_text().splitlines():
            if line.startswith("totals: "):
                return int(line.split()[1])
    raise SystemExit(f"valgrind did not count {command[0]}")


def environment_of_helper():
    """As models/photo/helperprocess.cpp makes it; valgrind is found by its path."""
    return {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "GLIBC_TUNABLES": "glibc.malloc.tcache_count=200"}


def helper(program, photos, rounds):
    """All orders over a socket, as models/photo/helperprotocol.h says; closing it ends the program."""
    order = json.dumps({"media_type": "image/jpeg", "order": "facts", "side": 0}, separators=(",", ":")).encode()

    def work(command):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, env=environment_of_helper()) as process:
            theirs.close()
            for photo in photos * rounds:
                with open(photo, "rb") as file:
                    socket.send_fds(ours, [order], [file.fileno()])
                magic, *lengths = struct.unpack(">4s3I", process.stdout.read(16))
                assert magic == b"PLH1"
                process.stdout.read(sum(lengths))
            ours.close()

    return counted([str(program)], work)


def bare(program, photos, rounds):
    return counted([str(program), "bare", str(rounds)] + photos, lambda command: subprocess.run(command, check=True))


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    programs, folder = pathlib.Path(sys.argv[1]), sys.argv[2]
    kinds = subprocess.run([programs / "photo_bench", "list", folder], check=True, capture_output=True).stdout.split(b"\0")
    jpegs = [line[5:] for line in kinds if line.startswith(b"JPEG ")]
    others = [line[5:] for line in kinds if line.startswith(b"else ")]
    for what, photos in (("JPEG", jpegs), ("others", others), ("photos", jpegs + others)):
        if not photos:
            continue
        ours, theirs = (
            (side(program, photos, MANY) - side(program, photos, FEW)) / (MANY - FEW) / len(photos)
            for side, program in ((helper, programs / "photolift-photo"), (bare, programs / "photo_bench"))
        )
        print(f"{len(photos)} {what}: instructions for a photo: ours {ours:,.0f}, bare Exiv2 {theirs:,.0f}: ratio {theirs / ours:.2f} (bar 0.90)", flush=True)


if __name__ == "__main__":
    main()
