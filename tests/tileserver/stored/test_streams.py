"""Headers of encoded tiles."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tests.tileserver.stored import encoded
from tests.tileserver.stored.encoded import Encoding
from tileserver.geometry import Size
from tileserver.stored import streams
from tileserver.stored.streams import RGB, YCBCR, StreamError

PIXELS = np.random.default_rng(3).integers(0, 255, (64, 64, 3), np.uint8)


def jpeg(**encoding):
    return encoded.encode(PIXELS, Encoding(tile=64, **encoding))


@pytest.mark.parametrize(
    ("colours", "marked", "told"),
    [
        ("ycbcr420", True, YCBCR),
        ("ycbcr444", True, YCBCR),
        ("rgb", True, RGB),
        ("rgb", False, None),
        ("ycbcr420", False, None),
    ],
)
def test_head_tells_size_and_colours(colours, marked, told):
    _, stream = jpeg(colours=colours, marked=marked)

    head = streams.parse_jpeg_head(stream)

    assert head.size == Size(64, 64)
    assert head.photometric == told
    assert stream[head.byte_count : head.byte_count + 2] in {b"\xff\xda", b"\xff\xc4"}


@pytest.mark.parametrize("abbreviated", [True, False])
@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("colours", ["ycbcr420", "ycbcr444", "rgb"])
def test_whole_stream_decodes_to_the_colours_that_went_in(colours, marked, abbreviated):
    tables, stream = jpeg(colours=colours, marked=marked, abbreviated=abbreviated)
    photometric = RGB if colours == "rgb" else YCBCR
    head = streams.parse_jpeg_head(stream)

    begin = streams.whole_jpeg_head(head, streams.table_segments(tables), photometric)

    _, original = jpeg(colours=colours, marked=True, abbreviated=False)
    whole = begin + stream[head.byte_count :]
    np.testing.assert_array_equal(encoded.decoded(whole), encoded.decoded(original))
    assert streams.parse_jpeg_head(whole).photometric == photometric


def test_marker_that_contradicts_the_file_is_replaced():
    _, stream = jpeg(colours="rgb", marked=False, abbreviated=False)
    jfif = b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    head = streams.parse_jpeg_head(stream[:2] + jfif + stream[2:])

    begin = streams.whole_jpeg_head(head, b"", RGB)

    assert head.photometric == YCBCR
    assert streams.parse_jpeg_head(begin).photometric == RGB


def test_exif_and_comments_are_left_out():
    _, stream = jpeg(colours="ycbcr420", abbreviated=False)
    exif = b"\xff\xe1\x00\x0aExif\0\0\0\0"
    comment = b"\xff\xfe\x00\x06hush"
    head = streams.parse_jpeg_head(stream[:2] + exif + comment + stream[2:])

    begin = streams.whole_jpeg_head(head, b"", YCBCR)

    assert b"Exif" not in begin
    assert b"hush" not in begin


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (b"", "no JPEG stream"),
        (b"\xff\xd8", "without a frame header"),
        (b"\xff\xd8\xff\xda\x00\x08aaaaaa", "without a frame header"),
        (b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00", "three 8-bit"),
        (b"\xff\xd8\xff\xc0\x00\x11\x0c\x00\x10\x00\x10\x03" + bytes(9), "three 8-bit"),
        (b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x00\x00\x10\x03" + bytes(9), "declare its size"),
        (b"\xff\xd8\xff\xc3\x00\x11\x08\x00\x10\x00\x10\x03" + bytes(9), "kind 0xc3"),
        (b"\xff\xd8\xff\xdb\xff\xff\x00", "do not fit"),
        (b"\xff\xd8\xff\xdb\x00\x00\x00\x00", "do not fit"),
        (b"\xff\xd8\x00\x00\x00\x00", "do not join"),
    ],
)
def test_what_is_no_jpeg_picture_is_refused(stream, reason):
    with pytest.raises(StreamError, match=reason):
        streams.parse_jpeg_head(stream)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_head_or_refused(data):
    for begin in (b"", b"\xff\xd8", b"\xff\xd8\xff\xc0\x00\x11\x08"):
        try:
            head = streams.parse_jpeg_head(begin + data)
        except StreamError:
            continue
        assert head.byte_count <= len(begin + data)


def test_tables_with_a_picture_are_refused():
    _, whole = jpeg(abbreviated=False)

    with pytest.raises(StreamError, match="hold a picture"):
        streams.table_segments(whole)


def test_no_tables_are_no_segments():
    assert streams.table_segments(b"") == b""


def test_codestream_tells_its_size():
    _, stream = jpeg(colours="jp2k_rgb")

    assert streams.jpeg2000_size(stream) == Size(64, 64)


def test_codestream_with_halved_colours_is_refused():
    _, stream = jpeg(colours="jp2k_rgb")
    halved = stream[:46] + b"\x02\x02" + stream[48:]

    with pytest.raises(StreamError, match="whole 8-bit"):
        streams.jpeg2000_size(halved)


@given(st.binary(max_size=100))
def test_any_bytes_are_a_codestream_or_refused(data):
    with pytest.raises(StreamError):
        streams.jpeg2000_size(data)
