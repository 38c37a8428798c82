"""Shapes that are hostile or odd: refused clearly with nothing stored, or kept byte for byte."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys

import pytest

from records.errors import InputError
from scoring.formats import anno2
from scoring.shapes import Points, PolygonPack
from tests.scoring import builders
from tests.scoring.builders import READER

ODD = [
    # Blanks, order of members, null coordinates, unknown members, exponents and trailing zeros.
    '[ {"points":[{"y":2.50,"x":1e2},{"x":null,"y":3}] , "type":"polygon","mine":[1] } ]',
    '[{"type":"ellipse","center":null,"size":{"x":1,"y":2},"modifiedOn":"2026-01-01T00:00:00Z"}]',
    '[{"type":"polygon","points":[{"x":0,"y":0},{"x":9,"y":9},{"x":9,"y":0},{"x":0,"y":9}]}]',
    '[{"type":"brush","positivePolygons":[[{"x":0,"y":0},{"x":9,"y":0},{"x":9,"y":9}]],'
    '"negativePolygons":[[{"x":50,"y":50},{"x":60,"y":50},{"x":60,"y":60}]]}]',
    '[{"type":"ellipse","x":5,"y":5,"width":4,"height":2}]',
]  # fmt: skip


def send(room, value: str) -> dict:
    rows = f"\n{room.study.slide_id}\tone\t{READER}\tRegions\t{value}"
    return room.call("UploadResults", studyId=room.study.id, results=rows).json()


@pytest.mark.parametrize("value", ODD)
def test_what_a_client_wrote_comes_back_byte_for_byte(room, value):
    assert send(room, value)["success"] is True

    [row] = room.call("Scores", studyId=room.study.id, question="Regions").json()
    assert row["answer"] == value
    shown = room.call(
        "GetScreenshot", imageId=room.study.slide_id, level=9, withAnnotationForUser=READER
    )
    assert shown.status_code == 200


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ('[{"type":"polygon","points":[{"x":NaN,"y":1}]}]', "NaN is not allowed"),
        ('[{"type":"rect","corner":{"x":1e400,"y":1},"size":{"x":1,"y":1}}]', "too large"),
        ('[{"type":"ellipse","center":{"x":"1","y":1},"size":{"x":1,"y":1}}]', "must be a number"),
        ('[{"type":"polygon","points":{"x":1}}]', "must be a JSON array"),
        ("[" * 5000, "deep"),
        (json.dumps([{"type": "spiral"}]), "no type of shape"),
    ],
)
def test_what_is_no_shape_is_refused_and_nothing_is_stored(room, value, told):
    reply = send(room, value)

    assert reply["success"] is False
    assert told in reply["error"]
    with room.database.reading() as session:
        assert builders.kept(session) == []


def gzipped(text: bytes) -> io.BytesIO:
    return io.BytesIO(gzip.compress(text, 1))


@pytest.mark.parametrize("number", [b"NaN", b"1e400", b"-Infinity"])
def test_files_of_no_numbers_are_refused(number):
    with pytest.raises(InputError, match="is no JSON"):
        anno2.parse(gzipped(b'[{"type":"polygon","points":[{"x":' + number + b',"y":1}]}]'))


_TEN_MILLION = """
import gzip, io
from pathlib import Path
from records.errors import InputError
from scoring.formats import anno2
point = b'{"x":1,"y":2},'
buffer = io.BytesIO()
with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1) as stream:
    stream.write(b'[{"type":"polygon","points":[')
    for _ in range(100):
        stream.write(point * 100_000)
    stream.write(point[:-1] + b"]}]")
try:
    anno2.parse(buffer)
except InputError as error:
    print(error.message)
# Not ru_maxrss, which counts what the parent had when it started this.
[peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
print(int(peak.split()[1]) // 1024)
"""


def test_ten_million_points_in_one_polygon_are_refused_in_little_memory():
    ran = subprocess.run(
        [sys.executable, "-c", _TEN_MILLION], capture_output=True, text=True, check=True
    )

    told, peak_mib = ran.stdout.splitlines()
    assert "element 1" in told
    assert "16" in told
    assert int(peak_mib) < 400


def test_polygons_of_a_large_file_come_packed_and_in_order():
    polygon = b'{"type":"polygon","points":[{"x":1,"y":2},{"x":3,"y":4},{"x":5,"y":7}]}'
    half = polygon.replace(b'"x":1', b'"x":1.5')
    rect = b'{"type":"rect","corner":{"x":1,"y":2},"size":{"x":3,"y":4}}'
    text = b"[" + b",".join([polygon] * 5000 + [rect] + [half] * 3) + b"]"

    first, middle, last = anno2.parse(gzipped(text)).drawn

    assert isinstance(first, PolygonPack)
    assert len(first) == 5000
    assert first.corners.dtype.kind == "i"
    assert first.corners[-3:].tolist() == [[1, 2], [3, 4], [5, 7]]
    assert middle.width == 3
    assert isinstance(last, PolygonPack)
    assert last.corners[0].tolist() == [1.5, 2]


def test_points_of_a_large_file_are_one():
    text = b"[" + b",".join([b'{"x":1,"y":2}'] * 250_000) + b"]"

    found = anno2.parse(gzipped(text))

    [points] = found.drawn
    assert isinstance(points, Points)
    assert (found.kind, found.item_count) == ("points", 250_000)
