"""Which things the events of the audit trail are about, and what those are called.

Events name things by number. SQLite gives the number of a part that was removed to a new one, maybe
in another study; what was done before a removal was done to the part that is gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, String, cast, exists, literal
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, or_, select

from access.actor_names import find_actor_names, numbers_of
from records.tables import AuditEvent, Case, Question, Slide, Study, Upload

_PARTS: Final[Mapping[str, tuple[type[Slide] | type[Case] | type[Question], str]]] = {
    "slide": (Slide, "slide.delete"),
    "case": (Case, "case.remove"),
    "question": (Question, "question.remove"),
}
"""What a study has parts of, and the deed that removes one."""

_REMOVALS: Final = tuple(deed for _, deed in _PARTS.values())


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about; empty where nobody knows any more.

    Parameters
    ----------
    name
        The name that it has now, or had when it was removed; the address of a person.
    study
        The name of the study that it is a part of.
    """

    name: str = ""
    study: str = ""


def are_of(study_id: int) -> ColumnElement[bool]:
    """Return the clause of events about the parts that a study has now."""
    subject = col(AuditEvent.subject)
    later = aliased(AuditEvent)
    is_of_one_that_is_gone = exists().where(
        col(later.subject) == subject,
        col(later.deed).in_(_REMOVALS),
        col(later.id) >= col(AuditEvent.id),
    )
    labels = [
        select(literal(f"{kind}:") + cast(col(table.id), String)).where(
            col(table.study_id) == study_id
        )
        for kind, (table, _) in _PARTS.items()
    ]
    return and_(or_(*(subject.in_(some) for some in labels)), ~is_of_one_that_is_gone)


def are_removals_from(study_id: int) -> ColumnElement[bool]:
    """Return the clause of events that tell of parts taken out of a study.

    Such an event says whose the part was. A quotation mark within a text of it is escaped, so that
    no name that people give looks like that.
    """
    told = f'"study": {study_id}'
    detail = col(AuditEvent.detail)
    says_study = or_(detail.contains(f"{told},"), detail.contains(f"{told}}}"))
    return and_(col(AuditEvent.deed).in_(_REMOVALS), says_study)


def find_subjects(session: Session, events: Sequence[AuditEvent]) -> list[Subject]:
    """Return what each event is about, in their order."""
    labels = {event.subject for event in events}
    names = {label: Subject(name) for label, name in _lasting_names(session, labels).items()}
    here, gone = _parts_here(session, labels), _parts_gone(session, labels)

    def subject(event: AuditEvent) -> Subject:
        # The first removal since tells of the part that had the number then.
        since = (part for at, part in gone.get(event.subject, ()) if at >= (event.id or 0))
        found = names.get(event.subject) or next(since, None) or here.get(event.subject)
        return found or Subject()

    return [subject(event) for event in events]


def _lasting_names(session: Session, labels: Iterable[str]) -> dict[str, str]:
    """Return the names of what is never removed for good."""
    names = find_actor_names(session, labels)
    lasting = (("study", Study.id, Study.name), ("upload", Upload.id, Upload.filename))
    for kind, id_, name in lasting:
        numbers = numbers_of(kind, labels)
        query = select(col(id_), col(name)).where(col(id_).in_(numbers))
        names |= {f"{kind}:{number}": text for number, text in session.exec(query)}
    return names


def _parts_here(session: Session, labels: Iterable[str]) -> dict[str, Subject]:
    """Return the parts that have these labels now."""
    parts: dict[str, Subject] = {}
    for kind, (table, _) in _PARTS.items():
        query = select(col(table.id), col(table.name), col(Study.name)).join(
            Study, col(Study.id) == col(table.study_id)
        )
        found = session.exec(query.where(col(table.id).in_(numbers_of(kind, labels))))
        parts |= {f"{kind}:{number}": Subject(name, study) for number, name, study in found}
    return parts


def _parts_gone(session: Session, labels: Iterable[str]) -> dict[str, list[tuple[int, Subject]]]:
    """Return, by label, the parts that had it, each with the event of its removal, in order."""
    removals = session.exec(
        select(AuditEvent)
        .where(col(AuditEvent.subject).in_(labels), col(AuditEvent.deed).in_(_REMOVALS))
        .order_by(col(AuditEvent.id))
    ).all()
    told = [(removal, json.loads(removal.detail)) for removal in removals]
    numbers = {detail.get("study") for _, detail in told}
    studies = dict(
        session.exec(select(col(Study.id), Study.name).where(col(Study.id).in_(numbers))).all()
    )
    gone: dict[str, list[tuple[int, Subject]]] = {}
    for removal, detail in told:
        part = Subject(detail.get("name", ""), studies.get(detail.get("study"), ""))
        gone.setdefault(removal.subject, []).append((removal.id or 0, part))
    return gone
