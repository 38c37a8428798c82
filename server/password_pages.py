"""The pages with which people choose a password, ask for another, or follow a login link."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from access.calls import CaseInsensitiveRoute, Door
from access.replies import status_of
from records.errors import AppError, InputError
from server import pageframe
from server.pageframe import PageFrame
from server.passwords import PasswordDoor

_ASKED = (
    "If there is an account of this address, a letter with a link is on its way. "
    "Look into the spam folder too."
)


class PasswordPages:
    """Answers browsers of people without a password, or with a lost one.

    Parameters
    ----------
    frame
        Fills and sends the pages.
    door
        Checks where a form comes from.
    passwords
        Does what the forms ask.
    """

    def __init__(self, frame: PageFrame, door: Door, passwords: PasswordDoor) -> None:
        self._frame = frame
        self._door = door
        self._passwords = passwords

    async def ask_form(self, request: Request) -> Response:
        """Show the form to ask for a link."""
        return self._ask(request)

    async def ask(self, request: Request) -> Response:
        """Send a link; the answer is the same for every address."""
        form: Mapping[str, str] = {}
        try:
            self._door.check_same_origin(request)
            form = await pageframe.read_form(request)
            letter = await self._passwords.ask(
                form.get("email", ""), pageframe.client_address(request)
            )
        except AppError as error:
            return self._ask(request, email=form.get("email", ""), refusal=error)
        task = BackgroundTask(self._passwords.send, letter)
        return self._ask(request, email=form.get("email", ""), said=_ASKED, task=task)

    async def choose_form(self, request: Request) -> Response:
        """Show the form to choose a password; a link that is over leads to asking for another."""
        secret = request.path_params["secret"]
        try:
            email = await self._passwords.whose(secret)
        except AppError as error:
            return self._ask(request, refusal=error)
        return self._choose(request, secret, email)

    async def choose(self, request: Request) -> Response:
        """Set the password, and sign in."""
        secret, email = request.path_params["secret"], ""
        try:
            email = await self._passwords.whose(secret)
        except AppError as error:
            return self._ask(request, refusal=error)
        try:
            self._door.check_same_origin(request)
            form = await pageframe.read_form(request)
            session = await self._passwords.choose(secret, form.get("password", ""))
        except AppError as error:
            return self._choose(request, secret, email, refusal=error)
        return pageframe.signed_in(request, session, "/")

    async def enter(self, request: Request) -> Response:
        """Follow a login link."""
        try:
            session = await self._passwords.enter(request.path_params["secret"])
        except AppError as error:
            return pageframe.plain(f"{pageframe.sentence(error.message)}\n", status_of(error))
        return pageframe.signed_in(request, session, "/")

    def _ask(
        self,
        request: Request,
        *,
        email: str = "",
        said: str = "",
        refusal: AppError | None = None,
        task: BackgroundTask | None = None,
    ) -> Response:
        if refusal is None and not self._passwords.sends_letters:
            refusal = InputError("this server sends no mail; ask an administrator for a link")
            status = 200
        else:
            status = status_of(refusal) if refusal else 200
        values = {
            "email": email,
            "said": said,
            "problem": pageframe.sentence(refusal.message) if refusal else "",
            "invalid": "true" if refusal else "false",
        }
        return self._frame.page(request, "forgot", values, status, task)

    def _choose(
        self, request: Request, secret: str, email: str, refusal: AppError | None = None
    ) -> Response:
        values = {
            "email": email,
            "secret": secret,
            "problem": pageframe.sentence(refusal.message) if refusal else "",
            "invalid": "true" if refusal else "false",
        }
        status = status_of(refusal) if refusal else 200
        return self._frame.page(request, "password", values, status)


def routes(pages: PasswordPages) -> list[BaseRoute]:
    """Return the routes; their paths match in any case, the secrets in them do not."""
    password, forgot = "/Account/Password/{secret}", "/Account/Forgot"
    return [
        CaseInsensitiveRoute(forgot, pages.ask_form, methods=["GET"]),
        CaseInsensitiveRoute(forgot, pages.ask, methods=["POST"]),
        CaseInsensitiveRoute(password, pages.choose_form, methods=["GET"]),
        CaseInsensitiveRoute(password, pages.choose, methods=["POST"]),
        CaseInsensitiveRoute("/Account/Enter/{secret}", pages.enter, methods=["GET"]),
    ]
