"""Attachments: files that descriptions link to, kept apart from the images.

Source: slidescore.md 3.4: who asks gets a token of its own, good for this one upload, and the link
``/a/<attId>/<shortguid>/<name>``.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, select

from access import gate, tokens
from access.rights import Actor, Right
from records import audit, filestore
from records.errors import InputError, NotFoundError
from records.filestore import FileStore
from records.tables import Attachment
from uploads.download import Download, Member
from uploads.reach import Target

FOLDER: Final = "attachments"
"""First part of the folder that clients are told; it is none of the images root's."""

_MAX_ID: Final = 2**31 - 1

TOKEN_LIFETIME = timedelta(days=1)
"""How long the token for the upload holds: a choice, as long as an upload may wait to begin."""

_NO_STUDY = ("/",)
"""A restriction to a study that cannot exist, for no study is named so: empty would mean any."""

_MAX_NAME_BYTES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentLeave:
    """Leave to upload one attachment.

    Parameters
    ----------
    token
        A temporary API token.
    folder, filename
        What the client sends on to RequestUpload.
    attachment_id
        For its link.
    """

    token: str
    folder: str
    filename: str
    attachment_id: int


def request_attachment(
    session: Session,
    actor: Actor,
    *,
    study_id: int,
    filename: str,
    new_secret: Callable[[], str],
    now: datetime,
) -> AttachmentLeave:
    """Give leave to upload an attachment of a study's descriptions.

    Parameters
    ----------
    new_secret
        Makes an unguessable text of letters and digits.

    Raises
    ------
    RightsError
        The actor may not upload, or not modify the study.
    InputError
        The name is no good file name.
    """
    study = gate.modifiable_study(session, actor, study_id, right=Right.CAN_UPLOAD)
    name = filestore.check_name(filename)
    if len(name.encode()) > _MAX_NAME_BYTES or name.startswith("."):
        raise InputError(
            f"the name of an attachment has at most {_MAX_NAME_BYTES} bytes and starts with no dot"
        )
    token = tokens.issue_api_token(
        session,
        actor,
        tokens.NewApiToken(
            name=f"attachment {name} of {study.name}",
            rights=frozenset({Right.CAN_UPLOAD}),
            read_studies=_NO_STUDY,
            modify_studies=_NO_STUDY,
            upload_folders=(FOLDER,),
            expires_at=now + TOKEN_LIFETIME,
        ),
    )
    token_id = tokens.verify_api_token(session, token, now).token_id
    row = Attachment(
        study_id=study_id,
        secret=new_secret(),
        filename=name,
        api_token_id=token_id or 0,
        created_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor=actor.label,
        deed="attachment.request",
        subject=f"study:{study_id}",
        detail={"attachment": row.id, "filename": name},
        now=now,
    )
    return AttachmentLeave(
        token=token,
        folder=f"{FOLDER}/{row.id}",
        filename=f"{row.secret}-{name}",
        attachment_id=row.id or 0,
    )


def requested_by(session: Session, actor: Actor, folder: str, filename: str) -> int | None:
    """Return the attachment that a token was made for, or None for every other token.

    Raises
    ------
    InputError
        The token was made for an attachment, but of another folder or name.
    """
    if actor.token_id is None:
        return None
    row = session.exec(select(Attachment).where(Attachment.api_token_id == actor.token_id)).first()
    if row is None:
        return None
    name = filestore.check_name(filename)
    if (folder, name) != (f"{FOLDER}/{row.id}", f"{row.secret}-{row.filename}"):
        raise InputError("this token is for one attachment: its folder and file name are others")
    return row.id


def attachment_target(attachment_id: int) -> Target:
    """Return where an attachment lies, under the root of attachments."""
    return Target("", str(attachment_id))


def note_arrival(session: Session, attachment_id: int, now: datetime) -> None:
    """Record that an attachment's file is in place."""
    row = session.get(Attachment, attachment_id)
    if row is not None:
        row.arrived_at = now
        session.add(row)


def open_attachment(
    session: Session,
    actor: Actor,
    *,
    files: FileStore,
    attachment_id: int,
    secret: str,
    filename: str,
) -> Download:
    """Return the file of an attachment to who may read its study.

    The link is unguessable, but links are copied, and forwarded: it is not enough (a choice).

    Raises
    ------
    RightsError
        The actor may not read the study.
    NotFoundError
        There is no such attachment, or its file did not arrive.
    """
    missing = NotFoundError("there is no such attachment")
    # A path may hold any number; databases fail at those that are too large for an id.
    row = session.get(Attachment, attachment_id) if attachment_id <= _MAX_ID else None
    if row is None or row.arrived_at is None or row.id is None:
        raise missing
    if not hmac.compare_digest(row.secret.encode(), secret.encode(errors="replace")):
        raise missing
    if row.filename != filename:
        raise missing
    gate.readable_study(session, actor, row.study_id)
    path = files.resolve(attachment_target(row.id).relative)
    if not path.is_file():
        raise missing
    return Download(row.filename, (Member(path, row.filename),))
