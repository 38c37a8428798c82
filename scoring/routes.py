"""The Api calls through which results come in and go out."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session
from starlette.responses import Response, StreamingResponse

from access.calls import ApiCall, Call, Parameter
from access.replies import json_reply
from access.rights import Actor
from scoring import answers, spool
from scoring.answers import FoundAnswer, SavedResults
from scoring.finding import AnswerFilter
from scoring.formats import results_tsv
from scoring.formats.results_tsv import Layout
from scoring.problems import Problems
from scoring.wire import encode, wire_instant, wire_subject

_STUDY_ID = Parameter("studyId", int)


class ScoreEndpoints:
    """Answers the calls about results."""

    async def scores(self, call: Call) -> Response:
        """Send the current answers of a study, as JSON to whom asks for it, else as a table."""
        wanted = AnswerFilter(
            question=call.opt_text("question"),
            email=call.opt_text("email"),
            slide_id=call.opt_integer("imageId"),
            case_id=call.opt_integer("caseId"),
        )
        as_json = _asks_for_json(call.request.headers.get("accept", ""))
        file = await call.read(
            _written_answers,
            study_id=call.integer("studyId"),
            wanted=wanted,
            as_json=as_json,
        )
        media_type = "application/json" if as_json else "text/tab-separated-values"
        return StreamingResponse(spool.blocks(file), media_type=media_type)

    async def studies_updated(self, call: Call) -> Response:
        """List the studies of which answers came since an instant."""
        found = await call.read(answers.studies_updated_since, since=call.instant("since"))
        return json_reply({"studyIDs": found})

    async def upload_results(self, call: Call) -> Response:
        """Take in a table of answers, all or nothing."""
        study_id = call.integer("studyId")
        text = call.text("results")
        saved = await call.write(_save_table, study_id=study_id, text=text, now=call.now)
        return json_reply({"success": True, "log": _log(saved, results_tsv.notes_on(text))})


def calls(endpoints: ScoreEndpoints) -> list[ApiCall]:
    """Return the calls about results."""
    return [
        ApiCall(
            "Scores",
            endpoints.scores,
            "Current answers of a study: a JSON array when Accept names JSON, else a table",
            parameters=(
                _STUDY_ID,
                Parameter("question", str, required=False, note="name of the only question"),
                Parameter("email", str, required=False, note="of the only person"),
                Parameter("imageId", int, required=False),
                Parameter("caseId", int, required=False, note="the case and its slides"),
            ),
            right="study readable, and CanGetAnyScores or (for studies it created) CanGetScores",
            source="slidescore.md 3.6, 3.7",
        ),
        ApiCall(
            "GetStudiesUpdated",
            endpoints.studies_updated,
            "Ids of studies of which an answer came or changed since an instant",
            parameters=(Parameter("since", datetime, note="ISO 8601, with its zone"),),
            right="as for Scores; other studies are left out",
            source="seed, GetStudiesUpdated",
        ),
        ApiCall(
            "UploadResults",
            endpoints.upload_results,
            "Takes in a table of answers, all or nothing; the first line is never an answer",
            parameters=(_STUDY_ID, Parameter("results", str)),
            right="CanUploadScores, study modifiable",
            source="slidescore.md 3.7",
            writes=True,
        ),
    ]


def _asks_for_json(accept: str) -> bool:
    """Tell whether a client asks for JSON.

    Source: slidescore.md 1 #1: every client sends ``Accept: application/json`` and parses JSON; the
    documentation describes the table, which whoever names no type gets.
    """
    for part in accept.lower().split(","):
        media_type, *options = (word.strip() for word in part.split(";"))
        is_refused = any(re.fullmatch(r"q=0(\.0*)?", option) for option in options)
        if media_type in {"application/json", "application/*"} and not is_refused:
            return True
    return False


def _save_table(
    session: Session, actor: Actor, *, study_id: int, text: str, now: datetime
) -> SavedResults:
    """Keep the answers of a table, which is read while they are saved."""
    problems = Problems()
    rows = results_tsv.parse_rows(text, problems)
    return answers.save_results(
        session, actor, study_id=study_id, rows=rows, now=now, problems=problems
    )


def _written_answers(
    session: Session, actor: Actor, *, study_id: int, wanted: AnswerFilter, as_json: bool
) -> spool.File:
    """Return a file of the answers, written while they are read from the database."""
    layout = answers.results_layout(session, actor, study_id=study_id, wanted=wanted)
    found = answers.find_answers(session, actor, study_id=study_id, wanted=wanted)
    return spool.written(_json_lines(found) if as_json else _table_lines(found, layout))


def _json_lines(found: Iterator[FoundAnswer]) -> Iterator[str]:
    return spool.json_array(encode(_wire_answer(answer)) for answer in found)


def _table_lines(found: Iterator[FoundAnswer], layout: Layout) -> Iterator[str]:
    yield f"{layout.header()}\n"
    for answer in found:
        row = dataclasses.replace(answer.row, modified_on=wire_instant(answer.modified_at))
        yield f"{layout.line(row)}\n"


def _wire_answer(answer: FoundAnswer) -> dict[str, object]:
    return {
        "id": answer.id,
        **wire_subject(answer.row),
        "user": answer.row.email,
        "question": answer.row.question,
        "answer": answer.row.value,
        "lastModifiedOn": wire_instant(answer.modified_at),
    }


def _log(saved: SavedResults, notes: tuple[str, ...]) -> str:
    counts = saved.saved
    total = counts.added + counts.changed + counts.unchanged
    first = (
        f"{total} {'answer' if total == 1 else 'answers'}: {counts.added} new, "
        f"{counts.changed} changed, {counts.unchanged} unchanged"
    )
    return "\n".join((first, *notes, *saved.notes))
