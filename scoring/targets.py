"""Targets: the parameters that name an answer to be given as an annotation file."""

from __future__ import annotations

from access.calls import Call, Parameter
from scoring.annotation_files import AnnotationTarget

PARAMETERS = (
    Parameter("studyId", int),
    Parameter("email", str),
    Parameter("imageId", int, required=False),
    Parameter("question", str, required=False, note="or scoreId"),
    Parameter("scoreId", int, required=False),
    Parameter("caseId", int, required=False, note="without imageId"),
    Parameter("tmaCoreId", int, required=False),
)


def target_of(call: Call) -> AnnotationTarget:
    """Return what a call names."""
    return AnnotationTarget(
        study_id=call.integer("studyId"),
        email=call.text("email"),
        slide_id=call.opt_integer("imageId"),
        case_id=call.opt_integer("caseId"),
        core_id=call.opt_integer("tmaCoreId"),
        question=call.opt_text("question"),
        question_id=call.opt_integer("scoreId"),
    )
