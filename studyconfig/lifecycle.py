"""Studies made, changed, put away, deleted and brought back, one call at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from access import gate
from access.rights import Actor, Right
from records import audit
from records.errors import ConflictError, InputError, RightsError
from records.tables import Slide, Study, StudyMember
from studyconfig import content, descriptions, editing, folder, plan
from studyconfig.formats import config
from studyconfig.formats.config import Settings
from studyconfig.plan import StudyContent


def parse_settings(text: str | None, **named: str | None) -> Settings:
    """Return settings given as the text of a ``.config`` file, and by their names.

    Parameters
    ----------
    text
        Lines ``property: value``; None: none.
    **named
        Settings with parameters of their own; None: not told.

    Raises
    ------
    InputError
        A setting comes twice, is not of its form, or holds a line break.
    """
    lines = [text] if text else []
    for name, value in named.items():
        if value is not None and ("\n" in value or "\r" in value):
            raise InputError(f"{name} stands on one line")
        if value is not None:
            lines.append(f"{name}: {value}")
    return config.parse("\n".join(lines), source="config")


def create_study(
    session: Session, actor: Actor, *, name: str, settings: Settings, now: datetime
) -> int:
    """Make an empty study; a person who makes it may edit, score and get the results.

    Returns
    -------
    int
        Its id.

    Raises
    ------
    RightsError
        The actor may not make studies, or none of this name.
    InputError
        It is no study's name.
    ConflictError
        There is a study of that name, or was before it was deleted.
    """
    gate.require(actor, Right.CAN_CREATE_STUDIES)
    name = folder.check_study_name(name)
    if not actor.may_modify(name):
        raise RightsError(f"this token may not make a study named {name!r}")
    same = session.exec(select(Study).where(func.lower(Study.name) == name.lower())).first()
    if same is not None:
        raise ConflictError(
            f"there is a study named {same.name!r} already"
            + (", among the deleted ones" if same.deleted_at else "")
        )
    study = Study(
        name=name,
        created_by_token_id=actor.token_id,
        created_by_user_id=actor.user_id,
        created_at=now,
    )
    session.add(study)
    session.flush()
    study_id = content.key(study)
    if actor.user_id is not None:
        session.add(
            StudyMember(
                study_id=study_id,
                user_id=actor.user_id,
                can_score=True,
                can_edit=True,
                can_get_results=True,
            )
        )
    _set(session, study, {entry.name: entry.text for entry in settings.entries})
    _record(session, actor, "study.create", study_id, now=now, name=name)
    return study_id


def update_study(
    session: Session, actor: Actor, *, study_id: int, settings: Settings, html: str | None
) -> None:
    """Change settings of a study, and its description; what is not told stays.

    Parameters
    ----------
    html
        The new description, of which only allowed formatting is kept; None: as it is.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such study.
    InputError
        The description is too long.
    """
    study = gate.modifiable_study(session, actor, study_id)
    before = content.load(session, study).settings
    after = {entry.name: entry.text for entry in settings.entries}
    _set(session, study, after)
    detail: dict[str, object] = {
        "before": {name: before.get(name) for name in after},
        "after": after,
    }
    if html is not None:
        detail["description"] = {"before": study.description, "after": descriptions.clean(html)}
        study.description = descriptions.clean(html)
        session.add(study)
    audit.record(
        session,
        actor=actor.label,
        deed="study.update",
        subject=f"study:{study_id}",
        detail=detail,
    )


def delete_study(session: Session, actor: Actor, *, study_id: int, now: datetime) -> None:
    """Take a study from everybody's sight; nothing of it is lost, and it can come back.

    Raises
    ------
    RightsError
        The study is not the actor's own, or the actor may not delete studies.
    NotFoundError
        There is no such study.
    """
    study = gate.owned_study(session, actor, study_id, is_deleted=False)
    study.deleted_at = now
    session.add(study)
    _record(session, actor, "study.delete", study_id, now=now, name=study.name)


def undelete_study(session: Session, actor: Actor, *, study_id: int) -> None:
    """Bring a deleted study back, as it was.

    Raises
    ------
    RightsError
        The study is not the actor's own, or the actor may not delete studies.
    NotFoundError
        There is no such deleted study.
    """
    study = gate.owned_study(session, actor, study_id, is_deleted=True)
    study.deleted_at = None
    session.add(study)
    _record(session, actor, "study.undelete", study_id, name=study.name)


def deleted_studies(session: Session, actor: Actor) -> list[tuple[int, str, datetime]]:
    """Return id, name and time of the deleted studies that the actor may bring back.

    The latest comes first.
    """
    deleted = col(Study.deleted_at)
    rows = session.exec(select(Study).where(deleted.is_not(None)).order_by(deleted.desc())).all()
    told = []
    for row in rows:
        if row.deleted_at is None:
            continue
        with contextlib.suppress(RightsError):
            gate.owned_study(session, actor, content.key(row), is_deleted=True)
            told.append((content.key(row), row.name, row.deleted_at))
    return told


def set_archived(
    session: Session,
    actor: Actor,
    *,
    study_id: int,
    slide_id: int | None,
    is_archived: bool,
    now: datetime,
) -> None:
    """Mark a study, or one slide of it, as put away, or not.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such study, or no such slide in it.
    """
    row: Study | Slide
    if slide_id is None:
        row, subject = gate.modifiable_study(session, actor, study_id), f"study:{study_id}"
    else:
        row = editing.study_slide(session, actor, study_id=study_id, slide_id=slide_id)
        subject = f"slide:{slide_id}"
    if is_archived == (row.archived_at is not None):
        return
    row.archived_at = now if is_archived else None
    session.add(row)
    deed = f"{subject.split(':')[0]}.{'archive' if is_archived else 'unarchive'}"
    audit.record(session, actor=actor.label, deed=deed, subject=subject, now=now)


def _set(session: Session, study: Study, settings: Mapping[str, str]) -> None:
    changes = plan.plan(content.load(session, study), StudyContent(settings=settings))
    content.apply(session, study, changes)


def _record(
    session: Session,
    actor: Actor,
    deed: str,
    study_id: int,
    *,
    now: datetime | None = None,
    **detail: object,
) -> None:
    audit.record(
        session,
        actor=actor.label,
        deed=deed,
        subject=f"study:{study_id}",
        detail=detail,
        now=now,
    )
