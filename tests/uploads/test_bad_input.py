"""Bad input over a socket, as a table: what was sent, how it is answered, and nothing is stored."""

from __future__ import annotations

import io
import secrets
import stat
import zipfile
from datetime import timedelta

import pytest

from records.tables import ApiToken
from tests.uploads.slides import zip_of

BYTES = {"Content-Type": "application/offset+octet-stream"}
JSON_TEXT = 200
"""RequestUpload and FinishUpload tell failures as a JSON string (slidescore.md 3.4)."""


def stored(site):
    """Return everything on disk, and how many tickets there are."""
    files = set(site.files.root.rglob("*"))
    return files, site.part_files(), len(site.uploads())


def refused(answer):
    """Tell whether an Api call was refused in words, in one of its two ways."""
    if answer.status == 401:
        return True
    return answer.status == JSON_TEXT and isinstance(answer.json, str) and answer.json != "OK"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../a.svs",
        "..\\a.svs",
        "a/b.svs",
        "/etc/passwd",
        "C:\\a.svs",
        "a.svs:stream",
        "a\0.svs",
        "a\n.svs",
        "a\u202esvs.exe.svs",
        "a\u2066.svs",
        "a\u200b.svs",
        "\ufeffa.svs",
        "a\ue000.svs",
        "CON.svs",
        "nul.tiff",
        "aux.svs",
        "com1.svs",
        "LPT9.tif",
        "con .svs",
        " a.svs",
        "a.svs ",
        "a.svs.",
        ".hidden.svs",
        "x" * 252 + ".svs",
        "ü" * 126 + ".svs",
        "page.html",
        "logo.svg",
        "run.exe",
        "script.sh",
        "noending",
        "study.x.passwd",
        "study..emails",
    ],
)
def test_name_is_refused(site, name):
    token = site.token()
    before = stored(site)

    assert refused(site.api("RequestUpload", token, filename=name, folder="new"))

    assert stored(site) == before


@pytest.mark.parametrize(
    "folder",
    ["..", "a/../../x", "/abs", "C:/x", "C:\\x", "a\0b", "con/x", "a./b", ".git", "\u202e", "a:b"],
)
def test_folder_is_refused(site, folder):
    token = site.token()
    before = stored(site)

    assert refused(site.api("RequestUpload", token, filename="a.svs", folder=folder))

    assert stored(site) == before


@pytest.mark.parametrize(
    ("names", "restrictions", "filename", "folder"),
    [
        ("CanGetPixels", {}, "a.svs", ""),
        ("CanUpload", {}, "a.svs", "a folder to be made"),
        ("all", {"upload_folders": ("mine",)}, "a.svs", "other"),
        ("all", {"upload_folders": ("mine",)}, "a.svs", "mine/../other"),
        ("all", {"upload_folders": ("mine",)}, "study.mine.emails", ""),
        ("all", {"modify_studies": ("mine",)}, "study.other.emails", ""),
    ],
)
def test_right_is_missing(site, names, restrictions, filename, folder):
    token = site.token(names, **restrictions)
    before = stored(site)

    assert refused(site.api("RequestUpload", token, filename=filename, folder=folder))

    assert stored(site) == before


