#!/usr/bin/env python3
"""Photos through presigned links into S3 against `rclone copy` into the same bucket, side by side in one run.

usage: s3copy.py BIN [--photos 200] [--megabytes 20] [--jobs 4] [--rounds 1] [--line MBIT] [--work DIR]

BIN is build/release/bin, with organisation_bench in it, which brings PostgreSQL, Ceph's gateway on a file and photolift-server, and takes
them away again. Prints the ratio of the speeds: wall of `rclone copy` / verified_s of photolift-cli, the time until the server has read
back the last photo and found it equal. What rclone brought is removed before ours comes: at most 8 GB of disk for 200 photos of 20 MB,
and 4 GB for the photos themselves.
"""
import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid

import photos

MARK = "PHOTOLIFT_BENCH_ORGANISATION"
OWN_NETWORK = "PHOTOLIFT_BENCH_OWN_NETWORK"
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Processors:
    """CPU seconds of everything that one organisation has started, by what it is, from time to time: every process that carries its mark."""
    EVERY_S = 0.25

    def __init__(self, mark):
        self.mark = f"{MARK}={mark}".encode()
        self.samples = []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.samples.append(self.look())
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        self.samples.append(self.look())

    def run(self):
        while not self.ended.wait(self.EVERY_S):
            self.samples.append(self.look())

    def look(self):
        used = {}
        everybody = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                    head, fields = file.read().rsplit(")", 1)
                with open(f"/proc/{pid}/environ", "rb") as file:
                    everybody[pid] = (head.split("(", 1)[1], fields.split(), self.mark in file.read().split(b"\0"))
            except OSError:  # it has ended
                continue
        for name, fields, is_marked in everybody.values():
            parent = fields[1]  # the sandbox leaves its process no environment
            while not is_marked and parent in everybody:
                _, above, is_marked = everybody[parent]
                parent = above[1]
            if not is_marked:
                continue
            own, waited_for = (sum(map(int, fields[at:at + 2])) / os.sysconf("SC_CLK_TCK") for at in (11, 13))
            for part, seconds in self.parts(name, own, waited_for):
                used[part] = used.get(part, 0) + seconds
        with open("/proc/stat", encoding="ascii") as file:
            used["idle"] = sum(map(int, file.readline().split()[4:6])) / os.sysconf("SC_CLK_TCK")
        return time.monotonic(), used

    @staticmethod
    def parts(name, own, waited_for):
        if name.startswith("photolift-serve"):
            return [("server", own), ("photo", waited_for)]
        if name.startswith(("ceph", "radosgw")):
            return [("store", own + waited_for)]
        if name.startswith("postgres"):
            return [("postgresql", own + waited_for)]
        if name.startswith(("photolift-phot", "bwrap")):
            return [("photo", own + waited_for)]
        return []

    def until(self, seconds=None):
        """What was used from the beginning until then, or until the end."""
        begun, before = self.samples[0]
        _, then = self.samples[-1] if seconds is None else min(self.samples, key=lambda sample: abs(sample[0] - begun - seconds))
        return {name: round(then[name] - before.get(name, 0), 1) for name in sorted(then)}


