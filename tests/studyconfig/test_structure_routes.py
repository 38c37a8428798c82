"""The calls that change a study, as clients meet them."""

import pytest

from records.tables import (
    Answer,
    AuditEvent,
    Case,
    Core,
    Question,
    Slide,
    Study,
    StudyMember,
    TmaMap,
    User,
)


def answer(site, study, **subject):
    """Give an answer by hand to the first question."""
    question_id = subject.pop("question_id", 1)
    return site.change(
        Answer(
            study_id=study,
            question_id=question_id,
            user_id=1,
            subject=str(subject),
            value="1",
            door="test",
            actor="cli",
            **subject,
        )
    )


def deeds(site):
    return [event.deed for event in site.rows(AuditEvent)]


# Every call.

CALLS = {
    "Publish": {"studyId": 1},
    "Unpublish": {"studyId": 1},
    "AddSlide": {"studyId": 1, "path": "more/3.tiff"},
    "UpdateSlidePath": {"imageId": 1, "newPath": "more/3.tiff"},
    "DeleteSlide": {"studyId": 1, "imageId": 1},
    "IsSlideOutOfFocus": {"studyId": 1, "imageId": 1},
    "SetSlideDescription": {"studyId": 1, "imageId": 1, "description": "x"},
    "SetSlideResolution": {"studyId": 1, "imageId": 1, "micronsPerPixel": 0.25},
    "UpdateSlideName": {"imageId": 1, "newName": "x"},
    "UpdateCaseName": {"caseId": 1, "newName": "x"},
    "AddQuestion": {"studyId": 1, "questionSpec": "New\tReal"},
    "UpdateQuestion": {"studyId": 1, "scoreId": 1, "order": 0, "questionSpec": "Grade\tDropDown"},
    "RemoveQuestion": {"studyId": 1, "scoreId": 2},
    "CreateTMAMap": {"studyId": 1, "tmaMapFileName": "study.ex.map1"},
    "SetSlideTMAMap": {"studyId": 1, "imageId": 1, "tmaMapName": "study.ex.map1"},
}


@pytest.fixture
def whole(site, study, put_slide):
    """Make what every call needs."""
    site.change(Case(study_id=study, name="c"))
    put_slide("more/3.tiff")


@pytest.mark.parametrize("name", CALLS)
def test_each_call_needs_a_token_that_may_modify_the_study(site, whole, name):
    before = [site.rows(table) for table in (Study, Slide, Question, Case, TmaMap)]
    refused = site.token(modify_studies=("other",))

    reply = site.call(name, token=refused, **CALLS[name])

    assert reply.status_code == 401
    assert [site.rows(table) for table in (Study, Slide, Question, Case, TmaMap)] == before
    assert (
        site.call(name, token=site.token(modify_studies=("ex",)), **CALLS[name]).status_code == 200
    )


@pytest.mark.parametrize("name", CALLS)
def test_each_call_tells_what_is_not_there(site, whole, name):
    absent = {key: 999 if key.endswith("Id") else value for key, value in CALLS[name].items()}

    assert "999" in site.refused(name, **absent)


@pytest.mark.parametrize(
    "name", [name for name in CALLS if {"studyId", "imageId"} <= {*CALLS[name]}]
)
def test_each_call_with_a_study_insists_that_the_slide_is_in_it(site, whole, put_slide, name):
    put_slide("two/1.tiff")
    other = site.ok("Reimport", studyName="two")["id"]

    assert site.refused(name, **CALLS[name] | {"studyId": other}) == (
        f"there is no slide 1 in study {other}"
    )


@pytest.mark.parametrize("name", CALLS)
def test_each_call_is_a_post(site, whole, name):
    assert site.call(name, verb="GET", **CALLS[name]).status_code == 405


@pytest.mark.parametrize("name", [name for name in CALLS if name != "IsSlideOutOfFocus"])
def test_each_change_is_in_the_audit_trail(site, whole, name):
    if name == "Unpublish":
        site.ok("Publish", studyId=1)
    before = len(deeds(site))

    assert site.call(name, **CALLS[name]).status_code == 200

    assert len(deeds(site)) == before + 1


# Studies.


def test_a_published_study_is_seen_by_its_readers(site, study):
    site.ok("Publish", studyId=study)
    published = site.ok("Studies")[0]["publishedOn"]
    site.ok("Publish", studyId=study)

    assert published == "2026-03-01T12:00:00Z"
    assert deeds(site).count("study.publish") == 1

    site.ok("Unpublish", studyId=study)
    assert site.ok("Studies")[0]["publishedOn"] is None


# Slides.


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
    answer(site, study, slide_id=1)
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
    answer(site, study, slide_id=1)

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


# Questions.


def sheet(site, study):
    return [question["name"] for question in site.ok("Questions", studyId=study)]


