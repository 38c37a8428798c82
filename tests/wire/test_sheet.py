"""What a page asks before it shows a sheet."""

from __future__ import annotations

from pathlib import Path

from tests.wire.served import READER, Server, WiredStudy, make_study


def test_a_script_learns_its_rights_in_a_study(server: Server, study: WiredStudy) -> None:
    told = server.call("StudyRights", studyId=study.id).json()

    assert told["name"] == study.name
    assert (told["canScore"], told["canEdit"], told["canGetResults"]) == (True, True, True)
    assert told["email"] is None
    limited = server.make_token(rights="CanGetPixels")
    told = server.call("StudyRights", bearer=limited, studyId=study.id).json()
    assert (told["canScore"], told["canGetResults"]) == (False, False)
    elsewhere = server.make_token(rights="all", studies="another")
    assert server.call("StudyRights", bearer=elsewhere, studyId=study.id).status_code == 401


def test_a_whole_sheet_is_set_and_what_has_answers_stays(server: Server, tmp_path: Path) -> None:
    study = make_study(server.client(), tmp_path, "sheet-set")

    def names() -> list[str]:
        return [entry["name"] for entry in server.call("Questions", studyId=study.id).json()]

    def put(scores: str) -> dict:
        return server.call("SetQuestions", verb="POST", studyId=study.id, scores=scores).json()

    answers = f"\n{study.slide_id}\t{study.slide_name}\t{READER}\tGrade\tLow"
    sent = server.call("UploadResults", verb="POST", studyId=study.id, results=answers).json()
    assert sent["success"], sent
    asked = {entry["name"]: entry for entry in server.call("Questions", studyId=study.id).json()}
    done = put("Grade\tClickFriendly\tLow;;High;;\nNew\tInteger\nRemark\tFreeText\n")

    assert (done["added"], done["changed"], done["removed"]) == (1, 1, 2)
    assert done["isReordered"] is True
    assert names() == ["Grade", "New", "Remark"]
    refused = put("New\tInteger\n")
    assert refused["error"] == "the question 'Grade' has 1 answers; it cannot be removed"
    assert "there is no question type 'Nope'" in put("A\tNope\n")["error"]
    assert names() == ["Grade", "New", "Remark"]
    counts = server.call("AnswerCounts", studyId=study.id, scoreId=asked["Grade"]["id"]).json()
    assert counts["answers"] == [{"answer": "Low", "count": 1}]
    elsewhere = server.make_token(rights="all", studies="another")
    for name in ("SetQuestions", "AnswerCounts"):
        asked_for = {"studyId": study.id, "scoreId": 1, "scores": "A\tFreeText"}
        reply = server.call(name, bearer=elsewhere, verb="POST", **asked_for)
        assert reply.status_code == 401, name
