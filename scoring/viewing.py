"""Viewing: where in a slide people look, recorded meanwhile, told to who may get answers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from access import gate
from access.rights import Actor
from records.errors import ConflictError, InputError, NotFoundError, RightsError
from records.tables import User, ViewEvents, ViewSession

MAX_BATCH_EVENTS = 2_000
MAX_SESSION_EVENTS = 200_000
MAX_SESSION_MS = 24 * 3600 * 1000
_MAX_PIXELS = 2**31 - 1

# Source: SDK, SlideScoreSessionEvent: seven whole numbers between tabs.
_EVENT = re.compile(r"[0-9]{1,8}(\t-?[0-9]{1,10}){2}(\t[0-9]{1,10}){2}(\t-?[0-9]{1,10}){2}")
_FORM = "time in ms, x, y, width, height, cursor x, cursor y as whole numbers between tabs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A session after a batch: its number, the next batch, and its events so far."""

    session_id: int
    next_batch: int
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed:
    """A session as it is told; ``length_s`` from its begin to its last event, rounded up."""

    id: int
    slide_id: int
    study_id: int
    email: str
    length_s: int
    created_at: datetime


def record_batch(
    session: Session,
    actor: Actor,
    *,
    slide_id: int,
    session_id: int | None,
    batch: int,
    events: str,
    now: datetime,
) -> Recorded:
    r"""Append events to a session of the person who asks; a batch sent again changes nothing.

    Parameters
    ----------
    session_id
        None begins a session.
    batch
        Number of the batch in the session, from 0, without gaps.
    events
        Lines of seven whole numbers between tabs: milliseconds since the session began; x, y,
        width and height of what is seen and x, y of the cursor, all in level-0 pixels.

    Raises
    ------
    RightsError
        A script asks, the person may not see the slide, or the session is somebody else's.
    NotFoundError
        There is no such slide or session.
    InputError
        A line is no event, goes back in time, or there are too many.
    ConflictError
        Another batch is due.
    """
    if actor.user_id is None or actor.token_id is not None:
        raise RightsError("only people who are signed in have sessions of viewing")
    slide = gate.readable_slide(session, actor, slide_id)
    if session_id is None:
        row = ViewSession(
            study_id=slide.study_id, slide_id=slide_id, user_id=actor.user_id, created_at=now
        )
    else:
        row = _own_session(session, actor, slide_id=slide_id, session_id=session_id)
    lines = events.replace("\r\n", "\n").removesuffix("\n").split("\n") if events else []
    text = "\n".join(lines)
    if batch < row.batch_count:
        _check_same(session, row, batch, text)
        return _recorded(row)
    if batch > row.batch_count:
        raise ConflictError(f"batch {row.batch_count} is due, not {batch}")
    row.last_ms = _checked(lines, row)
    row.event_count += len(lines)
    row.batch_count += 1
    session.add(row)
    session.flush()
    session.add(ViewEvents(session_id=row.id or 0, batch=batch, events=text))
    session.flush()
    return _recorded(row)


def find_sessions(
    session: Session, actor: Actor, *, study_id: int, slide_id: int | None, email: str | None
) -> list[Viewed]:
    """Return the sessions of a study, oldest first.

    Raises
    ------
    RightsError
        The actor may not get the study's answers.
    NotFoundError
        There is no such study.
    """
    gate.study_with_scores(session, actor, study_id)
    query = (
        select(ViewSession, col(User.email))
        .join(User, col(User.id) == col(ViewSession.user_id))
        .where(col(ViewSession.study_id) == study_id)
        .order_by(col(ViewSession.id))
    )
    if slide_id is not None:
        query = query.where(col(ViewSession.slide_id) == slide_id)
    if email is not None:
        query = query.where(col(User.email) == email.strip().lower())
    return [
        Viewed(
            id=row.id or 0,
            slide_id=row.slide_id,
            study_id=row.study_id,
            email=address,
            length_s=math.ceil(row.last_ms / 1000),
            created_at=row.created_at,
        )
        for row, address in session.execute(query)
    ]


def find_events(session: Session, actor: Actor, *, study_id: int, session_id: int) -> Iterator[str]:
    """Return the events of a session in their order, as they were recorded.

    Raises
    ------
    RightsError
        The actor may not get the study's answers.
    NotFoundError
        The study has no such session.
    """
    gate.study_with_scores(session, actor, study_id)
    row = session.get(ViewSession, session_id)
    if row is None or row.study_id != study_id:
        raise NotFoundError(f"study {study_id} has no session {session_id}")
    query = (
        select(col(ViewEvents.events))
        .where(col(ViewEvents.session_id) == session_id)
        .order_by(col(ViewEvents.batch))
    )
    batches = session.scalars(query.execution_options(yield_per=100))
    return (line for batch in batches if batch for line in batch.split("\n"))


def _own_session(session: Session, actor: Actor, *, slide_id: int, session_id: int) -> ViewSession:
    row = session.get(ViewSession, session_id)
    if row is None or row.user_id != actor.user_id:
        # One answer for both: whether others have sessions is not told.
        raise RightsError(f"session {session_id} is not yours")
    if row.slide_id != slide_id:
        raise ConflictError(f"session {session_id} is about another slide")
    return row


def _check_same(session: Session, row: ViewSession, batch: int, text: str) -> None:
    query = select(col(ViewEvents.events)).where(
        col(ViewEvents.session_id) == row.id, col(ViewEvents.batch) == batch
    )
    if session.scalar(query) != text:
        raise ConflictError(f"batch {batch} came already, with other events")


def _checked(lines: list[str], row: ViewSession) -> int:
    """Return the time of the last event, after checking each."""
    if len(lines) > MAX_BATCH_EVENTS:
        raise InputError(f"{len(lines):,} events at once; at most {MAX_BATCH_EVENTS:,} are taken")
    if row.event_count + len(lines) > MAX_SESSION_EVENTS:
        raise InputError(f"a session has at most {MAX_SESSION_EVENTS:,} events; begin another")
    last = row.last_ms
    for number, line in enumerate(lines, start=1):
        if not _EVENT.fullmatch(line) or max(abs(int(c)) for c in line.split("\t")) > _MAX_PIXELS:
            raise InputError(f"is no event; expected {_FORM}", source="events", line=number)
        at = int(line.split("\t", 1)[0])
        if not last <= at <= MAX_SESSION_MS:
            raise InputError(
                f"has the time {at}; expected {last} to {MAX_SESSION_MS}",
                source="events",
                line=number,
            )
        last = at
    return last


def _recorded(row: ViewSession) -> Recorded:
    return Recorded(session_id=row.id or 0, next_batch=row.batch_count, events=row.event_count)
