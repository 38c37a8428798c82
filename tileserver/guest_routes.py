"""The Api call that shares a slide with people who have no account."""

from __future__ import annotations

from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.replies import json_reply
from tileserver import guests
from tileserver.guests import GuestSlides


class GuestEndpoints:
    """Answers the call.

    Parameters
    ----------
    shared
        Issues links.
    """

    def __init__(self, shared: GuestSlides) -> None:
        self._shared = shared

    async def share_slide(self, call: Call) -> Response:
        """Give a link under which anybody sees a slide, for some days."""
        link, expires_at = await call.write(
            self._shared.issue,
            slide_id=call.integer("imageId"),
            days=call.opt_integer("days"),
            now=call.now,
        )
        told = {"link": f"/Slide/File/{link}", "expiresOn": expires_at.isoformat()}
        return json_reply({"success": True, **told})


def calls(endpoints: GuestEndpoints) -> list[ApiCall]:
    """Return the declared call."""
    return [
        ApiCall(
            "ShareSlide",
            endpoints.share_slide,
            "Link under which anybody sees one slide, without an account, for some days",
            parameters=(
                Parameter("imageId", int, note="the slide"),
                Parameter(
                    "days",
                    int,
                    required=False,
                    note=f"until it ends, 1 to {guests.MOST_DAYS}; {guests.USUAL_DAYS}",
                ),
            ),
            right="CanGetPixels, study readable; the study is published, and its setting "
            f"{guests.SETTING} is true",
            source="choice; the setting is the seed's",
            writes=True,
        )
    ]
