"""The command ``coverslip convert``: files in, files out, and what it says."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from records.errors import InputError
from server import convert_cli
from tests.scoring.conftest import write_slide

RING = [[10, 10], [90, 10], [90, 90], [40, 120], [10, 90], [10, 10]]


def write_geojson(path: Path, **more: object) -> Path:
    geometry = {"type": "Polygon", "coordinates": [RING]}
    properties = {"classification": {"name": "Nest", "color": [255, 0, 0]}, **more}
    feature = {"type": "Feature", "geometry": geometry, "properties": properties}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def run(*words: object):
    app = typer.Typer()
    convert_cli.register(app)
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize(
    "name", ["b.xml", "b.imagescope.xml", "b.coco.json", "b.json", "b.zip", "b.tsv", "b.json.gz"]
)
def test_there_and_back_again(tmp_path, name):
    source = write_geojson(tmp_path / "a.geojson")

    there = run(source, tmp_path / name)
    back = run(tmp_path / name, tmp_path / "c.geojson")

    assert there.stdout.startswith(f"1 shapes written to {name} (")
    assert back.exit_code == 0
    (feature,) = json.loads((tmp_path / "c.geojson").read_text())["features"]
    assert feature["geometry"]["coordinates"] == [RING]


def test_losses_are_warned_about_on_standard_error(tmp_path):
    source = write_geojson(tmp_path / "a.geojson", measurements={"Area": 5})

    result = run(source, tmp_path / "b.xml")

    assert "warning: 1 × measurements left out: ASAP XML has none" in result.stderr
    assert "warning" not in result.stdout


def test_slide_gives_its_name_size_and_resolution(tmp_path):
    slide = tmp_path / "slide.tiff"
    write_slide(slide)
    source = write_geojson(tmp_path / "a.geojson", objectType="detection")

    run(source, tmp_path / "b.coco.json", "--slide", slide)
    run(source, tmp_path / "b.imagescope.xml", "--slide", slide)

    (image,) = json.loads((tmp_path / "b.coco.json").read_text())["images"]
    assert image == {"id": 1, "file_name": "slide.tiff", "width": 600, "height": 400}
    assert 'MicronsPerPixel="0.500000"' in (tmp_path / "b.imagescope.xml").read_text()


def test_formats_can_be_named_instead_of_told(tmp_path):
    source = write_geojson(tmp_path / "a.geojson")

    result = run(source, tmp_path / "b.out.gz", "--from", "geojson", "--to", "results",
                 "--image-id", 7, "--email", "a@example.org")  # fmt: skip

    assert result.stdout == "1 shapes written to b.out.gz (results TSV)\n"
    rows = gzip.decompress((tmp_path / "b.out.gz").read_bytes()).decode().splitlines()
    assert rows[1].startswith('7\t\ta@example.org\tNest\t[{"type":"polygon"')


def test_file_that_is_there_is_replaced_only_by_force(tmp_path):
    source = write_geojson(tmp_path / "a.geojson")
    target = tmp_path / "b.xml"
    target.write_text("mine")

    with pytest.raises(InputError, match=r"b\.xml is there already; --force replaces it"):
        run(source, target)

    assert target.read_text() == "mine"
    assert run(source, target, "--force").exit_code == 0
    assert target.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("text", "target", "told"),
    [
        ("[{}]", "b.xml", r"a\.json: anno1 JSON: annotation 1: a point has no x"),
        ("nonsense", "b.xml", "the file is none of GeoJSON"),
        ("[]", "b.dwg", "belongs to no format; expected one of"),
        ('[{"x":1,"y":2}]', "b.results.tsv", "need the slide's imageId"),
    ],
)
def test_failure_names_the_file_and_leaves_nothing_behind(tmp_path, text, target, told):
    source = tmp_path / "a.json"
    source.write_text(text)

    with pytest.raises(InputError, match=told):
        run(source, tmp_path / target)

    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.xml cannot be read: No such file"):
        run(tmp_path / "none.xml", tmp_path / "b.json")
