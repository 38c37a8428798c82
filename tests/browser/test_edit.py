"""A study set up in a real browser: made, filled by dropping files, corrected, published."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts import build_web
from slides_sample import samples
from tests.browser.conftest import ADMIN, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

STUDY = "Dropped-2026_round 1"
WALK_S = 200


@pytest.fixture(scope="module")
def seen(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Set a study up once, and give what was seen."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed; scripts/install_test_tools.sh installs it")
    node = build_web.find_node(bundled_node=False)
    build_web.install_packages(node)
    folder = site.slide_file.parent
    given = {
        "base": site.url,
        "email": ADMIN,
        "password": site.password,
        "study": STUDY,
        "slides": [str(folder / name) for name in (samples.GRADIENT_NAME, samples.TMA_NAME)],
        "chromium": chromium,
        "pictures": str(tmp_path_factory.mktemp("pictures")),
    }
    done = subprocess.run(
        [node.node, "e2e/edit.mjs", json.dumps(given)],
        cwd=build_web.WEB,
        capture_output=True,
        text=True,
        check=False,
        timeout=WALK_S,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return {**json.loads(done.stdout.splitlines()[-1]), "folder": folder.parent}


def test_the_rule_for_names_is_told_while_one_is_typed(seen: dict[str, Any]) -> None:
    assert seen["nameProblem"] == "A name may not hold /"


def test_dropped_slides_arrive_whole_and_are_slides_of_the_study(
    seen: dict[str, Any], site: Site
) -> None:
    names = {Path(name).stem for name in (samples.GRADIENT_NAME, samples.TMA_NAME)}
    arrived = seen["folder"] / STUDY / samples.GRADIENT_NAME

    slides = site.call("Images", studyId=seen["studyId"])

    assert set(seen["slideNames"]) == {slide["name"] for slide in slides} == names
    assert arrived.read_bytes() == (seen["folder"] / "sample" / arrived.name).read_bytes()
    assert slides[0]["rotation"] == 90
    assert slides[0]["caseName"] == "Patient 7"


def test_what_is_no_slide_is_refused_by_name(seen: dict[str, Any]) -> None:
    assert seen["strange"].startswith("notes.docx is neither a slide nor a config file")


def test_a_mistake_stands_at_its_line_and_is_corrected_by_a_click(seen: dict[str, Any]) -> None:
    assert seen["mistake"].startswith("Line 1: there is no question type 'PositivNegative'.")
    assert seen["badLines"] == ["1"]
    assert seen["isSaveOff"]
    assert seen["corrected"] == "Tumour\tPositiveNegative"


def test_the_plan_is_shown_before_it_is_done(seen: dict[str, Any], site: Site) -> None:
    asked = site.call("Questions", studyId=seen["studyId"])

    assert seen["planned"] == ["Tumour", "Grade"]
    assert [question["name"] for question in asked] == ["Tumour", "Grade"]
    assert "Questions: 2 added" in seen["log"]


def test_pasted_people_have_the_rights_that_were_switched(seen: dict[str, Any], site: Site) -> None:
    setup = site.call("StudySetup", studyId=seen["studyId"])
    rights = {
        member["email"]: (member["canScore"], member["canGetResults"], member["canEdit"])
        for member in setup["members"]
    }

    assert rights["m.vos@example.org"] == (True, False, False)
    assert rights["k.ito@example.org"] == (True, True, False)
    assert seen["link"].startswith(f"{site.url}/Account/Password/")


def test_the_study_is_published(seen: dict[str, Any], site: Site) -> None:
    assert seen["state"] == "Published"
    assert site.call("StudySetup", studyId=seen["studyId"])["publishedOn"] is not None


def test_no_error_no_violation_no_overflow_on_any_tab_in_both_themes(seen: dict[str, Any]) -> None:
    assert seen["faults"] == []
    assert seen["mistakeRules"] == []
    assert seen["look"] == {"rules": [], "overflows": []}
