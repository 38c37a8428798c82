"""Attachments: a token for one file, and a link to it that never shows it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import slidescore


def leave(site, token, study, filename="Befund ü.html"):
    answer = site.api("RequestUploadAttachment", token, studyId=study, filename=filename).json
    assert answer["success"], answer
    return answer


def uploaded(site, token, study, data=b"<script>alert(1)</script>"):
    told = leave(site, token, study)
    ticket = site.ticket(told["token"], told["filename"], told["folder"])
    part_id = site.create(told["token"], ticket, len(data)).part_id
    site.patch(part_id, 0, data)
    assert site.api("FinishUpload", told["token"], id=part_id, token=ticket).json == "OK"
    secret, _, name = told["filename"].partition("-")
    return f"/a/{told['attId']}/{secret}/{name.replace('ü', '%C3%BC').replace(' ', '%20')}"


def get(site, path, token):
    return site.send("GET", path, {"Authorization": f"Bearer {token}"} if token else {})


def test_attachment_is_sent_to_be_saved(site):
    token, study = site.token(), site.study()

    answer = get(site, uploaded(site, token, study), token)

    assert (answer.status, answer.body) == (200, b"<script>alert(1)</script>")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith('attachment; filename="Befund u.html"')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert not list(site.files.root.rglob("*.html"))


def test_attachment_needs_the_right_to_read_its_study(site):
    token, study = site.token(), site.study()
    path = uploaded(site, token, study)

    assert get(site, path, None).status == 401
    assert get(site, path, site.token(read_studies=("other",))).status == 401


@pytest.mark.parametrize("change", ["secret", "name", "id", "an id no database holds"])
def test_wrong_link_is_not_found(site, change):
    token = site.token()
    _, a, number, secret, name = uploaded(site, token, site.study()).split("/")
    if change == "secret":
        secret = "0" * len(secret)
    elif change == "name":
        name = "other.html"
    elif change == "id":
        number = "99999"
    else:
        number = "9" * 30

    assert get(site, f"/{a}/{number}/{secret}/{name}", token).status == 404


def test_attachment_that_did_not_arrive_is_not_found(site):
    token = site.token()
    told = leave(site, token, site.study(), "a.pdf")
    secret = told["filename"].partition("-")[0]

    assert get(site, f"/a/{told['attId']}/{secret}/a.pdf", token).status == 404


def test_temporary_token_uploads_this_file_and_nothing_else(site):
    study = site.study()
    told = leave(site, site.token(), study)
    token = told["token"]

    for folder, filename in [
        (told["folder"], "other.svs"),
        ("", "study.x.emails"),
        (f"{told['folder']}9", told["filename"]),
        (site.study_name(study), "a.svs"),
    ]:
        answer = site.api("RequestUpload", token, folder=folder, filename=filename)
        assert isinstance(answer.json, str)
    assert site.api("RequestUploadAttachment", token, studyId=study, filename="b").status == 401
    site.shift = timedelta(days=1, seconds=1)
    assert site.api("RequestUpload", token, folder="", filename="a.svs").status == 401


@pytest.mark.parametrize(
    ("rights", "restriction"),
    [("CanUpload", {"modify_studies": ("other",)}), ("CanGetPixels", {})],
)
def test_leave_needs_uploading_and_the_study(site, rights, restriction):
    token = site.token(rights, **restriction)

    answer = site.api("RequestUploadAttachment", token, studyId=site.study(), filename="a.pdf")

    assert answer.status == 401


@pytest.mark.parametrize("filename", ["", "..", "a/b.pdf", ".htaccess", "x" * 201, "con.pdf"])
def test_bad_name_is_refused(site, filename):
    answer = site.api(
        "RequestUploadAttachment", site.token(), studyId=site.study(), filename=filename
    )

    assert answer.json["success"] is False


def test_teaching_modules_are_refused_in_words(site):
    answer = site.api("RequestUploadAttachment", site.token(), moduleId=3, filename="a.pdf")

    assert "teaching modules" in answer.json["error"]


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_official_sdk_uploads_an_attachment_and_links_it(site, tmp_path):
    token = site.token()
    (tmp_path / "report.pdf").write_bytes(b"%PDF")

    html = slidescore.APIClient(site.url, token).upload_attachment(
        site.study(), None, str(tmp_path / "report.pdf"), "The report"
    )

    path = re.search(r'href="([^"]+)"', html)[1].removeprefix(site.url)
    assert get(site, path, token).body == b"%PDF"
