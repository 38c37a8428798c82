"""Calls about the caller's own token."""

from __future__ import annotations

from starlette.responses import Response

from access import tokens
from access.calls import ApiCall, Call
from access.replies import json_reply


class AccountEndpoints:
    """Answers the calls with which an analysis ends its token."""

    async def give_up_token(self, call: Call) -> Response:
        """End the bearer's token."""
        await call.write(tokens.give_up_api_token, now=call.now)
        return json_reply({"success": True})


def calls(endpoints: AccountEndpoints) -> list[ApiCall]:
    """Return the declared calls."""
    return [
        ApiCall(
            "GiveUpToken",
            endpoints.give_up_token,
            "End the token that this call is made with",
            right="a token",
            source="slidescore.md 1 #7",
            writes=True,
        )
    ]
