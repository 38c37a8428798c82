"""DownloadSlide: who gets a slide's bytes, under which name, and in what form."""

from __future__ import annotations

import io
import re
import secrets
import unicodedata
import zipfile

import pytest
from hypothesis import given, strategies as st

from tests.tileserver.dicom_heads import make_dicom
from uploads import download


def put(site, path, data=b"slide bytes"):
    target = site.files.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return target


def unused():
    return f"f{secrets.token_hex(4)}"


def fetch(site, token, slide_id, study_id=None, headers=None, method="GET"):
    query = f"imageid={slide_id}" + (f"&studyid={study_id}" if study_id else "")
    wanted = {"Authorization": f"Bearer {token}", **(headers or {})}
    return site.send(method, f"/Api/DownloadSlide?{query}", wanted)


def sdk_name(header):
    """Return what the official client makes of a Content-Disposition."""
    name = re.findall("filename*?=([^;]+)", header, flags=re.IGNORECASE)[0].strip().strip('"')
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")


def test_slide_is_sent_as_it_is_with_its_name_and_size(site):
    study_id, folder = site.study(), unused()
    put(site, f"{folder}/test-image.TiFF")
    slide_id = site.slide(study_id, f"{folder}/test-image.TiFF")

    answer = fetch(site, site.token(), slide_id, study_id)

    assert (answer.status, answer.body) == (200, b"slide bytes")
    assert answer.headers["content-disposition"] == 'attachment; filename="test-image.TiFF"'
    assert answer.headers["content-length"] == "11"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("bounds", "status", "body"),
    [
        ("bytes=0-4", 206, b"slide"),
        ("bytes=6-", 206, b"bytes"),
        ("bytes=-5", 206, b"bytes"),
        ("bytes=99-", 416, b""),
    ],
)
def test_part_of_a_slide_is_sent_on_demand(site, bounds, status, body):
    study_id, folder = site.study(), unused()
    put(site, f"{folder}/a.svs")
    slide_id = site.slide(study_id, f"{folder}/a.svs")

    answer = fetch(site, site.token(), slide_id, headers={"Range": bounds})

    assert (answer.status, answer.body) == (status, body)


def test_rest_of_a_slide_that_changed_meanwhile_is_sent_whole(site):
    study_id, folder = site.study(), unused()
    put(site, f"{folder}/a.svs")
    slide_id = site.slide(study_id, f"{folder}/a.svs")
    token = site.token()
    etag = fetch(site, token, slide_id).headers["etag"]
    resume = {"Range": "bytes=6-", "If-Range": etag}

    unchanged = fetch(site, token, slide_id, headers=resume)
    put(site, f"{folder}/a.svs", b"entirely other bytes")
    changed = fetch(site, token, slide_id, headers=resume)

    assert (unchanged.status, unchanged.body) == (206, b"bytes")
    assert (changed.status, changed.body) == (200, b"entirely other bytes")


def test_download_is_recorded(site):
    study_id, folder = site.study(), unused()
    put(site, f"{folder}/a.svs")
    slide_id = site.slide(study_id, f"{folder}/a.svs")

    fetch(site, site.token(), slide_id)

    assert site.audit_of("slide.download")[-1] == {
        "subject": f"slide:{slide_id}",
        "path": f"{folder}/a.svs",
        "files": 1,
    }


def test_download_needs_the_right_and_the_study(site):
    study_id, folder = site.study(), unused()
    put(site, f"{folder}/a.svs")
    slide_id = site.slide(study_id, f"{folder}/a.svs")

    assert fetch(site, site.token("CanGetPixels"), slide_id).status == 401
    assert fetch(site, site.token(read_studies=("other",)), slide_id).status == 401
    assert fetch(site, "nonsense", slide_id).status == 401
    assert fetch(site, site.token("CanDownloadSlides"), slide_id).status == 200


def test_unknown_slide_other_study_and_lost_file_are_not_found(site):
    study_id, folder = site.study(), unused()
    put(site, f"{folder}/a.svs")
    slide_id = site.slide(study_id, f"{folder}/a.svs")
    lost_id = site.slide(study_id, f"{folder}/lost.svs")
    token = site.token()

    assert fetch(site, token, 999_999).status == 404
    assert fetch(site, token, slide_id, study_id=site.study()).status == 404
    assert fetch(site, token, lost_id).status == 404


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("a", "a.svs", "a.svs"),
        ("Nice Image", "011938r082.tif", "Nice Image.tif"),
        ("cells", "cells.ome.tif", "cells.ome.tif"),
        ("cells.ome", "cells.ome.tif", "cells.ome.tif"),
        ("renamed", "cells.ome.tif", "renamed.ome.tif"),
        ("test-image", "test-image.TiFF", "test-image.TiFF"),
        ('evil"; filename="x', "a.svs", "evil__ filename=_x.svs"),
        ("a;b", "a;b.svs", "a_b.svs"),
        ("line\r\nbreak", "a.svs", "line__break.svs"),
    ],
)
def test_file_is_named_after_the_slide(site, name, path, expected):
    study_id, folder = site.study(), unused()
    put(site, f"{folder}/{path}")
    slide_id = site.slide(study_id, f"{folder}/{path}", name=name)

    header = fetch(site, site.token(), slide_id).headers["content-disposition"]

    assert sdk_name(header) == expected
    assert header.count(";") == 1


