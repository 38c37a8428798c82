"""The Api calls of the page on which questions are edited; all of them are ours."""

from __future__ import annotations

import dataclasses

from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.replies import json_reply
from studyconfig import questions, setup

_SOURCE = "choice"
_STUDY_ID = Parameter("studyId", int)


async def set_questions(call: Call) -> Response:
    """Make the sheet of a study what a text says."""
    done = await call.write(
        questions.set_sheet, study_id=call.integer("studyId"), text=call.text("scores")
    )
    told = dataclasses.asdict(done)
    return json_reply({"success": True, "isReordered": told.pop("is_reordered"), **told})


async def answer_counts(call: Call) -> Response:
    """Tell how often each answer to a question counts now."""
    found = await call.read(
        setup.answer_counts,
        study_id=call.integer("studyId"),
        question_id=call.integer("scoreId"),
    )
    answers = [{"answer": answer, "count": count} for answer, count in found]
    return json_reply({"success": True, "answers": answers})


def calls() -> list[ApiCall]:
    """Return the calls of this module."""
    return [
        ApiCall(
            "SetQuestions",
            set_questions,
            "Make the sheet of a study what a .scores text says; a question with answers stays",
            parameters=(
                _STUDY_ID,
                Parameter("scores", str, note="lines as in a .scores file, all of the sheet"),
            ),
            right="study modifiable",
            source=_SOURCE,
            writes=True,
        ),
        ApiCall(
            "AnswerCounts",
            answer_counts,
            "How often each answer to a question counts now; none of answers that are drawn",
            parameters=(_STUDY_ID, Parameter("scoreId", int, note="id of the question")),
            right="study modifiable; CanGetAnyScores, or CanGetScores in an own study",
            source=_SOURCE,
        ),
    ]
