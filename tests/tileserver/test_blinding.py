"""Names that a study keeps from its readers, wherever the tile server would tell them."""

from __future__ import annotations

import json

import pytest

from access import people
from access.rights import Actor
from records.columns import utc_now
from records.filestore import FileStore
from records.tables import Slide, Study, StudyMember
from tileserver import sources


@pytest.fixture
def session(database):
    with database.writing() as session:
        yield session


@pytest.fixture
def files(tmp_path):
    (tmp_path / "images").mkdir()
    return FileStore(tmp_path / "images")


def _slide(session, settings):
    study = Study(name="trial", settings=json.dumps(settings), published_at=utc_now())
    session.add(study)
    session.flush()
    slide = Slide(study_id=study.id, name="T24-0117", path="trial/T24-0117.svs")
    session.add(slide)
    session.flush()
    return study.id, slide.id


def _member(session, study_id, email="m.vos@example.org", **rights):
    user = people.find_or_add_user(session, email)
    session.add(StudyMember(study_id=study_id, user_id=user.id, **rights))
    session.flush()
    return Actor(label=f"user:{user.id}", user_id=user.id, email=user.email, rights=frozenset())


def test_readers_hear_no_hidden_name(session, files):
    study_id, slide_id = _slide(session, {"hideslidenames": "true"})
    reader = _member(session, study_id, can_score=True)

    found = sources.find_source(session, reader, files=files, slide_id=slide_id)

    assert found.name == f"Slide {slide_id}"


def test_editors_hear_it_and_so_does_everybody_where_nothing_is_hidden(session, files):
    study_id, slide_id = _slide(session, {"hideslidenames": "true"})
    reader = _member(session, study_id, can_score=True)
    editor = _member(session, study_id, "editor@example.org", can_edit=True)
    assert sources.find_source(session, editor, files=files, slide_id=slide_id).name == "T24-0117"

    session.get(Study, study_id).settings = "{}"

    assert sources.find_source(session, reader, files=files, slide_id=slide_id).name == "T24-0117"
