"""Progress over the wire, as the pages ask for it."""

from __future__ import annotations

from tests.wire.served import READER, Server, WiredStudy


def cells(progress: dict, email: str) -> list[tuple[int, int, int]]:
    """Return needed, answered and done of a reader, row by row."""
    at = [reader["email"] for reader in progress["readers"]].index(email)
    return [(row["needed"], row["answered"][at], row["done"][at]) for row in progress["rows"]]


def test_progress_grows_with_answers_and_the_next_slide_is_told(server: Server, study: WiredStudy):
    email = "progress@example.org"

    def ask():
        return server.call("NextUnscored", studyId=study.id, email=email).json()

    before = ask()
    for question, answer in (("Remark", "x"), ("Grade", "High")):
        server.call(
            "SaveAnswer",
            verb="POST",
            studyId=study.id,
            imageId=study.slide_id,
            question=question,
            answer=answer,
            email=email,
        )
    after = ask()
    told = server.call("Progress", studyId=study.id).json()

    assert before == {
        "success": True,
        "slidesLeft": 1,
        "imageID": study.slide_id,
        "imageName": study.slide_name,
        "question": "Remark",
        "aboutCase": False,
    }
    assert after["question"] == "Tumour"
    assert told["success"] is True
    assert told["studyId"] == study.id
    assert {"email": READER, "canScore": True} in told["readers"]
    assert [question["needed"] for question in told["questions"]] == [True] * 4
    assert told["rows"][0]["imageID"] == study.slide_id
    assert cells(told, email) == [(4, 2, 2)]
    for name, value in (("Tumour", "[]"), ("Mitoses", '[{"x":1,"y":2}]')):
        sent = {"question": name, "answer": value, "imageId": study.slide_id, "email": email}
        server.call("SaveAnswer", verb="POST", studyId=study.id, **sent)
    assert ask() == {"success": True, "slidesLeft": 0, "imageID": None}


def test_progress_needs_the_right_to_scores(server: Server, study: WiredStudy):
    weak = server.make_token(rights="CanUploadScores")

    for name, parameters in (("Progress", {}), ("NextUnscored", {"email": READER})):
        refused = server.call(name, bearer=weak, studyId=study.id, **parameters)
        assert refused.status_code == 401
        assert "CanGetAnyScores" in refused.json()["error"]
