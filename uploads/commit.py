"""The end of an upload: a complete part becomes files among the images, or something else.

Steps, so that no database lock is held while bytes move: ``find_arrival`` (who, what, may they),
``survey`` and ``check_members`` (what a zip holds, and may they), ``place`` (the disk) and
``finish_file`` (the record); of an annotation ``read_annotation`` and ``finish_annotation``.
After a crash between them, the same steps again bring the upload to its end.
"""

from __future__ import annotations

import dataclasses
import hmac
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlmodel import Session

from access.rights import Actor
from records import audit
from records.errors import ConflictError, NotFoundError
from records.filestore import FileStore
from records.tables import Upload
from tileserver import dicomseries
from uploads import attachments, checks, digests, reach, tickets, unpacking
from uploads.parts import disk_errors
from uploads.partstore import PartStore
from uploads.progress import ProgressFile
from uploads.unpacking import Contents

StoreAnnotation = Callable[[Session, Actor, int, Path], None]
"""Takes in the file of an annotation: ``(session, actor, annotation_file_id, part)``. It leaves the
part where it is."""

ReadAnnotation = Callable[[Path], StoreAnnotation]
"""Decodes the file of an annotation, outside of any transaction, and returns what takes it in: of a
million outlines that takes seconds, in which nobody else could write."""

_NO_SLIDE_IN_ZIP = frozenset({".jpg", ".jpeg", ".png", ".webp"})
"""Pictures in the zip of a slide are its tiles or a photo of its label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An upload that its owner wants to be finished.

    Parameters
    ----------
    target
        Where the file goes; None for an annotation.
    purpose
        One of ``tickets``: FILE, ANNOTATION or ATTACHMENT.
    is_finished
        Whether it was finished before: then nothing is left to do.
    """

    upload_id: int
    part_id: str
    target: reach.Target | None
    purpose: str
    is_finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What moving an upload into place did.

    Parameters
    ----------
    byte_count
        Of the upload.
    has_replaced
        Whether a file of the same name was there.
    sha256
        Of the upload, when it is known.
    slides
        Paths, under the images root, of the slides that are there now.
    """

    byte_count: int
    has_replaced: bool
    sha256: str | None
    slides: tuple[str, ...]


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
    has_target = row.purpose != tickets.ANNOTATION
    target = reach.Target(row.folder, row.filename) if has_target else None
    is_finished = row.finished_at is not None
    if target is not None and row.purpose == tickets.FILE and not is_finished:
        reach.check_reach(session, actor, files, target)
    return Arrival(
        upload_id=row.id,
        part_id=row.part,
        target=target,
        purpose=row.purpose,
        is_finished=is_finished,
    )


def survey(
    parts: PartStore, arrival: Arrival, *, slide_suffixes: Collection[str]
) -> Contents | None:
    """Return what a complete zip of a slide holds, checked; None for every other upload.

    Raises
    ------
    InputError
        The zip is damaged, or holds what is not taken in.
    ConflictError
        Bytes are missing, or arriving.
    """
    target = arrival.target
    if arrival.purpose != tickets.FILE or target is None:
        return None
    if not target.filename.lower().endswith(".zip"):
        return None
    with parts.complete(arrival.part_id) as part:
        if part is None:
            return None
        return unpacking.read_contents(
            part, target.folder, slide_suffixes=slide_suffixes, max_bytes=parts.max_bytes
        )


def check_members(session: Session, actor: Actor, *, files: FileStore, contents: Contents) -> None:
    """Insist that an actor may put every file of a zip in its place.

    Raises
    ------
    RightsError, InputError
        See ``reach.check_reach``.
    """
    for member in contents.members:
        reach.check_reach(session, actor, files, member.target)


def place(
    parts: PartStore,
    files: FileStore,
    arrival: Arrival,
    *,
    contents: Contents | None,
    sha256: str | None,
    slide_suffixes: Collection[str],
) -> Placed:
    """Move a complete part into place, as a whole; blocks, without a database.

    A file that stands there is replaced. Source: seed, Study configuration: files on the server can
    only be overwritten. That holds for slides too (a choice; it is audited).

    Parameters
    ----------
    contents
        What the part holds when it is the zip of a slide, to be unpacked.
    sha256
        What the client says of the file, in hex.

    Raises
    ------
    NotFoundError
        The upload was given up.
    ConflictError
        Bytes are missing, or arriving.
    DigestError, ZipError
        The file is not the one that the client meant, or a file in the zip is damaged.
    DiskFullError
        The disk has no room for what comes out of a zip, or the images' own disk is full.
    """
    if arrival.target is None:
        raise NotFoundError("an annotation has no place among the files")
    byte_count = parts.length(arrival.part_id)
    with parts.complete(arrival.part_id) as part:
        if part is None:
            has_replaced = False
            _check_placed(files, arrival.target, byte_count, sha256)
            known = sha256
        else:
            known = parts.sums.whole(arrival.part_id, byte_count)
            if sha256 is not None:
                digests.check_sha256(part, sha256, known=known)
                known = sha256
            if contents is not None:
                placed = _place_zip(parts, files, part, contents, slide_suffixes)
                return dataclasses.replace(placed, sha256=known or digests.sha256_of(part))
            has_replaced = files.resolve(arrival.target.relative).exists()
            with disk_errors():
                files.place(part, arrival.target.relative)
    is_slide = arrival.target.filename.lower().endswith(tuple(slide_suffixes))
    slides = (arrival.target.relative,) if is_slide else ()
    return Placed(byte_count=byte_count, has_replaced=has_replaced, sha256=known, slides=slides)


def finish_file(
    session: Session, actor: Actor, *, arrival: Arrival, placed: Placed, now: datetime
) -> None:
    """Record that a file is in place, to be looked at; a second time does nothing."""
    row = _unfinished(session, arrival)
    if row is None or arrival.target is None:
        return
    row.finished_at = now
    row.byte_count = placed.byte_count
    row.sha256 = placed.sha256
    row.problem = ""
    if row.attachment_id is not None:
        row.state = checks.STORED
        attachments.note_arrival(session, row.attachment_id, now)
    else:
        row.state = checks.CHECKING
        row.facts = json.dumps([{"path": path} for path in placed.slides])
        checks.look_again(session, arrival.target)
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


def read_annotation(parts: PartStore, arrival: Arrival, read: ReadAnnotation) -> StoreAnnotation:
    """Decode a complete part; blocks, without a database.

    Raises
    ------
    NotFoundError
        The upload was given up.
    ConflictError
        Bytes are missing, or arriving.
    InputError
        It is no annotation.
    """
    with parts.complete(arrival.part_id) as part:
        if part is None:
            raise _gone()
        return read(part)


def finish_annotation(
    session: Session,
    actor: Actor,
    *,
    arrival: Arrival,
    parts: PartStore,
    store: StoreAnnotation,
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
            raise _gone()
        store(session, actor, row.annotation_file_id, part)
    row.finished_at = now
    row.state = checks.STORED
    session.add(row)
    audit.record(
        session,
        actor=actor.label,
        deed="upload.finish",
        subject=f"upload:{row.id}",
        detail={"annotation_file": row.annotation_file_id, "bytes": row.byte_count},
        now=now,
    )


def note_failure(session: Session, actor: Actor, *, arrival: Arrival, problem: str) -> None:
    """Record why an upload of the actor's could not be finished."""
    row = _unfinished(session, arrival)
    if row is not None and row.actor == actor.label:
        row.state, row.problem = checks.FAILED, problem
        session.add(row)


