"""The audit trail: who did what to what, in a chain of hashes that shows later changes."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What an examination of the whole chain found.

    Parameters
    ----------
    events
        How many fit, from the first on.
    last_hash
        Of the last that fits. Noted elsewhere, it shows later that events at the end are missing,
        which the chain alone cannot show.
    broken_id
        Of the first event that does not fit; None when the chain is whole.
    has_known
        Whether an event has the hash that was asked for.
    """

    events: int
    last_hash: str
    broken_id: int | None
    has_known: bool


def examine(session: Session, *, known_hash: str = FIRST_HASH) -> Examined:
    """Compute every hash anew, event by event, and compare it with the one that is kept.

    Parameters
    ----------
    known_hash
        What was the last hash once; the chain must still go through it.
    """
    previous, events, has_known = FIRST_HASH, 0, known_hash == FIRST_HASH
    query = select(AuditEvent).order_by(col(AuditEvent.id)).execution_options(yield_per=1000)
    with contextlib.closing(session.exec(query)) as chain:
        for event in chain:
            if event.previous_hash != previous or event.hash != _hash(event):
                return Examined(
                    events=events, last_hash=previous, broken_id=event.id, has_known=has_known
                )
            previous, events = event.hash, events + 1
            has_known = has_known or previous == known_hash
    return Examined(events=events, last_hash=previous, broken_id=None, has_known=has_known)


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
