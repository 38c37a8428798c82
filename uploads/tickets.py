"""Upload tickets: leave, given beforehand, to send one file to one place."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, select

from access import gate, tokens
from access.rights import Actor, Right
from records.errors import ConflictError, InputError, NotFoundError, RightsError
from records.filestore import FileStore
from records.tables import Upload
from uploads import attachments, checks, names, reach

FILE: Final = "file"
ANNOTATION: Final = "anno2"
ATTACHMENT: Final = "attachment"

TICKET_LIFETIME = timedelta(days=1)
"""How long a ticket waits for its upload to begin: a choice, enough for a queue that was requested
in the evening. A begun upload has its own expiry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """How files are taken in.

    Parameters
    ----------
    files
        The images root.
    slide_suffixes
        Endings of slide files, in lower case, with their dot.
    new_secret
        Makes an unguessable text that fits into a URL.
    lifetime
        How long a ticket waits for its upload to begin.
    """

    files: FileStore
    slide_suffixes: Collection[str]
    new_secret: Callable[[], str]
    lifetime: timedelta = TICKET_LIFETIME


@dataclass(frozen=True, slots=True)
class Admission:
    """Leave for an upload to begin.

    Parameters
    ----------
    replaced_part
        What the same ticket began before, when the client never heard of it; nobody needs it now.
    """

    replaced_part: str | None


def request_upload(
    session: Session,
    actor: Actor,
    *,
    intake: Intake,
    filename: str,
    folder: str,
    study_id: int | None,
    now: datetime,
) -> str:
    """Give a ticket for one file; only its hash is kept.

    Parameters
    ----------
    folder
        Under the images root. Empty means the folder of the study, or without a study the root
        itself. Source: seed, RequestUpload; slidescore.md 1 #11 and 3.4.

    Returns
    -------
    str
        The upload token.

    Raises
    ------
    InputError
        The name or the folder is no good one, or of a kind that is not taken in.
    RightsError
        The actor may not put this file there.
    """
    path = intake.files.normalise(folder)
    attachment_id = attachments.requested_by(session, actor, path, filename)
    if attachment_id is not None:
        target = attachments.attachment_target(attachment_id)
        return _issue(
            session,
            actor,
            intake=intake,
            now=now,
            purpose=ATTACHMENT,
            target=target,
            attachment_id=attachment_id,
        )
    if not path and study_id is not None:
        path = intake.files.normalise(gate.modifiable_study(session, actor, study_id).name)
    target = _target(path, filename, intake)
    reach.check_reach(session, actor, intake.files, target)
    return _issue(session, actor, intake=intake, now=now, purpose=FILE, target=target)


def request_annotation_upload(
    session: Session, actor: Actor, *, intake: Intake, annotation_file_id: int, now: datetime
) -> str:
    """Give a ticket for the file of an annotation; the caller has checked the right to answer.

    Returns
    -------
    str
        The upload token.
    """
    return _issue(
        session,
        actor,
        intake=intake,
        now=now,
        purpose=ANNOTATION,
        target=reach.Target("", "annotation"),
        annotation_file_id=annotation_file_id,
    )


def admit(
    session: Session,
    actor: Actor,
    *,
    ticket: str,
    part_id: str | None,
    byte_count: int | None,
    now: datetime,
) -> Admission:
    """Let an upload begin: the ticket is this actor's, open, and holds for one part.

    A client that lost the answer begins again with the same ticket; the newest part is the one
    that can be finished.

    Parameters
    ----------
    part_id
        None for a piece, to be joined later: of those a ticket may have many.
    byte_count
        None when the client does not know it yet.

    Raises
    ------
    RightsError
        The ticket is unknown, somebody else's or expired, or its owner may no longer upload.
    ConflictError
        The ticket's upload is finished.
    """
    row = find_ticket(session, actor, ticket)
    if row is None:
        raise RightsError("this upload token is not valid for this API token")
    if row.finished_at is not None:
        raise ConflictError("the upload of this token is finished; request a new upload token")
    if row.expires_at <= now:
        raise RightsError("this upload token has expired; request a new one")
    if row.purpose == FILE and not actor.is_person:
        gate.require(actor, Right.CAN_UPLOAD)
    if part_id is None:
        return Admission(None)
    replaced, row.part, row.byte_count = row.part, part_id, byte_count
    row.state, row.problem = checks.WAITING, ""
    session.add(row)
    session.flush()
    return Admission(replaced)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """A new ticket for an upload that was asked for before.

    Parameters
    ----------
    ticket
        The upload token; the one before it holds no more.
    part_id
        The end of the URL where its bytes go; None before the first.
    """

    ticket: str
    part_id: str | None


def renew_ticket(
    session: Session, actor: Actor, *, intake: Intake, upload_id: str, now: datetime
) -> Renewed:
    """Give another ticket for an unfinished upload of the actor's own.

    Only the hash of a ticket is kept, so that who comes back without it, as with another browser,
    could not go on otherwise.

    Raises
    ------
    NotFoundError
        The actor has no such upload.
    ConflictError
        It is finished.
    RightsError
        The actor may not put a file there any more.
    """
    row = session.exec(
        select(Upload).where(Upload.ulid == upload_id, Upload.actor == actor.label)
    ).first()
    if row is None or row.purpose != FILE:
        raise NotFoundError("there is no such upload of yours")
    if row.finished_at is not None:
        raise ConflictError("this upload is finished; request a new one")
    reach.check_reach(session, actor, intake.files, reach.Target(row.folder, row.filename))
    ticket = intake.new_secret()
    row.ticket_hash, row.expires_at = tokens.secret_hash(ticket), now + intake.lifetime
    session.add(row)
    session.flush()
    return Renewed(ticket=ticket, part_id=row.part)


def begun_part(session: Session, actor: Actor, ticket: str) -> str | None:
    """Return the part that an actor's own ticket stands for by now."""
    row = find_ticket(session, actor, ticket)
    return row.part if row is not None else None


def find_ticket(session: Session, actor: Actor, ticket: str) -> Upload | None:
    """Return the row of an actor's own ticket; for use within this package."""
    row = session.exec(
        select(Upload).where(Upload.ticket_hash == tokens.secret_hash(ticket))
    ).first()
    return row if row is not None and row.actor == actor.label else None


def _target(folder: str, filename: str, intake: Intake) -> reach.Target:
    if any(part.startswith(".") for part in folder.split("/")):
        raise InputError(f"the folder {folder!r} has a part that starts with a dot")
    return reach.Target(folder, names.check_file_name(filename, intake.slide_suffixes))


def _issue(
    session: Session,
    actor: Actor,
    *,
    intake: Intake,
    now: datetime,
    purpose: str,
    target: reach.Target,
    annotation_file_id: int | None = None,
    attachment_id: int | None = None,
) -> str:
    ticket = intake.new_secret()
    session.add(
        Upload(
            ticket_hash=tokens.secret_hash(ticket),
            actor=actor.label,
            api_token_id=actor.token_id,
            user_id=actor.user_id,
            purpose=purpose,
            folder=target.folder,
            filename=target.filename,
            annotation_file_id=annotation_file_id,
            attachment_id=attachment_id,
            created_at=now,
            expires_at=now + intake.lifetime,
        )
    )
    session.flush()
    return ticket
