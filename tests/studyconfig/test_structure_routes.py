"""The calls that change a study: what holds of each, publishing, and what people see."""

import pytest

from access.rights import Actor
from records.tables import Case, Question, Slide, Study, StudyMember, TmaMap, User
from studyconfig import editing, listing

CALLS = {
    "Publish": {"studyId": 1},
    "Unpublish": {"studyId": 1},
    "AddSlide": {"studyId": 1, "path": "more/3.tiff"},
    "UpdateSlidePath": {"imageId": 1, "newPath": "more/3.tiff"},
    "DeleteSlide": {"studyId": 1, "imageId": 1},
    "IsSlideOutOfFocus": {"studyId": 1, "imageId": 1},
    "SetSlideDescription": {"studyId": 1, "imageId": 1, "description": "x"},
    "SetCaseDescription": {"caseId": 1, "description": "x"},
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
    before = len(site.deeds())

    assert site.call(name, **CALLS[name]).status_code == 200

    assert len(site.deeds()) == before + 1


def test_a_published_study_is_seen_by_its_readers(site, study):
    site.ok("Publish", studyId=study)
    published = site.ok("Studies")[0]["publishedOn"]
    site.ok("Publish", studyId=study)

    assert published == "2026-03-01T12:00:00Z"
    assert site.deeds().count("study.publish") == 1

    site.ok("Unpublish", studyId=study)
    assert site.ok("Studies")[0]["publishedOn"] is None


def test_a_person_sees_published_studies_and_edits_with_the_right_to(site, study):
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