@pytest.mark.parametrize(
    ("case", "status"),
    [
        ("no ticket", 401),
        ("wrong ticket", 401),
        ("another's ticket", 401),
        ("wrong token", 401),
        ("token given up", 401),
        ("expired ticket", 401),
        ("too long", 413),
        ("negative length", 400),
        ("no length", 400),
        ("another version", 412),
        ("metadata no base64", 400),
        ("metadata too long", 400),
        ("body of another kind", 415),
        ("body too long", 413),
    ],
)
def test_creation_is_refused(site, case, status):
    token = site.token()
    ticket = site.ticket(token)
    uploader, given, headers, body = token, ticket, {}, b""
    if case == "no ticket":
        given = ""
    elif case == "wrong ticket":
        given = "x" + ticket
    elif case == "another's ticket":
        given = site.ticket(site.token())
    elif case == "wrong token":
        uploader = "x" + token
    elif case == "token given up":
        with site.database.writing() as session:
            row = session.get(ApiToken, site.actor(token).token_id)
            row.revoked_at = site.now()
            session.add(row)
    elif case == "expired ticket":
        site.shift = timedelta(days=1, seconds=1)
    else:
        headers = {
            "too long": {"Upload-Length": "50000001"},
            "negative length": {"Upload-Length": "-1"},
            "no length": {"Upload-Length": ""},
            "another version": {"Tus-Resumable": "0.2.2"},
            "metadata no base64": {"Upload-Metadata": "uploadtoken !"},
            "metadata too long": {"Upload-Metadata": f"a {'A' * 17_000}"},
            "body of another kind": {"Content-Type": "text/plain"},
            "body too long": BYTES,
        }[case]
        body = b"hello" if case.startswith("body") else b""
    before = stored(site)

    assert site.create(uploader, given, 4, headers=headers, body=body).status == status

    assert stored(site) == before


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Upload-Offset": "1"}, b"hello", 409),
        ({"Upload-Offset": "-1"}, b"hello", 400),
        ({"Content-Type": "text/plain"}, b"hello", 415),
        ({"Tus-Resumable": "2.0.0"}, b"hello", 412),
        ({"Authorization": "Bearer nonsense"}, b"hello", 401),
        ({}, b"hello world", 413),
        ({"Upload-Length": "7"}, b"hello", 400),
        ({"Upload-Checksum": "md5 YQ=="}, b"hello", 400),
        ({"Upload-Checksum": "sha1 YQ=="}, b"hello", 460),
    ],
)
def test_bytes_are_refused(site, headers, body, status):
    part_id = site.begin(5)

    assert site.patch(part_id, 0, body, headers).status == status

    assert site.head(part_id).offset == 0
    assert (site.folder / "uploads" / f"{part_id}.part").stat().st_size == 0


def zip_with_link():
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("slide.mrxs", b"index")
        link = zipfile.ZipInfo("slide/Data.dat")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, b"/etc/passwd")
    return sink.getvalue()


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (zip_of({"slide.mrxs": b"", "../evil.dat": b"x"}), "out of its folder"),
        (zip_of({"slide.mrxs": b"", "..\\evil.dat": b"x"}), "out of its folder"),
        (zip_of({"slide.mrxs": b"", "/etc/evil.dat": b"x"}), "out of its folder"),
        (zip_of({"slide.mrxs": b"", "C:/evil.dat": b"x"}), "out of its folder"),
        (zip_of({"slide.mrxs": b"", "con.dat": b"x"}), "device"),
        (zip_of({"slide.mrxs": b"", "a\u202e.dat": b"x"}), "invisible"),
        (zip_of({"slide.mrxs": b"", "run.exe": b"x"}), "no kind of file"),
        (zip_of({"slide.mrxs": b"", "inner.zip": b"x"}), "archive within"),
        (zip_of({"slide.mrxs": b"", "study.x.emails": b"x"}), "configures a study"),
        (zip_of({"slide.mrxs": b"", "A.dat": b"x", "a.DAT": b"y"}), "same name"),
        (zip_with_link(), "link or a device"),
        (
            zip_of({"slide.mrxs": b"", "s/D.dat": bytes(40_000_000)}, method=zipfile.ZIP_DEFLATED),
            "times its size",
        ),
        (zip_of({"slide.mrxs": b"index"})[:-4], "damaged"),
        (b"no zip at all", "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_zip_is_refused_at_the_end(site, body, word):
    token, folder = site.token(), f"f{secrets.token_hex(4)}"
    ticket = site.ticket(token, "slide.zip", folder)
    part_id = site.create(token, ticket, len(body)).part_id
    site.patch(part_id, 0, body)
    before = set(site.files.root.rglob("*"))

    answer = site.api("FinishUpload", token, id=part_id, token=ticket)

    assert answer.status == JSON_TEXT
    assert word in answer.json
    assert set(site.files.root.rglob("*")) == before
    assert site.uploads()[-1].state == "failed"


@pytest.mark.parametrize("sha256", ["0" * 64, "nonsense"])
def test_file_of_another_sum_is_refused(site, sha256):
    token, folder = site.token(), f"f{secrets.token_hex(4)}"
    ticket = site.ticket(token, "a.svs", folder)
    part_id = site.create(token, ticket, 5).part_id
    site.patch(part_id, 0, b"hello")

    assert refused(site.api("FinishUpload", token, id=part_id, token=ticket, sha256=sha256))

    assert not (site.files.root / folder).exists()
