"""Formats told by name, ending and bytes; hostile files; many shapes in few MiB."""

from __future__ import annotations

import gzip
import io
import itertools
import math
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from records.errors import InputError
from scoring import conversion, decompress, marked as marking, shapes, xmlstream
from scoring.conversion import FORMATS, Setting
from scoring.formats.answer_tsv import Author
from scoring.marked import Losses, Marked, Packer, Piece, Traits, singly
from scoring.shapes import Coordinates, Points
from tests.scoring.formats.marks import square

SETTING = Setting(author=Author(slide_id=1, email="a@example.org"))


def read(data: bytes, form: str | None = None) -> list[Piece]:
    stream = io.BytesIO(data)
    return list(conversion.read(stream, Losses(), FORMATS[form] if form else None))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.geojson", "geojson"),
        ("a.geo.json", "geojson"),
        ("A.XML", "asap"),
        ("a.imagescope.xml", "imagescope"),
        ("a.coco.json", "coco"),
        ("a.json", "anno1"),
        ("a.json.gz", "anno1"),
        ("a.zip", "anno2"),
        ("a.results.tsv", "results"),
        ("a.tsv", "tsv"),
    ],
)
def test_endings_tell_the_format_to_write(name, form):
    assert conversion.by_file_name(name).name == form


def test_unknown_names_and_endings_list_those_there_are():
    with pytest.raises(InputError, match=r"there are: geojson, asap, imagescope, coco"):
        conversion.by_name("dwg")
    with pytest.raises(InputError, match=r"belongs to no format; expected one of \.geojson"):
        conversion.by_file_name("a.dwg")


@pytest.mark.parametrize("form", FORMATS)
def test_compressed_files_are_read_as_plain_ones(form):
    marked = [Marked(shape=shape) for shape in _shapes(3)]
    data = b"".join(FORMATS[form].write(marked, Losses(), SETTING))

    packed = gzip.compress(data)

    assert conversion.by_content(io.BytesIO(packed)).name == form
    plain, again = (list(marking.singly(read(each))) for each in (data, packed))
    assert plain == again
    assert len(plain) == 3


def _shapes(count: int):
    from scoring.shapes import Polygon

    return [Polygon(outline=square(20 * number, 0, 9)) for number in range(count)]


def _many(count: int) -> Iterator[Piece]:
    traits = Traits(group="T", colour="#ff0000")
    ring = square(0, 0, 9).array
    for start in range(0, count, 1000):
        packer = Packer()
        for number in range(start, min(count, start + 1000)):
            packer.add([ring + number % 50_000], traits)
        yield from packer.packed()


