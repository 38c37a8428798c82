"""The last import of a study, between the database and its value."""

from __future__ import annotations

import json
from datetime import datetime

from sqlmodel import Session, select

from access.rights import Actor
from records.tables import StudyImport
from studyconfig.handwork import Base


def find_base(session: Session, study_id: int) -> Base | None:
    """Return what the last import of a study said and made; None when there was none."""
    row = _find(session, study_id)
    if row is None:
        return None
    stored = json.loads(row.base)
    return Base(wished=stored["wished"], made=stored["made"], order=tuple(stored["order"]))


def save_base(session: Session, actor: Actor, study_id: int, base: Base, *, now: datetime) -> None:
    """Remember an import, instead of the one before."""
    text = json.dumps(
        {"wished": base.wished, "made": base.made, "order": base.order}, ensure_ascii=False
    )
    row = _find(session, study_id) or StudyImport(
        study_id=study_id, actor=actor.label, imported_at=now, base=text
    )
    row.actor, row.imported_at, row.base = actor.label, now, text
    session.add(row)


def _find(session: Session, study_id: int) -> StudyImport | None:
    return session.exec(select(StudyImport).where(StudyImport.study_id == study_id)).first()
