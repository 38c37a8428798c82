"""Sessions of viewing: recorded by their person only, within bounds, and told in order."""

from __future__ import annotations

import pytest
from sqlmodel import select

from access.rights import ALL_RIGHTS, Actor
from records.errors import ConflictError, InputError, NotFoundError, RightsError
from records.tables import Slide, Study, StudyMember, User, ViewEvents
from scoring import viewing
from scoring.viewing import Recorded
from tests.scoring.builders import NOW, READER, TOKEN, make_study

EVENTS = "0\t0\t0\t600\t400\t10\t20\n250\t-5\t7\t300\t200\t-1\t0"


def person(session, study, email=READER):
    user = User(email=email)
    session.add(user)
    session.flush()
    session.add(StudyMember(study_id=study.id, user_id=user.id, can_score=True))
    session.get(Study, study.id).published_at = NOW
    session.flush()
    return Actor(label=f"user:{user.id}", user_id=user.id, email=email, rights=frozenset())


def record(session, actor, study, events=EVENTS, *, session_id=None, batch=0, slide_id=None):
    return viewing.record_batch(
        session,
        actor,
        slide_id=slide_id or study.slide_id,
        session_id=session_id,
        batch=batch,
        events=events,
        now=NOW,
    )


def test_batches_are_told_as_one_session_in_their_order(database):
    with database.writing() as session:
        study = make_study(session)
        reader = person(session, study)

        begun = record(session, reader, study)
        more = record(session, reader, study, "1001\t1\t2\t3\t4\t5\t6\r\n", session_id=1, batch=1)

        assert begun == Recorded(session_id=1, next_batch=1, events=2)
        assert more == Recorded(session_id=1, next_batch=2, events=3)
        (viewed,) = viewing.find_sessions(
            session, TOKEN, study_id=study.id, slide_id=None, email=READER.upper()
        )
        assert (viewed.length_s, viewed.email, viewed.slide_id) == (2, READER, study.slide_id)
        events = viewing.find_events(session, TOKEN, study_id=study.id, session_id=1)
        assert list(events) == [*EVENTS.split("\n"), "1001\t1\t2\t3\t4\t5\t6"]


def test_batch_sent_again_changes_nothing_and_gaps_are_refused(database):
    with database.writing() as session:
        study = make_study(session)
        reader = person(session, study)
        begun = record(session, reader, study)

        again = record(session, reader, study, session_id=begun.session_id, batch=0)

        assert again == begun
        with pytest.raises(ConflictError, match="batch 1 is due, not 2"):
            record(session, reader, study, session_id=begun.session_id, batch=2)
        with pytest.raises(ConflictError, match="with other events"):
            record(session, reader, study, "", session_id=begun.session_id, batch=0)
        assert len(session.exec(select(ViewEvents)).all()) == 1


def test_nobody_writes_into_the_session_of_another(database):
    with database.writing() as session:
        study = make_study(session)
        reader, other = person(session, study), person(session, study, "other@example.org")
        begun = record(session, reader, study)

        for session_id in (begun.session_id, 99):
            with pytest.raises(RightsError, match="is not yours"):
                record(session, other, study, session_id=session_id, batch=1)
        with pytest.raises(ConflictError, match="another slide"):
            record(session, reader, study, session_id=1, batch=1, slide_id=study.tma_id)
        with pytest.raises(RightsError, match="signed in"):
            record(session, TOKEN, study)
        with pytest.raises(RightsError):
            viewing.find_sessions(session, reader, study_id=study.id, slide_id=None, email=None)
        with pytest.raises(RightsError):
            viewing.find_events(session, reader, study_id=study.id, session_id=1)


def test_administrator_who_looks_is_a_person_too(database):
    with database.writing() as session:
        study = make_study(session)
        reader = person(session, study)
        admin = Actor(label=reader.label, user_id=reader.user_id, is_admin=True, rights=ALL_RIGHTS)

        assert record(session, admin, study).events == 2


@pytest.mark.parametrize(
    "events",
    [
        "1\t2\t3",
        "1.5\t0\t0\t1\t1\t0\t0",
        "-1\t0\t0\t1\t1\t0\t0",
        "0\t0\t0\t-1\t1\t0\t0",
        "0\t9999999999\t0\t1\t1\t0\t0",
        "0\t0\t0\t1\t1\t0\t0\textra",
        "0\t0\t0\t1\t1\t0\t0\n\n",
        "٣\t0\t0\t1\t1\t0\t0",
        "5\t0\t0\t1\t1\t0\t0\n4\t0\t0\t1\t1\t0\t0",
        "86400001\t0\t0\t1\t1\t0\t0",
        "\n".join(["0\t0\t0\t1\t1\t0\t0"] * 2001),
    ],
)
def test_what_is_no_event_is_refused(database, events):
    with database.writing() as session:
        study = make_study(session)
        reader = person(session, study)

        with pytest.raises(InputError):
            record(session, reader, study, events)


def test_session_has_an_end(database, monkeypatch):
    monkeypatch.setattr(viewing, "MAX_SESSION_EVENTS", 3)
    with database.writing() as session:
        study = make_study(session)
        reader = person(session, study)
        begun = record(session, reader, study)

        with pytest.raises(InputError, match="begin another"):
            record(
                session,
                reader,
                study,
                EVENTS.replace("0\t0\t0\t6", "250\t0\t0\t6"),
                session_id=begun.session_id,
                batch=1,
            )


def test_sessions_of_another_study_are_not_told(database):
    with database.writing() as session:
        study, other = make_study(session), make_study(session, name="other")
        begun = record(session, person(session, study), study)

        assert (
            viewing.find_sessions(session, TOKEN, study_id=other.id, slide_id=None, email=None)
            == []
        )
        with pytest.raises(NotFoundError):
            viewing.find_events(session, TOKEN, study_id=other.id, session_id=begun.session_id)


def test_sessions_go_with_a_slide_that_is_deleted(database):
    with database.writing() as session:
        study = make_study(session)
        record(session, person(session, study), study)
        session.delete(session.get(Slide, study.slide_id))
        session.flush()

        assert session.exec(select(ViewEvents)).all() == []
