"""The IIIF application: Image API 3.0 at level 2 under /iiif/3/."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import Response

from access import replies
from access.calls import Door
from access.tokens import TileTokenError, TileTokens
from records.errors import AppError, NotFoundError, RightsError
from records.filestore import FileStore
from tileserver import colour, iiif, sources
from tileserver.grants import Grants
from tileserver.iiif import NotImplementedByUsError
from tileserver.routes import COOKIE
from tileserver.service import TileService
from tileserver.sources import SLIDE_FILE, SlideSource
from tileserver.views import Views

log = structlog.get_logger(__name__)

PREFIX = "/iiif/3/"

_MAX_IDENTIFIER = 9000
_IDENTIFIER = re.compile(
    r"(?P<slide>[0-9]{1,18})(?:~(?P<url>[A-Za-z0-9._-]+)(?:~(?P<cookie>[A-Za-z0-9._-]+))?)?"
)

_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_PROFILE_LINK = f'<{iiif.PROFILE}>;rel="profile"'

# What is asked for by a token in its address may be kept; by another right it is asked for anew.
_KEEP, _ASK = "private, max-age=3600", "private, no-cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A request whose right was checked."""

    source: SlideSource
    base_uri: str
    keep: str
    held: frozenset[str]
    srgb: bool


class IiifApp:
    """Answers GET, HEAD and OPTIONS below ``/iiif/3/<identifier>``.

    An identifier is a slide's number, and says by its form where the right comes from:

    - ``12``: from the request itself, an API token in ``Authorization`` or a browser's session;
    - ``12~<url part>``: from a tile token whose cookie part is in the cookie ``t``;
    - ``12~<url part>~<cookie part>``: from a tile token alone, for viewers of other sites, which
      send no cookie. GetTileServer gives this one. It opens this one slide, for a day.
    - ``0~<link>``: from a link of GenerateSlideFileURL.

    The document about a slide repeats the identifier that was asked for, so that whoever reads it
    can ask for pictures. Pages of any site may ask (CORS), but never with this site's cookies.

    Parameters
    ----------
    views
        Makes pictures.
    service
        Knows slides.
    door
        Tells who asks, where no tile token says so.
    grants
        Know what holders of tokens and links may see.
    tokens
        Checks tile tokens.
    images
        The images root.
    """

    def __init__(
        self,
        views: Views,
        service: TileService,
        door: Door,
        grants: Grants,
        tokens: TileTokens,
        images: FileStore,
    ) -> None:
        self._views = views
        self._service = service
        self._door = door
        self._grants = grants
        self._tokens = tokens
        self._images = images

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except AppError as error:
            log.info("refused", call="iiif", reason=type(error).__name__)
            response = _told(error)
        response.headers.update(_CORS)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_PREFLIGHT)
        if request.method not in {"GET", "HEAD"}:
            text = "only GET, HEAD and OPTIONS are answered here\n"
            return Response(text, 405, {"Allow": "GET, HEAD, OPTIONS"}, "text/plain")
        identifier, *rest = request.scope["path"][len(PREFIX) :].split("/")
        if rest in ([], [""]):
            await self._asked(request, identifier)
            return Response(
                status_code=303, headers={"Location": f"{_base_uri(request, identifier)}/info.json"}
            )
        if rest != ["info.json"] and len(rest) != 4:
            raise NotFoundError(
                "there is nothing here; a slide has info.json and region/size/rotation/quality.jpg"
            )
        asked = await self._asked(request, identifier)
        if len(rest) == 1:
            return await self._info(request, asked)
        return await self._picture(asked, rest)

    async def _info(self, request: Request, asked: _Asked) -> Response:
        pyramid = await self._service.pyramid(asked.source)
        document = iiif.describe(pyramid, asked.base_uri)
        accept = request.headers.get("accept", "")
        is_plain = "application/json" in accept and "application/ld+json" not in accept
        kind = "application/json" if is_plain else f'application/ld+json;profile="{iiif.CONTEXT}"'
        headers = {"Vary": "Accept", "Cache-Control": _ASK, "Link": _PROFILE_LINK}
        return Response(json.dumps(document), 200, headers, kind)

    async def _picture(self, asked: _Asked, parts: list[str]) -> Response:
        pyramid = await self._service.pyramid(asked.source)
        wanted = iiif.parse_request(pyramid.size, parts[0], parts[1], parts[2], parts[3])
        picture = await self._views.picture(asked.source, wanted, icc=asked.srgb, held=asked.held)
        canonical = f"{asked.base_uri}/{iiif.canonical(wanted, pyramid.size)}"
        headers = {
            "ETag": picture.etag,
            "Cache-Control": asked.keep,
            "Link": f'<{canonical}>;rel="canonical", {_PROFILE_LINK}',
            "X-Content-Type-Options": "nosniff",
        }
        if picture.data is None or picture.etag in asked.held:
            return Response(None, 304, headers)
        return Response(picture.data, 200, headers, iiif.FORMATS[wanted.format])

    async def _asked(self, request: Request, identifier: str) -> _Asked:
        match = _IDENTIFIER.fullmatch(identifier) if len(identifier) < _MAX_IDENTIFIER else None
        if match is None:
            raise NotFoundError("there is no such slide; an identifier begins with its number")
        slide_id, url_part = int(match["slide"]), match["url"]
        if url_part is None:
            source = await self._by_request(request, slide_id)
        else:
            holder = url_part
            if slide_id != SLIDE_FILE:
                cookie_part = match["cookie"] or request.cookies.get(COOKIE, "")
                holder = self._tokens.verify(slide_id, url_part, cookie_part, self._door.clock())
            source = await self._service.find(self._grants.sought(slide_id, holder))
        tags = request.headers.get("if-none-match", "").split(",")
        return _Asked(
            source=source,
            base_uri=_base_uri(request, identifier),
            keep=_ASK if url_part is None else _KEEP,
            held=frozenset(tag.strip().removeprefix("W/") for tag in tags),
            srgb=colour.is_srgb(request.query_params.get("icc")),
        )

    async def _by_request(self, request: Request, slide_id: int) -> SlideSource:
        actor = await self._door.actor(request)
        return await self._door.reading(
            sources.find_source, actor, files=self._images, slide_id=slide_id
        )


def _base_uri(request: Request, identifier: str) -> str:
    root = request.scope.get("root_path", "")
    return f"{request.url.scheme}://{request.url.netloc}{root}{PREFIX}{quote(identifier)}"


def _told(error: AppError) -> Response:
    """Tell a failure as the API has it (7.3): its clients know no other use of 503 than "busy"."""
    headers: Mapping[str, str] = {"Cache-Control": "no-store"}
    if isinstance(error, NotImplementedByUsError):
        status = 501
    elif isinstance(error, RightsError | TileTokenError):
        status, headers = 401, {**headers, "WWW-Authenticate": "Bearer"}
    else:
        status = replies.status_of(error)
    return Response(f"{error.message}\n", status, headers, "text/plain")
