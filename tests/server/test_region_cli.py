"""``coverslip agreement`` of drawn questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from records.tables import Slide
from scoring import answers
from tests import databases
from tests.command import run
from tests.scoring import builders
from tests.scoring.builders import NOW, TOKEN

SHEET = {"Regions": ("AnnoShapes", "#3cb44b"), "Cells": ("AnnoPoints", "#e6194b")}


def drawn(shift: int) -> dict[str, str]:
    """Return a square of 100 pixels, shifted, and a cell in it."""
    rect = {"type": "rect", "corner": {"x": shift, "y": 0}, "size": {"x": 100, "y": 100}}
    return {"Regions": json.dumps([rect]), "Cells": json.dumps([{"x": shift, "y": 0}])}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder with a study on which two people drew, the second beside the first."""
    folder = tmp_path_factory.mktemp("data")
    with databases.sqlite(folder) as database, database.writing() as session:
        study = builders.make_study(session, name="lung", questions=SHEET)
        slides = [
            Slide(study_id=study.id, name=f"S{place}", path=f"x/{place}", mpp_x=0.5, mpp_y=0.5)
            for place in range(6)
        ]
        session.add_all(slides)
        session.flush()
        rows = [
            builders.row(slide.id, question, value, email=email)
            for place, slide in enumerate(slides)
            for email, shift in (("anna@example.org", 0), ("ben@example.org", 10 * place))
            for question, value in drawn(shift).items()
        ]
        answers.save_results(session, TOKEN, study_id=study.id, rows=rows, now=NOW)
    return folder


def test_areas_and_points_are_compared(data: Path):
    shown = run("agreement", "lung", "--data", data, "--draws", "300", "--distance", "11")

    assert shown.returncode == 0, shown.stderr
    assert "2 readers, 6 subjects, 12 answers, 0 missing; drawn" in shown.stdout
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert [line for line in lines if line.startswith("all Dice 0.750")]
    # Cells lie 0, 5, 10, … µm apart.
    assert [line for line in lines if line.startswith("all F1 of points, within 11 µm 0.500")]
    assert "anna – ben" in shown.stdout


def test_a_reference_is_told(data: Path):
    shown = run(
        "agreement",
        "lung",
        "--data",
        data,
        "--question",
        "Regions",
        "--reference",
        "Anna@example.org",
    )

    assert "Against anna@example.org" in shown.stdout
    assert "ben – anna" in shown.stdout


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--distance", "0", "above 0"),
        ("--iou", "1.5", "at most 1"),
        ("--reference", "x@y.org", "x@y.org"),
    ],
)
def test_wrong_rules_are_told(data: Path, option: str, value: str, told: str):
    shown = run("agreement", "lung", "--data", data, option, value)

    assert shown.returncode != 0
    assert told in shown.stderr + shown.stdout
