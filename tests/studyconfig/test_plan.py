"""The plan of an import adds and updates, and never removes."""

from dataclasses import replace

from hypothesis import given, strategies as st

from records import question_types
from studyconfig import plan
from studyconfig.formats.emails import Member
from studyconfig.formats.scores import QuestionLine
from studyconfig.formats.tma_map import TmaMap
from studyconfig.plan import Deed, SlideFile, StudyContent, StudySlide

FILE = SlideFile(size=1, mtime_ns=2, reader="tiff", width=3, height=4, level_count=1)
NAMES = st.sampled_from("abcdef")


def by_key(values, key):
    return st.lists(values, max_size=5, unique_by=key).map(tuple)


MEMBERS = by_key(
    st.builds(
        Member,
        email=NAMES.map("{}@x.y".format),
        can_score=st.booleans(),
        can_edit=st.booleans(),
        can_get_results=st.booleans(),
    ),
    lambda member: member.email,
)
QUESTIONS = by_key(
    st.builds(
        QuestionLine,
        name=NAMES,
        type=st.sampled_from(question_types.QUESTION_TYPES),
        mandatory=st.booleans(),
    ),
    lambda question: question.name,
)
GRIDS = st.integers(1, 3).flatmap(
    lambda width: st.lists(
        st.lists(st.sampled_from(["", "1", "2"]), min_size=width, max_size=width).map(tuple),
        min_size=1,
        max_size=3,
    ).map(tuple)
)
MAPS = st.dictionaries(
    st.sampled_from(["m1", "m2"]),
    st.builds(
        TmaMap,
        rows=GRIDS,
        tmas=st.lists(NAMES.map("{}.svs".format), max_size=2).map(tuple),
        force=st.booleans(),
    ),
)


def slides(names, rotations):
    return by_key(
        st.builds(
            StudySlide,
            path=NAMES.map("s/{}.svs".format),
            name=names,
            rotation=rotations,
            map_name=st.sampled_from([None, "m1", "m2"]),
            file=st.just(FILE),
        ),
        lambda slide: slide.path,
    )


TURNS = st.sampled_from([0, 90])
SETTINGS = st.dictionaries(NAMES, NAMES, max_size=4)
CURRENT = st.builds(
    StudyContent,
    settings=SETTINGS,
    members=MEMBERS,
    questions=QUESTIONS,
    maps=MAPS,
    slides=slides(NAMES, TURNS),
)
WANTED = st.builds(
    StudyContent,
    settings=SETTINGS,
    members=MEMBERS,
    questions=QUESTIONS,
    maps=MAPS,
    slides=slides(st.none() | NAMES, st.none() | TURNS),
)


def applied(current, changes):
    """What the study holds after the changes, by their own words alone."""
    members = {m.email: m for m in current.members} | {c.key: c.after for c in changes.members}
    questions = {q.name: q for q in current.questions} | {c.key: c.after for c in changes.questions}
    slides = {s.path: s for s in current.slides} | {c.key: c.after for c in changes.slides}
    return StudyContent(
        settings={**current.settings, **{c.key: c.after for c in changes.settings}},
        members=tuple(members.values()),
        questions=tuple(questions[name] for name in changes.question_order),
        maps={**current.maps, **{c.key: c.after for c in changes.maps}},
        slides=tuple(slides.values()),
    )


@given(CURRENT, WANTED)
def test_applying_a_plan_leaves_nothing_to_plan(current, wanted):
    once = applied(current, plan.plan(current, wanted))

    again = plan.plan(once, wanted)

    assert again.is_empty
    assert applied(once, again) == once


@given(CURRENT, WANTED)
def test_nothing_is_ever_removed(current, wanted):
    after = applied(current, plan.plan(current, wanted))

    assert set(current.settings) <= set(after.settings)
    assert {q.name for q in current.questions} <= {q.name for q in after.questions}
    assert {s.path for s in current.slides} <= {s.path for s in after.slides}
    rights = {member.email: member for member in after.members}
    for member in current.members:
        assert rights[member.email].can_score >= member.can_score
        assert rights[member.email].can_edit >= member.can_edit
        assert rights[member.email].can_get_results >= member.can_get_results
    for name, tma_map in current.maps.items():
        assert len(after.maps[name].rows) >= len(tma_map.rows)
        assert after.maps[name].column_count >= tma_map.column_count


