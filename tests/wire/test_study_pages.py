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
