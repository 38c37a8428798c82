"""Reimport over the wire: rehearsed, with changes by hand kept or overwritten; and cases."""

from __future__ import annotations

import pytest

from tests.wire.served import Server


@pytest.fixture
def imported(server: Server) -> int:
    """Return a study of text files alone, as the first import made it."""
    images = server.data / "images"
    (images / "study.rehearsed.config").write_text("friendlyname: Rehearsed\n")
    (images / "study.rehearsed.scores").write_text("Grade\tDropDown\t1;2;3\nWhy\tFreeText\n")
    reply = server.call("Reimport", verb="POST", studyName="rehearsed").json()
    assert reply["success"], reply
    return reply["id"]


def test_a_dry_run_tells_a_diff_and_changes_and_does_nothing(server: Server, imported: int):
    (server.data / "images" / "study.rehearsed.scores").write_text("Grade\tDropDown\t1;2;3;4\n")
    before = server.call("GetConfigFiles", studyId=imported).json()

    reply = server.call("Reimport", verb="POST", studyName="rehearsed", dryRun="true").json()

    assert reply["success"] is True
    assert reply["dryRun"] is True
    assert reply["log"].startswith("Dry run: nothing was changed.")
    assert "-Grade\tDropDown\t1;2;3\n+Grade\tDropDown\t1;2;3;4\n" in reply["diff"]
    assert reply["changes"] == [
        {
            "kind": "questions",
            "key": "Grade",
            "property": "values",
            "lastImport": "1;2;3",
            "now": "1;2;3",
            "files": "1;2;3;4",
            "changedBy": "file",
            "outcome": "applied",
        }
    ]
    assert server.call("GetConfigFiles", studyId=imported).json() == before


def test_changes_by_hand_are_kept_or_overwritten_as_asked(server: Server, imported: int):
    [grade, _] = server.call("Questions", studyId=imported).json()
    server.call(
        "UpdateQuestion",
        verb="POST",
        studyId=imported,
        scoreId=grade["id"],
        questionSpec="Grade\tDropDown\tlow;high",
    )

    def reimport(**options: str) -> tuple[str, str]:
        reply = server.call("Reimport", verb="POST", studyName="rehearsed", **options).json()
        assert reply["success"], reply
        assert "diff" not in reply
        return reply["log"], server.call("Questions", studyId=imported).json()[0]["valuesAllowed"]

    log, values = reimport(keepChangesByHand="true")
    assert values == "low;high"
    assert "kept; the files say '1;2;3'" in log
    log, values = reimport()
    assert values == "1;2;3"
    assert "! questions, Grade: values 'low;high' by hand: overwritten with '1;2;3'" in log


def test_changes_by_hand_are_given_up_one_by_one(server: Server, imported: int):
    def change(name: str, spec: str) -> None:
        [found] = [
            question
            for question in server.call("Questions", studyId=imported).json()
            if question["name"] == name
        ]
        server.call(
            "UpdateQuestion",
            verb="POST",
            studyId=imported,
            scoreId=found["id"],
            questionSpec=spec,
        )

    def reimport(**options: str) -> dict:
        asked = {"studyName": "rehearsed", "keepChangesByHand": "true", **options}
        return server.call("Reimport", verb="POST", **asked).json()

    change("Grade", "Grade\tDropDown\tlow;high")
    change("Why", "Why\tFreeText\t\tmandatory")
    given_up = '[["questions", "Grade"]]'

    plan = reimport(dryRun="true", overwrite=given_up)
    done = reimport(overwrite=given_up)
    asked = server.call("Questions", studyId=imported).json()
    wrong = reimport(overwrite="Grade")

    assert {entry["key"]: entry["outcome"] for entry in plan["changes"]} == {
        "Grade": "overwritten",
        "Why": "kept",
    }
    assert done["success"], done
    assert [question["valuesAllowed"] for question in asked] == ["1;2;3", ""]
    assert [question["mandatory"] for question in asked] == [False, True]
    assert wrong["error"] == 'overwrite must be JSON such as [["questions", "Grade"]]'


def test_every_mistake_is_told_at_once(server: Server, imported: int):
    scores = server.data / "images" / "study.rehearsed.scores"
    before = scores.read_text()
    scores.write_text("A\tNope\nB\tDropdwn\n")

    reply = server.call("Reimport", verb="POST", studyName="rehearsed").json()
    scores.write_text(before)

    assert reply["success"] is False
    assert "study.rehearsed.scores, line 1, column 3: there is no question type" in reply["log"]
    assert "line 2, column 3: there is no question type 'Dropdwn'. Did you mean" in reply["log"]


def test_cases_are_added_and_removed(server: Server, imported: int):
    case = server.call("AddCase", verb="POST", studyId=imported, caseName="Patient 1").json()
    assert case["success"] is True
    assert server.call("Cases", studyId=imported).json() == [
        {"id": case["id"], "name": "Patient 1"}
    ]

    gone = server.call("RemoveCase", verb="POST", studyId=imported, caseId=case["id"]).json()

    assert gone == {"success": True}
    assert server.call("Cases", studyId=imported).json() == []


def test_a_slide_is_put_into_a_case(server: Server, study):
    case = server.call("AddCase", verb="POST", studyId=study.id, caseName="wired").json()["id"]
    options = {"verb": "POST", "studyId": study.id, "imageId": study.slide_id}

    assert server.call("SetImageCase", **options, caseId=case).json() == {"success": True}
    [slide] = server.call("Images", studyId=study.id).json()
    assert (slide["caseID"], slide["caseName"]) == (case, "wired")
    described = {"caseId": case, "description": "<i>old</i><img src=x>"}
    assert server.call("SetCaseDescription", verb="POST", **described).json() == {"success": True}
    told = server.call("GetCaseDescription", caseId=case).json()
    assert told == {"success": True, "description": "<i>old</i>"}

    server.call("SetImageCase", **options)
    server.call("RemoveCase", verb="POST", studyId=study.id, caseId=case)
    [slide] = server.call("Images", studyId=study.id).json()
    assert slide["caseID"] is None
