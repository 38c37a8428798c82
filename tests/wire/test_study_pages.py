"""What the pages ask with which a study is set up, deleted and brought back."""

from __future__ import annotations

from pathlib import Path

from tests.wire.served import Server, make_study


def test_a_study_tells_what_was_done_to_it(server: Server, tmp_path: Path) -> None:
    study = make_study(server.client(), tmp_path, "trail-of-a-study")
    make_study(server.client(), tmp_path, "trail-of-another")
    server.call("UpdateSlideName", verb="POST", imageId=study.slide_id, newName="First")
    server.call("Publish", verb="POST", studyId=study.id)

    told = server.call("StudyTrail", studyId=study.id).json()["events"]

    assert [event["deed"] for event in told] == ["study.publish", "slide.rename", "study.reimport"]
    assert {event["actorName"] for event in told} == {"tests"}
    assert told[1]["subject"] == f"slide:{study.slide_id}"
    elsewhere = server.make_token(rights="all", studies="another")
    assert server.call("StudyTrail", bearer=elsewhere, studyId=study.id).status_code == 401


def test_what_was_removed_is_told_to_its_own_study_alone(server: Server, tmp_path: Path) -> None:
    study = make_study(server.client(), tmp_path, "trail-of-removals")
    other = make_study(server.client(), tmp_path, "trail-beside-removals")

    def case(study_id: int, name: str) -> int:
        made = server.call("AddCase", verb="POST", studyId=study_id, caseName=name).json()
        return int(made["id"])

    def deeds(study_id: int) -> list[tuple[str, str]]:
        told = server.call("StudyTrail", studyId=study_id).json()["events"]
        return [(event["deed"], event["subjectName"]) for event in told if "case" in event["deed"]]

    name = f'C1", "study": {other.id}, "'
    gone = case(study.id, name)
    server.call("SetCaseDescription", verb="POST", caseId=gone, description="secret")
    assert server.call("RemoveCase", verb="POST", studyId=study.id, caseId=gone).json()["success"]
    # SQLite gives the number of a case that is gone to the next.
    assert case(other.id, "D1") == gone

    assert deeds(study.id) == [("case.remove", name)]
    assert deeds(other.id) == [("case.add", "D1")]


def test_deleted_studies_are_told_to_those_who_may_bring_them_back(
    server: Server, tmp_path: Path
) -> None:
    study = make_study(server.client(), tmp_path, "deleted-and-back")

    def deleted(bearer: str | None = None) -> list[str]:
        told = server.call("DeletedStudies", bearer=bearer).json()
        return [entry["name"] for entry in told["studies"]]

    assert server.call("DeleteStudy", verb="POST", studyId=study.id).json()["success"]
    assert study.name in deleted()
    assert deleted(server.make_token(rights="all")) == []
    assert server.call("UndeleteStudy", verb="POST", studyId=study.id).json()["success"]
    assert study.name not in deleted()
