"""Encoded tiles: the headers of JPEG and JPEG 2000 streams as TIFF files keep them."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from tileserver.geometry import Size

RGB, YCBCR = 2, 6
"""Photometric interpretations. Source: TIFF 6.0, tag 262."""

MAX_HEAD_BYTES = 64 * 1024
"""Bytes before the frame header that are looked through."""

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_SOF_BASELINE, _SOF_EXTENDED, _SOF_PROGRESSIVE = 0xC0, 0xC1, 0xC2
_DHT, _JPG, _DAC, _SOS, _DQT, _DRI, _APP0, _APP14 = 0xC4, 0xC8, 0xCC, 0xDA, 0xDB, 0xDD, 0xE0, 0xEE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {_DHT, _JPG, _DAC}
_SHOWN_FRAMES = frozenset({_SOF_BASELINE, _SOF_EXTENDED, _SOF_PROGRESSIVE})
_TABLES = frozenset({_DHT, _DQT, _DRI})


class StreamError(ValueError):
    """The bytes are not the kind of stream that was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegHead:
    """A JPEG stream up to the end of its frame header.

    Parameters
    ----------
    segments
        Marker and whole segment of everything between the start and the frame header.
    frame
        The segment of the frame header.
    size
        Of the picture.
    has_jfif
        Whether a JFIF marker says that the colours are YCbCr.
    adobe_transform
        What an Adobe marker says: 0 is RGB, 1 is YCbCr; None without one.
    byte_count
        Of the start, the segments and the frame header together.
    """

    segments: tuple[tuple[int, bytes], ...]
    frame: bytes
    size: Size
    has_jfif: bool
    adobe_transform: int | None
    byte_count: int

    @property
    def photometric(self) -> int | None:
        """Return which colours the stream itself declares, or None."""
        # Decoders believe JFIF before Adobe. Source: libjpeg, jdapimin.c, default_decompress_parms.
        if self.has_jfif:
            return YCBCR
        if self.adobe_transform is None:
            return None
        return RGB if self.adobe_transform == 0 else YCBCR


def parse_jpeg_head(data: bytes | bytearray) -> JpegHead:
    """Read the headers of a JPEG stream.

    Parameters
    ----------
    data
        The stream, or its first 64 KiB.

    Raises
    ------
    StreamError
        It is no JPEG stream of three 8-bit colours that browsers show.
    """
    view = memoryview(data)
    segments: list[tuple[int, bytes]] = []
    has_jfif, adobe_transform = False, None
    for marker, segment, end in _walk(view):
        if marker in _FRAMES:
            return JpegHead(
                segments=tuple(segments),
                frame=segment,
                size=_frame_size(marker, segment),
                has_jfif=has_jfif,
                adobe_transform=adobe_transform,
                byte_count=end,
            )
        if marker == _SOS:
            break
        if marker == _APP0 and segment[4:9] == b"JFIF\0":
            has_jfif = True
        if marker == _APP14 and segment[4:9] == b"Adobe" and len(segment) >= 16:
            adobe_transform = segment[15]
        segments.append((marker, segment))
    raise StreamError("a JPEG stream without a frame header")


def whole_jpeg_head(head: JpegHead, tables: bytes, photometric: int) -> bytes:
    """Return the beginning of a JPEG file that any decoder shows in the right colours.

    The stream's own headers up to its frame are replaced by it. Tables that the TIFF file keeps
    apart come first, so that the stream's own take precedence. A marker tells the colours, because
    without one browsers guess: an RGB stream without it is shown in false colours (iipsrv #279).
    Everything else that a decoder might act upon, such as Exif or a profile, is left out: a tile
    is to look like its neighbours.

    Parameters
    ----------
    head
        The stream's headers.
    tables
        What ``table_segments`` returned.
    photometric
        ``RGB`` or ``YCBCR``, as the TIFF file says.
    """
    own = b"".join(segment for marker, segment in head.segments if marker in _TABLES)
    if photometric == YCBCR and head.has_jfif:
        colours = next(s for m, s in head.segments if m == _APP0 and s[4:9] == b"JFIF\0")
    else:
        # Source: Adobe technical note 5116, section 18: version 100, no flags, transform.
        transform = int(photometric != RGB)
        colours = struct.pack(">BBH5sHHHB", 0xFF, _APP14, 14, b"Adobe", 100, 0, 0, transform)
    return _SOI + colours + tables + own + head.frame


def table_segments(tables: bytes) -> bytes:
    """Return the segments with tables in the TIFF tag JPEGTables.

    Source: TIFF Technical Note 2: the tag is a JPEG stream of tables alone.

    Raises
    ------
    StreamError
        It is no such stream.
    """
    if not tables:
        return b""
    kept = []
    for marker, segment, _ in _walk(memoryview(tables)):
        if marker in _FRAMES or marker == _SOS:
            raise StreamError("JPEG tables that hold a picture")
        if marker in _TABLES:
            kept.append(segment)
    return b"".join(kept)


def jpeg2000_size(data: bytes | bytearray) -> Size:
    """Return the size that a JPEG 2000 codestream of three whole 8-bit colours declares.

    Source: ITU-T T.800, A.5.1: SIZ holds the grid's extent and offset, and three bytes for each
    component: its depth less one, and how many grid points one of its samples covers.

    Raises
    ------
    StreamError
        It is something else.
    """
    view = memoryview(data)
    if bytes(view[:4]) != b"\xff\x4f\xff\x51" or len(view) < 51:
        raise StreamError("no JPEG 2000 codestream")
    right, lower, left, upper = struct.unpack_from(">IIII", view, 8)
    (components,) = struct.unpack_from(">H", view, 40)
    if components != 3 or bytes(view[42:51]) != b"\x07\x01\x01" * 3:
        raise StreamError("a JPEG 2000 codestream that has not three whole 8-bit colours")
    return Size(right - left, lower - upper)


def _walk(view: memoryview) -> list[tuple[int, bytes, int]]:
    """Return marker, segment and end of every segment, until the first of a frame or scan."""
    if bytes(view[:2]) != _SOI:
        raise StreamError("no JPEG stream")
    found: list[tuple[int, bytes, int]] = []
    position = 2
    limit = min(len(view), MAX_HEAD_BYTES)
    while position + 4 <= limit:
        if view[position] != 0xFF:
            raise StreamError("a JPEG stream whose segments do not join")
        marker = view[position + 1]
        if marker == 0xFF:  # Fill bytes may stand before any marker.
            position += 1
            continue
        length = view[position + 2] << 8 | view[position + 3]
        end = position + 2 + length
        if length < 2 or end > limit:
            raise StreamError("a JPEG stream whose segments do not fit")
        found.append((marker, bytes(view[position:end]), end))
        if marker in _FRAMES or marker == _SOS:
            break
        position = end
    return found


def _frame_size(marker: int, segment: bytes) -> Size:
    if marker not in _SHOWN_FRAMES:
        raise StreamError(f"a JPEG stream of kind {marker:#x}, which browsers do not show")
    if len(segment) < 10 or segment[4] != 8 or segment[9] != 3:
        raise StreamError("a JPEG stream that has not three 8-bit colours")
    height, width = struct.unpack_from(">HH", segment, 5)
    if not height or not width:
        raise StreamError("a JPEG stream that does not declare its size")
    return Size(width, height)
