"""Calls of people about their own account: where they are signed in, and their password."""

from __future__ import annotations

from starlette.responses import Response

from access import own_account, people
from access.calls import ApiCall, Call, Door, Parameter
from access.replies import json_reply
from records.errors import InputError, RightsError
from server import pageframe

_OWN = "choice: the vendor has pages for this, and no call"
_WHO = "a person who is signed in; about themselves alone"


class OwnAccountEndpoints:
    """Answers the calls.

    Parameters
    ----------
    door
        Checks passwords, and counts those that are wrong.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    async def sessions(self, call: Call) -> Response:
        """List the browsers somebody is signed in with."""
        found = await call.read(own_account.list_sessions, secret=_secret(call), now=call.now)
        return json_reply(
            [
                {
                    "startedOn": one.started_at.isoformat(),
                    "expiresOn": one.expires_at.isoformat(),
                    "isThis": one.is_this,
                }
                for one in found
            ]
        )

    async def sign_out_elsewhere(self, call: Call) -> Response:
        """End all sessions but this one."""
        count = await call.write(own_account.sign_out_elsewhere, secret=_secret(call))
        return json_reply({"success": True, "count": count})

    async def change_password(self, call: Call) -> Response:
        """Replace a password that is known."""
        secret = _secret(call)
        try:
            # As signing in: as slow, and as often as that may be tried.
            await self._door.sign_in(
                email=call.actor.email or "",
                password=call.text("password"),
                network=pageframe.client_address(call.request),
            )
        except RightsError:
            raise InputError("this is not your password") from None
        password_hash = await self._door.hash_password(call.text("newPassword"))
        await call.write(own_account.change_password, password_hash=password_hash, secret=secret)
        return json_reply({"success": True})


def _secret(call: Call) -> str:
    secret = call.request.cookies.get(people.SESSION_COOKIE)
    if secret is None or call.actor.token_id is not None:
        raise RightsError("only people who are signed in have sessions")
    return secret


def calls(endpoints: OwnAccountEndpoints) -> list[ApiCall]:
    """Return the declared calls."""
    return [
        ApiCall(
            "OwnSessions",
            endpoints.sessions,
            "The browsers that one is signed in with, the newest first",
            right=_WHO,
            source=_OWN,
        ),
        ApiCall(
            "SignOutElsewhere",
            endpoints.sign_out_elsewhere,
            "End all of one's sessions but the one that asks",
            right=_WHO,
            source=_OWN,
            writes=True,
        ),
        ApiCall(
            "ChangePassword",
            endpoints.change_password,
            "Choose another password; ends all of one's sessions but the one that asks",
            parameters=(
                Parameter("password", str, note="the one that holds now"),
                Parameter("newPassword", str, note="8 characters, a digit, a capital, a sign"),
            ),
            right=_WHO,
            source=_OWN,
            writes=True,
        ),
    ]
