"""What every page has in common: its headers, its redirections, the cookie of a session."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from access import people
from records.errors import InputError
from server.webbuild import WebBuild

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

PAGE_HEADERS = {
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


class PageFrame:
    """Fills and sends the built pages.

    Parameters
    ----------
    assets
        Folder of the built pages, ``web/dist``. Without them every page says how to build them.
    """

    def __init__(self, assets: Path) -> None:
        self.build = WebBuild.read(assets)

    def page(
        self,
        request: Request,
        name: str,
        values: Mapping[str, str],
        status: int = 200,
        background: BackgroundTask | None = None,
    ) -> Response:
        """Return a page; ``background`` runs when it is sent."""
        if self.build is None:
            return not_built()
        text = self.build.page(name, {"root": root(request), **values})
        return Response(
            text, status, media_type="text/html", headers=PAGE_HEADERS, background=background
        )


def not_built() -> Response:
    """Say how to build the pages."""
    return plain(_NOT_BUILT, 503)


def plain(text: str, status: int) -> Response:
    """Return a page of plain text."""
    return Response(text, status, media_type="text/plain", headers=PAGE_HEADERS)


def redirect(request: Request, path: str) -> Response:
    """Lead to another page: whatever was sent here, it is to be fetched there."""
    return RedirectResponse(root(request) + path, 303, headers={"Cache-Control": "no-store"})


def root(request: Request) -> str:
    """Return the path prefix under which a proxy shows the server."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def sentence(message: str) -> str:
    """Return a message as a sentence."""
    return f"{message[:1].upper()}{message[1:]}{'' if message.endswith('.') else '.'}"


def client_address(request: Request) -> str:
    """Return the network address a request came from, as a trusted proxy told it."""
    return request.client.host if request.client is not None else ""


def signed_in(request: Request, secret: str, path: str) -> Response:
    """Give the browser a session, and lead on."""
    reply = redirect(request, path)
    reply.set_cookie(
        people.SESSION_COOKIE,
        secret,
        max_age=int(people.SESSION_LIFETIME.total_seconds()),
        path=root(request) or "/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return reply


async def read_form(request: Request) -> dict[str, str]:
    """Read a short form.

    Raises
    ------
    InputError
        It is too long, or not text.
    """
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
