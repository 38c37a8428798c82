"""The tile application: Deep Zoom over HTTP under /i/, as a bare ASGI callable."""

from __future__ import annotations

import asyncio
import functools
import json
import re
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from access import replies
from access.tokens import TileTokenError, TileTokens
from records.errors import AppError, InputError, NotFoundError
from tileserver import colour
from tileserver.answers import Picture
from tileserver.grants import Grants
from tileserver.routes import COOKIE, wire_metadata
from tileserver.service import TileService
from tileserver.sources import SLIDE_FILE

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_AGE_S = 3600
"""How long browsers keep a tile without asking: a choice, about a session of scoring. Afterwards
the tag tells whether the file is still the same."""

_KEEP = b"private, max-age=%d, immutable" % MAX_AGE_S

_TILE_HEADERS = (
    b"content-type: image/jpeg\r\ncache-control: " + _KEEP + b"\r\n"
    b"x-content-type-options: nosniff\r\ncontent-length: %d\r\netag: %b\r\n\r\n"
)

THUMBNAIL_SIDES = range(16, 1025)

# Source: slidescore.md 1 #14 (i_files and _files), 3 (paths in any case).
_ADDRESS = re.compile(
    r"/i/(?P<slide>[0-9]{1,18})/(?P<url>[A-Za-z0-9._~-]{1,8192})/(?P<what>[^?#]+)", re.IGNORECASE
)
_TILE_ADDRESS = re.compile(
    rb"/i/([0-9]{1,18})/([A-Za-z0-9._~-]{1,8192})/i?_files/"
    rb"([0-9]{1,3})/([0-9]{1,9})_([0-9]{1,9})\.jpe?g\Z",
    re.IGNORECASE,
)
_TILE = re.compile(r"i?_files/([0-9]{1,3})/([0-9]{1,9})_([0-9]{1,9})\.jpe?g", re.IGNORECASE)
_ICC = re.compile(rb"(?:^|&)icc=([^&]{0,32})", re.IGNORECASE)
_SIZE = re.compile(rb"(?:^|&)size=([0-9]{1,5})(?:&|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    media_type: bytes
    body: bytes
    etag: str | None = None


class TileApp:
    """Answers GET and HEAD below ``/i/<slide>/<url part>/``.

    There are ``i_files/<level>/<column>_<row>.jpeg`` (also ``_files``), ``i.dzi``, and of our own
    ``thumbnail.jpeg?size=256`` and ``metadata.json``. A tile token says who holds it: its URL part
    in the path, its cookie part in the cookie ``t``; for slide 0 it is a signed link in the path.

    It stands before the router, because Starlette's routing and request would double what a tile
    costs the server (measured: 23 to 27 against 32 to 53 microseconds).

    Parameters
    ----------
    service
        Makes pictures.
    grants
        Know what holders of tokens and links may see.
    tokens
        Checks tile tokens.
    clock
        Gives the present instant, aware.

    A server may ask ``instant`` before it makes a request into messages of ASGI.
    """

    def __init__(
        self,
        service: TileService,
        grants: Grants,
        tokens: TileTokens,
        clock: Callable[[], datetime],
    ) -> None:
        self._service = service
        self._grants = grants
        self._tokens = tokens
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        ready = self._ready(scope)
        if ready is not None:
            await _send(scope, send, ready)
            return
        if scope["method"] not in {"GET", "HEAD"}:
            text = b"only GET and HEAD are answered here\n"
            await _send(scope, send, _Reply(405, b"text/plain; charset=utf-8", text))
            return
        reply = await _unless_gone(receive, self._reply(scope))
        if reply is not None:
            await _send(scope, send, reply)

    def instant(self, path: bytes, cookies: tuple[bytes, ...]) -> tuple[bytes, bytes] | None:
        """Return a tile that takes no waiting; None leaves it, or what is wrong, to the usual way.

        Measured: 5 microseconds.

        Parameters
        ----------
        path
            Of a GET request without conditions.
        cookies
            The values of its Cookie headers.

        Returns
        -------
        tuple[bytes, bytes] | None
            Header lines with the empty line after them, and the body, of a reply of status 200.
        """
        picture = self._ready_tile(_TILE_ADDRESS.match(path), cookies)
        if picture is None:
            return None
        data = picture.data or b""
        return _TILE_HEADERS % (len(data), picture.etag.encode()), data

    def _ready(self, scope: Scope) -> _Reply | None:
        """Do the same for what reached us as a message of ASGI."""
        if scope["method"] != "GET" or _ICC.search(scope["query_string"]):
            return None
        address = _TILE_ADDRESS.search(scope["path"].encode(errors="replace"))
        picture = self._ready_tile(address, _cookies(scope))
        if picture is None:
            return None
        if picture.etag in _held_tags(scope):
            return _Reply(304, b"image/jpeg", b"", picture.etag)
        return _Reply(200, b"image/jpeg", picture.data or b"", picture.etag)

    def _ready_tile(
        self, address: re.Match[bytes] | None, cookies: tuple[bytes, ...]
    ) -> Picture | None:
        if address is None:
            return None
        slide, url_part, dz_level, column, row = address.groups()
        slide_id = int(slide)
        try:
            holder = self._holder(slide_id, url_part.decode("ascii"), cookies)
        except TileTokenError:
            return None
        source = self._grants.known(slide_id, holder)
        if source is None:
            return None
        return self._service.ready_tile(source, int(dz_level), int(column), int(row))

    def _holder(self, slide_id: int, url_part: str, cookies: tuple[bytes, ...]) -> str:
        """Return who asks: whom the token was given to, or the link itself."""
        if slide_id == SLIDE_FILE:
            return url_part
        now = self._clock()
        refusal = None
        for cookie_part in _cookie_parts(cookies):
            try:
                return self._tokens.verify(slide_id, url_part, cookie_part, now)
            except TileTokenError as error:
                refusal = error
        raise refusal or TileTokenError("tiles need the cookie t; call GetTileServer for its value")

    async def _reply(self, scope: Scope) -> _Reply:
        try:
            return await self._answer(scope)
        except AppError as error:
            body = f"{error.message}\n".encode()
            return _Reply(replies.status_of(error), b"text/plain; charset=utf-8", body)

    async def _answer(self, scope: Scope) -> _Reply:
        address = _ADDRESS.search(scope["path"])
        if address is None:
            raise NotFoundError("there is nothing here; tiles lie at /i/<slide>/<token>/i_files/")
        slide_id = int(address["slide"])
        holder = self._holder(slide_id, address["url"], _cookies(scope))
        sought = self._grants.sought(slide_id, holder)
        what = address["what"]
        tile = _TILE.fullmatch(what)
        if tile is not None:
            held = _held_tags(scope)
            dz_level, column, row = (int(number) for number in tile.groups())
            picture = await self._service.tile(
                sought, dz_level, column, row, held=held, icc=_wants_srgb(scope)
            )
            status = 304 if picture.data is None else 200
            return _Reply(status, b"image/jpeg", picture.data or b"", picture.etag)
        match what.lower():
            case "i.dzi":
                facts = (await self._service.metadata(sought)).facts
                return _Reply(200, b"application/xml", facts.pyramid.descriptor().encode())
            case "metadata.json":
                metadata = wire_metadata(await self._service.metadata(sought))
                body = json.dumps({"success": True, "metadata": metadata}, allow_nan=False)
                return _Reply(200, b"application/json", body.encode())
            case "thumbnail.jpeg" | "thumbnail.jpg":
                picture = await self._service.thumbnail(sought, _thumbnail_side(scope))
                return _Reply(200, b"image/jpeg", picture.data or b"", picture.etag)
        raise NotFoundError(f"a slide has no {what[:80]!r}; there are i.dzi and i_files/")


async def _unless_gone(receive: Receive, reply: Coroutine[Any, Any, _Reply]) -> _Reply | None:
    """Return a reply; None when the client hangs up before, and then it is not made."""
    making = asyncio.ensure_future(reply)
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({making, gone}, return_when=asyncio.FIRST_COMPLETED)
        return making.result() if making.done() else None
    finally:
        for task in (making, gone):
            task.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(scope: Scope, send: Send, reply: _Reply) -> None:
    # What describes a slide must fit its tiles, so it is asked for anew; failures are not kept.
    keep = b"private, no-cache" if reply.status == HTTPStatus.OK else b"no-store"
    if reply.etag is not None:
        keep = _KEEP
    headers = [
        (b"content-type", reply.media_type),
        (b"cache-control", keep),
        (b"x-content-type-options", b"nosniff"),
    ]
    if reply.status != HTTPStatus.NOT_MODIFIED:
        headers.append((b"content-length", b"%d" % len(reply.body)))
    if reply.etag is not None:
        headers.append((b"etag", reply.etag.encode()))
    if reply.status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append((b"allow", b"GET, HEAD"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    body = b"" if scope["method"] == "HEAD" else reply.body
    await send({"type": "http.response.body", "body": body})


def _cookies(scope: Scope) -> tuple[bytes, ...]:
    return tuple(value for name, value in scope["headers"] if name == b"cookie")


@functools.lru_cache(maxsize=1024)
def _cookie_parts(headers: tuple[bytes, ...]) -> tuple[str, ...]:
    """Return the values of every cookie ``t``; a browser may hold one per path."""
    pairs = (pair for header in headers for pair in header.decode("latin-1").split(";"))
    named = (pair.strip().partition("=") for pair in pairs)
    return tuple(text.strip('"') for key, _, text in named if key == COOKIE)


def _held_tags(scope: Scope) -> frozenset[str]:
    """Return the tags of ``If-None-Match``."""
    values = (value for name, value in scope["headers"] if name == b"if-none-match")
    tags = (tag for value in values for tag in value.decode("latin-1").split(","))
    return frozenset(tag.strip().removeprefix("W/") for tag in tags)


def _wants_srgb(scope: Scope) -> bool:
    """Tell whether the query asks for ``icc=srgb``."""
    asked = _ICC.search(scope["query_string"])
    return asked is not None and colour.is_srgb(asked[1].decode("latin-1"))


def _thumbnail_side(scope: Scope) -> int:
    asked = _SIZE.search(scope["query_string"])
    side = int(asked[1]) if asked else 256
    if side not in THUMBNAIL_SIDES:
        raise InputError(
            f"size must be {THUMBNAIL_SIDES.start} to {THUMBNAIL_SIDES.stop - 1} pixels, not {side}"
        )
    return side
