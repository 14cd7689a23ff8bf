"""Pictures as cameras make them, and as nobody should: drawn here, with Pillow."""

import io
import os
import struct
import zlib

from PIL import Image, ImageDraw

UPRIGHT = {
    1: None, 2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM, 5: Image.TRANSPOSE,
    6: Image.ROTATE_90, 7: Image.TRANSVERSE, 8: Image.ROTATE_270,
}  # fmt: skip
MAKER = "Xinfengtang Camera"


def photo(size=(1200, 900), form="JPEG", orientation=1, noise=0, **options):
    """Red above on the left, blue above on the right, white below; with a place, a maker and a time in its notes."""
    image = Image.new("RGB", size, "white")
    if noise:
        image = Image.effect_noise(size, noise).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, size[0] // 3, size[1] // 3), fill="red")
    draw.rectangle((2 * size[0] // 3, 0, size[0], size[1] // 3), fill="blue")
    if UPRIGHT[orientation] is not None:
        image = image.transpose(UPRIGHT[orientation])
    notes = Image.Exif()
    notes[0x0112], notes[0x010F], notes[0x0132] = orientation, MAKER, "2026:11:23 08:00:00"
    notes[0x8825] = {1: "N", 2: (30.0, 15.0, 16.9), 3: "E", 4: (120.0, 8.0, 54.6)}
    file = io.BytesIO()
    image.save(file, form, exif=notes.tobytes(), **options)
    return file.getvalue()


def looks_upright(data):
    image = Image.open(io.BytesIO(data)).convert("RGB")
    width, height = image.size
    corners = [image.getpixel((x, y)) for x, y in ((5, 5), (width - 6, 5), (width // 2, height - 6))]
    red, blue, white = corners
    return red[0] > 200 > 90 > red[2] and blue[2] > 200 > 90 > blue[0] and min(white) > 200


def png(width, height, data, colour=2, bits=8):
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def black(width, height, bytes_per_pixel):
    """So many black pixels, packed: a thousand times smaller than what they become."""
    packer = zlib.compressobj(9)
    row = b"\0" + bytes(width * bytes_per_pixel)
    return b"".join(packer.compress(row) for _ in range(height)) + packer.flush()


def scans(bytes_long=4_000_000):
    """A progressive JPEG that repeats its last scan until it is so long; each takes a whole pass over the picture."""
    file = io.BytesIO()
    Image.new("RGB", (8000, 8000), "white").save(file, "JPEG", progressive=True)
    data = file.getvalue()
    last = data.rfind(b"\xff\xda")
    scan = data[last:-2]
    return data[:last] + scan * (bytes_long // len(scan)) + b"\xff\xd9"


def hostile():
    """By name: what must be refused, and a part of the reason."""
    good = photo()
    return {
        "a bomb of 30,000 × 30,000": (png(30_000, 30_000, black(30_000, 3_000, 3)), "pixels"),
        "a bomb that lies about its size": (png(0xFFFFFFFF, 0xFFFFFFFF, b""), "pixels"),
        "too many scans": (scans(), "too much memory or time"),
        "half a JPEG": (good[: len(good) // 2], "cut off"),
        "half a PNG": (photo(form="PNG")[:-30], "cut off"),
        "half a WebP": (photo(form="WEBP")[:-30], "cut off"),
        "a head and garbage": (good[:700] + os.urandom(30_000) + b"\xff\xd9", ""),
        "garbage": (os.urandom(50_000), "not a JPEG, PNG or WebP"),
        "a text": ("这不是照片".encode(), "not a JPEG, PNG or WebP"),
        "a GIF": (b"GIF89a" + bytes(100), "not a JPEG, PNG or WebP"),
        "a drawing with a program in it": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "not a JPEG"),
    }
