"""Results over the wire: history, single answers, downloads and viewing sessions."""

from __future__ import annotations

import requests

from tests.wire.served import READER, Server, WiredStudy


def save(server, study, email, value, version=""):
    return server.call(
        "SaveAnswer",
        verb="POST",
        studyId=study.id,
        imageId=study.slide_id,
        question="Remark",
        email=email,
        answer=value,
        version=version,
    )


def test_answer_is_saved_told_and_restored(server: Server, study: WiredStudy):
    email = "history@example.org"
    first = save(server, study, email, "first").json()
    second = save(server, study, email, "second", first["id"]).json()

    late = save(server, study, email, "late", first["id"])
    restored = server.call(
        "RestoreScore", verb="POST", studyId=study.id, scoreValueId=first["id"]
    ).json()

    assert late.status_code == 409
    assert (late.json()["sent"], late.json()["current"]["answer"]) == ("late", "second")
    assert restored["success"] is True
    told = server.call("ScoreHistory", studyId=study.id, email=email).json()
    assert [(entry["id"], entry["previousId"], entry["answer"]) for entry in told] == [
        (first["id"], None, "first"),
        (second["id"], first["id"], "second"),
        (restored["id"], second["id"], "first"),
    ]
    assert [(entry["isCurrent"], entry["door"]) for entry in told] == [
        (False, "sheet"),
        (False, "sheet"),
        (True, "restore"),
    ]
    assert told[1]["previousAnswer"] == "first"
    assert told[0]["changedByName"] == "tests"
    [current] = server.client().get_results(study.id, email=email)
    assert current.answer == "first"


def test_studies_updated_takes_the_zone_of_the_instant(server: Server, study: WiredStudy):
    saved = save(server, study, "zone@example.org", "x").json()
    day, clock = saved["changedOn"].rstrip("Z").split("T")
    east, west = f"{day}T{clock}+12:00", f"{day}T{clock}-12:00"

    def since(instant):
        return server.call("GetStudiesUpdated", since=instant).json()["studyIDs"]

    assert study.id in since(east)
    assert study.id not in since(west)


def test_results_are_downloaded_as_files(server: Server, study: WiredStudy):
    save(server, study, "files@example.org", "=1+1")

    def download(**parameters):
        return server.call("DownloadResults", studyId=study.id, **parameters)

    table, sheet = download(format="csv"), download(format="xlsx", shape="wide")

    assert ",'=1+1," in table.content.decode("utf-8-sig")
    assert sheet.content.startswith(b"PK")
    assert sheet.headers["content-type"].endswith("spreadsheetml.sheet")
    assert sheet.headers["content-disposition"].startswith(
        f'attachment; filename="Study_{study.name}_20'
    )
    assert download(format="ods").status_code == 400


def test_viewing_is_recorded_by_a_person_and_read_by_the_sdk(server: Server, study: WiredStudy):
    told = server.coverslip("user", "add", READER)
    browser = requests.Session()
    browser.headers["Sec-Fetch-Site"] = "same-origin"
    form = {"email": READER, "password": told.partition("Password: ")[2].strip()}
    browser.post(f"{server.url}/Account/Login", data=form, timeout=30).raise_for_status()

    def record(**parameters):
        sent = {"imageId": study.slide_id, **parameters}
        return browser.post(f"{server.url}/Api/RecordSession", data=sent, timeout=30)

    begun = record(events="0\t0\t0\t501\t465\t10\t20\n250\t-5\t7\t250\t232\t-1\t0").json()
    more = record(sessionId=begun["sessionId"], batch=1, events="1500\t1\t2\t3\t4\t5\t6")

    assert begun == {
        "success": True,
        "sessionId": begun["sessionId"],
        "nextBatch": 1,
        "events": 2,
    }
    assert more.json()["events"] == 3
    client = server.client()
    [session] = client.get_sessions(study.id, email=READER, imageid=study.slide_id)
    assert (session.id, session.image_id, session.study_id, session.length) == (
        begun["sessionId"],
        study.slide_id,
        study.id,
        2,
    )
    events = client.get_session_events(study.id, session.id)
    assert [(event.timestamp, event.x, event.cursor_x) for event in events] == [
        (0, 0, 10),
        (250, -5, -1),
        (1500, 1, 5),
    ]
    assert (events[1].width, events[1].height, events[1].y, events[1].cursor_y) == (250, 232, 7, 0)
    late = record(sessionId=begun["sessionId"], batch=7, events="")
    assert late.status_code == 409
    script = server.call("RecordSession", verb="POST", imageId=study.slide_id, events="")
    assert script.status_code == 401