def _unfinished(session: Session, arrival: Arrival) -> Upload | None:
    row = session.get(Upload, arrival.upload_id, with_for_update=True)
    return row if row is not None and row.finished_at is None else None


def _check_placed(
    files: FileStore, target: reach.Target, byte_count: int, sha256: str | None
) -> None:
    path = files.resolve(target.relative)
    if not path.exists() or path.stat().st_size != byte_count:
        # An earlier attempt moved the part, and somebody moved the file since.
        raise NotFoundError("the uploaded file is gone; upload it again")
    if sha256 is not None:
        digests.check_sha256(path, sha256)


def _gone() -> NotFoundError:
    return NotFoundError("the uploaded annotation is gone; upload it again")


def _place_zip(
    parts: PartStore,
    files: FileStore,
    part: Path,
    contents: Contents,
    slide_suffixes: Collection[str],
) -> Placed:
    parts.check_room(contents.byte_count)
    progress = ProgressFile(parts.folder, part.stem)
    byte_count = part.stat().st_size
    with unpacking.unpacked(part, contents, progress.tell) as found:
        slides = _slides_of(found, slide_suffixes)
        has_replaced = unpacking.place_all(files, found)
    return Placed(
        byte_count=byte_count,
        has_replaced=has_replaced,
        sha256=None,
        slides=slides,
    )


def _slides_of(
    found: Collection[tuple[Path, reach.Target]], slide_suffixes: Collection[str]
) -> tuple[str, ...]:
    """Return the files of a zip that stand for a slide: of a DICOM series, the first."""
    slides: list[str] = []
    series_seen: set[tuple[str, str]] = set()
    for path, target in found:
        suffix = PurePosixPath(target.filename).suffix.lower()
        if suffix == ".dcm":
            series = (target.folder, dicomseries.series_of(path) or target.filename)
            if series in series_seen:
                continue
            series_seen.add(series)
        elif suffix not in slide_suffixes or suffix in _NO_SLIDE_IN_ZIP:
            continue
        slides.append(target.relative)
    return tuple(slides)