def test_a_question_is_added_at_the_end(site, study):
    question_id = site.ok(
        "AddQuestion",
        studyId=study,
        questionSpec="Extra;ClickFriendly;a;;b",
    )["id"]

    assert site.ok("Questions", studyId=study)[-1]["id"] == question_id
    assert sheet(site, study) == ["Grade", "Tumour", "Why", "Extra"]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("Grade\tReal", "another question 'Grade'"),
        ("A\tNonsense", "questionSpec, line 1, column 3: there is no question type"),
        ("A\tReal\nB\tReal", "expected one question"),
        ("", "expected one question"),
        ('A\tReal\t\tif "Gade" is "1"', "Did you mean Grade?"),
    ],
)
def test_what_is_no_question_is_not_added(site, study, spec, said):
    assert said in site.refused("AddQuestion", studyId=study, questionSpec=spec)
    assert len(site.rows(Question)) == 3


def test_a_question_may_depend_on_one_that_is_there(site, study):
    site.ok("AddQuestion", studyId=study, questionSpec='A\tReal\t\tif "Grade" is "2"')

    assert site.ok("Questions", studyId=study)[-1]["condition"]["question"] == "Grade"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (0, ["New", "Grade", "Why"]),
        (1, ["Grade", "New", "Why"]),
        (99, ["Grade", "Why", "New"]),
        ("", ["Grade", "New", "Why"]),
    ],
)
def test_a_question_is_changed_and_moved(site, study, order, expected):
    reply = site.ok(
        "UpdateQuestion",
        studyId=study,
        scoreId=2,
        order=order,
        questionSpec="New\tAnnoPoints\t#00ff00",
    )

    assert reply["id"] == 2
    assert sheet(site, study) == expected


def test_conditions_follow_a_renamed_question(site, study):
    site.ok("UpdateQuestion", studyId=study, scoreId=1, questionSpec="Score\tDropDown\t1;2;3")

    assert site.ok("Questions", studyId=study)[2]["condition"]["question"] == "Score"


def test_a_question_stays_below_the_one_it_depends_on(site, study):
    assert "must stand above it" in site.refused(
        "UpdateQuestion", studyId=study, scoreId=1, order=5, questionSpec="Grade\tDropDown\t1"
    )
    assert "'Why' depends on 'Grade'" in site.refused("RemoveQuestion", studyId=study, scoreId=1)
    assert "no question above it" in site.refused(
        "UpdateQuestion",
        studyId=study,
        scoreId=3,
        order=0,
        questionSpec='Why\tFreeText\t\tif "Grade" is "1"',
    )
    assert sheet(site, study) == ["Grade", "Tumour", "Why"]


def test_answers_keep_a_question_and_its_kind(site, study):
    answer(site, study, question_id=1, slide_id=1)

    assert "has 1 answers" in site.refused("RemoveQuestion", studyId=study, scoreId=1)
    assert "add a question with another name" in site.refused(
        "UpdateQuestion", studyId=study, scoreId=1, order=0, questionSpec="Grade\tAnnoShapes"
    )
    site.ok(
        "UpdateQuestion", studyId=study, scoreId=1, order=0, questionSpec="Grade\tClickFriendly\t1"
    )


def test_a_removed_question_leaves_no_gap(site, study):
    site.ok("RemoveQuestion", studyId=study, scoreId=2)

    assert [(row.name, row.position) for row in site.rows(Question)] == [("Grade", 0), ("Why", 1)]


def test_a_negative_place_is_refused(site, study):
    assert "-1 is no place" in site.refused(
        "UpdateQuestion", studyId=study, scoreId=1, order=-1, questionSpec="Grade\tDropDown"
    )


# TMA maps.


def test_a_map_is_made_from_a_file_and_given_to_a_slide(site, study, put_text):
    put_text("ex/tma.map", "a\tb\n")

    name = site.ok("CreateTMAMap", studyId=study, tmaMapFileName="TMA.map")["mapName"]
    site.ok("SetSlideTMAMap", studyId=study, imageId=1, tmaMapName=name)

    assert name == "tma.map"
    assert site.ok("GetSlideDetails", imageId=1)["tmaMap"] == "tma.map"
    assert sheet(site, study) == ["Grade", "Tumour", "Why"]


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
    answer(site, study, slide_id=2, core_id=1)

    assert "answers on cores" in site.refused(
        "SetSlideTMAMap", studyId=study, imageId=2, tmaMapName=""
    )


# People.


def test_a_person_sees_published_studies_and_edits_with_the_right_to(site, study):
    from access.rights import Actor
    from studyconfig import editing, listing

    ids = {user.email: user.id for user in site.rows(User)}
    editor = Actor(label="user:1", user_id=ids["a@b.c"], rights=frozenset())
    reader = Actor(label="user:2", user_id=ids["reader@b.c"], rights=frozenset())

    def seen(actor):
        with site.database.reading() as session:
            return [entry.name for entry in listing.list_studies(session, actor)]

    assert (seen(editor), seen(reader)) == (["ex"], [])
    with site.database.writing() as session:
        editing.rename_slide(session, editor, slide_id=1, name="New")
    site.ok("Publish", studyId=study)
    assert seen(reader) == ["ex"]
    assert len(site.rows(StudyMember)) == 2
