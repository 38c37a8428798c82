import shutil

import openslide
import pytest

from records import question_types
from slides_sample import microarray, samples, study


@pytest.fixture(scope="module")
def folder(sample_slides, tmp_path_factory):
    return shutil.copytree(sample_slides, tmp_path_factory.mktemp("images") / "sample")


@pytest.mark.slow
def test_sample_slides_open_with_resolution_and_magnification(folder):
    facts = {}
    for name in (samples.HE_NAME, samples.KI67_NAME, samples.TMA_NAME):
        with openslide.OpenSlide(folder / name) as slide:
            facts[name] = (
                slide.properties["openslide.vendor"],
                float(slide.properties["openslide.mpp-x"]),
                slide.properties["openslide.objective-power"],
                slide.level_count,
                sorted(slide.associated_images),
            )

    assert facts == {
        samples.HE_NAME: ("aperio", 0.25, "40", 3, ["label", "thumbnail"]),
        samples.KI67_NAME: ("aperio", 0.25, "40", 3, ["label", "thumbnail"]),
        samples.TMA_NAME: ("aperio", 0.5, "20", 3, ["label", "thumbnail"]),
    }


@pytest.mark.slow
def test_sample_slides_together_are_small(folder):
    assert sum(path.stat().st_size for path in folder.iterdir()) < 25e6


@pytest.mark.slow
def test_slides_that_are_there_are_not_made_again(folder):
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    (folder / samples.GRADIENT_NAME).unlink()

    paths = samples.make_sample_slides(folder)

    after = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert sorted(after) == paths
    assert [path.name for path in paths if before[path] != after[path]] == [samples.GRADIENT_NAME]


def test_every_question_has_a_known_type_and_two_tabs(tmp_path):
    study.write_sample_study(tmp_path, "ada@example.org")

    lines = (tmp_path / "study.sample.scores").read_text().splitlines()

    fields = [line.split("\t") for line in lines]
    assert {len(row) for row in fields} == {3}
    assert {row[1] for row in fields} <= set(question_types.NAMES)
    assert {"AnnoShapes", "AnnoPoints"} <= {row[1] for row in fields}


def test_the_person_named_may_score_edit_and_get_results(tmp_path):
    study.write_sample_study(tmp_path, "ada@example.org")

    text = (tmp_path / "study.sample.emails").read_text()

    assert text == "ada@example.org;canscore,canedit,cangetresults\n"


def test_the_map_names_a_sample_for_every_place_of_the_microarray(tmp_path):
    study.write_sample_study(tmp_path, "ada@example.org")

    header, _, body = (tmp_path / "study.sample.map").read_text().partition("\n\n")

    rows = [line.split("\t") for line in body.splitlines()]
    assert f"tmas: {samples.TMA_NAME}" in header.splitlines()
    assert [len(row) for row in rows] == [microarray.COLUMNS] * microarray.ROWS
    assert rows[microarray.MISSING[0]][microarray.MISSING[1]] == "empty"
    assert sum(row.count("empty") for row in rows) == 1
