"""Declarations that the calls which change a study have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.replies import json_reply

OURS = "slidescore.md 3.1 (name alone; parameters are ours)"
MODIFY = "study modifiable"

STUDY_ID = Parameter("studyId", int)
IMAGE_ID = Parameter("imageId", int)
CASE_ID = Parameter("caseId", int)


def change(
    name: str,
    endpoint: Callable[[Call], Awaitable[Response]],
    summary: str,
    *parameters: Parameter,
    right: str = MODIFY,
    source: str = OURS,
) -> ApiCall:
    """Declare a call that changes something.

    Parameters
    ----------
    name, endpoint, summary, right, source
        As of ``ApiCall``.
    parameters
        What it takes, in this order.
    """
    return ApiCall(
        name, endpoint, summary, parameters=parameters, right=right, source=source, writes=True
    )


def done(**told: object) -> Response:
    """Return the reply to a change that was made, and what else there is to tell of it."""
    return json_reply({"success": True, **told})
