"""Names of uploaded files, as a table of what is taken in and what is not."""

from __future__ import annotations

import pytest

from records.errors import InputError
from uploads import names

SUFFIXES = frozenset({".svs", ".tiff", ".png", ".mrxs"})


@pytest.mark.parametrize(
    "name",
    [
        "a.svs",
        "test-image.TiFF",
        "test3-DAPI-2-(387).png",
        "Ünïcode 名前.svs",
        "semi;colon.svs",
        "study.example.emails",
        "study.test-study_2024-01-02.scores",
        "study.with.dots.config",
        "Study.Upper.MAP",
        "study.example.map2",
        "study.example.map second",
        "study.x.images",
        "list.images",
        "cores.map",
        "anno2.zip",
        "points.json.gz",
        "asap.xml",
        "Slidedat.ini",
        "Data0000.dat",
        "x" * 251 + ".svs",
    ],
)
def test_name_is_taken_in_as_it_is(name):
    assert names.check_file_name(name, SUFFIXES) == name


def test_name_is_brought_into_one_unicode_form():
    assert names.check_file_name("u\u0308.svs", SUFFIXES) == "ü.svs"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../a.svs",
        "a/b.svs",
        "a\\b.svs",
        "/etc/passwd",
        "C:\\a.svs",
        "a.svs:stream",
        "a\0.svs",
        "a\n.svs",
        "a\x7f.svs",
        "a\u202esvs.exe.svs",
        "a\u200b.svs",
        "\ud800.svs",
        ".svs",
        ".hidden.svs",
        "CON.svs",
        "nul.tiff",
        "com1.svs",
        "lpt9.svs",
        " a.svs",
        "a.svs ",
        "a.svs.",
        "a?.svs",
        "a*.svs",
        'a".svs',
        "x" * 252 + ".svs",
        "ü" * 126 + ".svs",
        "page.html",
        "logo.svg",
        "script.sh",
        "run.py",
        "program.exe",
        "noending",
        "svs",
        "study.emails",
        "study..emails",
        "study.x.passwd",
        "study.x.emails.bak",
    ],
)
def test_name_is_refused(name):
    with pytest.raises(InputError):
        names.check_file_name(name, SUFFIXES)


@pytest.mark.parametrize(
    ("name", "studies"),
    [
        ("study.a.emails", {"a"}),
        ("study.a.b.scores", {"a.b"}),
        ("STUDY.A.EMAILS", {"A"}),
        ("study.a.map", {"a"}),
        ("study.a.map.second", {"a"}),
        # Two studies could read this as theirs.
        ("study.a.map.config", {"a", "a.map"}),
        ("study.a.map1.map2", {"a", "a.map1"}),
        ("study.a.unknown", set()),
        ("mystudy.a.emails", set()),
        ("a.svs", set()),
    ],
)
def test_configuration_file_names_every_study_that_could_read_it(name, studies):
    assert names.configured_studies(name) == studies