def test_name_in_other_letters_is_sent_twice_the_plain_one_first(site):
    study_id, folder = site.study(), unused()
    put(site, f"{folder}/a.svs")
    slide_id = site.slide(study_id, f"{folder}/a.svs", name="Größe 名前")

    header = fetch(site, site.token(), slide_id).headers["content-disposition"]

    assert header == (
        'attachment; filename="Gro_e __.svs"; '
        "filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E5%90%8D%E5%89%8D.svs"
    )


@given(st.text(max_size=40))
def test_any_name_gives_one_header_of_plain_characters(name):
    header = download.content_disposition(name)

    assert re.fullmatch(
        r"attachment; filename=\"[^\";\\%]*\"(; filename\*=UTF-8''[^;\"\s]*)?", header
    )
    assert header.isascii()
    assert header.isprintable()


def test_mirax_slide_is_sent_as_a_zip_with_its_folder(site):
    study_id, folder = site.study(), unused()
    put(site, f"{folder}/one.mrxs", b"index")
    put(site, f"{folder}/one/Slidedat.ini", b"[GENERAL]")
    put(site, f"{folder}/one/Data0000.dat", b"x" * 3_000_000)
    put(site, f"{folder}/two/Data0000.dat", b"another slide's")
    slide_id = site.slide(study_id, f"{folder}/one.mrxs", name="The One")

    answer = fetch(site, site.token(), slide_id)

    assert sdk_name(answer.headers["content-disposition"]) == "The One.zip"
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        assert {name: archive.getinfo(name).file_size for name in archive.namelist()} == {
            "one.mrxs": 5,
            "one/Slidedat.ini": 9,
            "one/Data0000.dat": 3_000_000,
        }


def test_zip_is_made_a_block_at_a_time(site):
    folder = unused()
    members = [
        download.Member(put(site, f"{folder}/{n}.dat", b"x" * 5_000_000), f"{n}.dat")
        for n in range(2)
    ]

    sizes = [len(block) for block in download.stream_zip(members)]

    assert max(sizes) < 1_100_000
    assert sum(sizes) > 10_000_000


def test_link_out_of_a_slide_s_folder_is_left_out(site, tmp_path):
    folder = unused()
    secret = tmp_path / "secret.dat"
    secret.write_bytes(b"secret")
    path = put(site, f"{folder}/one.mrxs")
    put(site, f"{folder}/one/Data0000.dat")
    (site.files.root / folder / "one" / "Data0001.dat").symlink_to(secret)

    names = [member.name for member in download.slide_members(path)]

    assert names == ["one.mrxs", "one/Data0000.dat"]


def test_vms_slide_is_sent_with_the_files_its_index_names(site):
    folder = unused()
    index = "[Virtual Microscope Specimen]\nImageFile=a.jpg\nMapFile=a_map.jpg\nMacro=../up.jpg\n"
    path = put(site, f"{folder}/a.vms", index.encode())
    for name in ("a.jpg", "a_map.jpg", "unrelated.jpg"):
        put(site, f"{folder}/{name}")
    put(site, "up.jpg")

    names = [member.name for member in download.slide_members(path)]

    assert names == ["a.vms", "a.jpg", "a_map.jpg"]


def test_dicom_slide_is_sent_with_its_series_and_no_other(site):
    folder = unused()
    path = put(site, f"{folder}/level0.dcm", make_dicom(b"1.2.3.4"))
    put(site, f"{folder}/level1.dcm", make_dicom(b"1.2.3.4\0"))
    put(site, f"{folder}/other patient.dcm", make_dicom(b"9.9.9.9"))
    put(site, f"{folder}/no dicom.dcm", b"nothing")

    names = [member.name for member in download.slide_members(path)]

    assert names == ["level0.dcm", "level1.dcm"]


def test_real_dicom_series_is_told_apart(shared_data):
    path = shared_data / "slides" / "boxes_0.dcm"

    names = [member.name for member in download.slide_members(path)]

    assert names == ["boxes_0.dcm", "boxes_1.dcm"]
