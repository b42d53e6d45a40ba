#!/usr/bin/env python3
"""Photos through presigned links into S3 against `rclone copy` into the same bucket, side by side in one run.

usage: s3copy.py BIN [--photos 200] [--megabytes 20] [--jobs 4] [--rounds 1] [--work DIR]

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
import time

import photos


class Organisation:
    def __init__(self, bin_folder):
        self.process = subprocess.Popen([os.path.join(bin_folder, "organisation_bench"), "host"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env={**os.environ, "PHOTOLIFT_BIN": bin_folder})
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
        subprocess.run(["rclone", "--config", "/dev/null", *arguments], env=environment, check=True)
        return time.monotonic() - begun, children_cpu() - cpu


def children_cpu():
    times = os.times()
    return times.children_user + times.children_system


def cpu_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def upload(organisation, options, source, data):
    """verified_s, the CPU of client and server until the client's end, and the client's stages."""
    begun, server = children_cpu(), cpu_of(organisation.facts["server"])
    run = subprocess.run([os.path.join(options.bin, "photolift-cli"), "upload", source, "--data", data, "--json", "--jobs", str(options.jobs),
                          "--server", organisation.facts["address"], "--token-file", organisation.facts["token_file"]],
                         stdout=subprocess.PIPE, text=True)
    summary = json.loads(run.stdout.splitlines()[-1])
    if run.returncode != 0 or summary.get("succeeded") != options.photos:
        sys.exit(f"upload ended with {run.returncode}: {summary}")
    with sqlite3.connect(f"file:{data}/photolift.db?mode=ro", uri=True) as db:
        stages = db.execute("SELECT stage_name, sum(stage_duration_ms) / 1000.0, (max(stage_end_timestamp) - min(stage_start_timestamp)) / 1000.0 "
                            "FROM fact_upload_stages WHERE is_successful = 1 GROUP BY stage_name").fetchall()
    return (summary["verified_s"], {"client": round(children_cpu() - begun, 1), "server": round(cpu_of(organisation.facts["server"]) - server, 1)},
            {name: {"sum_s": round(total, 1), "first_to_last_s": round(span, 1)} for name, total, span in stages})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin")
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--work")
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    work = os.path.abspath(options.work) if options.work else tempfile.mkdtemp(prefix="photolift-bench-")
    os.makedirs(work, exist_ok=True)
    try:
        source = os.path.join(work, "shoot")
        paths = photos.write_shoot(source, options.photos, options.megabytes)
        megabytes = sum(os.path.getsize(path) for path in paths) / 1e6
        ours, theirs = [], []
        for round_number in range(options.rounds):
            with Organisation(options.bin) as organisation: # a store of its own for each round: the disk stays small
                wall, cpu = organisation.rclone("copy", source, f"store:{organisation.facts['bucket']}/rclone", "--transfers", str(options.jobs))
                theirs.append(wall)
                organisation.rclone("purge", f"store:{organisation.facts['bucket']}/rclone")
                organisation.tell("collect")
                data = os.path.join(work, f"data{round_number}")
                verified, our_cpu, stages = upload(organisation, options, source, data)
                ours.append(verified)
                shutil.rmtree(data)
            print(json.dumps({"round": round_number, "rclone_s": round(wall, 2), "verified_s": round(verified, 2), "rclone_cpu_s": round(cpu, 1),
                              "cpu_s": our_cpu, "stages": stages, "load": os.getloadavg()[0]}), flush=True)
        print(json.dumps({"figure": f"{options.photos} photos of {options.megabytes} MB into S3: rclone copy / verified_s",
                          "ours_mb_per_s": round(megabytes / statistics.median(ours), 1),
                          "theirs_mb_per_s": round(megabytes / statistics.median(theirs), 1),
                          "ratio": round(statistics.median(theirs) / statistics.median(ours), 3), "target": ">= 0.9"}))
    finally:
        if not options.work:
            shutil.rmtree(work, ignore_errors=True)


main()
