"""Which slide files an actor may bring into a study: none that belongs to a study out of reach."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session, col, select

from access import gate
from access.rights import Actor
from records.errors import NotFoundError, RightsError
from records.tables import Slide, Study


def check_files(session: Session, actor: Actor, paths: Iterable[str], *, study_id: int) -> None:
    """Refuse files of studies that the actor may not read; adding one would show its pixels.

    A file belongs to the studies that have it as a slide, and to the study its folder is named
    after.

    Parameters
    ----------
    paths
        Relative to the images root.
    study_id
        The study that the files come into.

    Raises
    ------
    RightsError
        A file belongs to a study that the actor may not read.
    """
    paths = list(paths)
    if not paths or not (actor.is_person or actor.read_studies):
        return
    closed = {
        study.name.lower(): study.id
        for study in session.exec(select(Study).where(Study.id != study_id))
        if study.id is not None and not _may_read(session, actor, study.id)
    }
    taken = set(session.exec(select(Slide.path).where(col(Slide.study_id).in_(closed.values()))))
    for path in paths:
        if path in taken or path.split("/", 1)[0].lower() in closed:
            raise RightsError(f"{path} belongs to a study that you may not read")


def _may_read(session: Session, actor: Actor, study_id: int) -> bool:
    try:
        gate.readable_study(session, actor, study_id)
    except (RightsError, NotFoundError):
        return False
    return True
