"""The questions of a study edited in a real browser: made, tried, moved, changed, shared."""

from __future__ import annotations

from typing import Any

import pytest

from slides_sample import samples
from tests.browser.conftest import ADMIN, Browser, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

WALK_S = 200


@pytest.fixture(scope="module")
def seen(browser: Browser, site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Edit the sheet of a study with one slide once, and give what was seen."""
    study = site.call("CreateStudy", studyName="asked")["id"]
    slide = site.call("AddSlide", studyId=study, path=f"sample/{samples.GRADIENT_NAME}")["id"]
    given = {
        "base": site.url,
        "email": ADMIN,
        "password": site.password,
        "token": site.token,
        "studyId": study,
        "slideId": slide,
        "pictures": str(tmp_path_factory.mktemp("pictures")),
    }
    told = browser.walk_to_end("questions.mjs", given, timeout_s=WALK_S)
    return {**told, "studyId": study}


def test_a_question_made_by_form_is_the_line_that_the_study_has(
    seen: dict[str, Any], site: Site
) -> None:
    asked = {entry["name"]: entry for entry in site.call("Questions", studyId=seen["studyId"])}

    assert seen["begun"] == ["Staining intensity", "Positive cells"]
    assert seen["line"] == (
        "Invasive front → ClickFriendly → Pushing;;Infiltrating;; → "
        'mandatory; if "Positive cells" at least "10"'
    )
    assert asked["Invasive front"]["valuesAllowed"] == "Pushing;;Infiltrating;;"
    assert asked["Invasive front"]["condition"] == {
        "question": "Positive cells",
        "comparison": "at least",
        "answer": "10",
    }


def test_the_preview_answers_to_keys_and_asks_under_its_condition(seen: dict[str, Any]) -> None:
    assert seen["dimmedBefore"] == 1
    assert seen["answered"].endswith("30")


def test_questions_are_moved_by_keys_and_by_dragging(seen: dict[str, Any]) -> None:
    assert seen["moved"] == ["Positive cells", "Staining intensity", "Invasive front"]
    assert "Staining intensity" in seen["keepsFocus"]
    assert seen["refusal"].startswith("The condition names 'Positive cells', which is no question")
    assert seen["dragged"][0] == "Staining intensity"


def test_a_copy_stands_below_and_is_removed_when_asked(seen: dict[str, Any]) -> None:
    copied = seen["copied"]

    assert copied.index("Positive cells (copy)") == copied.index("Positive cells") + 1
    assert seen["removeTitle"] == "Remove “Positive cells (copy)”?"


def test_the_text_is_the_sheet_and_the_sheet_is_the_text(seen: dict[str, Any]) -> None:
    assert seen["text"].startswith("Staining intensity\tIntensities\t\tmandatory\n")
    assert seen["mistake"].startswith("Line 4: there is no question type 'FreTex'.")
    assert seen["summary"] == "1 added"
    assert seen["preview"][-1] == "Remark"


def test_given_answers_speak_before_a_change_that_harms_them(
    seen: dict[str, Any], site: Site
) -> None:
    assert seen["risk"].startswith("1 answer says “Pushing”, which would no longer be offered.")
    assert seen["putBack"] == "Pushing"
    assert seen["stays"].startswith("“Invasive front” has 1 answer. Answers are kept for ever")
    [answer] = site.call("Scores", studyId=seen["studyId"])
    assert answer["answer"] == "Pushing"


def test_a_shared_sheet_is_edited_without_the_study(seen: dict[str, Any], site: Site) -> None:
    stored = {entry["name"]: entry for entry in site.call("Questions", studyId=seen["studyId"])}

    assert "Remark" in seen["sharedNames"]
    assert "Remark\tFreeText\t\tmandatory" in seen["address"]
    assert stored["Remark"]["mandatory"] is False
    assert seen["brokenShared"].startswith("Line 1: there is no question type 'DropDwn'.")


def test_no_error_no_violation_no_overflow_at_any_width(seen: dict[str, Any]) -> None:
    faults = [fault for fault in seen["faults"] if "AnswerCounts" not in fault]

    assert faults == []
    assert seen["look"] == {"rules": [], "overflows": []}
