"""The status of uploads: how far each is, and what was found in it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from access import tokens
from access.actor_names import find_actor_names
from access.rights import Actor
from records.errors import NotFoundError
from records.tables import Upload
from uploads import checks, progress, reach
from uploads.parts import PartExpiredError, PartMissingError
from uploads.partstore import PartStore

MAX_UPLOADS = 1000
"""Most uploads of one answer."""

EXPIRED = "expired"
ARRIVING = "arriving"


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadStatus:
    """One upload.

    Parameters
    ----------
    upload_id
        A ULID.
    part_id
        The end of its URL, when it has begun.
    path
        Where it goes, or went, under the images root; empty for annotations and attachments.
    purpose
        ``file``, ``anno2`` or ``attachment``.
    actor, actor_name, is_own
        Who asked for it: a label, the address or name that it stands for, and whether that is who
        asks now.
    state
        ``waiting`` (asked for), ``arriving``, ``expired``, ``failed`` (see problem), ``checking``
        (in place), ``ready`` (a slide that can be read), ``unreadable`` (one that cannot) or
        ``stored`` (in place, no slide).
    received, length
        In bytes; None where not known.
    unpacked
        How many bytes of how many came out of a zip, while that goes on.
    slides
        What each slide in it was found to be; see ``uploads.checks.SlideCheck``.
    """

    upload_id: str
    part_id: str | None
    path: str
    purpose: str
    actor: str
    actor_name: str
    is_own: bool
    state: str
    problem: str
    received: int | None
    length: int | None
    sha256: str | None
    unpacked: tuple[int, int] | None
    slides: list[dict[str, object]]
    requested_at: datetime
    finished_at: datetime | None


def list_uploads(
    session: Session,
    actor: Actor,
    *,
    parts: PartStore,
    count: int,
    now: datetime,
    ticket: str | None = None,
    upload_id: str | None = None,
) -> list[UploadStatus]:
    """Return the actor's own uploads, the newest first; an administrator's are everybody's.

    Parameters
    ----------
    count
        How many at most.
    ticket
        The upload token of the only one wanted.
    upload_id
        ULID, or end of the URL, of the only one wanted.

    Raises
    ------
    NotFoundError
        One is wanted that the actor does not have.
    """
    query = select(Upload).order_by(col(Upload.id).desc()).limit(max(1, min(count, MAX_UPLOADS)))
    if not actor.is_admin:
        query = query.where(Upload.actor == actor.label)
    if ticket is not None:
        query = query.where(Upload.ticket_hash == tokens.secret_hash(ticket))
    if upload_id is not None:
        query = query.where(or_(col(Upload.ulid) == upload_id, col(Upload.part) == upload_id))
    rows = session.exec(query).all()
    if not rows and (ticket is not None or upload_id is not None):
        raise NotFoundError("there is no such upload of yours")
    names = find_actor_names(session, {row.actor for row in rows})
    return [
        _status(row, _arrived(row, parts, now), parts=parts, names=names, asker=actor.label)
        for row in rows
    ]


def _status(
    row: Upload,
    arrived: tuple[int | None, int | None, str],
    *,
    parts: PartStore,
    names: Mapping[str, str],
    asker: str,
) -> UploadStatus:
    received, length, state = arrived
    return UploadStatus(
        upload_id=row.ulid,
        part_id=row.part,
        path=reach.Target(row.folder, row.filename).relative if row.purpose == "file" else "",
        purpose=row.purpose,
        actor=row.actor,
        actor_name=names.get(row.actor, ""),
        is_own=row.actor == asker,
        state=state,
        problem=row.problem,
        received=received,
        length=length,
        sha256=row.sha256,
        unpacked=progress.told(parts.folder, row.part) if row.part else None,
        slides=json.loads(row.facts),
        requested_at=row.created_at,
        finished_at=row.finished_at,
    )


def _arrived(row: Upload, parts: PartStore, now: datetime) -> tuple[int | None, int | None, str]:
    """Return how many bytes arrived of how many, and the state with that in mind."""
    if row.finished_at is not None:
        return row.byte_count, row.byte_count, row.state
    if row.part is not None:
        with contextlib.suppress(PartMissingError, PartExpiredError):
            part = parts.glance(row.part, now)
            state = ARRIVING if row.state == checks.WAITING else row.state
            return part.offset, part.length, state
    if row.part is not None or row.expires_at <= now:
        return None, row.byte_count, EXPIRED if row.state == checks.WAITING else row.state
    return 0, row.byte_count, row.state
