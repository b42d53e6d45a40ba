"""A server started by hand, links made before the clock starts, and curl sending parts to them: the yardstick for the transfer
stage. Nothing of Photolift's client takes part."""
import hashlib
import json
import os
import secrets
import subprocess
import time
import urllib.request
import uuid

PART_BYTES = 16 * 1024 * 1024
LINKS_PER_CALL = 16


def uuid7():
    value = (int(time.time() * 1000) << 80) | (7 << 76) | (secrets.randbits(12) << 64) | (2 << 62) | secrets.randbits(62)
    return str(uuid.UUID(int=value))


class Server:
    def __init__(self, bin_folder, data):
        self.process = subprocess.Popen([os.path.join(bin_folder, "photolift-server"), "--embedded", "--data", data, "--listen",
                                         "127.0.0.1:0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.address = json.loads(self.process.stdout.readline())["address"]
        self.data = data
        with open(os.path.join(data, "token"), encoding="ascii") as file:
            self.token = file.read().strip()
        self.project, self.batch = uuid7(), uuid7()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def post(self, path, body, key):
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), {
            "Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def question(self, path, digest, size):
        upload, item, now = uuid7(), uuid7(), int(time.time() * 1000)
        surroundings = {"user_id": "local", "device": {"device_id": "bench", "device_type": "unknown"},
                        "app_version": {"app_version_number": "0", "is_beta_version": False, "feature_flags": {}},
                        "network": {"connection_type": "local"}}
        return {"sha256": digest, "size": size, "name": os.path.basename(path), "media_type": "image/jpeg", "modified_ms": now,
                "project": {"project_id": self.project, "project_name": "Bench", "owner_user_id": "local", "state": "open",
                            "is_active": True},
                "batch": {"batch_id": self.batch, "batch_name": "bench", "project_id": self.project, "source_kind": "cli",
                          "created_timestamp": now},
                "attempt": {"client_upload_id": upload, "item_id": item, "attempt_number": 1, "project_id": self.project,
                            "batch_id": self.batch, "relative_path": f"{upload}/{os.path.basename(path)}",
                            "surroundings": surroundings, "status": "running",
                            "start_timestamp": int(upload.replace("-", "")[:12], 16), "file_size_bytes": size,
                            "is_batch_upload": True, "is_background_upload": False, "upload_metadata": {}, "row_version": 1}}

    def links_for(self, path):
        """(link, offset, size) for each part of one file."""
        whole, parts, size = hashlib.sha256(), [], 0
        with open(path, "rb") as file:
            while chunk := file.read(PART_BYTES):
                whole.update(chunk)
                parts.append({"number": len(parts) + 1, "size": len(chunk), "checksum": hashlib.sha256(chunk).hexdigest()})
                size += len(chunk)
        offer = self.post("/v1/uploads", self.question(path, whole.hexdigest(), size), uuid7())
        links = []
        for begin in range(0, len(parts), LINKS_PER_CALL):
            answer = self.post(f"/v1/uploads/{offer['upload_id']}/links", {"parts": parts[begin:begin + LINKS_PER_CALL]}, uuid7())
            links += answer["links"]
        return [(link, (link["number"] - 1) * PART_BYTES, parts[link["number"] - 1]["size"]) for link in links]

    def curl(self, jobs, parallel):
        """Runs curl over (link, file) pairs; gives the sum of its transfer times and the wall time."""
        config = os.path.join(self.data, "curl.config")
        with open(config, "w", encoding="utf-8") as file:
            for index, (link, source) in enumerate(jobs):
                if index:
                    file.write("next\n")
                file.write(f'url = "{link["url"]}"\nupload-file = "{source}"\noutput = "/dev/null"\nsilent\nfail\nhttp1.1\n')
                file.write('write-out = "%{stderr}%{time_total}\\n"\n')
                for name, value in link["headers"].items():
                    if name.lower() not in ("host", "content-length"):
                        file.write(f'header = "{name}: {value}"\n')
        os.chmod(config, 0o600)
        begin = time.monotonic()
        command = ["curl", "--no-progress-meter", "--config", config] + (["-Z", "--parallel-immediate", "--parallel-max", str(parallel)] if parallel > 1 else [])
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        wall = time.monotonic() - begin
        times = [float(line) for line in done.stderr.split() if line.replace(".", "", 1).isdigit()]
        if done.returncode != 0 or len(times) != len(jobs):
            raise SystemExit(f"curl ended with {done.returncode}, {len(times)} of {len(jobs)} parts: {done.stderr[:300]}")
        return sum(times), wall

    def curl_all(self, paths, parallel):
        jobs = []
        for path in paths:
            links = self.links_for(path)
            if len(links) != 1:
                raise SystemExit("the photos of this benchmark fit into one part")
            jobs.append((links[0][0], path))
        return self.curl(jobs, parallel)

    def curl_one_after_another(self, path):
        """The parts of one large file as files of their own (cut before the clock starts); the wall time."""
        jobs = []
        links = self.links_for(path)
        with open(path, "rb") as file:
            for link, offset, size in links:
                piece = os.path.join(self.data, f"piece{link['number']}")
                file.seek(offset)
                with open(piece, "wb") as out:
                    out.write(file.read(size))
                jobs.append((link, piece))
        return self.curl(jobs, 1)[1]
