"""The pages that people open: the study list, the viewer, signing in and out, and their files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from access import people
from access.calls import CaseInsensitiveRoute, Door
from access.replies import json_reply, status_of
from access.rights import Actor
from records.errors import AppError, RightsError
from server import pageframe
from server.pageframe import PageFrame
from server.webbuild import ASSETS

Endpoint = Callable[[Request], Awaitable[Response]]


class PageEndpoints:
    """Answers browsers with pages; what the pages show they ask of the Api.

    Parameters
    ----------
    frame
        Fills and sends the pages.
    door
        Tells who looks, and runs signing in and out.
    slide_file_name
        Returns the file name that a link of GenerateSlideFileURL may be shown under, or raises an
        AppError when the link does not hold.
    """

    def __init__(self, frame: PageFrame, door: Door, slide_file_name: Callable[[str], str]) -> None:
        self._frame = frame
        self._door = door
        self._slide_file_name = slide_file_name

    async def home(self, request: Request) -> Response:
        """Show the list of studies."""
        return await self._page_of_person(request, "home")

    async def study(self, request: Request) -> Response:
        """Show a study: its slides, and how far the reader is; which one, the Api is asked."""
        return await self._page_of_person(request, "study")

    async def edit(self, request: Request) -> Response:
        """Show what is set up in a study; the Api tells whether that is allowed."""
        return await self._page_of_person(request, "edit")

    async def site(self, request: Request) -> Response:
        """Show tokens, people and the audit trail; the Api tells whose."""
        return await self._page_of_person(request, "site")

    async def viewer(self, request: Request) -> Response:
        """Show the viewer; which slide, and whether that is allowed, it asks of the Api."""
        actor = await self._door.page_actor(request)
        if actor is None:
            return _to_login(request)
        return self._frame.page(request, "viewer", {**_person(actor), "link": "", "name": ""})

    async def slide_file(self, request: Request) -> Response:
        """Show the viewer with a file of the server; the link itself is the right to see it."""
        link = request.path_params["link"]
        try:
            # It asks the file system, which may be far away.
            name = await self._door.in_thread(self._slide_file_name, link)
        except AppError as error:
            return pageframe.plain(f"{pageframe.sentence(error.message)}\n", status_of(error))
        values = {"email": "", "admin": "false", "link": link, "name": name}
        return self._frame.page(request, "viewer", values)

    async def login_form(self, request: Request) -> Response:
        """Show the form to sign in with; who is signed in already goes on."""
        return_url = local_path(request.query_params.get("returnUrl", ""))
        if await self._door.page_actor(request) is not None:
            return pageframe.redirect(request, return_url)
        return self._login(request, return_url)

    async def login(self, request: Request) -> Response:
        """Sign in and go on to where the person came from, or say why not."""
        form: Mapping[str, str] = {}
        try:
            self._door.check_same_origin(request)
            form = await pageframe.read_form(request)
            secret = await self._door.sign_in(
                email=form.get("email", ""),
                password=form.get("password", ""),
                network=pageframe.client_address(request),
            )
        except AppError as error:
            return_url = local_path(form.get("returnUrl", ""))
            return self._login(request, return_url, email=form.get("email", ""), refusal=error)
        return pageframe.signed_in(request, secret, local_path(form.get("returnUrl", "")))

    async def logout(self, request: Request) -> Response:
        """End the session, and with it the right to tiles."""
        try:
            self._door.check_same_origin(request)
        except RightsError as error:
            return pageframe.plain(f"{pageframe.sentence(error.message)}\n", status_of(error))
        secret = request.cookies.get(people.SESSION_COOKIE)
        if secret is not None and await self._door.page_actor(request) is not None:
            await self._door.in_database(people.sign_out, secret)
        reply = pageframe.redirect(request, "/Account/Login")
        for cookie in (people.SESSION_COOKIE, "t"):
            reply.delete_cookie(cookie, path=pageframe.root(request) or "/")
        return reply

    async def session(self, request: Request) -> Response:
        """Tell a page whether its session still holds: a 401 of the Api alone does not say."""
        actor = await self._door.page_actor(request)
        if actor is None:
            return json_reply({"error": "you are not signed in"}, 401)
        return json_reply({"email": actor.email, "isAdmin": actor.is_admin})

    async def asset(self, request: Request) -> Response:
        """Send a file of the pages; its name holds its hash, so browsers keep it for ever."""
        if self._frame.build is None:
            return pageframe.not_built()
        try:
            asset = self._frame.build.asset(request.path_params["name"])
        except AppError as error:
            return pageframe.plain(f"{pageframe.sentence(error.message)}\n", status_of(error))
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
            "Vary": "Accept-Encoding",
        }
        body = asset.body
        if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            body = asset.packed
            headers["Content-Encoding"] = "gzip"
        return Response(body, media_type=asset.media_type, headers=headers)

    async def _page_of_person(self, request: Request, name: str) -> Response:
        actor = await self._door.page_actor(request)
        if actor is None:
            return _to_login(request)
        return self._frame.page(request, name, _person(actor))

    def _login(
        self, request: Request, return_url: str, *, email: str = "", refusal: AppError | None = None
    ) -> Response:
        values = {
            "email": email,
            "return": return_url,
            "problem": pageframe.sentence(refusal.message) if refusal else "",
            "invalid": "true" if refusal else "false",
        }
        return self._frame.page(request, "login", values, status_of(refusal) if refusal else 200)


def routes(endpoints: PageEndpoints) -> list[BaseRoute]:
    """Return the routes of all pages; their paths match in any case."""
    table: list[tuple[str, Endpoint, str]] = [
        ("/", endpoints.home, "GET"),
        ("/Account/Login", endpoints.login_form, "GET"),
        ("/Account/Login", endpoints.login, "POST"),
        ("/Account/Logout", endpoints.logout, "POST"),
        ("/Account/Session", endpoints.session, "GET"),
        ("/Image/Details", endpoints.viewer, "GET"),
        ("/Image/Compare", endpoints.viewer, "GET"),
        ("/Study/Details", endpoints.study, "GET"),
        ("/Study/Edit", endpoints.edit, "GET"),
        ("/Questions/Edit", endpoints.edit, "GET"),
        ("/Uploads", endpoints.edit, "GET"),
        ("/Admin/Tokens", endpoints.site, "GET"),
        ("/Admin/CreateToken", endpoints.site, "GET"),
        ("/Admin/Users", endpoints.site, "GET"),
        ("/Admin/Audit", endpoints.site, "GET"),
        ("/Studies/RenewProject", endpoints.site, "GET"),
        ("/Account/Preferences", endpoints.site, "GET"),
        ("/Slide/File/{link}", endpoints.slide_file, "GET"),
    ]
    pages: list[BaseRoute] = [
        CaseInsensitiveRoute(path, endpoint, methods=[method]) for path, endpoint, method in table
    ]
    # Names of built files are told apart by case.
    return [*pages, Route(f"/{ASSETS}/{{name:path}}", endpoints.asset, methods=["GET"])]


def local_path(text: str) -> str:
    r"""Return a path of this server to go on to, or ``/`` for anything that leads elsewhere.

    Browsers read ``//host`` and ``/\host`` as another host, and drop tabs and newlines first.
    """
    is_local = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if is_local and text.isprintable() and len(text) <= 2048 else "/"


def _to_login(request: Request) -> Response:
    here = request.url.path.removeprefix(pageframe.root(request))
    if request.url.query:
        here = f"{here}?{request.url.query}"
    return pageframe.redirect(request, f"/Account/Login?returnUrl={quote(here, safe='')}")


def _person(actor: Actor) -> dict[str, str]:
    return {"email": actor.email or "", "admin": "true" if actor.is_admin else "false"}
