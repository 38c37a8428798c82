"""What people changed by hand between two imports is known, told, and kept when asked."""

import pytest
from hypothesis import given, strategies as st
from sqlmodel import select

from records.tables import AuditEvent, Question, Slide, Study, StudyImport, StudyMember, User
from studyconfig import content, handwork, keeping, plan
from studyconfig.formats.scores import parse
from studyconfig.handwork import Fate
from studyconfig.plan import StudyContent
from tests.studyconfig import test_plan

SCORES = "Grade\tDropDown\t1;2;3\nTumour\tAnnoShapes\t#e6194b\nWhy\tFreeText\n"


@pytest.fixture
def imported(put_text, put_slide, run):
    """Import a study once, so that later changes by hand are known."""
    put_text("study.ex.emails", "a@b.c;canscore,cangetresults\n")
    put_text("study.ex.scores", SCORES)
    put_text("study.ex.config", "friendlyname: Example\nshowlabels: no\n")
    put_text("study.ex.images", "1.tiff;;90;First\n")
    put_text("study.ex.map1", "tmas: 2.tiff\n\n1\t2\n")
    put_slide("ex/1.tiff")
    put_slide("ex/2.tiff")
    return run()


@pytest.fixture
def by_hand(database):
    """Change the first row of a table that has some values, as the administration page does."""

    def change(table, *, where, **values):
        with database.writing() as session:
            row = session.exec(select(table).where(*where)).first()
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)

    return change


def held(database):
    with database.reading() as session:
        return content.load(session, session.exec(select(Study)).one())


def told(result, fate):
    """Return what differs with one fate, as short tuples."""
    return {
        (entry.kind, entry.key, entry.name, entry.now, entry.wanted, entry.cause.value)
        for entry in result.differences
        if entry.fate is fate
    }


def test_the_files_win_and_the_log_names_what_they_overwrote(database, run, imported, by_hand):
    by_hand(Slide, where=[Slide.path == "ex/1.tiff"], rotation=180, name="Mine")
    by_hand(Study, where=[], friendly_name="By hand")

    result = run()

    assert held(database).slides[0].rotation == 90
    assert held(database).settings["friendlyname"] == "Example"
    assert told(result, Fate.OVERWRITTEN) == {
        ("slides", "ex/1.tiff", "rotation", "180", "90", "hand"),
        ("slides", "ex/1.tiff", "name", "Mine", "First", "hand"),
        ("settings", "friendlyname", "value", "By hand", "Example", "hand"),
    }
    assert "! slides, ex/1.tiff: rotation '180' by hand: overwritten with '90'" in result.log
    assert "Changed by hand: 3 overwritten, 0 kept, 0 untouched" in result.log


def test_changes_by_hand_are_kept_when_asked_and_stay_known(database, run, imported, by_hand):
    by_hand(Slide, where=[Slide.path == "ex/1.tiff"], rotation=180)
    by_hand(Question, where=[Question.name == "Grade"], values_allowed="1;2;3;4")

    for _ in range(3):
        result = run(keep_handwork=True)

        assert held(database).slides[0].rotation == 180
        assert held(database).questions[0].values == "1;2;3;4"
        assert told(result, Fate.KEPT) == {
            ("slides", "ex/1.tiff", "rotation", "180", "90", "hand"),
            ("questions", "Grade", "values", "1;2;3;4", "1;2;3", "hand"),
        }
    assert "= slides, ex/1.tiff: rotation '180' by hand: kept; the files say '90'" in result.log
    run()
    assert held(database).slides[0].rotation == 90


def test_what_the_file_changed_is_applied_beside_what_is_kept(
    database, run, imported, by_hand, put_text
):
    by_hand(Slide, where=[Slide.path == "ex/1.tiff"], rotation=180)
    put_text("study.ex.images", "1.tiff;;90;Better\n")

    result = run(keep_handwork=True)

    slide = held(database).slides[0]
    assert (slide.rotation, slide.name) == (180, "Better")
    assert told(result, Fate.APPLIED) == {
        ("slides", "ex/1.tiff", "name", "First", "Better", "file")
    }


def test_a_property_that_both_changed_is_told_so(run, imported, by_hand, put_text):
    by_hand(Slide, where=[Slide.path == "ex/1.tiff"], rotation=180)
    put_text("study.ex.images", "1.tiff;;270;First\n")

    result = run()

    assert told(result, Fate.OVERWRITTEN) == {
        ("slides", "ex/1.tiff", "rotation", "180", "270", "both")
    }
    assert "by hand, and the file changed, too: overwritten with '270'" in result.log


def test_what_no_file_names_stays_and_is_told(database, run, imported, by_hand):
    by_hand(Slide, where=[Slide.path == "ex/2.tiff"], name="Mine")

    for _ in range(2):
        result = run()

        assert held(database).slides[1].name == "Mine"
        assert told(result, Fate.UNTOUCHED) == {
            ("slides", "ex/2.tiff", "name", "Mine", None, "hand")
        }


