"""The record of looking at what arrived: which uploads wait for it, and what was found."""

from __future__ import annotations

import json
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from sqlmodel import Session, col, or_, select

from access.rights import Actor
from records import audit
from records.errors import ConflictError, NotFoundError
from records.tables import Slide, Upload
from uploads.reach import Target

WAITING: Final = "waiting"
CHECKING: Final = "checking"
READY: Final = "ready"
UNREADABLE: Final = "unreadable"
STORED: Final = "stored"
FAILED: Final = "failed"

CHECKER: Final = "checker"
"""The actor of the audit trail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """An upload to be looked at.

    Parameters
    ----------
    target
        The file that arrived; a zip that was unpacked is there no more.
    slides
        Paths under the images root that are slides; none for other files.
    sha256
        Of the file that arrived, when it is known already.
    stands
        Whether that file is the one in its place: no later upload has replaced it.
    """

    upload_id: int
    target: Target
    slides: tuple[str, ...]
    sha256: str | None
    stands: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideCheck:
    """What one slide was found to be.

    Parameters
    ----------
    path
        Under the images root.
    problem
        Why it cannot be read; empty when it can.
    sha256
        Of its file, or of the first of its files; None when it is gone.
    byte_count
        Of that file.
    facts
        See ``uploads.inspection.Finding``.
    """

    path: str
    problem: str
    sha256: str | None
    byte_count: int
    facts: dict[str, object]


def next_check(session: Session) -> Check | None:
    """Return the oldest upload that waits to be looked at."""
    row = session.exec(
        select(Upload).where(Upload.state == CHECKING).order_by(col(Upload.id)).limit(1)
    ).first()
    if row is None or row.id is None:
        return None
    later = session.exec(
        select(Upload.id)
        .where(Upload.folder == row.folder, Upload.filename == row.filename)
        .where(col(Upload.id) != row.id, col(Upload.finished_at) >= row.finished_at)
        .limit(1)
    ).first()
    return Check(
        upload_id=row.id,
        target=Target(row.folder, row.filename),
        slides=tuple(slide["path"] for slide in json.loads(row.facts)),
        sha256=row.sha256,
        stands=later is None,
    )


def record_check(
    session: Session,
    *,
    check: Check,
    found: Sequence[SlideCheck],
    sha256: str | None,
    now: datetime,
) -> None:
    """Keep what was found, with the upload and with the slides that show these files."""
    row = session.get(Upload, check.upload_id, with_for_update=True)
    if row is None or row.state != CHECKING:
        return
    problems = [slide.problem for slide in found if slide.problem]
    row.state = (UNREADABLE if problems else READY) if found else STORED
    row.problem = "; ".join(problems)
    row.sha256 = sha256
    row.facts = json.dumps(
        [
            {
                "path": slide.path,
                "problem": slide.problem,
                "sha256": slide.sha256,
                "bytes": slide.byte_count,
                **slide.facts,
            }
            for slide in found
        ]
    )
    session.add(row)
    for slide in found:
        _tell_slides(session, slide)
    audit.record(
        session,
        actor=CHECKER,
        deed="upload.check",
        subject=f"upload:{row.id}",
        detail={"state": row.state, "problem": row.problem, "sha256": sha256},
        now=now,
    )


def note_known_sums(
    session: Session, actor: Actor, *, study_id: int, slide_id: int | None = None
) -> None:
    """Keep, with slides of a study that have none, the SHA-256 of the upload that they came by.

    Who calls this may modify the study; it only tells what is so.

    Parameters
    ----------
    actor
        Not asked for rights.
    slide_id
        The only slide that came; None: any may have.
    """
    query = select(Slide).where(Slide.study_id == study_id, col(Slide.sha256).is_(None))
    slides = session.exec(query if slide_id is None else query.where(Slide.id == slide_id)).all()
    folders = {
        "" if folder == PurePosixPath() else folder.as_posix()
        for slide in slides
        for folder in PurePosixPath(slide.path).parents
    }
    # Who adds slides to a large study one by one must not have all of its uploads read each time.
    path = slides[0].path if len(slides) == 1 else None
    sums = _sums_below(session, folders, path) if slides else {}
    for slide in slides:
        sha256, byte_count = sums.get(slide.path, (None, None))
        # Another size: somebody changed the file since, without an upload.
        if sha256 is not None and byte_count == slide.file_size:
            slide.sha256 = sha256
            session.add(slide)


def _sums_below(
    session: Session, folders: Set[str], path: str | None
) -> dict[str, tuple[str, int]]:
    """Return SHA-256 and size of slides that were uploaded to these folders, by their paths.

    Parameters
    ----------
    path
        Of the only slide that is wanted, at least; None: all are.
    """
    query = (
        select(Upload.facts)
        .where(col(Upload.folder).in_(folders))
        .where(col(Upload.state).in_((READY, UNREADABLE)))
        .order_by(col(Upload.finished_at))
    )
    if path is not None:
        # As ``record_check`` wrote it there; what is found is compared exactly.
        query = query.where(col(Upload.facts).contains(json.dumps(path), autoescape=True))
    return {
        slide["path"]: (slide["sha256"], slide["bytes"])
        for facts in session.exec(query)
        for slide in json.loads(facts)
        if slide.get("sha256")
    }


def check_again(session: Session, actor: Actor, *, upload_id: str) -> None:
    """Let what arrived be looked at once more, as after its file was mended where it lies.

    Parameters
    ----------
    upload_id
        A ULID.

    Raises
    ------
    NotFoundError
        The actor has no such upload; an administrator has all of them.
    ConflictError
        Nothing of it was looked at yet, or it holds no slide.
    """
    query = select(Upload).where(Upload.ulid == upload_id)
    if not actor.is_admin:
        query = query.where(Upload.actor == actor.label)
    row = session.exec(query).first()
    if row is None:
        raise NotFoundError("there is no such upload of yours")
    if row.state not in (READY, UNREADABLE):
        raise ConflictError(f"the upload is {row.state}; only slides that were looked at are again")
    row.state = CHECKING
    # Of the file as it is now, which may be another than the one that came.
    row.sha256 = None
    session.add(row)
    audit.record(session, actor=actor.label, deed="upload.check-again", subject=f"upload:{row.id}")


def look_again(session: Session, target: Target) -> None:
    """Let slides be looked at once more of whose files another has arrived just now.

    A MIRAX folder, the pictures of a Hamamatsu index and the instances of a DICOM series come one
    by one; only the last makes the slide whole.
    """
    beside = col(Upload.folder) == target.folder
    indices = or_(*(col(Upload.filename).like(f"%{suffix}") for suffix in (".vms", ".vmu", ".dcm")))
    clauses = [beside & indices]
    if target.folder:
        above = PurePosixPath(target.folder)
        parent = "" if above.parent == PurePosixPath() else above.parent.as_posix()
        clauses.append(
            (col(Upload.folder) == parent) & (col(Upload.filename) == f"{above.name}.mrxs")
        )
    rows = session.exec(select(Upload).where(Upload.state == UNREADABLE, or_(*clauses))).all()
    for row in rows:
        row.state = CHECKING
        session.add(row)


def _tell_slides(session: Session, found: SlideCheck) -> None:
    if found.sha256 is None:
        return
    slides = session.exec(
        select(Slide).where(Slide.path == found.path, Slide.file_size == found.byte_count)
    ).all()
    for slide in slides:
        slide.sha256 = found.sha256
        session.add(slide)