@given(CURRENT, WANTED)
def test_what_the_files_name_is_there_afterwards(current, wanted):
    after = applied(current, plan.plan(current, wanted))

    assert after.settings | wanted.settings == after.settings
    assert set(wanted.questions) <= set(after.questions)
    order = [question.name for question in after.questions]
    assert [n for n in order if n in {q.name for q in wanted.questions}] == [
        question.name for question in wanted.questions
    ]
    found = {slide.path: slide for slide in after.slides}
    for slide in wanted.slides:
        assert found[slide.path].name == slide.name or slide.name is None
        assert found[slide.path].rotation == slide.rotation or slide.rotation is None


def question(name):
    return QuestionLine(name=name, type=question_types.by_name("FreeText"))


def test_a_question_no_file_names_stays_behind_the_one_it_followed():
    current = StudyContent(questions=tuple(map(question, "abcd")))
    wanted = StudyContent(questions=tuple(map(question, "xca")))

    changes = plan.plan(current, wanted)

    assert changes.question_order == ("x", "c", "d", "a", "b")
    assert changes.reordered


def test_a_new_slide_is_called_as_its_file_without_extension():
    wanted = StudyContent(slides=(StudySlide(path="ex/test-image.TiFF", file=FILE),))

    (change,) = plan.plan(StudyContent(), wanted).slides

    assert change.deed is Deed.ADD
    assert change.after == StudySlide(
        path="ex/test-image.TiFF", name="test-image", rotation=0, file=FILE
    )


def test_properties_no_file_names_keep_what_people_set():
    by_hand = StudySlide(path="ex/a.svs", name="Nice", rotation=90, map_name="m", file=FILE)
    wanted = StudyContent(slides=(StudySlide(path="ex/a.svs"),))

    (change,) = plan.plan(StudyContent(slides=(by_hand,)), wanted).slides

    assert change.deed is Deed.KEEP


MAP = TmaMap(rows=(("1", "2"),), tmas=("A.svs",))
SLIDE = StudySlide(path="ex/a.svs", name="a", rotation=0, file=FILE)


def map_of(changes):
    (change,) = changes.slides
    return change.after.map_name


def test_the_header_of_a_map_names_its_slides_in_any_case():
    for entry in ("a.SVS", "A", "ex/a.svs", "ex\\a.svs"):
        wanted = StudyContent(maps={"m": replace(MAP, tmas=(entry,))}, slides=(SLIDE,))

        assert map_of(plan.plan(StudyContent(), wanted)) == "m"


def test_the_header_names_slides_that_no_other_file_names():
    changes = plan.plan(StudyContent(slides=(SLIDE,)), StudyContent(maps={"m": MAP}))

    assert map_of(changes) == "m"


def test_only_force_replaces_a_map_that_a_slide_has():
    current = StudyContent(slides=(replace(SLIDE, map_name="old"),), maps={"old": MAP})
    wish = replace(SLIDE, map_name=None)

    kept = plan.plan(current, StudyContent(maps={"m": MAP}, slides=(wish,)))
    forced = plan.plan(current, StudyContent(maps={"m": replace(MAP, force=True)}, slides=(wish,)))

    assert map_of(kept) == "old"
    assert kept.warnings == (
        "m: A.svs keeps its map old; force: true in the header would replace it",
    )
    assert map_of(forced) == "m"


def test_a_list_of_slides_stands_above_the_header():
    wanted = StudyContent(
        maps={"m": replace(MAP, force=True), "other": TmaMap(rows=(("1",),))},
        slides=(replace(SLIDE, map_name="other"),),
    )

    assert map_of(plan.plan(StudyContent(), wanted)) == "other"


def test_a_header_that_names_no_slide_is_warned_about():
    changes = plan.plan(StudyContent(), StudyContent(maps={"m": MAP}))

    assert changes.warnings == ("m: tmas names A.svs, which is no slide of the study",)


def test_a_smaller_map_keeps_the_cores_it_does_not_have():
    before = TmaMap(rows=(("a", "b"), ("c", "d")))

    (change,) = plan.plan(
        StudyContent(maps={"m": before}), StudyContent(maps={"m": TmaMap(rows=(("",),))})
    ).maps

    assert change.after.rows == (("", "b"), ("c", "d"))
