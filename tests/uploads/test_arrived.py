"""What happens to a file once it arrived: sums, unpacking, a look at it, and its status."""

from __future__ import annotations

import base64
import hashlib
import secrets

import anyio
import pytest

from tests.uploads.slides import mirax_zip, tiff_slide, zip_of
from tileserver.inspection import InspectionLimits
from uploads import inspection, progress


def unused():
    return f"f{secrets.token_hex(4)}"


def upload(site, token, filename, folder, data, **metadata):
    ticket = site.ticket(token, filename, folder)
    headers = site.headers_of({"uploadtoken": ticket, "apitoken": token, **metadata})
    answer = site.send("POST", "/files/", {**headers, "Upload-Length": str(len(data))})
    assert answer.status == 201
    if data:
        assert site.patch(answer.part_id, 0, data).status == 204
    return answer.part_id, ticket


def finish(site, token, part_id, ticket, **more):
    return site.api("FinishUpload", token, id=part_id, token=ticket, **more).json


def check_all(site):
    async def work():
        while await site.checker.check_next():
            pass

    anyio.run(work)


def status_of(site, bearer, /, **wanted):
    answer = site.api("UploadStatus", bearer, **wanted).json
    assert answer["success"], answer
    return answer["uploads"]


def arrived(site, token, filename, folder, data):
    """Upload and finish a file, let it be looked at, and return its status."""
    part_id, ticket = upload(site, token, filename, folder, data)
    assert finish(site, token, part_id, ticket) == "OK"
    check_all(site)
    [found] = status_of(site, token, token=ticket)
    return found


def test_readable_slide_becomes_ready_with_its_facts_and_sum(site, tmp_path):
    data, folder = tiff_slide(tmp_path), unused()

    found = arrived(site, site.token(), "a.tif", folder, data)

    assert (found["state"], found["problem"]) == ("ready", "")
    assert found["sha256"] == hashlib.sha256(data).hexdigest()
    [slide] = found["slides"]
    assert slide["path"] == found["path"] == f"{folder}/a.tif"
    assert (slide["width"], slide["height"], slide["levels"]) == (501, 465, 3)


def test_unreadable_slide_stays_in_place_and_says_why(site):
    token, folder = site.token(), unused()

    found = arrived(site, token, "a.svs", folder, b"this is no slide")

    assert found["state"] == "unreadable"
    assert "a.svs" in found["problem"]
    assert str(site.folder) not in found["problem"]
    assert (site.files.root / folder / "a.svs").exists()


def test_other_file_is_stored_with_its_sum(site):
    found = arrived(site, site.token(), "notes.txt", unused(), b"hello")

    assert (found["state"], found["slides"]) == ("stored", [])
    assert found["sha256"] == hashlib.sha256(b"hello").hexdigest()


def test_check_is_recorded_and_tells_the_slides_of_studies(site, tmp_path):
    data, study = tiff_slide(tmp_path), site.study()
    folder = site.study_name(study)
    slide_id = site.slide(study, f"{folder}/a.tif", file_size=len(data))

    arrived(site, site.token(), "a.tif", folder, data)

    assert site.slide_row(slide_id).sha256 == hashlib.sha256(data).hexdigest()
    assert site.audit_of("upload.check")[-1]["state"] == "ready"


def test_slide_whose_file_is_gone_is_unreadable(site):
    token, folder = site.token(), unused()
    part_id, ticket = upload(site, token, "a.svs", folder, b"hello")
    finish(site, token, part_id, ticket)
    (site.files.root / folder / "a.svs").unlink()

    check_all(site)

    [found] = status_of(site, token, token=ticket)
    assert (found["state"], found["problem"]) == ("unreadable", "the file is gone")


def hex_of(data):
    return hashlib.sha256(data).hexdigest()


