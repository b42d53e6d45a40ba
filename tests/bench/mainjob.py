#!/usr/bin/env python3
"""The main job against its yardsticks, side by side in one run.

usage: mainjob.py BIN [--photos 500] [--megabytes 5] [--tiff-gb 2] [--rounds 3] [--work DIR]

BIN is build/release/bin. Prints one line per figure, medians over the rounds:
 - verified_s of photolift-cli against the wall time of `rclone copy` to `rclone serve webdav` on the same disk;
 - the transfer stages of these photos against curl sending the same parts, as many at a time, to links made before;
 - the server's stages that open the photo (validation, metadata_extraction, processing: one decode serves all three) against
   vipsthumbnail making the same two pictures of the same files: from the first photo to the last, two photos at a time on both sides,
   ours at lowest priority and beside the uploads;
 - the transfer stage of one large TIFF against curl sending the same parts to links made before.
"""
import argparse
import json
import os
import resource
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

import photos
import presigned

JOBS = 4
EXAMINERS = 2  # photos the embedded server opens at a time


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def timed(command, **options):
    """Wall and CPU seconds of a command and of what it waited for."""
    cpu, wall = children_cpu(), time.monotonic()
    done = subprocess.run(command, **options)
    return time.monotonic() - wall, children_cpu() - cpu, done


