"""Grey pictures: PNG bytes from outside, checked before they are decoded, and arrays as PNG."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import numpy.typing as npt
from PIL import Image

from records.errors import InputError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def decode(data: bytes, *, most_pixels: int) -> npt.NDArray[np.uint8]:
    """Return the (height, width) pixels of a grey PNG of at most 8 bits.

    Pixels of one bit come out as 0 and 255, of fewer than eight bits spread over 0 to 255.

    Raises
    ------
    InputError
        It is no such PNG, damaged, or has more than ``most_pixels``.
    """
    header = data[:26]
    if len(header) < 26 or not header.startswith(_SIGNATURE) or header[12:16] != b"IHDR":
        raise InputError("a picture in the file is no PNG")
    width, height, depth, colour = struct.unpack(">IIBB", header[16:26])
    if colour != 0 or depth > 8:
        raise InputError("a picture in the file is no grey PNG of 8 bits")
    if not 0 < width * height <= most_pixels:
        raise InputError(f"a picture in the file has more than {most_pixels:,} pixels")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            return np.asarray(picture.convert("L"))
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error):
        raise InputError("a PNG in the file is damaged") from None


def encode(pixels: npt.NDArray[np.uint8] | npt.NDArray[np.bool_]) -> bytes:
    """Return (height, width) pixels as a grey PNG: of one bit when they are true or false."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", optimize=False, compress_level=6)
    return buffer.getvalue()
