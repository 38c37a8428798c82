"""What dlup reads of the files that are written; ``DLUP_PYTHON`` names a Python with it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from scoring.conversion import FORMATS, Setting
from scoring.marked import Losses, Marked, Traits
from scoring.shapes import Brush, Coordinates, Ellipse, Points, Polygon, Polyline, Rect

DLUP = os.environ.get("DLUP_PYTHON", "")

pytestmark = pytest.mark.skipif(not DLUP, reason="DLUP_PYTHON names no Python with dlup")

READ = """
import json, sys, warnings
warnings.simplefilter("ignore")
from dlup.annotations import SlideAnnotations
found = getattr(SlideAnnotations, sys.argv[1])(sys.argv[2])
print(json.dumps({
    "areas": sorted([p.label, round(p.area, 1)] for p in found.polygons),
    "points": sorted([p.label, p.x, p.y] for p in found.points),
}))
"""
TRAITS = Traits(group="Tumour", colour="#ff0000")
SQUARE = Coordinates([[0, 0], [100, 0], [100, 100], [0, 100]])
TRIANGLE = Coordinates([[20, 20], [40, 20], [40, 40]])
RECT = Rect(x=10, y=20, width=30, height=40)
LINE = Polyline(line=Coordinates([[0, 0], [5, 5]]))
SHAPES = [
    Polygon(outline=TRIANGLE),
    Brush(positive=(SQUARE,), negative=(TRIANGLE,)),
    Ellipse(x=50, y=50, radius_x=10, radius_y=5),
    Points(places=Coordinates([[1, 2], [3, 4]])),
]


def read(tmp_path: Path, name: str, *drawn) -> subprocess.CompletedProcess[str]:
    marked = [Marked(shape=shape, traits=TRAITS) for shape in drawn]
    path = tmp_path / "out"
    path.write_bytes(b"".join(FORMATS[name].write(marked, Losses(), Setting())))
    method = {"asap": "from_asap_xml", "geojson": "from_geojson"}[name]
    words = [DLUP, "-c", READ, method, str(path)]
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)


def told(tmp_path: Path, name: str, *drawn) -> dict:
    done = read(tmp_path, name, *drawn)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_dlup_reads_asap(tmp_path: Path):
    found = told(tmp_path, "asap", *SHAPES)

    assert found["points"] == [["Tumour", 1, 2], ["Tumour", 3, 4]]
    assert found["areas"] == [
        ["Tumour", 157.0],
        ["Tumour", 200.0],
        ["Tumour", 10_000.0],
        ["Tumour (holes)", 200.0],
    ]


def test_dlup_reads_geojson_also_with_rectangles_and_holes(tmp_path: Path):
    found = told(tmp_path, "geojson", *SHAPES, RECT)

    assert found["points"] == [["Tumour", 1, 2], ["Tumour", 3, 4]]
    assert found["areas"] == [
        ["Tumour", 157.0],
        ["Tumour", 200.0],
        ["Tumour", 1200.0],
        ["Tumour", 9800.0],
    ]


@pytest.mark.parametrize(("shape", "kind"), [(RECT, "rectangle"), (LINE, "measurement")])
def test_dlup_still_refuses_types_of_asap(tmp_path: Path, shape, kind):
    # When it no longer does, docs/formats.md has a sentence too many.
    assert f"Unknown annotation type: {kind}" in read(tmp_path, "asap", shape).stderr
