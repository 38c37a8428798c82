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
from records.errors import ConflictError, RightsError
from records.filestore import FileStore
from records.tables import Study
from studyconfig import (
    content,
    folder,
    handwork,
    imports,
    keeping,
    plan,
    reach,
    report,
    texts,
    wanted,
)
from studyconfig.handwork import Base, Difference
from studyconfig.plan import Changes, StudyContent
from studyconfig.probing import Progress, Stamp, say_nothing
from studyconfig.reach import Reach
from studyconfig.wanted import Wanted

MAX_READINGS = 3
"""How often files are read again because somebody wrote them meanwhile."""


class UnitOfWork(Protocol):
    """Gives transactions: ``records.database.Database``."""

    def reading(self) -> AbstractContextManager[Session]:
        """Yield a session that only reads."""

    def writing(self) -> AbstractContextManager[Session]:
        """Yield a session that is committed at the end of the block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to import.

    Parameters
    ----------
    ignore_image_errors
        Whether slides that cannot be read are passed over; otherwise they stop the import.
    dry_run
        Whether only to tell what would be done: everything is done, then undone.
    keep_handwork
        Whether what people changed by hand is kept; otherwise the files win.
    give_up
        Kinds and keys of things, as a dry run tells them, in which the files win all the same.
    """

    ignore_image_errors: bool = False
    dry_run: bool = False
    keep_handwork: bool = False
    give_up: frozenset[tuple[str, str]] = frozenset()


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
    diff
        After a dry run, how the study's own configuration files change, as unified diff.
    differences
        What the files change and what was changed by hand, property by property.
    replaced_slides
        Ids of slides whose file is another one now: open readers of them must be dropped.
    """

    success: bool
    study_id: int | None
    log: str
    diff: str = ""
    differences: tuple[Difference, ...] = ()
    replaced_slides: tuple[int, ...] = ()


def reimport(
    work: UnitOfWork,
    files: FileStore,
    actor: Actor,
    *,
    study_name: str,
    options: Options = Options(),
    now: datetime,
    threads: int = 4,
    progress: Progress = say_nothing,
) -> ReimportResult:
    """Make a study as its files say; only adds and updates, never removes.

    Files are read and slides probed between two transactions, so that a thousand slides on a slow
    disk keep nobody from writing. What is planned is planned in the second one, and only if no text
    file was written meanwhile: two imports at once are as one after the other.

    Parameters
    ----------
    work
        Gives the transactions.
    files
        The images root.
    study_name
        Names the folder and files; the study is made when there is none.
    options
        How to import.
    now
        The present instant.
    threads
        How many slides are probed at once.
    progress
        Told how many slides were looked at, of how many.

    Raises
    ------
    InputError
        The name is no study's name.
    NotFoundError
        There is neither a folder nor a file of the study.
    RightsError
        The actor may not reimport the study, make it, or use a file of another study.
    ConflictError
        Answers stand in the way of a change, or the files keep changing.
    """
    study_name = folder.check_study_name(study_name)
    for _ in range(MAX_READINGS):
        with work.reading() as session:
            known, within = _before(session, actor, study_name)
        wish = wanted.read_wanted(
            files, within, study_name, known=known, threads=threads, progress=progress
        )
        stopped = _stopped(wish, options)
        if stopped is not None:
            return stopped
        with work.writing() as session:
            if wish.is_current(files, within):
                return _rehearsed_or_applied(session, actor, wish, options, now)
    raise ConflictError(
        f"the files of {study_name} were written while they were read; try again when uploads ended"
    )


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
    if same.deleted_at is not None and not actor.is_person:
        raise ConflictError(f"the study {same.name} was deleted; UndeleteStudy brings it back")
    try:
        return gate.modifiable_study(
            session, actor, content.key(same), right=Right.CAN_REIMPORT_STUDIES
        )
    except RightsError:
        # The same words whether or not there is such a study.
        raise refusal from None


def _stopped(wish: Wanted, options: Options) -> ReimportResult | None:
    """Return the result when files have mistakes that must be corrected first."""
    if not wish.mistakes and (options.ignore_image_errors or not wish.unreadable):
        return None
    unreadable = () if options.ignore_image_errors else wish.unreadable
    return ReimportResult(
        success=False, study_id=None, log=report.refusal(wish.mistakes, unreadable)
    )


def _rehearsed_or_applied(
    session: Session, actor: Actor, wish: Wanted, options: Options, now: datetime
) -> ReimportResult:
    """Apply what files want; a dry run, too, for so it meets whatever stands in the way."""
    if not options.dry_run:
        return _apply(session, actor, wish, options, now)
    with session.begin_nested() as rehearsal:
        result = _apply(session, actor, wish, options, now)
        rehearsal.rollback()
    return result


def _apply(
    session: Session, actor: Actor, wish: Wanted, options: Options, now: datetime
) -> ReimportResult:
    study = _find(session, actor, wish.study_name)
    is_new = study is None
    if study is None:
        study = _make(session, actor, wish.study_name, now)
    study_id = content.key(study)
    before = content.load(session, study)
    base = imports.find_base(session, study_id)
    planned = plan.plan(before, wish.content)
    changes, differences = _decide(planned, before, wish, base, options)
    replaced = content.apply(session, study, changes)
    next_base = handwork.next_base(planned, before, wish.content, base)
    imports.save_base(session, actor, study_id, next_base, now=now)
    told = report.Import(
        study_name=study.name,
        is_new=is_new,
        is_dry_run=options.dry_run,
        is_first_known=base is None,
        before=before,
        changes=changes,
        differences=differences,
        wish=wish,
    )
    _record(session, actor, study_id, told, now)
    return ReimportResult(
        success=True,
        study_id=None if options.dry_run and is_new else study_id,
        log=report.summary(told),
        diff=_diff(session, study, before) if options.dry_run else "",
        differences=differences,
        replaced_slides=() if options.dry_run else replaced,
    )


def _make(session: Session, actor: Actor, name: str, now: datetime) -> Study:
    study = Study(
        name=name,
        created_by_token_id=actor.token_id,
        created_by_user_id=actor.user_id,
        created_at=now,
    )
    session.add(study)
    session.flush()
    return study


def _decide(
    planned: Changes,
    before: StudyContent,
    wish: Wanted,
    base: Base | None,
    options: Options,
) -> tuple[Changes, tuple[Difference, ...]]:
    """Return what to change, and how that differs from what people did by hand."""
    differences = handwork.compare(
        planned,
        before,
        wish.content,
        base,
        keep=options.keep_handwork,
        give_up=options.give_up,
    )
    if options.keep_handwork:
        return keeping.keep(planned, differences, before)
    return planned, differences


def _record(
    session: Session, actor: Actor, study_id: int, done: report.Import, now: datetime
) -> None:
    audit.record(
        session,
        actor=actor.label,
        deed="study.reimport",
        subject=f"study:{study_id}",
        detail={
            "created": done.is_new,
            "files": list(done.wish.files),
            "counts": report.counts(done.changes),
            "by_hand": report.handwork_counts(done.differences),
        },
        now=now,
    )


def _diff(session: Session, study: Study, before: StudyContent) -> str:
    after = content.load(session, study)
    return texts.diff(texts.write(study.name, before), texts.write(study.name, after))
