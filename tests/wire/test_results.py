"""Results over the wire: history, single answers, downloads and viewing sessions."""

from __future__ import annotations

from tests.wire.served import Server, WiredStudy


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
