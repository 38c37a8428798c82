"""The end of an upload: a complete part becomes a file among the images, or an annotation.

Three steps, so that no database lock is held while bytes move: ``find_arrival`` (who, what, may
they), ``place`` (the disk) and ``finish_file`` (the record). After a crash between them, the same
steps again bring the upload to its end.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from access.rights import Actor
from records import audit
from records.errors import ConflictError, NotFoundError
from records.filestore import FileStore
from records.tables import Upload
from uploads import reach, tickets
from uploads.parts import disk_errors
from uploads.partstore import PartStore

OnAnnotation = Callable[[Session, Actor, int, Path], None]
"""Takes in the file of an annotation: ``(session, actor, annotation_file_id, part)``. It reads the
part and leaves it where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An upload that its owner wants to be finished.

    Parameters
    ----------
    target
        Where the file goes; None for an annotation.
    is_finished
        Whether it was finished before: then nothing is left to do.
    """

    upload_id: int
    part_id: str
    target: reach.Target | None
    is_finished: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """What moving a file into place did."""

    byte_count: int
    has_replaced: bool


def find_arrival(
    session: Session, actor: Actor, *, files: FileStore, ticket: str, part_id: str
) -> Arrival:
    """Return what a ticket and an upload's id stand for, if the actor may finish it.

    Raises
    ------
    NotFoundError
        The actor has no such ticket, or it stands for another upload.
    ConflictError
        Nothing was uploaded with it yet.
    RightsError
        The actor may not, or no longer, put the file in its place.
    """
    row = tickets.find_ticket(session, actor, ticket)
    if row is None or row.id is None:
        raise NotFoundError("there is no upload with this upload token for this API token")
    if row.part is None:
        raise ConflictError("nothing was uploaded with this upload token yet")
    if not hmac.compare_digest(row.part.encode(), part_id.encode(errors="replace")):
        raise NotFoundError("this upload token stands for another upload than this id")
    target = reach.Target(row.folder, row.filename) if row.purpose == tickets.FILE else None
    is_finished = row.finished_at is not None
    if target is not None and not is_finished:
        reach.check_reach(session, actor, files, target)
    return Arrival(upload_id=row.id, part_id=row.part, target=target, is_finished=is_finished)


def place(parts: PartStore, files: FileStore, part_id: str, target: reach.Target) -> Placed:
    """Move a complete part into place, as a whole; blocks, without a database.

    A file that stands there is replaced. Source: seed, Study configuration: files on the server can
    only be overwritten. That holds for slides too (a choice; it is audited).

    Raises
    ------
    NotFoundError
        The upload was given up.
    ConflictError
        Bytes are missing, or arriving.
    DiskFullError
        The images are on another disk, which is full.
    """
    byte_count = parts.length(part_id)
    with parts.complete(part_id) as part:
        path = files.resolve(target.relative)
        has_replaced = path.exists()
        if part is not None:
            with disk_errors():
                files.place(part, target.relative)
        elif not has_replaced or path.stat().st_size != byte_count:
            # An earlier attempt moved the part, and somebody moved the file since.
            raise NotFoundError("the uploaded file is gone; upload it again")
    return Placed(byte_count, has_replaced and part is not None)


def finish_file(
    session: Session, actor: Actor, *, arrival: Arrival, placed: Placed, now: datetime
) -> None:
    """Record that a file is in place; a second time does nothing."""
    row = _unfinished(session, arrival)
    if row is None or arrival.target is None:
        return
    row.finished_at = now
    row.byte_count = placed.byte_count
    session.add(row)
    audit.record(
        session,
        actor=actor.label,
        deed="upload.finish",
        subject=f"upload:{row.id}",
        detail={
            "path": arrival.target.relative,
            "bytes": placed.byte_count,
            "replaced": placed.has_replaced,
        },
        now=now,
    )


def finish_annotation(
    session: Session,
    actor: Actor,
    *,
    arrival: Arrival,
    parts: PartStore,
    on_annotation: OnAnnotation,
    now: datetime,
) -> None:
    """Hand a complete part to whoever keeps annotations; a second time does nothing.

    Raises
    ------
    NotFoundError
        The upload was given up.
    ConflictError
        Bytes are missing, or arriving.
    """
    row = _unfinished(session, arrival)
    if row is None or row.annotation_file_id is None:
        return
    with parts.complete(arrival.part_id) as part:
        if part is None:
            raise NotFoundError("the uploaded annotation is gone; upload it again")
        on_annotation(session, actor, row.annotation_file_id, part)
    row.finished_at = now
    session.add(row)
    audit.record(
        session,
        actor=actor.label,
        deed="upload.finish",
        subject=f"upload:{row.id}",
        detail={"annotation_file": row.annotation_file_id, "bytes": row.byte_count},
        now=now,
    )


def _unfinished(session: Session, arrival: Arrival) -> Upload | None:
    row = session.get(Upload, arrival.upload_id, with_for_update=True)
    return row if row is not None and row.finished_at is None else None
