"""The pages that people open: the study list, the viewer, signing in and out, and their files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from access import people
from access.calls import CaseInsensitiveRoute, Door
from access.replies import json_reply, status_of
from access.rights import Actor
from records.errors import AppError, InputError, RightsError
from server.webbuild import ASSETS, WebBuild

# Scripts, styles and connections from here alone, nothing inline. Pictures of tiles are decoded
# from blobs. OpenSeadragon sets styles through the CSSOM, which needs no exception.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' blob: data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)

_PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Addresses hold study and slide numbers, and links to slide files hold their right.
    "Referrer-Policy": "same-origin",
    # Pages carry an address and rights; the back button may keep them, shared caches not.
    "Cache-Control": "private, no-cache",
}

_NOT_BUILT = (
    "The web pages of Coverslip are not built on this server, so only its API answers.\n"
    "Build them with: make install\n"
)

# An e-mail address and a password; a longer form is no sign-in.
_MAX_FORM_BYTES = 16 * 1024

Endpoint = Callable[[Request], Awaitable[Response]]


class PageEndpoints:
    """Answers browsers with pages; what the pages show they ask of the Api.

    Parameters
    ----------
    assets
        Folder of the built pages, ``web/dist``. Without them every page says how to build them.
    door
        Tells who looks, and runs signing in and out.
    slide_file_name
        Returns the file name that a link of GenerateSlideFileURL may be shown under, or raises an
        AppError when the link does not hold.
    """

    def __init__(self, assets: Path, door: Door, slide_file_name: Callable[[str], str]) -> None:
        self._build = WebBuild.read(assets)
        self._door = door
        self._slide_file_name = slide_file_name

    async def home(self, request: Request) -> Response:
        """Show the list of studies."""
        actor = await self._door.page_actor(request)
        if actor is None:
            return _to_login(request)
        return self._page(request, "home", _person(actor))

    async def viewer(self, request: Request) -> Response:
        """Show the viewer; which slide, and whether that is allowed, it asks of the Api."""
        actor = await self._door.page_actor(request)
        if actor is None:
            return _to_login(request)
        return self._page(request, "viewer", {**_person(actor), "link": "", "name": ""})

    async def slide_file(self, request: Request) -> Response:
        """Show the viewer with a file of the server; the link itself is the right to see it."""
        link = request.path_params["link"]
        try:
            # It asks the file system, which may be far away.
            name = await self._door.in_thread(self._slide_file_name, link)
        except AppError as error:
            return _plain(f"{_sentence(error.message)}\n", status_of(error))
        values = {"email": "", "admin": "false", "link": link, "name": name}
        return self._page(request, "viewer", values)

    async def login_form(self, request: Request) -> Response:
        """Show the form to sign in with; who is signed in already goes on."""
        return_url = local_path(request.query_params.get("returnUrl", ""))
        if await self._door.page_actor(request) is not None:
            return _redirect(request, return_url)
        return self._login(request, return_url)

    async def login(self, request: Request) -> Response:
        """Sign in and go on to where the person came from, or say why not."""
        form: Mapping[str, str] = {}
        try:
            self._door.check_same_origin(request)
            form = await _read_form(request)
            secret = await self._door.sign_in(
                email=form.get("email", ""), password=form.get("password", "")
            )
        except AppError as error:
            return_url = local_path(form.get("returnUrl", ""))
            return self._login(request, return_url, email=form.get("email", ""), refusal=error)
        reply = _redirect(request, local_path(form.get("returnUrl", "")))
        reply.set_cookie(
            people.SESSION_COOKIE,
            secret,
            max_age=int(people.SESSION_LIFETIME.total_seconds()),
            path=_root(request) or "/",
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return reply

    async def logout(self, request: Request) -> Response:
        """End the session, and with it the right to tiles."""
        try:
            self._door.check_same_origin(request)
        except RightsError as error:
            return _plain(f"{_sentence(error.message)}\n", status_of(error))
        secret = request.cookies.get(people.SESSION_COOKIE)
        if secret is not None and await self._door.page_actor(request) is not None:
            await self._door.in_database(people.sign_out, secret)
        reply = _redirect(request, "/Account/Login")
        for cookie in (people.SESSION_COOKIE, "t"):
            reply.delete_cookie(cookie, path=_root(request) or "/")
        return reply

    async def session(self, request: Request) -> Response:
        """Tell a page whether its session still holds: a 401 of the Api alone does not say."""
        actor = await self._door.page_actor(request)
        if actor is None:
            return json_reply({"error": "you are not signed in"}, 401)
        return json_reply({"email": actor.email, "isAdmin": actor.is_admin})

    async def asset(self, request: Request) -> Response:
        """Send a file of the pages; its name holds its hash, so browsers keep it for ever."""
        if self._build is None:
            return _plain(_NOT_BUILT, 503)
        try:
            asset = self._build.asset(request.path_params["name"])
        except AppError as error:
            return _plain(f"{_sentence(error.message)}\n", status_of(error))
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

    def _login(
        self, request: Request, return_url: str, *, email: str = "", refusal: AppError | None = None
    ) -> Response:
        values = {
            "email": email,
            "return": return_url,
            "problem": _sentence(refusal.message) if refusal else "",
            "invalid": "true" if refusal else "false",
        }
        return self._page(request, "login", values, status_of(refusal) if refusal else 200)

    def _page(
        self, request: Request, name: str, values: Mapping[str, str], status: int = 200
    ) -> Response:
        if self._build is None:
            return _plain(_NOT_BUILT, 503)
        text = self._build.page(name, {"root": _root(request), **values})
        return Response(text, status, media_type="text/html", headers=_PAGE_HEADERS)


def routes(endpoints: PageEndpoints) -> list[BaseRoute]:
    """Return the routes of all pages; their paths match in any case."""
    table: list[tuple[str, Endpoint, str]] = [
        ("/", endpoints.home, "GET"),
        ("/Account/Login", endpoints.login_form, "GET"),
        ("/Account/Login", endpoints.login, "POST"),
        ("/Account/Logout", endpoints.logout, "POST"),
        ("/Account/Session", endpoints.session, "GET"),
        ("/Image/Details", endpoints.viewer, "GET"),
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


async def _read_form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM_BYTES:
            raise InputError(f"a sign-in form has at most {_MAX_FORM_BYTES} bytes")
    if b"%00" in body or b"\0" in body:
        raise InputError("the form holds a NUL character")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        raise InputError("the form is not UTF-8") from None


def _to_login(request: Request) -> Response:
    here = request.url.path.removeprefix(_root(request))
    if request.url.query:
        here = f"{here}?{request.url.query}"
    return _redirect(request, f"/Account/Login?returnUrl={quote(here, safe='')}")


def _redirect(request: Request, path: str) -> Response:
    # 303: whatever was sent here, a page is to be fetched there.
    return RedirectResponse(_root(request) + path, 303, headers={"Cache-Control": "no-store"})


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")


def _person(actor: Actor) -> dict[str, str]:
    return {"email": actor.email or "", "admin": "true" if actor.is_admin else "false"}


def _plain(text: str, status: int) -> Response:
    return Response(text, status, media_type="text/plain", headers=_PAGE_HEADERS)


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:]}{'' if message.endswith('.') else '.'}"
