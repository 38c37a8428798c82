"""The calls about results, as clients send them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from slidescore import SlideScoreResult

from tests.scoring.builders import NOW, READER, kept

HEADER = "ImageID\tImage Name\tBy\tQuestion\tAnswer\tlastModifiedOn"


def send(room, *lines):
    reply = room.call("UploadResults", studyId=room.study.id, results="\n".join(("", *lines)))
    assert reply.status_code == 200
    return reply.json()


def line(room, question="Remarks", value="x", slide_id=None):
    return f"{slide_id or room.study.slide_id}\tone\t{READER}\t{question}\t{value}"


def test_results_of_the_sdk_come_back_as_the_same_rows(room):
    # Source: SDK, tests/test_upload_results.py.
    results = [
        SlideScoreResult(
            {
                "id": -1,
                "imageID": room.study.slide_id,
                "imageName": "one",
                "user": READER,
                "question": question,
                "answer": answer,
            }
        )
        for question, answer in (("Remarks", "test answer 1"), ("Grade", "Middle"))
    ]

    reply = send(room, *(result.toRow() for result in results))

    assert reply == {"success": True, "log": "2 answers: 2 new, 0 changed, 0 unchanged"}
    got = room.call("Scores", verb="GET", studyid=room.study.id).json()
    assert [SlideScoreResult(entry).toRow() for entry in got] == [
        result.toRow() for result in results
    ]


def test_scores_of_a_plain_slide_have_exactly_these_names(room):
    # Source: slidescore.md 3.6: names about cores and the case are absent, not null.
    send(room, line(room))

    (entry,) = room.call("Scores", studyId=room.study.id).json()

    assert entry == {
        "id": 1,
        "imageID": room.study.slide_id,
        "imageName": "one",
        "user": READER,
        "question": "Remarks",
        "answer": "x",
        "lastModifiedOn": "2026-03-01T12:00:00.000Z",
    }


def test_scores_of_cores_and_cases_are_read_by_the_sdk(room):
    send(
        room,
        f"{room.study.tma_id}\ttma\t{READER}\t1\t2\tS12\tRemarks\tcore",
        f"C1\t{READER}\tRemarks\tcase",
        f"C1\t{room.study.second_slide_id}\ttwo\t{READER}\tRemarks\tslide",
    )

    core, case, slide = room.call("Scores", studyId=room.study.id).json()

    assert (core["tmaRow"], core["tmaCol"], core["tmaSampleID"]) == (1, 2, "S12")
    assert "caseName" not in core
    assert (case["imageID"], case["imageName"], case["caseName"]) == (None, "", "C1")
    assert slide["caseName"] == "C1"
    rows = [SlideScoreResult(entry).toRow() for entry in (core, case, slide)]
    assert send(room, *rows)["log"].startswith("3 answers: 0 new, 0 changed, 3 unchanged")


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("application/json", True),
        ("application/json, text/plain;q=0.5", True),
        ("text/tab-separated-values", False),
        ("text/html,application/json;q=0", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_scores_are_json_for_who_asks_for_it_and_a_table_for_others(room, accept, is_json):
    send(room, line(room))

    reply = room.call("Scores", verb="GET", accept=accept, studyId=room.study.id)

    if is_json:
        assert reply.headers["content-type"] == "application/json"
        assert len(reply.json()) == 1
    else:
        assert reply.headers["content-type"].startswith("text/tab-separated-values")
        expected = f"{HEADER}\n{line(room)}\t2026-03-01T12:00:00.000Z\n"
        assert reply.text == expected


def test_downloaded_table_can_be_sent_again(room):
    send(
        room,
        f"{room.study.tma_id}\ttma\t{READER}\t1\t2\tS12\tRemarks\tcore",
        f"C1\t{READER}\tRemarks\tcase",
        line(room, value=" ÄÖ 漢字 "),
        line(room, "Tumour", ""),
    )
    table = room.call("Scores", accept="text/plain", studyId=room.study.id).text

    reply = room.call("UploadResults", studyId=room.study.id, results=table).json()

    assert reply == {"success": True, "log": "4 answers: 0 new, 0 changed, 4 unchanged"}


def test_study_without_answers_has_an_empty_array_and_a_bare_header(room):
    assert room.call("Scores", studyId=room.study.id).json() == []
    assert room.call("Scores", accept="", studyId=room.study.id).text == f"{HEADER}\n"


def test_scores_are_filtered_by_parameters_in_any_case(room):
    send(room, line(room), line(room, "Tumour", "5"))

    def count(**wanted):
        return len(room.call("Scores", studyid=room.study.id, **wanted).json())

    assert count(QUESTION="Tumour") == 1
    assert count(imageid=room.study.slide_id) == 2
    assert count(imageid=room.study.tma_id) == 0
    assert count(email=READER.upper()) == 2
    assert count(caseid=room.study.case_id) == 0


def test_wrong_upload_is_told_with_success_false_and_stores_nothing(room):
    reply = send(room, line(room), line(room, "Nonsense"))

    assert reply["success"] is False
    assert "line 3: Question 'Nonsense' is not in study" in reply["log"]
    with room.database.reading() as session:
        assert kept(session) == []


def test_log_tells_what_was_not_believed(room):
    reply = room.call(
        "UploadResults",
        studyId=room.study.id,
        results=f"{line(room)}\n{line(room).replace('one', 'other')}",
    ).json()

    first, header, name = reply["log"].splitlines()
    assert first == "1 answer: 1 new, 0 changed, 0 unchanged"
    assert header.startswith("line 1 was taken as a header")
    assert name == "line 2: slide 1 is named 'one', not 'other'; the id was believed"


def test_results_without_the_right_are_refused(room):
    reading = room.make_token("CanGetAnyScores")
    writing = room.make_token("CanUploadScores")

    assert room.call("UploadResults", token=reading, studyId=1, results="").status_code == 401
    assert room.call("Scores", token=writing, studyId=1).status_code == 401
    assert room.call("Scores", token="nonsense", studyId=1).status_code == 401


def test_upload_is_refused_on_get(room):
    assert room.call("UploadResults", verb="GET", studyId=1, results="").status_code == 405


def test_studies_updated_are_told_by_instant(room):
    send(room, line(room))

    def since(instant):
        return room.call("GetStudiesUpdated", verb="GET", since=instant.isoformat()).json()

    assert since(NOW) == {"studyIDs": [room.study.id]}
    assert since(NOW + timedelta(seconds=1)) == {"studyIDs": []}
    wrong = room.call("GetStudiesUpdated", since="yesterday").json()
    assert wrong["success"] is False


def test_many_answers_are_sent_in_pieces_and_whole(room):
    lines = [
        f"{room.study.slide_id}\tone\treader{index}@example.org\tRemarks\t{'x' * 3000}"
        for index in range(2000)
    ]
    send(room, *lines)

    reply = room.call("Scores", studyId=room.study.id)

    assert len(reply.content) > 4 << 20
    assert [entry["user"] for entry in json.loads(reply.content)] == [
        f"reader{index}@example.org" for index in range(2000)
    ]
