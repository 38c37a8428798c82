"""The calls that add, change and remove questions."""

import pytest

from records.tables import Question


def test_a_question_is_added_at_the_end(site, study):
    question_id = site.ok(
        "AddQuestion",
        studyId=study,
        questionSpec="Extra;ClickFriendly;a;;b",
    )["id"]

    assert site.ok("Questions", studyId=study)[-1]["id"] == question_id
    assert site.sheet(study) == ["Grade", "Tumour", "Why", "Extra"]


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
    assert site.sheet(study) == expected


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
    assert site.sheet(study) == ["Grade", "Tumour", "Why"]


def test_answers_keep_a_question_and_its_kind(site, study):
    site.answer(study, question_id=1, slide_id=1)
    site.answer(study, question_id=2, slide_id=1)

    assert "has 1 answers" in site.refused("RemoveQuestion", studyId=study, scoreId=2)
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
