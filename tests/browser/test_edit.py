"""A study set up in a real browser: made, filled by dropping files, corrected, published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slides_sample import samples
from studyconfig.formats.config import SETTINGS
from tests.browser.conftest import ADMIN, Browser, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

STUDY = "Dropped-2026_round 1"
WALK_S = 260


@pytest.fixture(scope="module")
def seen(browser: Browser, site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Set a study up once, and give what was seen."""
    folder = site.slide_file.parent
    [sample] = site.call("Studies")
    given = {
        "base": site.url,
        "email": ADMIN,
        "password": site.password,
        "study": STUDY,
        "sampleId": sample["id"],
        "slides": [str(folder / name) for name in (samples.GRADIENT_NAME, samples.TMA_NAME)],
        "pictures": str(tmp_path_factory.mktemp("pictures")),
    }
    told = browser.walk_to_end("edit.mjs", given, timeout_s=WALK_S)
    return {**told, "folder": folder.parent, "sampleId": sample["id"]}


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


def test_a_change_by_hand_is_kept_until_the_file_is_chosen(
    seen: dict[str, Any], site: Site
) -> None:
    asked = {entry["name"]: entry for entry in site.call("Questions", studyId=seen["studyId"])}

    assert seen["keeps"] == {
        "why": "stays as you made it; the file says otherwise",
        "act": "Reimport",
    }
    assert seen["givesUp"] == {
        "why": "you changed this by hand; the file puts it back",
        "act": "Reimport 1 change",
    }
    assert asked["Grade"]["valuesAllowed"] == "1;2;3"


def test_a_pasted_map_has_its_cores_on_the_slide(seen: dict[str, Any], site: Site) -> None:
    slides = site.call("Images", studyId=seen["studyId"])
    [slide] = [slide for slide in slides if slide["tmaMap"] == f"study.{STUDY}.map1"]
    told = site.call("GetTMACores", imageId=slide["id"])

    assert seen["mapChange"] == "5 cells changed"
    assert seen["cores"] == ["A1, P1", "A2, P2", "A3, ctrl", "B1, P3", "B3, ctrl"]
    assert [core["isControl"] for core in told["cores"]] == [False, False, True, False, True]
    assert (told["rows"], told["cols"], told["isSure"]) == (2, 3, True)


def test_descriptions_are_written_with_formatting(seen: dict[str, Any], site: Site) -> None:
    case = site.call("Cases", studyId=seen["studyId"])[0]
    told = site.call("GetCaseDescription", caseId=case["id"])["description"]

    assert "<b>About Describe</b>" in seen["described"]
    assert "<b>About Describe case</b>" in told


def test_every_setting_is_there_and_every_deed_is_told(seen: dict[str, Any]) -> None:
    assert set(seen["settings"]) == set(SETTINGS)
    assert seen["trail"][0].startswith("changed settings of the study")
    assert any(deed.startswith("accepted the cores of") for deed in seen["trail"])


def test_a_study_is_deleted_by_its_name_and_comes_back(seen: dict[str, Any]) -> None:
    assert seen["wrongName"] == f"{STUDY} is expected."
    assert seen["gone"] == "Set up by hand is deleted"


def test_uploads_tell_what_was_found_in_them(seen: dict[str, Any]) -> None:
    [gradient] = [told for told in seen["uploads"] if samples.GRADIENT_NAME in told]

    assert f"{STUDY}/{samples.GRADIENT_NAME}" in gradient
    assert "pixels" in gradient
    assert "µm/px" in gradient


def test_an_upload_goes_on_in_another_browser_with_the_same_file_alone(
    seen: dict[str, Any], site: Site
) -> None:
    told = seen["resumed"]
    slides = site.call("Images", studyId=seen["sampleId"])

    assert " of " in told["before"]
    assert told["by"] == "admin@example.org"
    assert "it is another file" in told["shorter"]
    assert "with other bytes" in told["others"]
    assert told["offset"] == told["half"] > 0
    assert [slide["name"] for slide in slides].count("stopped") == 1
    assert (told["rules"], told["faults"]) == ([], [])


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