def test_a_change_by_hand_is_remembered_until_a_file_begins_to_name_it(
    run, imported, by_hand, put_text
):
    by_hand(Slide, where=[Slide.path == "ex/2.tiff"], name="Mine")
    run()
    put_text("study.ex.images", "1.tiff;;90;First\n2.tiff;;;Second\n")

    assert told(run(), Fate.OVERWRITTEN) == {
        ("slides", "ex/2.tiff", "name", "Mine", "Second", "both")
    }


def test_what_the_file_says_as_well_is_no_difference(run, imported, by_hand, put_text):
    by_hand(Slide, where=[Slide.path == "ex/1.tiff"], rotation=180)
    put_text("study.ex.images", "1.tiff;;180;First\n")

    assert run().differences == ()
    assert "Changed by hand" not in run().log


def test_a_question_that_was_removed_comes_again_unless_kept(database, run, imported):
    def remove():
        with database.writing() as session:
            session.delete(session.exec(select(Question).where(Question.name == "Why")).one())

    remove()
    kept = run(keep_handwork=True)
    assert [line.name for line in held(database).questions] == ["Grade", "Tumour"]
    assert "= questions, Why: was removed by hand: stays removed, though the" in kept.log

    assert "! questions, Why: was removed by hand: added again" in run().log
    assert [line.name for line in held(database).questions] == ["Grade", "Tumour", "Why"]


def test_a_person_whose_right_was_taken_gets_it_again_unless_kept(database, run, imported, by_hand):
    by_hand(StudyMember, where=[], can_get_results=False)

    run(keep_handwork=True)
    assert not held(database).members[0].can_get_results

    # Source: seed, Importing: what was removed is added again if it is in the files.
    result = run()
    assert held(database).members[0].can_get_results
    assert told(result, Fate.OVERWRITTEN) == {
        ("people", "a@b.c", "can get results", "no", "yes", "hand")
    }


def test_an_order_by_hand_is_kept_and_new_questions_find_their_place(
    database, run, imported, by_hand, put_text
):
    by_hand(Question, where=[Question.name == "Why"], position=-1)
    put_text("study.ex.scores", SCORES + "New\tReal\n")

    result = run(keep_handwork=True)

    assert [line.name for line in held(database).questions] == ["Why", "New", "Grade", "Tumour"]
    assert ("questions", "", "order", "Why, Grade, Tumour", "Grade, Tumour, Why", "hand") in told(
        result, Fate.KEPT
    )
    run()
    assert [line.name for line in held(database).questions] == ["Grade", "Tumour", "Why", "New"]


def test_a_map_that_was_taken_from_a_slide_stays_away_when_kept(database, run, imported):
    with database.writing() as session:
        slide = session.exec(select(Slide).where(Slide.path == "ex/2.tiff")).one()
        slide.tma_map_id = None
        session.add(slide)

    result = run(keep_handwork=True)

    assert held(database).slides[1].map_name is None
    assert told(result, Fate.KEPT) == {
        ("slides", "ex/2.tiff", "TMA map", "", "study.ex.map1", "hand")
    }
    run()
    assert held(database).slides[1].map_name == "study.ex.map1"


def test_what_was_added_by_hand_is_told_and_stays(database, run, imported):
    with database.writing() as session:
        user = User(email="new@b.c")
        session.add(user)
        session.flush()
        session.add(StudyMember(study_id=1, user_id=user.id, can_score=True))

    result = run()

    assert "= people, new@b.c: was added by hand: stays" in result.log
    assert len(held(database).members) == 2


def test_without_an_import_before_nothing_is_by_hand_and_the_log_says_why(
    database, run, imported, by_hand
):
    with database.writing() as session:
        session.delete(session.exec(select(StudyImport)).one())
    by_hand(Slide, where=[Slide.path == "ex/1.tiff"], rotation=180)

    result = run(keep_handwork=True)

    assert held(database).slides[0].rotation == 90
    assert "= no import before this one is known" in result.log


