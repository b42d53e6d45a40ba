"""Makes JPEG files for benchmarks: one noise picture of the wanted size, told apart by a comment segment, so that every
file decodes, weighs the same and has bytes of its own."""
import os
import struct
import subprocess
import tempfile


def noise_jpeg(width, height):
    with tempfile.TemporaryDirectory() as folder:
        raw, jpeg = os.path.join(folder, "noise.v"), os.path.join(folder, "noise.jpg")
        subprocess.run(["vips", "gaussnoise", raw, str(width), str(height), "--mean", "128", "--sigma", "40"], check=True)
        colour = os.path.join(folder, "colour.v")
        subprocess.run(["vips", "bandjoin", f"{raw} {raw} {raw}", colour], check=True)
        subprocess.run(["vips", "cast", colour, raw, "uchar"], check=True)
        subprocess.run(["vips", "jpegsave", raw, jpeg, "--Q", "90"], check=True)
        with open(jpeg, "rb") as file:
            return file.read()


def jpeg_of(megabytes):
    """A picture of about so many megabytes, in the proportions of a camera's."""
    probe = len(noise_jpeg(600, 400))
    scale = (megabytes * 1e6 / probe) ** 0.5
    return noise_jpeg(int(600 * scale), int(400 * scale))


def write_shoot(folder, count, megabytes, per_folder=1000):
    """Writes `count` photos below `folder`; gives their paths. Files that are there already are kept."""
    paths, picture = [], None
    for index in range(count):
        sub = os.path.join(folder, f"{100 + index // per_folder}BENCH")
        path = os.path.join(sub, f"IMG_{index % 10000:04d}.JPG")
        paths.append(path)
        if os.path.exists(path):
            continue
        picture = picture or jpeg_of(megabytes)
        os.makedirs(sub, exist_ok=True)
        comment = f"photo {index} of the benchmark".encode()
        with open(path, "wb") as file:
            file.write(picture[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + picture[2:])
    return paths


def write_tiff(path, bytes_wanted):
    """One uncompressed strip TIFF of about so many bytes, written as a stream: grey noise, 16 bits."""
    side = int((bytes_wanted / 2) ** 0.5)
    entries = [(256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 16), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 134),
               (277, 3, 1, 1), (278, 4, 1, side), (279, 4, 1, side * side * 2), (282, 5, 1, 8), (283, 5, 1, 8)]
    header = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries))
    for tag, kind, n, value in entries:
        inline = struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value if kind == 4 else 126)
        header += struct.pack("<HHI", tag, kind, n) + inline
    header += struct.pack("<I", 0)
    header = header.ljust(126, b"\0") + struct.pack("<II", 300, 1)
    with open(path, "wb") as file:
        file.write(header.ljust(134, b"\0"))
        left = side * side * 2
        block = os.urandom(1 << 20)
        while left > 0:
            rows = block[:left]
            file.write(rows)
            left -= len(rows)
            block = block[1:] + block[:1]
