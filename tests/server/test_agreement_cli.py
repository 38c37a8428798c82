"""``coverslip agreement``, as a study's owner runs it."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from records.tables import Slide
from scoring import answers
from scoring.formats.results_tsv import ResultRow
from server import rasters
from tests import databases
from tests.command import run
from tests.scoring import builders
from tests.scoring.builders import NOW, TOKEN

QUESTIONS = {
    "Grade": ("Intensities", ""),
    "Ki-67 / hot spot": ("Percentage", ""),
    "Cells": ("AnnoPoints", "#e6194b"),
}
READERS = ("anna@example.org", "ben@example.org", "carl@example.org")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder with a study that three people answered."""
    folder = tmp_path_factory.mktemp("data")
    with databases.sqlite(folder) as database, database.writing() as session:
        study = builders.make_study(session, name="lung", questions=QUESTIONS)
        slides = [
            Slide(study_id=study.id, name=f"S{index}", path=f"x/{index}") for index in range(20)
        ]
        session.add_all(slides)
        session.flush()
        rows = [
            ResultRow(
                slide_id=slide.id,
                question=question,
                value=value,
                email=email,
                line=2,
            )
            for place, email in enumerate(READERS)
            for index, slide in enumerate(slides)
            for question, value in (
                ("Grade", f"{(index + (index % (place + 5) == 0)) % 4}+".replace("0+", "0")),
                ("Ki-67 / hot spot", str((index * 5 + place * (index % 3)) % 101)),
            )
            if (place, index) != (1, 3)
        ]
        answers.save_results(session, TOKEN, study_id=study.id, rows=rows, now=NOW)
    return folder


def test_every_question_is_told_with_values_and_intervals(data: Path):
    shown = run("agreement", "lung", "--data", data, "--draws", "300")

    assert shown.returncode == 0, shown.stderr
    assert "3 readers, 20 subjects, 59 answers, 1 missing; taken as ordinal" in shown.stdout
    assert "Missing of: ben 1" in shown.stdout
    line = next(line for line in shown.stdout.splitlines() if "kappa, quadratic" in line)
    assert 0 < float(line.split()[3]) < 1
    assert "taken as interval" in shown.stdout
    assert "anna – ben" in shown.stdout
    assert "nobody has drawn yet" in shown.stdout


def test_plots_are_written_as_svg_and_png_beside_one_another(data: Path, tmp_path: Path):
    shown = run(
        "agreement", "lung", "--data", data, "--draws", "300", "--plots", tmp_path / "new" / "plots"
    )

    assert shown.returncode == 0, shown.stderr
    written = sorted((tmp_path / "new" / "plots").iterdir())
    drawn, painted = (
        [path for path in written if path.suffix == suffix] for suffix in (".svg", ".png")
    )
    assert [path.stem for path in painted] == [path.stem for path in drawn]
    assert [path.name for path in drawn] == [
        "01-Grade-confusion.svg",
        "01-Grade-forest.svg",
        "01-Grade-pairs.svg",
        "02-Ki-67-hot-spot-bland-altman-1-2.svg",
        "02-Ki-67-hot-spot-bland-altman-1-3.svg",
        "02-Ki-67-hot-spot-bland-altman-2-3.svg",
        "02-Ki-67-hot-spot-forest.svg",
        "02-Ki-67-hot-spot-pairs.svg",
    ]
    for path in drawn:
        size = ElementTree.parse(path).getroot()
        with Image.open(path.with_suffix(".png")) as picture:
            wanted = (float(size.get("width")) * 2, float(size.get("height")) * 2)
            assert picture.size == pytest.approx(wanted, abs=2)
            # Words, lines and colours: far more than the white of the ground.
            assert len(picture.convert("RGB").getcolors(1 << 20)) > 20


def test_plots_are_svg_alone_where_no_font_is_installed(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(rasters, "_has_font", lambda: False)

    with pytest.raises(rasters.NoFontError, match="fonts-dejavu-core"):
        rasters.png('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>')


def test_very_wide_plots_are_drawn_smaller_than_twice():
    wide = '<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="10"/>'

    with Image.open(io.BytesIO(rasters.png(wide))) as picture:
        assert picture.size == (30_000, 15)


def test_one_question_some_readers_and_a_scale_may_be_asked_for(data: Path):
    shown = run(
        *("agreement", "lung", "--data", data, "--question", "Grade", "--scale", "nominal"),
        *("--reader", READERS[0], "--reader", READERS[2], "--draws", "300"),
    )

    assert shown.returncode == 0, shown.stderr
    assert "2 readers, 20 subjects, 40 answers, 0 missing; taken as nominal" in shown.stdout
    assert "Ki-67" not in shown.stdout


def test_same_seed_prints_the_same(data: Path):
    words = ("lung", "--data", data, "--question", "Grade", "--draws", "300")

    assert (
        run("agreement", *words, "--seed", "7").stdout
        == run("agreement", *words, "--seed", "7").stdout
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "no study 'nothing'"),
        (["lung", "--question", "Nonsense"], "no question 'Nonsense'"),
        (["lung", "--draws", "3"], "draws must be from 200 to 10000"),
        (["lung", "--question", "Grade", "--reader", "x@y.z"], "x@y.z"),
    ],
)
def test_what_is_not_there_is_refused_in_one_line(data: Path, words: list[str], said: str):
    refused = run("agreement", *words, "--data", data)

    assert refused.returncode == 1
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1
