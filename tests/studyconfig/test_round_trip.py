"""A study out as files and in again: the same study, and a clone that is equal."""

import itertools
import string

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlmodel import select

from access.rights import COMMAND_LINE
from records import question_types
from records.filestore import FileStore
from records.tables import Study
from studyconfig import content, export, plan, probing, reimport
from studyconfig.formats.config import SETTINGS, Kind
from studyconfig.formats.emails import Member
from studyconfig.formats.scores import Comparison, Condition, QuestionLine
from studyconfig.formats.tma_map import TmaMap
from studyconfig.plan import StudyContent, StudySlide
from studyconfig.reimport import Options
from tests import databases
from tests.studyconfig.conftest import NOW
from tests.studyconfig.strategies import field_texts

# Names that need care in one of the files: separators, quotes, spaces, other scripts.
SLIDES = (
    "pool/1.tiff",
    "pool/2.TiFF",
    "pool/sub folder/semi;colon 'quoted'.tiff",
    "pool/größe-好.tiff",
    "pool/deep/er/1.tiff",
)
COUNTER = itertools.count()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    files = FileStore(tmp_path_factory.mktemp("images"))
    for number, path in enumerate(SLIDES):
        target = files.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.full((64, 64 + 32 * number, 3), 200, np.uint8)
        tifffile.imwrite(target, pixels, photometric="rgb", tile=(32, 32))
    return files


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with databases.sqlite(tmp_path_factory.mktemp("db")) as database:
        yield database


def setting_values(name):
    kind = SETTINGS[name]
    if kind is Kind.BOOLEAN:
        return st.sampled_from(["true", "false"])
    if kind is Kind.LIST:
        return st.lists(field_texts(without=",;"), min_size=1, max_size=3).map(", ".join)
    return field_texts()


CONFIG = st.lists(st.sampled_from(sorted(SETTINGS)), unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: setting_values(name) for name in names})
)
MEMBERS = st.lists(
    st.builds(
        Member,
        email=st.text(string.ascii_lowercase + string.digits + "+.-_", min_size=1, max_size=12).map(
            "{}@example.org".format
        ),
        can_score=st.booleans(),
        can_edit=st.booleans(),
        can_get_results=st.booleans(),
    ),
    max_size=5,
    unique_by=lambda member: member.email,
).map(tuple)


@st.composite
def sheets(draw):
    names = draw(st.lists(field_texts(without="\t"), max_size=6, unique=True))
    lines = []
    for place, name in enumerate(names):
        kind = draw(st.sampled_from(question_types.QUESTION_TYPES))
        values = "" if kind.is_annotation else draw(field_texts(least=0))
        condition = None
        if place and draw(st.booleans()):
            condition = Condition(
                question=draw(st.sampled_from(names[:place])),
                comparison=draw(st.sampled_from(Comparison)),
                answer=draw(field_texts(least=0)),
            )
        lines.append(
            QuestionLine(
                name=name,
                type=kind,
                values=values,
                mandatory=draw(st.booleans()),
                per_case=draw(st.booleans()),
                condition=condition,
            )
        )
    return tuple(lines)


SAMPLES = st.sampled_from(["", "", "1", "2", "ctrl", "AB 12/7"])
MAPS = st.builds(
    TmaMap,
    rows=st.integers(1, 4).flatmap(
        lambda width: (
            st.lists(
                st.lists(SAMPLES, min_size=width, max_size=width).map(tuple), min_size=1, max_size=3
            )
            .map(tuple)
            .filter(lambda rows: any(map(any, rows)))
        )
    ),
    tmas=st.lists(st.sampled_from(["1.tiff", "2", "pool/1.tiff", "absent.svs"]), max_size=2).map(
        tuple
    ),
    controls=st.lists(st.sampled_from(["ctrl", "2"]), max_size=2, unique=True).map(tuple),
    force=st.booleans(),
    other=st.just(()) | st.just((("block", "7: upper"),)),
)


@st.composite
def studies(draw):
    """Draw a study as people may have made it, by files and by hand."""
    name = f"s{next(COUNTER)}"
    map_names = [f"study.{name}.map{key}" for key in ("", "1", "-x")] + ["shared.map", "Arm B.txt"]
    maps = {
        (key if key.startswith("study.") else f"{name}-{key}"): value
        for key, value in draw(st.dictionaries(st.sampled_from(map_names), MAPS)).items()
    }
    slides = [
        StudySlide(
            path=path,
            name=draw(field_texts() | st.just(plan.slide_name(path))),
            rotation=draw(st.sampled_from([0, 90, 180, 270])),
            map_name=draw(st.sampled_from([None, *maps])),
        )
        for path in draw(st.lists(st.sampled_from(SLIDES), unique=True))
    ]
    return name, StudyContent(
        settings=draw(CONFIG),
        members=draw(MEMBERS),
        questions=draw(sheets()),
        maps=maps,
        slides=tuple(slides),
    )


def put_in_database(database, files, name, held):
    """Make a study hold something, without any file."""
    slides = tuple(
        StudySlide(
            path=slide.path,
            name=slide.name,
            rotation=slide.rotation,
            map_name=slide.map_name or "",
            file=probing.probe(files, slide.path),
        )
        for slide in held.slides
    )
    with database.writing() as session:
        study = Study(name=name)
        session.add(study)
        session.flush()
        wanted = StudyContent(
            settings=held.settings,
            members=held.members,
            questions=held.questions,
            maps=held.maps,
            slides=slides,
        )
        content.apply(session, study, plan.plan(StudyContent(), wanted))
    return study.id


def exported(database, study_id):
    with database.reading() as session:
        return export.config_files(session, COMMAND_LINE, study_id=study_id)


def loaded(database, name):
    with database.reading() as session:
        return content.load(session, session.exec(select(Study).where(Study.name == name)).one())


def put_files(files, texts):
    for name, text in texts.items():
        (files.root / name).write_text(text, encoding="utf-8", newline="")


def run(database, files, name, **options):
    return reimport.reimport(
        database, files, COMMAND_LINE, study_name=name, options=Options(**options), now=NOW
    )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(study=studies())
def test_files_of_a_study_change_nothing_in_it_and_make_an_equal_clone(database, files, study):
    name, held = study
    clone = f"{name}-clone"
    study_id = put_in_database(database, files, name, held)
    before, texts = loaded(database, name), exported(database, study_id)
    assert before.questions == held.questions
    assert [(s.path, s.name, s.rotation, s.map_name) for s in before.slides] == [
        (s.path, s.name, s.rotation, s.map_name) for s in held.slides
    ]

    put_files(files, texts)
    assert run(database, files, name, dry_run=True).diff == ""
    again = run(database, files, name)

    assert again.success, again.log
    assert f"Study {name}: nothing to change." in again.log
    assert loaded(database, name) == before
    assert exported(database, study_id) == texts

    renamed = {
        key.replace(f"study.{name}.", f"study.{clone}."): text for key, text in texts.items()
    }
    put_files(files, renamed)
    made = run(database, files, clone)

    assert made.success, made.log
    assert exported(database, made.study_id) == renamed
    cloned = loaded(database, clone)
    assert cloned.slides == tuple(
        plan.replace(
            slide,
            map_name=slide.map_name and slide.map_name.replace(f"study.{name}.", f"study.{clone}."),
        )
        for slide in before.slides
    )
    assert (cloned.settings, cloned.members, cloned.questions) == (
        before.settings,
        before.members,
        before.questions,
    )
    assert list(cloned.maps.values()) == list(before.maps.values()) or set(
        cloned.maps.values()
    ) == set(before.maps.values())
    assert run(database, files, clone, dry_run=True).diff == ""
