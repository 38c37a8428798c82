"""Slides and cores found by name, as clients meet it."""

import pytest

MAP = "tmas: 1.tiff\ncontrols: ctrl\n\nP01\tP02\tctrl\n"


@pytest.fixture
def study(site, put_text, put_slide):
    put_text("study.ex.emails", "reader@b.c\neditor@b.c;canedit\n")
    put_text("study.ex.map1", MAP)
    put_slide("ex/1.tiff")
    put_slide("ex/T26-0118 100%.tiff")
    made = site.ok("Reimport", studyName="ex")["id"]
    site.ok("Publish", studyId=made)
    return made


def names(found):
    return [slide["imageName"] for slide in found["slides"]]


def samples(found):
    return [(core["tmaSampleID"], core["tmaRow"], core["tmaCol"]) for core in found["cores"]]


def test_every_word_must_be_there_and_signs_of_patterns_are_letters(site, study):
    assert names(site.ok("Find", text="0118 t26")) == ["T26-0118 100%"]
    assert names(site.ok("Find", text="0118 other")) == []
    assert names(site.ok("Find", text="%")) == ["T26-0118 100%"]
    assert samples(site.ok("Find", text="p0")) == [("P01", 0, 0), ("P02", 0, 1)]


def test_what_is_hidden_from_readers_is_not_found_by_them(site, study):
    site.ok("UpdateStudy", studyId=study, config="hideslidenames: true\nshowtmasampleids: false")
    reader = site.signed_in("reader@b.c")
    editor = site.signed_in("editor@b.c")

    for text in ("T26", "P01"):
        found = reader("Find", text=text).json()
        assert (found["slides"], found["cores"]) == ([], [])
    assert names(editor("Find", text="T26").json()) == ["T26-0118 100%"]
    assert samples(editor("Find", text="P01").json()) == [("P01", 0, 0)]


def test_strangers_find_nothing_and_nonsense_is_refused(site, study):
    found = site.signed_in("stranger@b.c")("Find", text="T26").json()

    assert (found["slides"], found["cores"]) == ([], [])
    assert "1 to 8 words" in site.refused("Find", text=" ")
    assert "1 to 8 words" in site.refused("Find", text="x" * 201)


def test_the_list_of_studies_tells_what_one_may_do(site, study):
    [own] = site.signed_in("editor@b.c")("Studies").json()
    [script] = site.ok("Studies")

    assert own["rights"] == {"canScore": False, "canEdit": True, "canGetResults": False}
    assert script["rights"] is None
