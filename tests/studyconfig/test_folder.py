"""What lies in the images root for a study is found, in any case, and nothing outside it."""

import pytest

from records.errors import InputError
from studyconfig import folder
from studyconfig.folder import ConfigFile, Finder
from studyconfig.reach import Reach
from studyconfig.text import ConfigSyntaxError

SUFFIXES = {".svs", ".tiff"}


@pytest.fixture
def read(files):
    return lambda name: folder.read_folder(Finder(files, Reach()), name, suffixes=SUFFIXES)


def names(found):
    return [file.path for file in found]


def test_files_and_slides_of_a_study_are_found_in_any_case(read, put_text):
    for path in (
        "Study.EX.Emails",
        "study.ex.scores",
        "study.ex.config",
        "study.ex.images",
        "study.ex.map",
        "study.ex.MAP10",
        "study.ex.map2",
        "Ex/10.svs",
        "Ex/2.SVS",
        "Ex/more.Images",
        "Ex/notes.txt",
        "Ex/.hidden.svs",
        "Ex/deeper/3.svs",
        "study.ex2.emails",
        "study.ex.map.emails",
    ):
        put_text(path, "")

    found = read("ex")

    assert found.folder == "Ex"
    assert found.emails == ConfigFile(name="Study.EX.Emails", path="Study.EX.Emails")
    assert names([found.scores, found.config]) == ["study.ex.scores", "study.ex.config"]
    assert names(found.images) == ["study.ex.images", "Ex/more.Images"]
    assert names(found.maps) == ["study.ex.map", "study.ex.map2", "study.ex.MAP10"]
    assert found.slides == ("Ex/2.SVS", "Ex/10.svs")
    assert found.strangers == ()


def test_a_study_named_with_a_dot_is_another_study(read, put_text):
    put_text("study.ex.map.emails", "")

    assert read("ex").is_empty
    assert read("ex.map").emails is not None


def test_a_file_that_is_there_as_written_wins_over_other_cases(read, put_text):
    put_text("study.ex.emails", "")
    put_text("STUDY.EX.EMAILS", "")

    assert read("ex").emails.name == "study.ex.emails"


def test_a_file_that_is_there_in_two_other_cases_is_refused(read, put_text):
    put_text("Study.ex.emails", "")
    put_text("STUDY.EX.EMAILS", "")

    with pytest.raises(InputError, match=r"could be STUDY\.EX\.EMAILS and Study\.ex\.emails"):
        read("ex")


def test_slides_with_unusable_names_are_told_with_the_reason(read, put_text):
    put_text("ex/e\u0301.svs", "")
    put_text("ex/a:b.svs", "")

    found = read("ex")

    assert found.slides == ()
    assert {path for path, _ in found.strangers} == {"ex/e\u0301.svs", "ex/a:b.svs"}


def test_links_out_of_the_images_root_are_not_followed(read, files, tmp_path, put_text):
    put_text("ex/ok.svs", "")
    secret = tmp_path / "secret.svs"
    secret.write_text("")
    (files.root / "ex" / "link.svs").symlink_to(secret)
    (files.root / "ex" / "loop.svs").symlink_to("loop.svs")

    found = read("ex")

    assert found.slides == ("ex/ok.svs",)
    assert [path for path, _ in found.strangers] == ["ex/link.svs"]


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../a", "a\\b", "a\0b", ".hidden", "a" * 201, "nul", "a:b", " a"]
)
def test_names_that_are_no_plain_file_names_are_no_study_names(name):
    with pytest.raises(InputError):
        folder.check_study_name(name)


@pytest.mark.parametrize("name", ["test-study-2026-03-01_12-30-00", "BREAST_KI67", "a.b", "Größe"])
def test_names_with_hyphens_underscores_and_dates_are_study_names(name):
    # SOURCE: SDK tests/test_study_creation.py; slidescore.md 3.5.
    assert folder.check_study_name(name) == name


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("1.svs", "ex/1.svs"),
        ("../other/1.SVS", "other/1.svs"),
        ("./sub/../1.svs", "ex/1.svs"),
        ("other/1.svs", "other/1.svs"),
        ("missing.svs", None),
        ("../other", None),
    ],
)
def test_paths_of_listed_slides_are_relative_to_the_folder_of_the_study(
    path, expected, files, read, put_text
):
    put_text("ex/1.svs", "")
    put_text("other/1.svs", "")

    assert folder.find_slide(Finder(files, Reach()), read("ex"), path) == expected


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "../..", "C:/x.svs", "..//../a.svs", "a\0.svs"]
)
def test_paths_out_of_the_images_root_are_refused(path, files, read, put_text):
    put_text("ex/1.svs", "")

    with pytest.raises(InputError):
        folder.find_slide(Finder(files, Reach()), read("ex"), path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tma.map", "ex/tma.map"),
        ("study.ex.map7", "study.ex.map7"),
        ("map7", "study.ex.map7"),
        ("map8", None),
        ("study.other.map7", None),
        ("../other/x.map", "other/x.map"),
    ],
)
def test_maps_are_found_in_the_folder_in_the_root_and_by_their_identifier(
    name, expected, files, read, put_text
):
    put_text("ex/tma.map", "")
    put_text("tma.map", "")
    put_text("study.ex.map7", "")
    put_text("other/x.map", "")

    found = folder.find_map(Finder(files, Reach()), read("ex"), name)

    assert (found and found.path) == expected


def test_text_is_read_in_its_encoding_and_named_by_its_file(files, put_text):
    put_text("study.ex.emails", "é@b.c".encode("utf-16"))
    put_text("study.ex.scores", b"\xff")

    found = ConfigFile(name="study.ex.emails", path="study.ex.emails")
    broken = ConfigFile(name="study.ex.scores", path="study.ex.scores")

    assert folder.read_text(files, found) == "é@b.c"
    with pytest.raises(ConfigSyntaxError, match=r"study\.ex\.scores, line 1, column 1: the byte"):
        folder.read_text(files, broken)
