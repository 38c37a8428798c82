"""The calls that add, move and delete slides and set what is known of them."""

import pytest

from records.tables import Case, Slide


@pytest.mark.parametrize(
    "path", ["more/3.tiff", "images/more/3.tiff", "more\\3.tiff", "./more//3.tiff"]
)
def test_a_slide_is_added_by_path(site, study, put_slide, path):
    put_slide("more/3.tiff")

    reply = site.ok("AddSlide", studyId=study, path=path)

    # SOURCE: SDK add_slide.
    assert reply == {"success": True, "id": 3, "isOOF": False}
    slide = site.rows(Slide)[-1]
    assert (slide.path, slide.name, slide.position) == ("more/3.tiff", "3", 2)


def test_adding_a_slide_again_gives_the_same_slide(site, study, put_slide):
    put_slide("ex/1.tiff", width=300)

    assert site.ok("AddSlide", studyId=study, path="ex/1.tiff")["id"] == 1
    assert [(slide.id, slide.width, slide.name) for slide in site.rows(Slide)] == [
        (1, 300, "First"),
        (2, 128, "2"),
    ]


@pytest.mark.parametrize(
    "path",
    ["", ".", "ex", "ex/absent.tiff", "../outside.tiff", "/etc/passwd", "ex/x.images", "a\0b"],
)
def test_what_is_no_slide_is_not_added(site, study, path, tmp_path):
    (tmp_path / "outside.tiff").write_bytes((site.files.root / "ex" / "1.tiff").read_bytes())

    reason = site.refused("AddSlide", studyId=study, path=path)

    assert str(site.files.root) not in reason
    assert len(site.rows(Slide)) == 2


def test_a_token_cannot_add_a_slide_of_a_study_that_it_may_not_read(site, study, put_slide):
    put_slide("own/1.tiff")
    own = site.ok("Reimport", studyName="own")["id"]
    thief = site.token(read_studies=("own",), modify_studies=("own",))
    put_slide("ex/later.tiff")

    for path in ("ex/1.tiff", "ex/later.tiff", "images/ex/1.tiff", "EX/1.tiff", "ex/absent.tiff"):
        assert site.call("AddSlide", token=thief, studyId=own, path=path).status_code == 401
        moved = site.call("UpdateSlidePath", token=thief, imageId=3, newPath=path)
        assert moved.status_code == 401


def test_a_token_cannot_read_a_map_of_a_study_that_it_may_not_read(site, study, put_slide):
    put_slide("own/1.tiff")
    own = site.ok("Reimport", studyName="own")["id"]
    thief = site.token(read_studies=("own",), modify_studies=("own",))

    for name in ("study.ex.map1", "../STUDY.EX.MAP1", "../ex/absent.map"):
        reply = site.call("CreateTMAMap", token=thief, studyId=own, tmaMapFileName=name)
        assert reply.status_code == 401


def test_a_slide_is_moved_by_path_as_the_official_tests_do(site, study):
    # SOURCE: SDK tests/test_image_server.py.
    path = site.ok("GetSlidePath", verb="GET", imageId=1)["path"]

    site.ok("UpdateSlidePath", imageId=1, newPath=path.replace("images/", ""))
    site.ok("UpdateSlidePath", imageId=1, newPath=path)

    assert site.ok("GetSlidePath", imageId=1)["path"] == "images/ex/1.tiff"


def test_a_moved_slide_keeps_its_name_and_takes_the_facts_of_its_file(site, study, put_slide):
    put_slide("archive/one.tiff", width=160)

    site.ok("UpdateSlidePath", imageId=1, newPath="archive/one.tiff")

    slide = site.rows(Slide)[0]
    assert (slide.path, slide.name, slide.width) == ("archive/one.tiff", "First", 160)
    assert site.forgotten == [1]


def test_two_slides_of_a_study_cannot_have_one_file(site, study):
    assert "'2' of the same study" in site.refused(
        "UpdateSlidePath", imageId=1, newPath="ex/2.tiff"
    )