def test_the_audit_trail_counts_what_was_overwritten(database, run, imported, by_hand):
    by_hand(Slide, where=[Slide.path == "ex/1.tiff"], rotation=180)
    run()

    with database.reading() as session:
        event = session.exec(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert '"by_hand": {"kept": 0, "overwritten": 1, "untouched": 0}' in event.detail


# Dry runs.


def test_a_dry_run_tells_the_change_as_a_diff_and_changes_nothing(
    database, run, imported, by_hand, put_text, put_slide
):
    by_hand(Slide, where=[Slide.path == "ex/1.tiff"], rotation=180)
    put_text("study.ex.scores", SCORES.replace("1;2;3", "1;2;3;4"))
    put_text("study.ex.emails", "new@b.c\n")
    put_slide("ex/3.tiff")
    before = dump(database)

    result = run(dry_run=True)

    assert dump(database) == before
    assert result.success
    assert result.log.startswith("Dry run: nothing was changed.")
    assert "+ ex/3.tiff as 3: 96 x 64 pixels" in result.log
    assert result.diff.splitlines()[:5] == [
        "--- study.ex.emails (the study now)",
        "+++ study.ex.emails (after the import)",
        "@@ -1 +1,2 @@",
        " a@b.c;canscore,cangetresults",
        "+new@b.c;canscore",
    ]
    for line in (
        "-Grade\tDropDown\t1;2;3",
        "+Grade\tDropDown\t1;2;3;4",
        "-../ex/1.tiff;;180;First",
        "+../ex/1.tiff;;90;First",
        "+../ex/3.tiff",
    ):
        assert line in result.diff.splitlines()
    assert "! slides, ex/1.tiff: rotation '180' by hand: overwritten with '90'" in result.log


def test_a_dry_run_of_a_new_study_makes_none(database, run, put_slide):
    put_slide("ex/1.tiff")
    before = dump(database)

    result = run(dry_run=True)

    assert (result.success, result.study_id) == (True, None)
    assert "+../ex/1.tiff" in result.diff
    assert dump(database) == before


def test_a_dry_run_tells_the_same_as_the_import_after_it(run, imported, by_hand, put_text):
    by_hand(Question, where=[Question.name == "Why"], position=-1, values_allowed="x")
    put_text("study.ex.config", "friendlyname: Other\n")

    rehearsed, done = run(dry_run=True), run()

    assert rehearsed.differences == done.differences
    assert rehearsed.diff
    assert run(dry_run=True).diff == ""
    assert rehearsed.log.splitlines()[1:] == done.log.splitlines()


def dump(database):
    """Return every row of every table that an import writes."""
    tables = (Study, Slide, Question, StudyMember, StudyImport, AuditEvent, User)
    with database.reading() as session:
        return [[row.model_dump() for row in session.exec(select(table))] for table in tables]


# Properties of the pure part.


@given(test_plan.CURRENT, test_plan.WANTED, test_plan.WANTED)
def test_an_import_leaves_nothing_by_hand_in_what_the_files_name(current, first, second):
    changes = plan.plan(current, first)
    base = handwork.next_base(changes, current, first, None)
    imported = test_plan.applied(current, changes)

    differences = handwork.compare(plan.plan(imported, first), imported, first, base)
    later = handwork.compare(plan.plan(imported, second), imported, second, base)

    assert [entry for entry in differences if entry.fate is not Fate.UNTOUCHED] == []
    named = {(entry.kind, entry.key) for entry in later if entry.fate is Fate.OVERWRITTEN}
    by_first = {(kind, key) for kind, things in base.made.items() for key in things}
    assert named & by_first == set()


@given(test_plan.CURRENT, test_plan.WANTED, test_plan.CURRENT)
def test_keeping_changes_no_property_that_was_changed_by_hand(start, files, later):
    base = handwork.next_base(plan.plan(start, files), start, files, None)
    changes = plan.plan(later, files)
    differences = handwork.compare(changes, later, files, base, keep=True)

    kept = test_plan.applied(later, keeping.keep(changes, differences, later)[0])

    before, after = handwork.snapshot.take(later), handwork.snapshot.take(kept)
    for entry in differences:
        if entry.fate is Fate.KEPT and entry.name and entry.key and entry.kind != "TMA maps":
            assert (
                after[entry.kind][entry.key].get(entry.name)
                == before[entry.kind][entry.key].get(entry.name)
                == entry.now
            )
        if entry.fate is Fate.APPLIED and entry.name and entry.kind in {"slides", "people"}:
            assert after[entry.kind][entry.key].get(entry.name) == entry.wanted


def test_a_removed_question_comes_again_when_a_new_one_depends_on_it():
    first = StudyContent(questions=parse("A\tFreeText\nB\tFreeText\n").questions)
    base = handwork.next_base(plan.plan(StudyContent(), first), StudyContent(), first, None)
    current = StudyContent(questions=first.questions[1:])
    files = StudyContent(
        questions=parse('A\tFreeText\nB\tFreeText\nC\tReal\t\tif "A" is "x"\n').questions
    )
    changes = plan.plan(current, files)
    differences = handwork.compare(changes, current, files, base, keep=True)

    left, told = keeping.keep(changes, differences, current)

    assert left.question_order == ("A", "B", "C")
    assert [(entry.key, entry.fate) for entry in told] == [
        ("A", Fate.OVERWRITTEN),
        ("C", Fate.APPLIED),
    ]


def test_questions_stand_behind_the_one_they_depend_on():
    sheet = parse('B\tReal\nA\tReal\nQ\tReal\t\tif "A" is "1"\nR\tReal\t\tif "Q" is "1"\n')
    lines = {line.name: line for line in sheet.questions}

    assert plan.order_by_conditions(["R", "Q", "B", "A"], lines) == ("B", "A", "Q", "R")
    assert plan.order_by_conditions(["B", "A", "Q", "R"], lines) == ("B", "A", "Q", "R")


@given(st.permutations("ABCDE"), st.permutations("CDEFG"))
def test_a_merged_order_keeps_the_leading_one(leading, following):
    merged = plan.merged_order(leading, following)

    assert [name for name in merged if name in leading] == list(leading)
    assert set(merged) == {*leading, *following}
