"""The Api calls that put the slides of a study into cases.

The vendor names these calls but publishes no parameters (slidescore.md 3.1); those here are ours.
"""

from __future__ import annotations

from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.replies import json_reply
from studyconfig import casework

_SOURCE = "slidescore.md 3.1 (name alone; parameters are ours)"
_MODIFY = "study modifiable"
_STUDY_ID = Parameter("studyId", int)
_CASE_ID = Parameter("caseId", int)
_DONE = {"success": True}


async def add_case(call: Call) -> Response:
    """Add a case to a study."""
    case_id = await call.write(
        casework.add_case, study_id=call.integer("studyId"), name=call.text("caseName")
    )
    return json_reply({**_DONE, "id": case_id})


async def set_image_case(call: Call) -> Response:
    """Put a slide into a case, or into none."""
    await call.write(
        casework.set_slide_case,
        study_id=call.integer("studyId"),
        slide_id=call.integer("imageId"),
        case_id=call.opt_integer("caseId"),
    )
    return json_reply(_DONE)


async def remove_case(call: Call) -> Response:
    """Take a case out of a study."""
    await call.write(
        casework.remove_case, study_id=call.integer("studyId"), case_id=call.integer("caseId")
    )
    return json_reply(_DONE)


def calls() -> list[ApiCall]:
    """Return the calls of this module."""
    return [
        ApiCall(
            "AddCase",
            add_case,
            "Add a case to a study",
            parameters=(
                _STUDY_ID,
                Parameter("caseName", str, note="no other case of the study has it"),
            ),
            right=_MODIFY,
            source=_SOURCE,
            writes=True,
        ),
        ApiCall(
            "SetImageCase",
            set_image_case,
            "Put a slide into a case of its study",
            parameters=(
                _STUDY_ID,
                Parameter("imageId", int),
                Parameter("caseId", int, required=False, note="absent or empty: into none"),
            ),
            right=_MODIFY,
            source=_SOURCE,
            writes=True,
        ),
        ApiCall(
            "RemoveCase",
            remove_case,
            "Take a case without answers out of a study; its slides stay",
            parameters=(_STUDY_ID, _CASE_ID),
            right=_MODIFY,
            source=_SOURCE,
            writes=True,
        ),
    ]
