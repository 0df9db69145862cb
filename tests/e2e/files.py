"""Real files for uploads: plain pictures, and those that the machine has nothing against."""

import struct
import zlib
from pathlib import Path

from tests.pictures import picture


def png(path: Path, shade: int = 230, size: tuple[int, int] = (358, 441)) -> Path:
    """A plain PNG of one shade; different shades are different files."""
    width, height = size
    row = b"\0" + bytes((shade, shade, 255)) * width
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * height)),
        (b"IEND", b""),
    )
    body = b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def good(path: Path, check: str | None, seed: int = 0) -> Path:
    """A file that goes through for a material that is looked at as ``check``."""
    path.write_bytes(picture(check, seed))
    return path
