"""The history of answers: rows are only added, and the newest of each kind is the current one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from access.rights import Actor
from records import audit
from records.tables import Answer, Study
from scoring.directory import Subject

_BATCH = 1000
"""Rows a statement. SQLite takes some 32,000 parameters in one, and an answer has eleven."""

_Key = tuple[int, int, str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An answer to be kept, checked already."""

    question_id: int
    user_id: int
    subject: Subject
    value: str
    annotation_file_id: int | None = None

    @property
    def key(self) -> _Key:
        """What of there is one current answer."""
        return self.question_id, self.user_id, self.subject.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """How many answers were new, changed an older one, or stood there already."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class _Current:
    id: int
    value: str
    annotation_file_id: int | None


def put(
    session: Session,
    actor: Actor,
    *,
    study: Study,
    entries: Sequence[Entry],
    door: str,
    now: datetime,
) -> Saved:
    """Make answers the current ones; those they replace stay as history.

    An answer that says what the current one says already is not added again, so that sending the
    same file twice changes nothing.

    Parameters
    ----------
    entries
        With one answer for each key.
    door
        By which call they came: ``results``, ``asap``, ``anno2``.
    """
    current = _current_answers(session, study, entries)
    replaced: list[int] = []
    fresh: list[Entry] = []
    for entry in entries:
        known = current.get(entry.key)
        if known is None:
            fresh.append(entry)
        elif (known.value, known.annotation_file_id) != (entry.value, entry.annotation_file_id):
            replaced.append(known.id)
            fresh.append(entry)
    # First the old ones, for there may be only one current row at any moment.
    for ids in _batches(replaced):
        session.execute(update(Answer).where(col(Answer.id).in_(ids)).values(is_current=False))
    for batch in _batches(fresh):
        rows = [_row(entry, study.id, door, actor, now) for entry in batch]
        session.execute(insert(Answer), rows)
    saved = Saved(
        added=len(fresh) - len(replaced),
        changed=len(replaced),
        unchanged=len(entries) - len(fresh),
    )
    if fresh:
        study.answered_at = now
        session.add(study)
    audit.record(
        session,
        actor=actor.label,
        deed="answers.save",
        subject=f"study:{study.id}",
        detail={
            "door": door,
            "added": saved.added,
            "changed": saved.changed,
            "unchanged": saved.unchanged,
        },
        now=now,
    )
    return saved


def _current_answers(
    session: Session, study: Study, entries: Sequence[Entry]
) -> dict[_Key, _Current]:
    wanted = {entry.key for entry in entries}
    query = select(
        col(Answer.id),
        col(Answer.question_id),
        col(Answer.user_id),
        col(Answer.subject),
        col(Answer.value),
        col(Answer.annotation_file_id),
    ).where(
        col(Answer.study_id) == study.id,
        col(Answer.is_current),
        col(Answer.question_id).in_({entry.question_id for entry in entries}),
    )
    if len(wanted) <= _BATCH:
        query = query.where(col(Answer.subject).in_({key[2] for key in wanted}))
    rows = session.execute(query.execution_options(yield_per=_BATCH))
    return {
        (question_id, user_id, subject): _Current(answer_id, value, annotation_file_id)
        for answer_id, question_id, user_id, subject, value, annotation_file_id in rows
        if (question_id, user_id, subject) in wanted
    }


def _row(
    entry: Entry, study_id: int | None, door: str, actor: Actor, now: datetime
) -> Mapping[str, object]:
    return {
        "study_id": study_id,
        "question_id": entry.question_id,
        "user_id": entry.user_id,
        "slide_id": entry.subject.slide_id,
        "case_id": entry.subject.case_id,
        "core_id": entry.subject.core_id,
        "subject": entry.subject.key,
        "value": entry.value,
        "annotation_file_id": entry.annotation_file_id,
        "is_current": True,
        "door": door,
        "actor": actor.label,
        "created_at": now,
    }


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
