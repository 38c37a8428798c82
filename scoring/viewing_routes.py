"""The Api calls that record where people look, and tell it."""

from __future__ import annotations

import itertools
import json

from sqlmodel import Session
from starlette.responses import Response, StreamingResponse

from access.calls import ApiCall, Call, Parameter
from access.replies import Voice, json_reply
from access.rights import Actor
from scoring import spool, viewing
from scoring.wire import wire_instant


class ViewingEndpoints:
    """Answers the calls about sessions of viewing."""

    async def record(self, call: Call) -> Response:
        """Append events to a session of the person who asks."""
        recorded = await call.write(
            viewing.record_batch,
            slide_id=call.integer("imageId"),
            session_id=call.opt_integer("sessionId"),
            batch=call.opt_integer("batch") or 0,
            events=call.text("events"),
            now=call.now,
        )
        return json_reply(
            {
                "success": True,
                "sessionId": recorded.session_id,
                "nextBatch": recorded.next_batch,
                "events": recorded.events,
            }
        )

    async def sessions(self, call: Call) -> Response:
        """List the sessions of a study."""
        found = await call.read(
            viewing.find_sessions,
            study_id=call.integer("studyId"),
            slide_id=call.opt_integer("imageId"),
            email=call.opt_text("email"),
        )
        rows = [
            {
                "id": viewed.id,
                "imageID": viewed.slide_id,
                "studyID": viewed.study_id,
                "email": viewed.email,
                "length": viewed.length_s,
                "createdOn": wire_instant(viewed.created_at),
            }
            for viewed in found
        ]
        return json_reply({"success": True, "sessions": rows})

    async def events(self, call: Call) -> Response:
        """Send the events of a session."""
        file = await call.read(
            _written,
            study_id=call.integer("studyId"),
            session_id=call.integer("sessionId"),
        )
        return StreamingResponse(spool.blocks(file), media_type="application/json")


def calls(endpoints: ViewingEndpoints) -> list[ApiCall]:
    """Return the calls about sessions of viewing."""
    study_id = Parameter("studyId", int)
    return [
        ApiCall(
            "Sessions",
            endpoints.sessions,
            "Sessions of viewing: who looked at which slide, when, for how many seconds",
            parameters=(
                study_id,
                Parameter("imageId", int, required=False),
                Parameter("email", str, required=False),
            ),
            right="as for Scores",
            source="slidescore.md 3.10; length in seconds is a choice",
        ),
        ApiCall(
            "SessionEvents",
            endpoints.events,
            "Events of a session: ms, x, y, width, height, cursor x, cursor y, between tabs",
            parameters=(study_id, Parameter("sessionId", int)),
            right="as for Scores",
            source="slidescore.md 3.10; ms since the session began, level-0 pixels: a choice",
        ),
        ApiCall(
            "RecordSession",
            endpoints.record,
            "Appends events to a session of the person who asks; without sessionId begins one",
            parameters=(
                Parameter("imageId", int),
                Parameter("sessionId", int, required=False),
                Parameter("batch", int, required=False, note="from 0, without gaps; 0"),
                Parameter(
                    "events",
                    str,
                    note=f"lines as SessionEvents tells them, at most {viewing.MAX_BATCH_EVENTS}",
                ),
            ),
            right="people signed in, slide readable; a session is only its person's",
            source="choice",
            voice=Voice.STATUS,
            writes=True,
        ),
    ]


def _written(session: Session, actor: Actor, *, study_id: int, session_id: int) -> spool.File:
    events = viewing.find_events(session, actor, study_id=study_id, session_id=session_id)
    array = spool.json_array(json.dumps(event) for event in events)
    return spool.written(itertools.chain(['{"success":true,"events":'], array, ["}"]))
