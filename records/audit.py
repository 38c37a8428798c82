"""The audit trail: who did what to what, in a chain of hashes that shows later changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from records.columns import utc_now
from records.tables import AuditEvent

FIRST_HASH = "0" * 64
"""What stands before the first event."""


def record(
    session: Session,
    *,
    actor: str,
    deed: str,
    subject: str,
    detail: Mapping[str, object] | None = None,
    now: datetime | None = None,
) -> None:
    """Append one event, in the transaction of the deed itself.

    Parameters
    ----------
    actor
        Who, as a label: ``token:3``, ``user:7`` or ``cli``.
    deed
        What, as ``noun.verb``: ``slide.add``, ``study.reimport``.
    subject
        On what: ``study:4``, ``slide:12``.
    detail
        Facts as JSON: old and new values, counts. Never secrets.
    """
    last = session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(1)).first()
    event = AuditEvent(
        at=now or utc_now(),
        actor=actor,
        deed=deed,
        subject=subject,
        detail=json.dumps(detail or {}, sort_keys=True, ensure_ascii=False),
        previous_hash=last.hash if last else FIRST_HASH,
        hash="",
    )
    event.hash = _hash(event)
    session.add(event)
    session.flush()


def first_broken_event(session: Session) -> int | None:
    """Return the id of the first event whose hash does not fit, or None when the chain is whole."""
    previous = FIRST_HASH
    for event in session.exec(select(AuditEvent).order_by(col(AuditEvent.id))):
        if event.previous_hash != previous or event.hash != _hash(event):
            return event.id
        previous = event.hash
    return None


def _hash(event: AuditEvent) -> str:
    fields = [
        event.previous_hash,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.actor,
        event.deed,
        event.subject,
        event.detail,
    ]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()
