"""The Api calls that put the slides of a study into cases.

The vendor names these calls but publishes no parameters (slidescore.md 3.1); those here are ours.
"""

from __future__ import annotations

from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from studyconfig import casework, editing
from studyconfig.declared import CASE_ID, IMAGE_ID, STUDY_ID, change, done


async def add_case(call: Call) -> Response:
    """Add a case to a study."""
    case_id = await call.write(
        casework.add_case, study_id=call.integer("studyId"), name=call.text("caseName")
    )
    return done(id=case_id)


async def set_image_case(call: Call) -> Response:
    """Put a slide into a case, or into none."""
    await call.write(
        casework.set_slide_case,
        study_id=call.integer("studyId"),
        slide_id=call.integer("imageId"),
        case_id=call.opt_integer("caseId"),
    )
    return done()


async def remove_case(call: Call) -> Response:
    """Take a case out of a study."""
    await call.write(
        casework.remove_case, study_id=call.integer("studyId"), case_id=call.integer("caseId")
    )
    return done()


async def set_case_description(call: Call) -> Response:
    """Replace a case's description."""
    await call.write(
        editing.set_case_description, case_id=call.integer("caseId"), html=call.text("description")
    )
    return done()


def calls() -> list[ApiCall]:
    """Return the calls of this module."""
    return [
        change(
            "AddCase",
            add_case,
            "Add a case to a study",
            STUDY_ID,
            Parameter("caseName", str, note="no other case of the study has it"),
        ),
        change(
            "SetImageCase",
            set_image_case,
            "Put a slide into a case of its study",
            STUDY_ID,
            IMAGE_ID,
            Parameter("caseId", int, required=False, note="absent or empty: into none"),
        ),
        change(
            "RemoveCase",
            remove_case,
            "Take a case without answers out of a study; its slides stay",
            STUDY_ID,
            CASE_ID,
        ),
        change(
            "SetCaseDescription",
            set_case_description,
            "Replace a case's description; limited HTML",
            CASE_ID,
            Parameter("description", str),
            source="none, ours; as SetSlideDescription",
        ),
    ]