class Organisation:
    def __init__(self, bin_folder):
        self.mark = uuid.uuid4().hex
        environment = {**os.environ, "PHOTOLIFT_BIN": bin_folder, "PHOTOLIFT_SOURCE": SOURCE, MARK: self.mark}
        self.process = subprocess.Popen([os.path.join(bin_folder, "organisation_bench"), "host"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=environment)
        self.facts = self.answer()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("the organisation did not start, or has ended")
        return json.loads(line)

    def tell(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self.answer()

    def rclone(self, *arguments):
        """Wall and CPU seconds of one run of rclone; `store:` is the bucket's store."""
        settings = {"TYPE": "s3", "PROVIDER": "Ceph", "ENDPOINT": self.facts["endpoint"], "ACCESS_KEY_ID": self.facts["access_key"],
                    "SECRET_ACCESS_KEY": self.facts["secret_key"], "NO_CHECK_BUCKET": "true"}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment |= {"RCLONE_CONFIG_STORE_" + name: value for name, value in settings.items()}
        begun, cpu = time.monotonic(), children_cpu()
        with Processors(self.mark) as used:
            subprocess.run(["rclone", "--config", "/dev/null", *arguments], env=environment, check=True)
        wall = time.monotonic() - begun
        return wall, {"rclone": round(children_cpu() - cpu, 1), **used.until(wall)}


def enter_own_network():
    """Begins this program anew where the loopback is its own."""
    if OWN_NETWORK not in os.environ:
        os.environ[OWN_NETWORK] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def narrow_line(endpoint, mbit):
    """Packets to the store's port share the line. Linux lets a connection queue few of its packets, so small questions need not wait long."""
    port = str(urllib.parse.urlsplit(endpoint).port)
    for command in ("qdisc add dev lo root handle 1: htb",
                    f"class add dev lo parent 1: classid 1:1 htb rate {mbit}mbit burst 256k",
                    f"filter add dev lo parent 1: protocol ip u32 match ip protocol 6 0xff match ip dport {port} 0xffff flowid 1:1"):
        subprocess.run(["tc", *command.split()], check=True, stderr=subprocess.DEVNULL)


def children_cpu():
    times = os.times()
    return times.children_user + times.children_system


def upload(organisation, options, source, data):
    """verified_s, the CPU of everybody until then and until the client's end (the client's own: until its end), and the client's stages."""
    begun = children_cpu()
    with Processors(organisation.mark) as used:
        run = subprocess.run([os.path.join(options.bin, "photolift-cli"), "upload", source, "--data", data, "--json", "--jobs", str(options.jobs),
                              "--server", organisation.facts["address"], "--token-file", organisation.facts["token_file"]],
                             stdout=subprocess.PIPE, text=True)
    summary = json.loads(run.stdout.splitlines()[-1])
    if run.returncode != 0 or summary.get("succeeded") != options.photos:
        sys.exit(f"upload ended with {run.returncode}: {summary}")
    with sqlite3.connect(f"file:{data}/photolift.db?mode=ro", uri=True) as db:
        stages = db.execute("SELECT stage_name, sum(stage_duration_ms) / 1000.0, (max(stage_end_timestamp) - min(stage_start_timestamp)) / 1000.0 "
                            "FROM fact_upload_stages WHERE is_successful = 1 GROUP BY stage_name").fetchall()
    return (summary["verified_s"], {"client": round(children_cpu() - begun, 1), "until_verified": used.until(summary["verified_s"]),
                                    "until_the_end": used.until()},
            {name: {"sum_s": round(total, 1), "first_to_last_s": round(span, 1)} for name, total, span in stages})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin")
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--line", type=int, metavar="MBIT")
    parser.add_argument("--work")
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    if options.line:
        enter_own_network()
    work = os.path.abspath(options.work) if options.work else tempfile.mkdtemp(prefix="photolift-bench-")
    os.makedirs(work, exist_ok=True)
    try:
        source = os.path.join(work, "shoot")
        paths = photos.write_shoot(source, options.photos, options.megabytes)
        megabytes = sum(os.path.getsize(path) for path in paths) / 1e6
        ours, theirs, theirs_checked = [], [], []
        for round_number in range(options.rounds):
            with Organisation(options.bin) as organisation: # a store of its own for each round: the disk stays small
                if options.line:
                    narrow_line(organisation.facts["endpoint"], options.line)
                at_once = ("--transfers", str(options.jobs), "--checkers", str(options.jobs))
                wall, cpu = organisation.rclone("copy", source, f"store:{organisation.facts['bucket']}/rclone", *at_once)
                theirs.append(wall)
                check, check_cpu = organisation.rclone("check", "--download", source, f"store:{organisation.facts['bucket']}/rclone", *at_once)
                theirs_checked.append(wall + check)
                organisation.rclone("purge", f"store:{organisation.facts['bucket']}/rclone")
                organisation.tell("collect")
                data = os.path.join(work, f"data{round_number}")
                before = organisation.tell("look")
                verified, our_cpu, stages = upload(organisation, options, source, data)
                rollbacks = organisation.tell("look")["rollbacks"] - before["rollbacks"]  # of transactions that met another one, nearly all
                ours.append(verified)
                shutil.rmtree(data)
            print(json.dumps({"round": round_number, "rclone_s": round(wall, 2), "rclone_check_s": round(check, 2), "verified_s": round(verified, 2),
                              "rclone_cpu_s": cpu, "rclone_check_cpu_s": check_cpu,
                              "rollbacks": rollbacks, "cpu_s": our_cpu, "stages": stages, "load": os.getloadavg()[0]}), flush=True)
        print(json.dumps({"figure": f"{options.photos} photos of {options.megabytes} MB into S3: rclone copy / verified_s",
                          "ours_mb_per_s": round(megabytes / statistics.median(ours), 1),
                          "theirs_mb_per_s": round(megabytes / statistics.median(theirs), 1),
                          "ratio": round(statistics.median(theirs) / statistics.median(ours), 3), "target": ">= 0.9",
                          "line_mbit": options.line, "ratio_to_copy_and_check": round(statistics.median(theirs_checked) / statistics.median(ours), 3)}))
    finally:
        if not options.work:
            shutil.rmtree(work, ignore_errors=True)


main()