class _Endless(io.RawIOBase):
    """A file that is written while it is read, so that the test holds none of it."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = block
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["geojson", "asap", "imagescope", "anno1", "results", "tsv"])
def test_many_polygons_pass_through_few_mebibytes(form):
    stream = io.BufferedReader(_Endless(FORMATS[form].write(_many(20_000), Losses(), SETTING)))
    tracemalloc.start()
    try:
        count = sum(map(marking.count, FORMATS[form].parse(stream, Losses())))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert count == 20_000
    assert peak < 25 << 20


HEAD = '{"type":"FeatureCollection","features":['
POLYGON = '{"type":"Feature","geometry":{"type":"Polygon","coordinates":[['
TAG = "<ASAP_Annotations><Annotations>"
ROW = "\n7\tslide\ta@example.org\tQ\t"
ASAP = f'{TAG}<Annotation Name="a" Type="Polygon"><Coordinates>'


def repeated(head: str, part: str, count: int, tail: str = "") -> Iterator[bytes]:
    yield head.encode()
    block = part.encode() * 10_000
    yield from itertools.repeat(block, count // 10_000)
    yield tail.encode()


@pytest.mark.parametrize(
    ("form", "blocks", "told"),
    [
        (
            "geojson",
            lambda: repeated(HEAD + POLYGON, "[1,2],", 10_000_000, "[1,2]]]}}]}"),
            "features 1 holds more than 16 MiB",
        ),
        (
            "anno1",
            lambda: repeated('[{"type":"polygon","points":[', '{"x":1,"y":2},', 10_000_000),
            "element 1 holds more than 16 MiB",
        ),
        (
            "asap",
            lambda: repeated(ASAP, '<Coordinate Order="0" X="1" Y="2"/>', 10_000_000),
            "a shape has more than 100,000 points",
        ),
        (
            "tsv",
            lambda: repeated("1\t2", "\t3\t4", 10_000_000),
            "line 1: is longer than 16 MiB",
        ),
        (
            "results",
            lambda: repeated(ROW + '[{"type":"polygon","points":[', '{"x":1,"y":2},', 10_000_000),
            "line 2: element 1 holds more than 16 MiB",
        ),
        (
            "results",
            lambda: repeated("\n7\t", "slide", 10_000_000),
            "line 2: has 2 columns",
        ),
        ("asap", lambda: repeated(TAG, "<a>", 1_000_000), "is nested more than 100 deep"),
        ("asap", lambda: repeated("<a b='", "x", 50_000_000), "a tag is longer than 1 MiB"),
        ("geojson", lambda: repeated(HEAD, "[", 1_000_000), "is nested more than 100 deep"),
    ],
    ids=[
        "geojson",
        "anno1",
        "asap",
        "tsv",
        "results",
        "long name",
        "deep xml",
        "long tag",
        "deep json",
    ],
)
def test_endless_shapes_are_refused_early_and_in_bounded_memory(form, blocks, told, monkeypatch):
    monkeypatch.setattr(xmlstream, "MAX_POINTS", 100_000)
    stream = io.BufferedReader(_Endless(blocks()))
    started = time.perf_counter()
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as caught:
            for _ in FORMATS[form].parse(stream, Losses()):
                pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert told in caught.value.message
    assert peak < 150 << 20
    assert time.perf_counter() - started < 90


LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<ASAP_Annotations>&b;</ASAP_Annotations>"
)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (LAUGHS.encode(), "a DOCTYPE is not allowed"),
        (LAUGHS.replace("ASAP_", "").encode(), "a DOCTYPE is not allowed"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><Annotations/>', "a DOCTYPE is not allowed"),
        (b"<Annotations>&unknown;</Annotations>", "is not well-formed: undefined entity"),
        (b"<?xml version='1.0' encoding='klingon'?><Annotations/>", "encoding"),
        (b"<Annotations><Annotation></Annotations>", "line 1, column 28: is not well-formed"),
        (b"PK\x03\x04 cut", "the file is no zip, is cut off"),
        (b"", "the file is none of GeoJSON"),
        (b"\x00\x01\x02", "the file is none of GeoJSON"),
        # The time would be in the names of the tests.
        (gzip.compress(b"[" * 1000, mtime=0), "nested more than 100 deep"),
        (gzip.compress(b'[{"x":1,"y":2}]' * 9, mtime=0)[:-12], "is cut off"),
        (b"1\t2\n3\tx\n", "line 2: '3\\tx"),
        (b"1\t2\t3\n", "is no line of coordinates"),
        (b"1\t1e400\n", "is no line of coordinates"),
        (
            b'{"annotations":[{"id":1,"segmentation":[[1,2,3,4,NaN,6]]}]}',
            "annotations 1 is no JSON",
        ),
        (b'{"annotations":[7]}', "annotation 1: an annotation must be a JSON object, not 7"),
        (b'{"categories":[{"id":[1]}],"annotations":[]}', "category.id is [1]"),
        (b'[{"type":"star"}]', "annotation 1: 'star' is no type of shape"),
        (b'[{"type":"polygon","points":[{"x":"1","y":2}]}]', "points.x must be a number, not '1'"),
        (b'[{"x":1,"y":2},{"x":[],"y":2}]', "annotation 2: a point.x must be a number, not []"),
        (b'ImageID\tBy\tQuestion\tAnswer\n1\ta@b.c\tq\t[{"x":{}}]\n', "line 2"),
    ],
)
def test_hostile_and_broken_files_are_refused_with_a_clear_error(data, told):
    with pytest.raises(InputError) as caught:
        read(data)

    assert told in caught.value.message


def test_compressed_bomb_is_refused_within_bounded_memory(monkeypatch):
    monkeypatch.setattr(conversion, "MAX_GUNZIPPED_BYTES", 64 << 20)
    bomb = gzip.compress(b"[" + b" " * (200 << 20), 1)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="holds more than"):
            read(bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 60 << 20


def test_gunzipped_stream_goes_back_to_its_start_only():
    stream = decompress.gunzipped(io.BytesIO(gzip.compress(b"hello")), most_bytes=100)

    assert stream.read(2) == b"he"
    assert stream.seek(0) == 0
    assert stream.read() == b"hello"


def test_losses_are_counted_and_told_the_most_frequent_first():
    losses = Losses()

    losses.add("a", 2)
    losses.add("b", 3000)
    losses.add("c", 0)

    assert losses.lines() == ["3,000 × b", "2 × a"]


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"anno1", "results"}))
def test_points_without_a_coordinate_do_not_take_the_others_with_them(name):
    points = Points(places=Coordinates([[10, 20], [math.nan, 30], [40, 50]]))
    losses = Losses()

    written = b"".join(FORMATS[name].write([Marked(shape=points)], losses, Setting()))
    found = singly(conversion.read(io.BytesIO(written), Losses(), FORMATS[name]))

    middles = (shapes.geometry(one.shape).centroid for one in found)
    centres = [(round(middle.x, 9), round(middle.y, 9)) for middle in middles]
    assert centres in ([(10, 20), (40, 50)], [(25, 35)])
    assert "1 × point left out: it lacks a coordinate" in losses.lines()
