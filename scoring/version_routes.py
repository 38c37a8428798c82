"""The Api calls through which the web keeps single answers, and shows and restores older ones."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session
from starlette.responses import Response, StreamingResponse

from access.calls import ApiCall, Call, Parameter
from access.replies import Voice, json_reply
from access.rights import Actor
from records.errors import InputError
from scoring import spool, versions
from scoring.finding import AnswerFilter
from scoring.formats.results_tsv import ResultRow
from scoring.versions import Clash, Standing, Version
from scoring.wire import encode, wire_instant, wire_subject

_CLASH = "another answer came between; look at both and decide which one holds"


class VersionEndpoints:
    """Answers the calls about versions of answers."""

    async def history(self, call: Call) -> Response:
        """Send every answer that was ever given, with the one it replaced."""
        wanted = AnswerFilter(
            question=call.opt_text("question"),
            email=call.opt_text("email"),
            slide_id=call.opt_integer("imageId"),
            case_id=call.opt_integer("caseId"),
        )
        file = await call.read(_written, study_id=call.integer("studyId"), wanted=wanted)
        return StreamingResponse(spool.blocks(file), media_type="application/json")

    async def save(self, call: Call) -> Response:
        """Keep one answer, unless another came between."""
        value = call.text("answer")
        email = call.opt_text("email") or call.actor.email
        if email is None:
            raise InputError("the parameter email is missing; expected whose answer it is")
        row = ResultRow(
            slide_id=call.opt_integer("imageId"),
            tma_row=call.opt_integer("tmaRow"),
            tma_column=call.opt_integer("tmaCol"),
            email=email,
            question=call.text("question"),
            value=value,
        )
        kept = await call.write(
            versions.save_answer,
            study_id=call.integer("studyId"),
            row=row,
            case_id=call.opt_integer("caseId"),
            version=call.opt_integer("version"),
            now=call.now,
        )
        return _kept_reply(kept, value)

    async def restore(self, call: Call) -> Response:
        """Make an older answer the current one again."""
        kept = await call.write(
            versions.restore_answer,
            study_id=call.integer("studyId"),
            answer_id=call.integer("scoreValueId"),
            version=call.opt_integer("version"),
            now=call.now,
        )
        return _kept_reply(kept, None)


def calls(endpoints: VersionEndpoints) -> list[ApiCall]:
    """Return the calls about versions of answers."""
    study_id = Parameter("studyId", int)
    version = "id of the answer that it replaces"
    return [
        ApiCall(
            "ScoreHistory",
            endpoints.history,
            "Every answer ever given: who sent it, when, by which door, and what it replaced",
            parameters=(
                study_id,
                Parameter("question", str, required=False, note="name of the only question"),
                Parameter("email", str, required=False, note="of the only person"),
                Parameter("imageId", int, required=False),
                Parameter("caseId", int, required=False, note="the case and its slides"),
            ),
            right="as for Scores",
            source="choice",
            voice=Voice.STATUS,
        ),
        ApiCall(
            "SaveAnswer",
            endpoints.save,
            "Keeps one answer; 409 with both values when another one came between",
            parameters=(
                study_id,
                Parameter("question", str, note="its name"),
                Parameter("answer", str),
                Parameter("email", str, required=False, note="whose it is; else the caller's"),
                Parameter("imageId", int, required=False),
                Parameter("caseId", int, required=False, note="for an answer about the case"),
                Parameter("tmaRow", int, required=False, note="from 0"),
                Parameter("tmaCol", int, required=False, note="from 0"),
                Parameter("version", int, required=False, note=f"{version}; empty for none"),
            ),
            right="as for UploadResults; people who may score: their own",
            source="choice",
            voice=Voice.STATUS,
            writes=True,
        ),
        ApiCall(
            "RestoreScore",
            endpoints.restore,
            "Makes an older answer the current one again, as a new one",
            parameters=(
                study_id,
                Parameter("scoreValueId", int, note="id of the older answer"),
                Parameter("version", int, required=False, note=f"{version}; empty for any"),
            ),
            right="as for SaveAnswer; a token also as for Scores",
            source="choice",
            voice=Voice.STATUS,
            writes=True,
        ),
    ]


def _written(session: Session, actor: Actor, *, study_id: int, wanted: AnswerFilter) -> spool.File:
    found = versions.find_versions(session, actor, study_id=study_id, wanted=wanted)
    return spool.written(_json_lines(found))


def _json_lines(found: Iterator[Version]) -> Iterator[str]:
    return spool.json_array(encode(_wire(version)) for version in found)


def _wire(version: Version) -> dict[str, object]:
    return {
        "id": version.id,
        **wire_subject(version.row),
        "user": version.row.email,
        "question": version.row.question,
        "answer": version.row.value,
        "previousId": version.previous_id,
        "previousAnswer": version.previous_value,
        "isCurrent": version.is_current,
        "door": version.door,
        "changedBy": version.actor,
        "changedByName": version.actor_name,
        "changedOn": wire_instant(version.given_at),
    }


def _kept_reply(kept: Standing | Clash, sent: str | None) -> Response:
    if isinstance(kept, Standing):
        return json_reply({"success": True, **_wire_standing(kept)})
    current = None if kept.current is None else _wire_standing(kept.current)
    body = {"success": False, "log": _CLASH, "error": _CLASH, "current": current}
    return json_reply(body if sent is None else {**body, "sent": sent}, 409)


def _wire_standing(standing: Standing) -> dict[str, object]:
    return {
        "id": standing.id,
        "answer": standing.value,
        "changedBy": standing.actor,
        "changedByName": standing.actor_name,
        "changedOn": wire_instant(standing.given_at),
    }
