"""Reimport: the files of a study on disk into the study in the database, and a log for people."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import func
from sqlmodel import Session, col, select

from access import gate
from access.rights import Actor, Right
from records import audit
from records.errors import RightsError
from records.filestore import FileStore
from records.tables import Study
from studyconfig import content, folder, plan, reach, report, wanted
from studyconfig.probing import Stamp
from studyconfig.reach import Reach
from studyconfig.wanted import Wanted


class UnitOfWork(Protocol):
    """Gives transactions: ``records.database.Database``."""

    def reading(self) -> AbstractContextManager[Session]:
        """Yield a session that only reads."""

    def writing(self) -> AbstractContextManager[Session]:
        """Yield a session that is committed at the end of the block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReimportResult:
    """What became of an import.

    Parameters
    ----------
    success
        Whether the study is now as its files say; otherwise nothing was changed.
    study_id
        The study; None when there is none.
    log
        What was added, updated, kept and passed over, line by line.
    replaced_slides
        Ids of slides whose file is another one now: open readers of them must be dropped.
    """

    success: bool
    study_id: int | None
    log: str
    replaced_slides: tuple[int, ...] = ()


def reimport(
    work: UnitOfWork,
    files: FileStore,
    actor: Actor,
    *,
    study_name: str,
    ignore_image_errors: bool = False,
    now: datetime,
    threads: int = 4,
) -> ReimportResult:
    """Make a study as its files say; only adds and updates, never removes.

    Files are read and slides probed between two transactions, so that a thousand slides on a slow
    disk keep nobody from writing. What is planned is planned in the second one: two imports at once
    are as one after the other.

    Parameters
    ----------
    work
        Gives the transactions.
    files
        The images root.
    study_name
        Names the folder and files; the study is made when there is none.
    ignore_image_errors
        Whether slides that cannot be read are passed over; otherwise they stop the import.
    now
        The present instant.
    threads
        How many slides are probed at once.

    Raises
    ------
    InputError
        The name is no study's name.
    NotFoundError
        There is neither a folder nor a file of the study.
    RightsError
        The actor may not reimport the study, make it, or use a file of another study.
    ConflictError
        Answers stand in the way of a change.
    """
    study_name = folder.check_study_name(study_name)
    with work.reading() as session:
        known, within = _before(session, actor, study_name)
    wish = wanted.read_wanted(files, within, study_name, known=known, threads=threads)
    stopped = _stopped(wish, ignore_image_errors)
    if stopped is not None:
        return stopped
    with work.writing() as session:
        return _apply(session, actor, study_name, wish, now)


def _before(session: Session, actor: Actor, study_name: str) -> tuple[dict[str, Stamp], Reach]:
    """Check the right to import; return the stamps of known slides, and what may be used."""
    study = _find(session, actor, study_name)
    if study is None:
        return {}, reach.find_reach(session, actor, study_id=None)
    study_id = content.key(study)
    known = {
        row.path: (row.file_size, row.file_mtime_ns)
        for row in content.find_slides(session, study_id)
    }
    return known, reach.find_reach(session, actor, study_id=study_id)


def _find(session: Session, actor: Actor, study_name: str) -> Study | None:
    """Return the study to import into, None when it is to be made.

    Raises
    ------
    RightsError
        The actor may neither.
    """
    refusal = RightsError(f"you may not reimport a study named {study_name!r}")
    if not actor.is_person:
        gate.require(actor, Right.CAN_REIMPORT_STUDIES)
        if not actor.may_modify(study_name):
            raise refusal
    same = session.exec(
        select(Study)
        .where(func.lower(Study.name) == study_name.lower())
        .order_by(col(Study.name) != study_name)
    ).first()
    if same is None and actor.is_person:
        raise refusal
    if same is None:
        return None
    try:
        return gate.modifiable_study(
            session, actor, content.key(same), right=Right.CAN_REIMPORT_STUDIES
        )
    except RightsError:
        # The same words whether or not there is such a study.
        raise refusal from None


def _stopped(wish: Wanted, ignore_image_errors: bool) -> ReimportResult | None:
    """Return the result when files have mistakes that must be corrected first."""
    if not wish.mistakes and (ignore_image_errors or not wish.unreadable):
        return None
    unreadable = () if ignore_image_errors else wish.unreadable
    return ReimportResult(
        success=False, study_id=None, log=report.refusal(wish.mistakes, unreadable)
    )


def _apply(
    session: Session, actor: Actor, study_name: str, wish: Wanted, now: datetime
) -> ReimportResult:
    study = _find(session, actor, study_name)
    is_new = study is None
    if study is None:
        study = Study(
            name=study_name,
            created_by_token_id=actor.token_id,
            created_by_user_id=actor.user_id,
            created_at=now,
        )
        session.add(study)
        session.flush()
    study_id = content.key(study)
    before = content.load(session, study)
    changes = plan.plan(before, wish.content)
    replaced = content.apply(session, study, changes)
    audit.record(
        session,
        actor=actor.label,
        deed="study.reimport",
        subject=f"study:{study_id}",
        detail={"created": is_new, "files": list(wish.files), "counts": report.counts(changes)},
        now=now,
    )
    return ReimportResult(
        success=True,
        study_id=study_id,
        log=report.summary(study.name, before, changes, wish, is_new=is_new),
        replaced_slides=replaced,
    )
