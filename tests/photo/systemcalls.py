#!/usr/bin/env python3
"""What the processes that open photos ask of the system: every order on every file of some folders, under strace.

    tests/photo/systemcalls.py build/release/bin/photolift-photo FOLDER...
    tests/photo/systemcalls.py --threads build/release/bin/photolift-photo FOLDER...    most threads of one photo, instead

Prints one line per call: how often, in how many processes and threads, how often refused, its name, and of some calls the arguments. Run it after an
update of a library and compare with `photolift-photo --seccomp`. A call is seen before the filter judges it; a photo whose process was ended by
it is named on standard error. To see what comes after a refused call too, take install() out of app/photo/main.cpp for the while.
"""
import array
import collections
import os
import re
import socket
import subprocess
import sys
import tempfile

ORDERS = ("everything", "facts", "thumbnail", "preview", "validate", "rendition")
# Set by the nursery's child before the filter: what comes later is the photo's.
LAST_CALL_BEFORE = "prlimit64(0, RLIMIT_CPU"
OWN_CALLS = {"seccomp"}  # the filter itself, and the promise it needs
TELLING = {"openat", "ioctl", "fcntl", "clone", "madvise", "prctl", "mprotect", "mmap"}


def files_of(folders):
    for folder in folders:
        for where, _, names in os.walk(folder):
            for name in sorted(names):
                yield os.path.join(where, name)


def ask(orders, endings, path, order):
    """One order; returns when the child that carried it out has ended."""
    photo = os.open(path, os.O_RDONLY)
    reading, writing = os.pipe()
    orders.sendmsg([b'{"order":"%s"}' % order.encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [photo, writing]))])
    os.close(photo)
    os.close(writing)
    while os.read(reading, 1 << 20):
        pass
    os.close(reading)
    return int.from_bytes(os.read(endings, 4), "little")


def run(program, folders, traces):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    endings, telling = os.pipe()
    child = subprocess.Popen(["strace", "-ff", "-qq", "-o", traces + "/t", program, "--one-shot"], stdin=theirs, stdout=telling,
                             env={"LC_ALL": "C.UTF-8"})
    theirs.close()
    os.close(telling)
    count = 0
    for path in files_of(folders):
        for order in ORDERS:
            ending = ask(ours, endings, path, order)
            count += 1
            if ending != 0:
                print(f"{path}: {order} ended with status {ending}", file=sys.stderr)
    ours.close()
    child.wait()
    return count


def calls_of(lines):
    for line in lines:
        found = re.match(r"([a-z_0-9]+)\((.*)", line)
        if found:
            yield found[1], found[2]


def shape_of(name, arguments):
    """The arguments that a filter could look at."""
    if name == "openat":
        return re.sub(r"orcexec\.\w+", "orcexec.*", arguments.split(" = ")[0])
    arguments = arguments.split(" = ")[0]
    return ", ".join(part for part in re.split(r"[,)]", arguments) if re.search(r"\b[A-Z][A-Z_]{3,}", part)).strip()


def main():
    arguments = sys.argv[1:]
    wants_threads = arguments[:1] == ["--threads"]
    program, *folders = arguments[wants_threads:]
    with tempfile.TemporaryDirectory() as traces:
        count = run(program, folders, traces)
        refused = collections.Counter()
        seen, processes, shapes = collections.Counter(), collections.defaultdict(set), collections.Counter()
        threads = collections.Counter()
        for name in os.listdir(traces):
            with open(os.path.join(traces, name), errors="replace") as trace:
                lines = trace.read().splitlines()
            if any(LAST_CALL_BEFORE in line for line in lines) and not any("recvmsg(0" in line for line in lines):
                start = max(i for i, line in enumerate(lines) if LAST_CALL_BEFORE in line) + 1
                threads[name] = sum(1 for line in lines if re.match(r"clone3?\(.*\) += \d", line))
            elif any("recvmsg(0" in line for line in lines):
                continue  # the nursery, which opens no photo
            else:
                start = 0  # a thread
            for call, rest in calls_of(lines[start:]):
                if call in OWN_CALLS or "NO_NEW_PRIVS" in rest:
                    continue
                seen[call] += 1
                refused[call] += rest.endswith("= -1 EPERM (Operation not permitted)")
                processes[call].add(name)
                if call in TELLING:
                    shapes[call, shape_of(call, rest)] += 1
    print(f"{count} orders, {len(seen)} calls: times, processes, refused")
    if wants_threads:
        print("most threads started by one photo:", max(threads.values()))
        return
    for call, times in seen.most_common():
        print(f"{times:8} {len(processes[call]):6} {refused[call]:6} {call}")
        for (named, shape), often in shapes.most_common():
            if named == call:
                print(f"{often:33} {shape}")


main()