def cpu_of_photo_processes(seen):
    """Notes what each living photolift-photo and the children it has waited for used: inside of their sandbox nobody else is told."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                name, fields = file.read().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue  # it has ended
        if name == "photolift-photo":
            seen[pid] = sum(map(int, fields.split()[11:15])) / os.sysconf("SC_CLK_TCK")


def upload(bin_folder, source, data):
    """Uploads with the embedded server; gives the summary and CPU seconds of client, server and what opens the photos for both."""
    cpu, seen = children_cpu(), {}
    with tempfile.TemporaryFile("w+") as output:
        run = subprocess.Popen([os.path.join(bin_folder, "photolift-cli"), "upload", source, "--data", data, "--json", "--jobs", str(JOBS)],
                               stdout=output, text=True)
        while run.poll() is None:
            cpu_of_photo_processes(seen)
            time.sleep(0.25)
        output.seek(0)
        summary = json.loads(output.read().splitlines()[-1])
    if run.returncode != 0 or summary["event"] != "summary":
        sys.exit(f"upload ended with {run.returncode}: {summary}")
    return summary, children_cpu() - cpu + sum(seen.values())


def stage_seconds(data, stage):
    """Sum of the durations of one stage over all attempts, in seconds, and how many there are."""
    with sqlite3.connect(f"file:{data}/photolift.db?mode=ro", uri=True) as db:
        total, count = db.execute("SELECT sum(stage_duration_ms), count(*) FROM fact_upload_stages "
                                  "WHERE stage_name = ? AND is_successful = 1", (stage,)).fetchone()
    return (total or 0) / 1000, count


def stage_span(data, first, last):
    """From the first begin of one stage to the last end of another, in seconds: stages overlap, and their sum says nothing about the wall."""
    with sqlite3.connect(f"file:{data}/photolift.db?mode=ro", uri=True) as db:
        begin, = db.execute("SELECT min(stage_start_timestamp) FROM fact_upload_stages WHERE stage_name = ? AND is_successful = 1", (first,)).fetchone()
        end, = db.execute("SELECT max(stage_end_timestamp) FROM fact_upload_stages WHERE stage_name = ? AND is_successful = 1", (last,)).fetchone()
    return ((end or 0) - (begin or 0)) / 1000


def rclone_copy(source, folder):
    os.makedirs(folder)
    server = subprocess.Popen(["rclone", "serve", "webdav", folder, "--addr", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True)
    try:
        address = None
        for line in server.stderr:
            if "http://" in line:
                address = line[line.index("http://"):].split()[0].rstrip("/")
                break
        cpu_before = cpu_of(server.pid)
        wall, cpu, done = timed(["rclone", "copy", source, ":webdav:", "--webdav-url", address, "--transfers", str(JOBS),
                                 "--config", "/dev/null"], stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            sys.exit("rclone copy failed")
        return wall, cpu + cpu_of(server.pid) - cpu_before
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def cpu_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def vipsthumbnail(paths, folder):
    """The same two pictures as the server makes, as many files at a time; wall seconds."""
    os.makedirs(folder)
    began = time.monotonic()
    for side, quality in ((2048, 85), (512, 80)):
        running = [subprocess.Popen(["vipsthumbnail", "-s", f"{side}x{side}>", "-o", f"{folder}/%s-{side}.jpg[Q={quality},strip]", *paths[i::EXAMINERS]],
                                    env={**os.environ, "VIPS_CONCURRENCY": "1"}) for i in range(EXAMINERS)]
        if any([process.wait() for process in running]):
            sys.exit("vipsthumbnail failed")
    return time.monotonic() - began


def say(what, ours, theirs, target, unit="s"):
    ratio = ours / theirs if theirs else float("nan")
    print(json.dumps({"figure": what, "ours": round(ours, 3), "theirs": round(theirs, 3), "unit": unit, "ratio": round(ratio, 3),
                      "target": target}))


def many_photos(options, work):
    source = os.path.join(work, "shoot")
    paths = photos.write_shoot(source, options.photos, options.megabytes)
    verified, ours_cpu, theirs, theirs_cpu, transfer, curl_transfer, curl_wall = [], [], [], [], [], [], []
    processing, examining, thumbs, spans = [], [], [], []
    for round_number in range(options.rounds):
        data = os.path.join(work, f"data{round_number}")
        summary, cpu = upload(options.bin, source, data)
        verified.append(summary["verified_s"])
        ours_cpu.append(cpu)
        transfer.append(stage_seconds(data, "transfer")[0])
        spans.append(stage_span(data, "transfer", "transfer"))
        processing.append(stage_span(data, "validation", "processing"))
        examining.append(sum(stage_seconds(data, stage)[0] for stage in ("validation", "metadata_extraction", "processing")))
        shutil.rmtree(data)

        wall, cpu = rclone_copy(source, os.path.join(work, f"dav{round_number}"))
        theirs.append(wall)
        theirs_cpu.append(cpu)
        shutil.rmtree(os.path.join(work, f"dav{round_number}"))

        with presigned.Server(options.bin, os.path.join(work, f"links{round_number}")) as server:
            seconds, wall = server.curl_all(paths, JOBS)
        curl_transfer.append(seconds)
        curl_wall.append(wall)
        shutil.rmtree(os.path.join(work, f"links{round_number}"))

        thumbs.append(vipsthumbnail(paths, os.path.join(work, f"thumbs{round_number}")))
        shutil.rmtree(os.path.join(work, f"thumbs{round_number}"))
    median = statistics.median
    what = f"{options.photos} photos of {options.megabytes} MB"
    say(f"{what}: verified_s / wall of rclone copy to webdav", median(verified), median(theirs), "<= 1")
    say(f"{what}: CPU seconds, server and its pictures included / rclone and its server", median(ours_cpu), median(theirs_cpu), "printed")
    say(f"{what}: sum of transfer stages / sum of curl -Z transfers of the same parts", median(transfer), median(curl_transfer), "<= 1.3")
    say(f"{what}: first to last transfer, hashing and commits between included / wall of curl -Z", median(spans), median(curl_wall), "printed")
    say(f"{what}: vipsthumbnail / validation, metadata_extraction and processing, first to last", median(thumbs), median(processing), ">= 0.8")
    say(f"{what}: time these stages took, one photo after the other / first to last", median(examining), median(processing), "printed")


def one_tiff(options, work):
    folder = os.path.join(work, "tiff")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "large.tif")
    photos.write_tiff(path, int(options.tiff_gb * 1e9))
    ours, theirs = [], []
    for round_number in range(options.rounds):
        data = os.path.join(work, f"tiffdata{round_number}")
        upload(options.bin, folder, data)
        ours.append(stage_seconds(data, "transfer")[0])
        shutil.rmtree(data)
        with presigned.Server(options.bin, os.path.join(work, f"tifflinks{round_number}")) as server:
            theirs.append(server.curl_one_after_another(path))
        shutil.rmtree(os.path.join(work, f"tifflinks{round_number}"))
    say(f"one TIFF of {options.tiff_gb} GB: transfer stage / curl -T of the same parts", statistics.median(ours),
        statistics.median(theirs), "<= 1.3")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin")
    parser.add_argument("--photos", type=int, default=500)
    parser.add_argument("--megabytes", type=float, default=5)
    parser.add_argument("--tiff-gb", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work")
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    work = os.path.abspath(options.work) if options.work else tempfile.mkdtemp(prefix="photolift-bench-")
    os.makedirs(work, exist_ok=True)
    try:
        if options.photos > 0:
            many_photos(options, work)
        if options.tiff_gb > 0:
            one_tiff(options, work)
    finally:
        if not options.work:
            shutil.rmtree(work, ignore_errors=True)


main()
