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
    """One uncompressed TIFF of about so many bytes, written as a stream: noise, four channels of 16 bits as retouchers save them, so
    that even 2 GB stay below the 250 megapixels that are accepted; strips of 64 rows."""
    side = int((bytes_wanted / 8) ** 0.5)
    row_bytes, strips = side * 8, -(-side // 64)
    arrays = 8 + 2 + 14 * 12 + 4
    bits_at, resolution_at = arrays, arrays + 8
    offsets_at = resolution_at + 8
    counts_at = offsets_at + strips * 4
    data_at = counts_at + strips * 4
    rows_of = [min(64, side - strip * 64) for strip in range(strips)]
    entries = [(256, 4, 1, side), (257, 4, 1, side), (258, 3, 4, bits_at), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, strips, offsets_at),
               (274, 3, 1, 1), (277, 3, 1, 4), (278, 4, 1, 64), (279, 4, strips, counts_at), (282, 5, 1, resolution_at),
               (283, 5, 1, resolution_at), (284, 3, 1, 1), (338, 3, 1, 2)]
    header = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        inline = struct.pack("<HH", value, 0) if kind == 3 and count == 1 else struct.pack("<I", value)
        header += struct.pack("<HHI", tag, kind, count) + inline
    header += struct.pack("<I", 0) + struct.pack("<4H", 16, 16, 16, 16) + struct.pack("<II", 300, 1)
    header += struct.pack(f"<{strips}I", *(data_at + strip * 64 * row_bytes for strip in range(strips)))
    header += struct.pack(f"<{strips}I", *(rows * row_bytes for rows in rows_of))
    assert len(header) == data_at
    with open(path, "wb") as file:
        file.write(header)
        left = side * row_bytes
        block = os.urandom(1 << 20)
        while left > 0:
            rows = block[:left]
            file.write(rows)
            left -= len(rows)
            block = block[1:] + block[:1]
