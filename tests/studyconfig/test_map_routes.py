"""The calls that read TMA maps from files and give them to slides."""

import pytest

from records.tables import Core, TmaMap


def test_a_map_is_made_from_a_file_and_given_to_a_slide(site, study, put_text):
    put_text("ex/tma.map", "a\tb\n")

    name = site.ok("CreateTMAMap", studyId=study, tmaMapFileName="TMA.map")["mapName"]
    site.ok("SetSlideTMAMap", studyId=study, imageId=1, tmaMapName=name)

    assert name == "tma.map"
    assert site.ok("GetSlideDetails", imageId=1)["tmaMap"] == "tma.map"
    assert site.sheet(study) == ["Grade", "Tumour", "Why"]


def test_a_map_is_updated_with_its_cores_kept(site, study, put_text):
    before = {(core.row, core.column): core.id for core in site.rows(Core)}
    put_text("study.ex.map1", "tmas: 2.tiff\n\nX\t2\nc\tnew\n")

    site.ok("CreateTMAMap", studyId=study, tmaMapFileName="study.ex.map1")

    cores = {(core.row, core.column): core for core in site.rows(Core)}
    assert cores[0, 0].sample == "X"
    assert not cores[1, 0].is_control
    assert {place: cores[place].id for place in before} == before
    assert len(cores) == 4


def test_an_empty_name_takes_the_map_away(site, study):
    site.ok("SetSlideTMAMap", studyId=study, imageId=2, tmaMapName="")

    assert site.ok("GetSlideDetails", imageId=2)["tmaMap"] is None


@pytest.mark.parametrize("name", ["absent.map", "../../x.map", "ex", ""])
def test_what_is_no_map_is_refused(site, study, name):
    assert site.refused("CreateTMAMap", studyId=study, tmaMapFileName=name)
    assert len(site.rows(TmaMap)) == 1


def test_a_map_that_the_study_does_not_have_is_refused(site, study):
    assert "it has study.ex.map1" in site.refused(
        "SetSlideTMAMap", studyId=study, imageId=1, tmaMapName="other"
    )


def test_a_slide_with_answered_cores_keeps_its_map(site, study):
    site.answer(study, slide_id=2, core_id=1)

    assert "answers on cores" in site.refused(
        "SetSlideTMAMap", studyId=study, imageId=2, tmaMapName=""
    )
