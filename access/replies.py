"""How success and failure are told: meanings become statuses here, and nowhere else."""

from __future__ import annotations

import json
from enum import Enum

from starlette.responses import Response

from access.throttle import TooManyTriesError
from access.tokens import TileTokenError
from records.errors import (
    AppError,
    BusyError,
    ConflictError,
    InputError,
    NotFoundError,
    RightsError,
    SlideError,
)

STATUSES: dict[type[AppError], int] = {
    # 401 also for a missing right. Source: seed, GetScreenshot's error codes.
    RightsError: 401,
    # Source: slidescore.md 2.3: clients call GetTileServer again on 503.
    TileTokenError: 503,
    InputError: 400,
    NotFoundError: 404,
    ConflictError: 409,
    SlideError: 422,
    TooManyTriesError: 429,
    BusyError: 503,
}


class Voice(Enum):
    """How a call tells failures of meaning; a missing right is 401 in every voice."""

    SUCCESS = "200 with {success: false, log, error}"
    STATUS = "an HTTP status and {error}"
    QUOTED = "200 with a JSON string"


def json_reply(value: object, status: int = 200) -> Response:
    """Return a JSON response; NaN never leaves, for browsers refuse it."""
    body = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(body, status, media_type="application/json")


def status_of(error: AppError) -> int:
    """Return the HTTP status of a meaning."""
    for meaning in type(error).__mro__:
        if meaning in STATUSES:
            return STATUSES[meaning]
    return 500


def failure_reply(error: AppError, voice: Voice) -> Response:
    """Tell a failure in the voice that the call's clients expect."""
    status = status_of(error)
    if isinstance(error, RightsError):
        reply = json_reply({"success": False, "error": error.message}, status)
        reply.headers["WWW-Authenticate"] = "Bearer"
        return reply
    match voice:
        case Voice.SUCCESS:
            # Both names: some clients read log, others error.
            return json_reply({"success": False, "log": error.message, "error": error.message})
        case Voice.QUOTED:
            # Source: SDK, request_upload: a body that begins with a quote is the error.
            return json_reply(error.message)
        case Voice.STATUS:
            return json_reply({"error": error.message}, status)
