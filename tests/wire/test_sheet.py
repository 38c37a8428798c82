"""What a page asks before it shows a sheet."""

from __future__ import annotations

from tests.wire.served import Server, WiredStudy


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