def test_a_slide_with_answers_is_only_moved_to_a_file_of_its_size(site, study, put_slide):
    site.answer(study, slide_id=1)
    put_slide("archive/same.tiff")
    put_slide("archive/other.tiff", width=500)

    assert "1 answers on 96 x 64" in site.refused(
        "UpdateSlidePath", imageId=1, newPath="archive/other.tiff"
    )
    site.ok("UpdateSlidePath", imageId=1, newPath="archive/same.tiff")


def test_a_deleted_slide_comes_back_with_the_next_import(site, study):
    reply = site.call("DeleteSlide", studyId=study, imageId=1)

    # SOURCE: seed, DeleteSlide: "Empty result on success"; Importing: it is added again.
    assert reply.content == b""
    assert [slide.id for slide in site.rows(Slide)] == [2]
    assert (site.files.root / "ex" / "1.tiff").exists()
    site.ok("Reimport", studyName="ex")
    assert len(site.rows(Slide)) == 2


def test_deleting_needs_its_right(site, study):
    token = site.token("CanReimportStudies")

    reply = site.call("DeleteSlide", token=token, studyId=study, imageId=1)

    assert reply.status_code == 401
    assert len(site.rows(Slide)) == 2


def test_a_slide_with_answers_is_not_deleted(site, study):
    site.answer(study, slide_id=1)

    assert "has 1 answers" in site.refused("DeleteSlide", studyId=study, imageId=1)


def test_focus_is_judged_once_and_kept(site, study):
    site.change(site.rows(Slide)[1].model_copy(update={"is_out_of_focus": True}))

    assert site.ok("IsSlideOutOfFocus", studyId=study, imageId=2)["isOOF"] is True
    # A slide of one colour cannot be judged.
    assert site.ok("IsSlideOutOfFocus", studyId=study, imageId=1)["isOOF"] is False


# Properties.


def test_setting_a_description_answers_exactly_an_empty_object(site, study):
    reply = site.call(
        "SetSlideDescription",
        studyId=study,
        imageId=1,
        description="<b>good</b><script>alert(1)</script>",
    )

    # SOURCE: SDK update_slide_description.
    assert reply.text == "{}"
    assert site.ok("GetSlideDescription", imageId=1)["description"] == "<b>good</b>"


def test_a_slide_is_renamed(site, study):
    site.ok("UpdateSlideName", imageId=1, newName='  A; "name" ')

    assert site.rows(Slide)[0].name == 'A; "name"'
    assert (
        '../ex/1.tiff;;90;"A; ""name"""\n'
        in site.ok("GetConfigFiles", studyId=study)["study.ex.images"]
    )


@pytest.mark.parametrize("name", ["", "  ", "a\tb", "a\nb", "a\0", "x" * 401])
def test_a_name_stands_on_one_line(site, study, name):
    case_id = site.change(Case(study_id=study, name="c"))

    assert site.refused("UpdateSlideName", imageId=1, newName=name)
    assert site.refused("UpdateCaseName", caseId=case_id, newName=name)


def test_two_cases_of_a_study_cannot_have_one_name(site, study):
    site.change(Case(study_id=study, name="taken"))
    case_id = site.change(Case(study_id=study, name="c"))

    assert "another case named 'taken'" in site.refused(
        "UpdateCaseName", caseId=case_id, newName="taken"
    )
    site.ok("UpdateCaseName", caseId=case_id, newName="c")


@pytest.mark.parametrize("mpp", ["0", "-1", "1000000", "nan", "inf", "abc", ""])
def test_a_resolution_out_of_bounds_is_refused(site, study, mpp):
    # SOURCE: seed, SetSlideResolution: "must be > 0 and < 1 000 000".
    assert site.refused("SetSlideResolution", studyId=study, imageId=1, micronsPerPixel=mpp)


def test_a_resolution_stands_above_what_the_file_says(site, study):
    site.ok("SetSlideResolution", studyId=study, imageId=1, micronsPerPixel="0.2")

    assert site.ok("GetSlideDetails", imageId=1)["mppX"] == 0.2
    assert site.rows(Slide)[0].mpp_x == 0.5
    assert site.forgotten == [1]
