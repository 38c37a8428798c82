"""Zips of slides: what is unpacked, and what is refused before a byte of it is written."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from records.errors import InputError
from records.filestore import FileStore
from tests.uploads.slides import mirax_zip, zip_of
from tileserver.readers import SLIDE_SUFFIXES
from uploads import unpacking
from uploads.unpacking import ZipError


def written(folder: Path, data: bytes) -> Path:
    path = folder / "upload.part"
    path.write_bytes(data)
    return path


def read(folder: Path, data: bytes, *, max_bytes: int = 10**9):
    return unpacking.read_contents(
        written(folder, data), "f", slide_suffixes=SLIDE_SUFFIXES, max_bytes=max_bytes
    )


def zip_with(name: str, *, mode: int = 0, **fields) -> bytes:
    """Return a zip of a slide and one more file, with fields of its entry set by hand."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("slide.mrxs", b"index")
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        for field, value in fields.items():
            setattr(entry, field, value)
        archive.writestr(entry, b"content")
    return sink.getvalue()


def test_slide_is_unpacked_below_its_folder_with_the_index_last(tmp_path):
    contents = read(tmp_path, mirax_zip())

    assert [member.target.relative for member in contents.members] == [
        "f/case 7/slide/Data0000.dat",
        "f/case 7/slide/Slidedat.ini",
        "f/case 7/slide.mrxs",
    ]


def test_files_come_out_as_they_went_in_and_the_scratch_folder_goes(tmp_path):
    path = written(tmp_path, mirax_zip())
    contents = read(tmp_path, mirax_zip())
    files = FileStore(tmp_path / "images")
    told = []

    with unpacking.unpacked(
        path, contents, lambda done, total: told.append((done, total))
    ) as found:
        has_replaced = unpacking.place_all(files, found)

    assert has_replaced is False
    assert (files.root / "f/case 7/slide/Data0000.dat").read_bytes() == b"0" * 100_000
    assert (files.root / "f/case 7/slide.mrxs").read_bytes() == b"index"
    assert told[-1] == (100_015, 100_015)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["images", "upload.part"]


@pytest.mark.parametrize(
    "members", [{}, {"notes.txt": b""}, {"a.svs": b"", "b.tif": b""}, {"density_32px.png": b""}]
)
def test_zip_without_a_slide_of_several_files_stays_a_zip(tmp_path, members):
    assert read(tmp_path, zip_of(members)) is None


@pytest.mark.parametrize(
    "name",
    [
        "../evil.dat",
        "/etc/evil.dat",
        "a/../../evil.dat",
        "..\\evil.dat",
        "C:/evil.dat",
        "C:\\evil.dat",
        "a//b.dat",
        "./b.dat",
        "con.dat",
        "a\x1b.dat",
        ".hidden.dat",
        "a/.b/c.dat",
        "x" * 300 + ".dat",
        "inner.zip",
        "inner.mrxs.gz",
        "run.exe",
        "page.html",
        "study.other.emails",
        "a/study.other.config",
        "noending",
    ],
)
def test_hostile_or_foreign_name_refuses_the_whole_zip(tmp_path, name):
    with pytest.raises(InputError):
        read(tmp_path, zip_of({"slide.mrxs": b"", name: b"x"}))


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o644, stat.S_IFCHR])
def test_link_or_device_is_refused(tmp_path, mode):
    with pytest.raises(ZipError, match="link or a device"):
        read(tmp_path, zip_with("slide/Data.dat", mode=mode))


def test_encrypted_file_is_refused(tmp_path):
    data = bytearray(zip_of({"slide.mrxs": b"index"}))
    place = data.rindex(b"PK\x01\x02")
    struct.pack_into("<H", data, place + 8, 1)

    with pytest.raises(ZipError, match="encrypted"):
        read(tmp_path, bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compression_than_deflate_is_refused(tmp_path, method):
    with pytest.raises(ZipError, match="deflate"):
        read(tmp_path, zip_of({"slide.mrxs": b"index"}, method=method))


def test_bomb_is_refused_by_its_ratio(tmp_path):
    bomb = zip_of(
        {"slide.mrxs": b"", "slide/Data.dat": bytes(60_000_000)}, method=zipfile.ZIP_DEFLATED
    )

    with pytest.raises(ZipError, match="times its size"):
        read(tmp_path, bomb)


def test_more_than_the_largest_upload_is_refused(tmp_path):
    with pytest.raises(ZipError, match="at most 999"):
        read(tmp_path, zip_of({"slide.mrxs": b"x" * 1000}), max_bytes=999)


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "MAX_MEMBERS", 3)

    with pytest.raises(ZipError, match="at most 3"):
        read(tmp_path, zip_of({f"{number}.dcm": b"" for number in range(4)}))


def test_list_of_files_that_claims_to_be_huge_is_refused_unread(tmp_path):
    data = zip_of({f"{'n' * 200}{number}.dcm": b"" for number in range(18_000)})

    with pytest.raises(ZipError, match="too long"):
        read(tmp_path, data)


@pytest.mark.parametrize("names", [("a.dcm", "A.DCM"), ("é.dcm", "e\u0301.dcm")])
def test_names_that_some_disk_takes_for_the_same_are_refused(tmp_path, names):
    with pytest.raises(ZipError, match="same name"):
        read(tmp_path, zip_of(dict.fromkeys(names, b"")))


def test_file_with_the_name_of_a_folder_is_refused(tmp_path):
    with pytest.raises(ZipError, match="name of a folder"):
        read(tmp_path, zip_of({"a.dat": b"", "a.dat/b.dcm": b""}))


@pytest.mark.parametrize("cut", [0, 1, 21, 22, 200])
def test_zip_cut_short_is_refused(tmp_path, cut):
    with pytest.raises(ZipError, match="damaged"):
        read(tmp_path, mirax_zip()[:cut])


def test_damaged_content_is_refused_and_leaves_nothing(tmp_path):
    data = bytearray(mirax_zip())
    data[data.index(b"0000000000")] ^= 1
    contents = read(tmp_path, bytes(data))
    path = tmp_path / "upload.part"

    with (
        pytest.raises(ZipError, match="damaged"),
        unpacking.unpacked(path, contents, lambda done, total: None),
    ):
        pass

    assert [entry.name for entry in tmp_path.iterdir()] == ["upload.part"]


def test_scratch_folder_of_a_killed_server_is_replaced(tmp_path):
    path = written(tmp_path, mirax_zip())
    stale = tmp_path / "upload.unpacked"
    stale.mkdir()
    (stale / "0").write_bytes(b"stale")

    contents = read(tmp_path, mirax_zip())
    with unpacking.unpacked(path, contents, lambda done, total: None) as found:
        assert [copy.stat().st_size for copy, _ in found] == [100_000, 10, 5]
