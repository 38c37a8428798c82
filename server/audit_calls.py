"""The audit trail over the Api: who did what, newest first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar
from starlette.responses import Response

from access import gate, invitations
from access.actor_names import find_actor_names
from access.calls import ApiCall, Call, Parameter
from access.replies import json_reply
from access.rights import Actor, Right
from records.errors import InputError
from records.tables import AuditEvent, User
from server import audit_parts

MOST_EVENTS = 500
USUAL_EVENTS = 100
STUDY_EVENTS = 50


class AuditEndpoints:
    """Answers administrators who ask what was done."""

    async def audit(self, call: Call) -> Response:
        """List events."""
        count = call.opt_integer("count")
        count = USUAL_EVENTS if count is None else count
        if not 1 <= count <= MOST_EVENTS:
            raise InputError(f"count must be 1 to {MOST_EVENTS}, not {count}")
        wanted = _Wanted(
            subject=call.opt_text("subject"),
            actor=call.opt_text("actor"),
            deed=call.opt_text("deed"),
            before_id=call.opt_integer("beforeId"),
            since=call.opt_instant("since"),
            until=call.opt_instant("until"),
            count=count,
        )
        events = await call.read(_find_events, wanted)
        return json_reply({"success": True, "events": events})

    async def study_trail(self, call: Call) -> Response:
        """List the latest events about a study."""
        events = await call.read(_find_study_events, study_id=call.integer("studyId"))
        return json_reply({"success": True, "events": events})


def calls(endpoints: AuditEndpoints) -> list[ApiCall]:
    """Return the declared calls."""

    def maybe(name: str, kind: type, note: str) -> Parameter:
        return Parameter(name, kind, required=False, note=note)

    return [
        ApiCall(
            "Audit",
            endpoints.audit,
            "What was done, newest first: who, when, to what, old and new values",
            parameters=(
                maybe("subject", str, "such as slide:12"),
                maybe("actor", str, "such as user:7 or token:3, or a person's address"),
                maybe("deed", str, "such as slide.move, or slide for all of them"),
                maybe("since", datetime, "from this instant on"),
                maybe("until", datetime, "before this instant"),
                maybe("beforeId", int, "events older than this one, for the next page"),
                maybe("count", int, f"{USUAL_EVENTS}; at most {MOST_EVENTS}"),
            ),
            right="an administrator who is signed in",
            source="choice: the vendor publishes no audit trail",
        ),
        ApiCall(
            "StudyTrail",
            endpoints.study_trail,
            f"The last {STUDY_EVENTS} events of a study and its parts, removed ones too",
            parameters=(Parameter("studyId", int),),
            right="CanGetConfig; study modifiable",
            source="choice",
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """Which events, each field None for any."""

    subject: str | None
    actor: str | None
    deed: str | None
    before_id: int | None
    since: datetime | None
    until: datetime | None
    count: int

    def query(self) -> SelectOfScalar[AuditEvent]:
        """Return the query, newest first."""
        deed = col(AuditEvent.deed)
        query = select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(self.count)
        if self.subject is not None:
            query = query.where(AuditEvent.subject == self.subject)
        if self.actor is not None:
            query = query.where(AuditEvent.actor == self.actor)
        if self.deed is not None:
            is_whole = "." in self.deed
            of_noun = deed.startswith(f"{self.deed}.", autoescape=True)
            query = query.where(deed == self.deed if is_whole else of_noun)
        if self.before_id is not None:
            query = query.where(col(AuditEvent.id) < self.before_id)
        if self.since is not None:
            query = query.where(col(AuditEvent.at) >= self.since)
        if self.until is not None:
            query = query.where(col(AuditEvent.at) < self.until)
        return query


def _find_events(session: Session, actor: Actor, wanted: _Wanted) -> list[dict[str, object]]:
    invitations.require_admin(actor)
    if wanted.actor is not None and "@" in wanted.actor:
        wanted = replace(wanted, actor=_label_of(session, wanted.actor))
    return _told(session, session.exec(wanted.query()).all())


def _label_of(session: Session, email: str) -> str:
    """Return the label of the person who has an address; of nobody, one that no event has."""
    person = session.exec(select(User.id).where(User.email == email.strip().lower())).first()
    return f"user:{person}"


def _find_study_events(session: Session, actor: Actor, *, study_id: int) -> list[dict[str, object]]:
    gate.modifiable_study(session, actor, study_id, right=Right.CAN_GET_CONFIG)
    of_study = col(AuditEvent.subject) == f"study:{study_id}"
    query = (
        select(AuditEvent)
        .where(or_(of_study, audit_parts.are_of(study_id), audit_parts.are_removals_from(study_id)))
        .order_by(col(AuditEvent.id).desc())
        .limit(STUDY_EVENTS)
    )
    return _told(session, session.exec(query).all())


def _told(session: Session, events: Sequence[AuditEvent]) -> list[dict[str, object]]:
    actors = find_actor_names(session, {event.actor for event in events})
    subjects = audit_parts.find_subjects(session, events)
    return [
        {
            "id": event.id,
            "at": event.at.isoformat(),
            "actor": event.actor,
            "actorName": actors.get(event.actor, ""),
            "deed": event.deed,
            "subject": event.subject,
            "subjectName": subject.name,
            "studyName": subject.study,
            "detail": json.loads(event.detail),
        }
        for event, subject in zip(events, subjects, strict=True)
    ]
