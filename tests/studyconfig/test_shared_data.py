"""Real files: the documentation's own configuration files, and slides of many makes."""

import os
import shutil

import pytest
from sqlmodel import select

from records.tables import Slide
from studyconfig import content, probing
from studyconfig.formats import emails, images, scores, tma_map


def test_the_examples_of_the_documentation_are_read_and_written(shared_data):
    folder = shared_data / "config"

    def read(module, name):
        value = module.parse((folder / name).read_text())
        assert module.parse(module.write(value)) == value
        return value

    assert len(read(emails, "study.example.emails").members) == 3
    assert len(read(images, "example.images").slides) == 3
    assert len(read(scores, "study.sdk.scores").questions) == 4
    assert len(read(tma_map, "study.example.map").rows) == 4


@pytest.mark.slow
def test_slides_of_many_makes_are_imported(database, run, files, shared_data):
    shutil.copytree(shared_data / "slides", files.root / "real")

    result = run("real")

    assert result.success, result.log
    with database.reading() as session:
        found = {slide.path: slide for slide in session.exec(select(Slide))}
    # boxes_0.dcm and boxes_1.dcm are one series, thus one slide.
    assert len(found) == len(list((files.root / "real").iterdir())) - 1
    cmu = found["real/CMU-1-Small-Region.svs"]
    # SOURCE: MANIFEST.md of the shared data, what OpenSlide reports.
    assert (cmu.name, cmu.width, cmu.height, cmu.mpp_x) == ("CMU-1-Small-Region", 2220, 2967, 0.499)
    assert found["real/test-image.TiFF"].name == "test-image"
    assert found["real/test3-DAPI-2-(387).ndpi"].objective_power == 40


def test_broken_slides_are_each_told_and_do_no_harm(database, run, files, put_slide, shared_data):
    put_slide("bad/good.tiff")
    for path in (shared_data / "bad").iterdir():
        if path.suffix in {".svs", ".tif", ".png"}:
            shutil.copy(path, files.root / "bad")

    stopped = run("bad")
    passed = run("bad", ignore_image_errors=True)

    names = {
        "giant_dims.tif",
        "ifd_self_loop.tif",
        "text.svs",
        "trunc.png",
        "trunc.tif",
        "zero.svs",
    }
    told = {line.split(":")[0].removeprefix("slide bad/") for line in stopped.log.splitlines()}
    assert not stopped.success
    assert passed.success
    with database.reading() as session:
        held = {slide.path.removeprefix("bad/") for slide in content.find_slides(session, 1)}
    assert held | (told & names) == names | {"good.tiff"}
    assert held & told == set()
    assert {"giant_dims.tif", "text.svs", "zero.svs"} <= told


@pytest.mark.slow
def test_five_hundred_slides_are_imported_and_found_unchanged(run, files, put_slide, monkeypatch):
    first = put_slide("many/0.tiff")
    for number in range(1, 500):
        os.link(first, files.root / "many" / f"{number}.tiff")

    assert "Slides: 500 added, 0 updated, 0 unchanged" in run("many").log
    monkeypatch.setattr(probing, "probe", lambda *_: 1 / 0)
    assert "Slides: 0 added, 0 updated, 500 unchanged" in run("many").log
