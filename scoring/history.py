"""The history of answers: rows are only added, and the newest of each kind is the current one."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import TextClause, func, insert, select, text, update
from sqlmodel import Session, SQLModel, col

from access.rights import Actor
from records import audit
from records.tables import Answer, Study
from scoring import reach
from scoring.directory import Subject

BATCH = 1000
"""Rows a statement. SQLite takes some 32,000 parameters in one, and an answer has eleven."""

Key = tuple[int, int, str]

# Rows are inserted past the mapping of objects, which costs a third of a long upload.
_TABLE = SQLModel.metadata.tables["answer"]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An answer to be kept, checked already."""

    question_id: int
    user_id: int
    subject: Subject
    value: str
    annotation_file_id: int | None = None

    @functools.cached_property
    def key(self) -> Key:
        """What of there is one current answer."""
        return self.question_id, self.user_id, self.subject.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """How many answers were new, changed an older one, or stood there already."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The answer that stands."""

    id: int
    value: str
    annotation_file_id: int | None

    def says(self, entry: Entry) -> bool:
        """Tell whether it says the same as another answer."""
        return (self.value, self.annotation_file_id) == (entry.value, entry.annotation_file_id)


class Writer:
    """Makes answers the current ones, batch by batch, in one transaction; rows are only added.

    An answer that says what the current one says already is not added again, so that sending the
    same file twice changes nothing.

    Parameters
    ----------
    session
        Its transaction holds the whole.
    actor
        Who sends them.
    study
        What the answers are for.
    door
        By which call they came: ``results``, ``asap``, ``anno2``, ``sheet``, ``restore``.
    now
        Since when they stand.
    """

    def __init__(
        self, session: Session, actor: Actor, *, study: Study, door: str, now: datetime
    ) -> None:
        self._session = session
        self._actor = actor
        self._study = study
        self._door = door
        self._now = now
        self._last_id = session.scalar(select(func.max(col(Answer.id)))) or 0
        self._may_rewrite = False
        self._added = self._changed = self._unchanged = 0

    def put(self, entries: Sequence[Entry]) -> list[Entry]:
        """Make answers the current ones; those they replace stay as history.

        Parameters
        ----------
        entries
            With one answer for each key.

        Returns
        -------
        list of Entry
            Those that replaced an answer which this writer had put.

        Raises
        ------
        RewritingError
            The study's settings forbid the actor to change an answer.
        """
        replaced: list[int] = []
        fresh: list[Entry] = []
        again: list[Entry] = []
        for batch in _batches(entries):
            current = find_current(self._session, [entry.key for entry in batch])
            for entry in batch:
                known = current.get(entry.key)
                if known is None:
                    fresh.append(entry)
                elif known.says(entry):
                    self._unchanged += known.id <= self._last_id
                elif known.id > self._last_id:
                    self._overwrite(known.id, entry)
                    again.append(entry)
                else:
                    replaced.append(known.id)
                    fresh.append(entry)
        self._replace(replaced, fresh)
        return again

    def finish(self) -> Saved:
        """Record the deed, and return what was done."""
        saved = Saved(added=self._added, changed=self._changed, unchanged=self._unchanged)
        if saved.added or saved.changed:
            self._study.answered_at = self._now
            self._session.add(self._study)
        audit.record(
            self._session,
            actor=self._actor.label,
            deed="answers.save",
            subject=f"study:{self._study.id}",
            detail={
                "door": self._door,
                "added": saved.added,
                "changed": saved.changed,
                "unchanged": saved.unchanged,
            },
            now=self._now,
        )
        return saved

    def _replace(self, replaced: Sequence[int], fresh: Sequence[Entry]) -> None:
        if replaced and not self._may_rewrite:
            reach.check_may_rewrite(self._session, self._actor, self._study)
            self._may_rewrite = True
        # First the old ones, for there may be only one current row at any moment.
        for ids in _batches(replaced):
            self._session.execute(
                update(Answer).where(col(Answer.id).in_(ids)).values(is_current=False)
            )
        for batch in _batches(fresh):
            self._session.execute(insert(_TABLE), [self._row(entry) for entry in batch])
        self._added += len(fresh) - len(replaced)
        self._changed += len(replaced)

    def _overwrite(self, answer_id: int, entry: Entry) -> None:
        """Change a row of this same transaction, which nobody has seen yet."""
        said = {"value": entry.value, "annotation_file_id": entry.annotation_file_id}
        self._session.execute(update(Answer).where(col(Answer.id) == answer_id).values(said))

    def _row(self, entry: Entry) -> Mapping[str, object]:
        return {
            "study_id": self._study.id,
            "question_id": entry.question_id,
            "user_id": entry.user_id,
            "slide_id": entry.subject.slide_id,
            "case_id": entry.subject.case_id,
            "core_id": entry.subject.core_id,
            "subject": entry.subject.key,
            "value": entry.value,
            "annotation_file_id": entry.annotation_file_id,
            "is_current": True,
            "door": self._door,
            "actor": self._actor.label,
            "created_at": self._now,
        }


def put(
    session: Session,
    actor: Actor,
    *,
    study: Study,
    entries: Sequence[Entry],
    door: str,
    now: datetime,
) -> Saved:
    """Make answers the current ones at once; see ``Writer``.

    Raises
    ------
    RewritingError
        The study's settings forbid the actor to change an answer.
    """
    writer = Writer(session, actor, study=study, door=door, now=now)
    writer.put(entries)
    return writer.finish()


def find_current(session: Session, keys: Sequence[Key]) -> dict[Key, Current]:
    """Return the answers that stand, by key; at most ``BATCH`` keys."""
    if not keys:
        return {}
    cells = (cell for key in keys for cell in key)
    rows = session.execute(
        _lookup(len(keys), session.get_bind().dialect.name),
        {f"p{number}": cell for number, cell in enumerate(cells)},
    )
    return {
        (question_id, user_id, subject): Current(
            id=answer_id, value=value, annotation_file_id=file_id
        )
        for question_id, user_id, subject, answer_id, value, file_id in rows
    }


@functools.lru_cache(maxsize=8)
def _lookup(count: int, dialect: str) -> TextClause:
    """Return the query for as many keys.

    A join with the keys, for SQLite finds each of them by the index of current answers then; of
    ``(question_id, user_id, subject) IN (VALUES …)`` it makes a walk through the whole index. As
    text, for SQLAlchemy's own VALUES are compiled anew each time, at 0.3 s for a thousand keys.
    """
    # SQLite takes an index of part of a table only for the very words of the index's condition.
    current = "answer.is_current = 1" if dialect == "sqlite" else "answer.is_current"
    keys = ", ".join(f"(:p{at}, :p{at + 1}, :p{at + 2})" for at in range(0, 3 * count, 3))
    return text(
        f"WITH wanted (question_id, user_id, subject) AS (VALUES {keys}) "  # noqa: S608 - numbers
        "SELECT answer.question_id, answer.user_id, answer.subject, answer.id, answer.value, "
        "answer.annotation_file_id FROM wanted JOIN answer "
        "ON answer.question_id = wanted.question_id AND answer.user_id = wanted.user_id "
        f"AND answer.subject = wanted.subject AND {current}"
    )


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
