"""The Api calls that tell how far readers are, and what to answer next."""

from __future__ import annotations

import itertools

from sqlmodel import Session
from starlette.responses import Response, StreamingResponse

from access.calls import ApiCall, Call, Parameter
from access.replies import Voice, json_reply
from access.rights import Actor
from scoring import progress, spool
from scoring.progress import Next, Progress, Row
from scoring.wire import encode


class ProgressEndpoints:
    """Answers the calls about progress."""

    async def progress(self, call: Call) -> Response:
        """Send a row for each slide and case, with a cell for each reader."""
        file = await call.read(_written, study_id=call.integer("studyId"))
        return StreamingResponse(spool.blocks(file), media_type="application/json")

    async def next_unscored(self, call: Call) -> Response:
        """Tell what a reader has to answer next."""
        found, left = await call.read(
            progress.find_next,
            study_id=call.integer("studyId"),
            email=call.opt_text("email"),
            after=call.opt_integer("after"),
        )
        return json_reply({"success": True, "slidesLeft": left, **_wire_next(found)})


def calls(endpoints: ProgressEndpoints) -> list[ApiCall]:
    """Return the calls about progress."""
    study_id = Parameter("studyId", int)
    return [
        ApiCall(
            "Progress",
            endpoints.progress,
            "Readers by slides and cases: how many answers each has given, how many are needed",
            parameters=(study_id,),
            right="as for Scores; people who may score: their own",
            source="choice",
            voice=Voice.STATUS,
        ),
        ApiCall(
            "NextUnscored",
            endpoints.next_unscored,
            "The next slide, core or case that a reader has not answered; imageID null when done",
            parameters=(
                study_id,
                Parameter("email", str, required=False, note="the reader; else who asks"),
                Parameter("after", int, required=False, note="imageId after which to look first"),
            ),
            right="CanUploadScores, and as for Scores; people who may score: their own",
            source="slidescore.md 9.2: Start Scoring; the call is a choice",
            voice=Voice.STATUS,
        ),
    ]


def _written(session: Session, actor: Actor, *, study_id: int) -> spool.File:
    found = progress.find_progress(session, actor, study_id=study_id)
    head = f'{{"success":true,{encode(_wire_head(found))[1:-1]},"rows":'
    rows = spool.json_array(encode(_wire_row(row)) for row in found.rows)
    return spool.written(itertools.chain([head], rows, ["}"]))


def _wire_head(found: Progress) -> dict[str, object]:
    return {
        "studyId": found.study_id,
        "readers": [
            {"email": email, "canScore": can_score} for _, email, can_score in found.readers
        ],
        "questions": [
            {
                "id": question.id,
                "name": question.name,
                "perCase": question.per_case,
                "needed": question.is_needed,
            }
            for question in found.questions
        ],
    }


def _wire_row(row: Row) -> dict[str, object]:
    about: dict[str, object] = (
        {"caseID": row.case_id}
        if row.slide_id is None
        else {"imageID": row.slide_id, "imageName": row.slide_name}
    )
    if row.case_name is not None:
        about["caseName"] = row.case_name
    if row.cores is not None:
        about["cores"] = row.cores
    return {**about, "needed": row.needed, "answered": row.answered, "done": row.done}


def _wire_next(found: Next | None) -> dict[str, object]:
    if found is None:
        return {"imageID": None}
    fields: dict[str, object] = {
        "imageID": found.place.slide_id,
        "imageName": found.place.slide_name,
        "question": found.question,
        "aboutCase": found.is_case,
    }
    if found.place.case_name is not None:
        fields |= {"caseID": found.place.case_id, "caseName": found.place.case_name}
    if found.core is not None:
        row, column, core = found.core
        fields |= {"tmaRow": row, "tmaCol": column, "tmaSampleID": core.sample}
    return fields