def base64_of(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


@pytest.mark.parametrize("written", [hex_of, lambda data: hex_of(data).upper(), base64_of])
@pytest.mark.parametrize("where", ["metadata", "parameter"])
def test_right_sum_is_kept_at_once(site, where, written):
    token = site.token()
    told = {"sha256": written(b"hello")}
    part_id, ticket = upload(
        site, token, "a.svs", unused(), b"hello", **(told if where == "metadata" else {})
    )

    assert finish(site, token, part_id, ticket, **(told if where == "parameter" else {})) == "OK"

    assert site.uploads()[-1].sha256 == hex_of(b"hello")


@pytest.mark.parametrize("where", ["metadata", "parameter"])
def test_wrong_sum_places_nothing_and_is_told(site, where):
    token, folder = site.token(), unused()
    told = {"sha256": hex_of(b"other")}
    part_id, ticket = upload(
        site, token, "a.svs", folder, b"hello", **(told if where == "metadata" else {})
    )

    answer = finish(site, token, part_id, ticket, **(told if where == "parameter" else {}))

    assert hex_of(b"hello") in answer
    assert not (site.files.root / folder).exists()
    [found] = status_of(site, token, token=ticket)
    assert found["state"] == "failed"
    assert found["problem"] == answer


@pytest.mark.parametrize("sha256", ["nonsense", "ab" * 31, "YWJj"])
def test_sum_of_another_form_is_refused(site, sha256):
    token = site.token()
    part_id, ticket = upload(site, token, "a.svs", unused(), b"hello")

    assert "64 hexadecimal" in finish(site, token, part_id, ticket, sha256=sha256)


def test_zip_of_a_slide_is_unpacked_and_its_slide_looked_at(site):
    token, folder = site.token(), unused()

    found = arrived(site, token, "case 7.zip", folder, mirax_zip())

    placed = sorted(
        path.relative_to(site.files.root / folder).as_posix()
        for path in (site.files.root / folder).rglob("*")
        if path.is_file()
    )
    assert placed == [
        "case 7/slide.mrxs",
        "case 7/slide/Data0000.dat",
        "case 7/slide/Slidedat.ini",
    ]
    assert found["state"] == "unreadable"
    assert [slide["path"] for slide in found["slides"]] == [f"{folder}/case 7/slide.mrxs"]
    assert found["sha256"] == hex_of(mirax_zip())


def test_dicom_series_in_a_zip_is_one_slide_and_is_readable(site, shared_data):
    names = ("boxes_0.dcm", "boxes_1.dcm")
    data = zip_of({name: (shared_data / "slides" / name).read_bytes() for name in names})

    found = arrived(site, site.token(), "series.zip", unused(), data)

    assert found["state"] == "ready", found
    [slide] = found["slides"]
    assert (slide["reader"], slide["width"]) == ("openslide", 16)


def test_zip_of_other_files_is_stored_as_it_is(site):
    folder, data = unused(), zip_of({"notes.txt": b"hello"})

    found = arrived(site, site.token(), "notes.zip", folder, data)

    assert found["state"] == "stored"
    assert (site.files.root / folder / "notes.zip").read_bytes() == data


def test_hostile_zip_places_nothing_and_is_told(site):
    token, folder = site.token(), unused()
    data = zip_of({"slide.mrxs": b"", "../evil.dat": b"x"})
    part_id, ticket = upload(site, token, "bad.zip", folder, data)

    answer = finish(site, token, part_id, ticket)

    assert "leads out of its folder" in answer
    assert not (site.files.root / folder).exists()
    assert not (site.files.root / "evil.dat").exists()
    assert status_of(site, token, token=ticket)[0]["problem"] == answer


def test_zip_may_not_reach_where_its_uploader_may_not(site):
    study = site.study()
    token = site.token("CanUpload", modify_studies=("another",))
    folder = unused()
    (site.files.root / folder).mkdir()
    site.slide(study, f"{folder}/slide.mrxs")
    part_id, ticket = upload(site, token, "a.zip", folder, zip_of({"slide.mrxs": b"mine"}))

    answer = site.api("FinishUpload", token, id=part_id, token=ticket)

    assert answer.status == 401
    assert not (site.files.root / folder / "slide.mrxs").exists()


def test_slide_is_looked_at_again_when_another_of_its_files_arrives(site):
    token, folder = site.token(), unused()
    assert arrived(site, token, "slide.mrxs", folder, b"index")["state"] == "unreadable"
    part_id, ticket = upload(site, token, "Slidedat.ini", f"{folder}/slide", b"[GENERAL]\n")

    finish(site, token, part_id, ticket)

    states = {row.filename: row.state for row in site.uploads() if row.folder.startswith(folder)}
    assert states == {"slide.mrxs": "checking", "Slidedat.ini": "checking"}


def test_status_tells_what_is_on_its_way(site):
    token = site.token()
    waiting = site.ticket(token, "a.svs", "new")
    begun = site.ticket(token, "b.svs", "new")
    part_id = site.create(token, begun, 10).part_id
    site.patch(part_id, 0, b"hello")
    progress.ProgressFile(site.parts.folder, part_id).tell(3, 7)

    second, first = status_of(site, token)

    assert (first["state"], first["received"]) == ("waiting", 0)
    assert (second["state"], second["received"], second["length"]) == ("arriving", 5, 10)
    assert (second["partId"], second["unpacked"]) == (part_id, [3, 7])
    assert status_of(site, token, id=part_id) == [second]
    assert status_of(site, token, id=first["uploadId"]) == [first]
    assert status_of(site, token, token=waiting) == [first]
    assert status_of(site, token, count=1) == [second]


def test_status_shows_nobody_else_s_uploads(site):
    token, other = site.token(), site.token()
    ticket = site.ticket(token)

    assert status_of(site, other) == []
    assert site.api("UploadStatus", other, token=ticket).json["success"] is False


def test_upload_goes_on_with_a_new_token_and_no_longer_with_the_old(site):
    token = site.token()
    ticket = site.ticket(token)
    part_id = site.create(token, ticket, 10).part_id
    site.patch(part_id, 0, b"hello")
    [begun] = status_of(site, token)

    renewed = site.api("ResumeUpload", token, id=begun["uploadId"]).json
    assert renewed["partId"] == part_id
    assert site.api("UploadStatus", token, token=ticket).json["success"] is False
    assert status_of(site, token, token=renewed["token"]) == [begun]
    assert site.patch(part_id, 5, b"world").status == 204
    assert finish(site, token, part_id, renewed["token"]) == "OK"

    again = site.api("ResumeUpload", token, id=begun["uploadId"]).json
    assert again["error"] == "this upload is finished; request a new one"


def test_upload_of_somebody_else_is_not_gone_on_with(site):
    token = site.token()
    site.ticket(token)
    [begun] = status_of(site, token)

    refused = site.api("ResumeUpload", site.token(), id=begun["uploadId"]).json

    assert refused["error"] == "there is no such upload of yours"
    assert status_of(site, token) == [begun]


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (InspectionLimits(memory_bytes=100 * 2**20), "memory"),
        (InspectionLimits(time_s=0.01), "more than 0.01 s"),
    ],
)
def test_limits_hold_in_a_real_process(tmp_path, limits, words):
    (tmp_path / "a.tif").write_bytes(tiff_slide(tmp_path))

    found = anyio.run(inspection.inspect_slide, tmp_path / "a.tif", limits)

    assert words in found.problem
