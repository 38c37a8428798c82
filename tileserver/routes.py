"""The Api calls about pixels: metadata, tile tokens, raw regions and links to slide files."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from access.calls import ApiCall, Call, Parameter
from access.replies import Voice, json_reply
from access.tokens import TileToken, TileTokens
from records.errors import InputError, SlideError
from records.filestore import FileStore
from tileserver import bulk, colour, pool, render, sources
from tileserver.answers import Picture, SlideMetadata
from tileserver.colour import ProfileFacts
from tileserver.geometry import Region
from tileserver.grants import Grants
from tileserver.service import TileService
from tileserver.sources import SlideFiles, SlideSource
from tileserver.views import Views

COOKIE = "t"
"""The cookie of a tile token's cookie part. Source: slidescore.md 2.3."""

THUMBNAIL_SIDES = range(16, 1025)
DEFAULT_THUMBNAIL_SIDE = 256


class TileEndpoints:
    """Answers the Api calls about pixels.

    Parameters
    ----------
    service
        Makes pictures.
    grants
        Remember what GetTileServer looked up.
    tokens
        Issues tile tokens.
    slide_files
        Issues links to slide files that belong to no study.
    images
        The images root.
    views
        Makes pictures that are no tiles.
    viewer_icc
        Whether GetTileServer tells viewers to ask for colours in sRGB.
    """

    def __init__(
        self,
        service: TileService,
        grants: Grants,
        tokens: TileTokens,
        slide_files: SlideFiles,
        images: FileStore,
        *,
        views: Views,
        viewer_icc: bool = False,
    ) -> None:
        self._service = service
        self._grants = grants
        self._views = views
        self._viewer_icc = viewer_icc
        self._tokens = tokens
        self._slide_files = slide_files
        self._images = images

    async def image_metadata(self, call: Call) -> Response:
        """Tell size, levels and resolution of a slide."""
        source = await call.read(
            sources.find_source, files=self._images, slide_id=call.integer("imageId")
        )
        metadata = await self._service.metadata(source)
        return json_reply({"success": True, "metadata": wire_metadata(metadata)})

    async def tile_server(self, call: Call) -> Response:
        """Give the two halves of a tile token, to a browser also as its cookie."""
        slide_id = call.integer("imageId")
        source = await call.read(sources.find_source, files=self._images, slide_id=slide_id)
        holder = call.actor.holder
        self._grants.note(slide_id, holder, source)
        self._service.prepare(source)
        # One cookie serves many slides, so a valid one is kept and only joined by a URL part.
        held = call.request.cookies.get(COOKIE)
        content = await call.in_thread(_content_of, source)
        token = self._tokens.issue(
            slide_id, call.now, holder=holder, cookie_part=held, content=content
        )
        # In an address the cookie part is not as safe as in a cookie, so it gets one of its own.
        alone = self._tokens.issue(slide_id, call.now, holder=holder, content=content)
        root = call.request.scope.get("root_path") or ""
        reply = json_reply(
            {
                **_wire_token(token),
                "icc": "srgb" if self._viewer_icc else None,
                "iiif": f"{root}/iiif/3/{slide_id}~{alone.url_part}~{alone.cookie_part}",
            }
        )
        if call.actor.user_id is not None and call.actor.token_id is None:
            lifetime_s = int((token.expires_at - call.now).total_seconds())
            _set_cookie(reply, call.request, token.cookie_part, lifetime_s)
        return reply

    async def token_expiry(self, call: Call) -> Response:
        """Tell until when a tile token holds."""
        expires_at = self._tokens.expiry(call.text("urlPart"), call.text("cookiePart"), call.now)
        return json_reply({"expiresOn": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")})

    async def raw_tile(self, call: Call) -> Response:
        """Send any region of a stored level."""
        asked = call.opt_integer("jpegQuality")
        quality = render.TILE_QUALITY if asked is None else asked
        if not 1 <= quality <= 100:
            raise InputError(f"jpegQuality must be 1 to 100, not {quality}")
        source = await call.read(
            sources.find_source,
            files=self._images,
            slide_id=call.integer("imageId"),
            study_id=call.opt_integer("studyId"),
        )
        region = Region(*(call.integer(name) for name in ("x", "y", "width", "height")))
        picture = await self._service.raw_region(
            source,
            call.integer("level"),
            region,
            quality,
            icc=colour.is_srgb(call.opt_text("icc")),
        )
        return _jpeg(picture)

    async def tiles(self, call: Call) -> Response:
        """Send many tiles, each behind a short head."""
        addresses = bulk.parse_addresses(call.text("tiles"))
        icc = colour.is_srgb(call.opt_text("icc"))
        source = await call.read(
            sources.find_source, files=self._images, slide_id=call.integer("imageId")
        )
        return StreamingResponse(
            bulk.records(self._service, source, addresses, icc=icc),
            media_type=bulk.MEDIA_TYPE,
            headers={"Cache-Control": "private, no-store"},
        )

    async def thumbnail(self, call: Call) -> Response:
        """Send the whole slide as a small picture."""
        asked = call.opt_integer("size")
        side = DEFAULT_THUMBNAIL_SIDE if asked is None else asked
        if side not in THUMBNAIL_SIDES:
            raise InputError(
                f"size must be {THUMBNAIL_SIDES.start} to {THUMBNAIL_SIDES.stop - 1} pixels, "
                f"not {side}"
            )
        source = await call.read(
            sources.find_source, files=self._images, slide_id=call.integer("imageId")
        )
        return _jpeg(await self._service.thumbnail(source, side))

    async def associated_image(self, call: Call) -> Response:
        """Send a label or macro picture, to whoever may see it."""
        name = call.text("name")
        source = await call.read(
            sources.find_associated_source,
            files=self._images,
            slide_id=call.integer("imageId"),
            name=name,
        )
        return _jpeg(await self._views.associated(source, name))

    async def slide_file_url(self, call: Call) -> Response:
        """Give a link to a page that shows a slide file of the server."""
        link = await call.write(
            self._slide_files.issue,
            filename=call.text("filename"),
            user=call.opt_text("user"),
            now=call.now,
        )
        return json_reply({"success": True, "link": f"/Slide/File/{link}"})


def calls(endpoints: TileEndpoints) -> list[ApiCall]:
    """Return the Api calls about pixels."""
    image_id = Parameter("imageId", int, note="the slide")
    icc = Parameter("icc", str, required=False, note="srgb turns colours by the slide's profile")
    return [
        ApiCall(
            "GetImageMetadata",
            endpoints.image_metadata,
            "Size, levels, tile size and resolution of a slide",
            parameters=(image_id,),
            right="CanGetPixels, study readable",
            source="slidescore.md 3.8",
        ),
        ApiCall(
            "GetTileServer",
            endpoints.tile_server,
            "Token for the Deep Zoom tiles of a slide: cookie t and a part of the URL",
            parameters=(image_id,),
            right="CanGetPixels, study readable",
            source="slidescore.md 2.3",
        ),
        ApiCall(
            "GetTokenExpiry",
            endpoints.token_expiry,
            "Until when a tile token holds",
            parameters=(Parameter("cookiePart", str), Parameter("urlPart", str)),
            right="any token or session",
            source="slidescore.md 2.3",
        ),
        ApiCall(
            "GetRawTile",
            endpoints.raw_tile,
            "Region of a stored level as JPEG",
            parameters=(
                image_id,
                Parameter("level", int, note="stored level, 0 is the most detailed"),
                Parameter("x", int, note="left edge in level-0 pixels"),
                Parameter("y", int, note="upper edge in level-0 pixels"),
                Parameter("width", int, note=f"pixels of the level, 1 to {render.MAX_RAW_SIDE}"),
                Parameter("height", int, note=f"pixels of the level, 1 to {render.MAX_RAW_SIDE}"),
                Parameter("jpegQuality", int, required=False, note="1 to 100"),
                Parameter("studyId", int, required=False, note="must hold the slide if given"),
                icc,
            ),
            right="CanGetPixels, study readable",
            source="slidescore.md 3.8",
            voice=Voice.STATUS,
        ),
        ApiCall(
            "GetTiles",
            endpoints.tiles,
            "Many Deep Zoom tiles in one answer, each behind 8 bytes of status and length",
            parameters=(
                image_id,
                Parameter(
                    "tiles",
                    str,
                    note=f"1 to {bulk.MAX_TILES} times level/column_row, separated by commas",
                ),
                icc,
            ),
            right="CanGetPixels, study readable",
            source="choice",
            voice=Voice.STATUS,
        ),
        ApiCall(
            "GetThumbnail",
            endpoints.thumbnail,
            "The whole slide as a small JPEG",
            parameters=(
                image_id,
                Parameter("size", int, required=False, note="longer side, 16 to 1024 pixels"),
            ),
            right="CanGetPixels, study readable",
            source="choice",
            voice=Voice.STATUS,
        ),
        ApiCall(
            "GetAssociatedImage",
            endpoints.associated_image,
            "Label, macro or thumbnail picture of the slide's file as JPEG",
            parameters=(
                image_id,
                Parameter("name", str, note="one of associatedImages in GetImageMetadata"),
            ),
            right="CanGetPixels, study readable; but for a thumbnail also showlabels in the study, "
            "or CanDownloadSlides, or of a person the right to edit the study",
            source="slidescore.md 9.5; choice",
            voice=Voice.STATUS,
        ),
        ApiCall(
            "GenerateSlideFileURL",
            endpoints.slide_file_url,
            "Link to a page that shows a slide file which belongs to no study",
            parameters=(
                Parameter("filename", str, note=f"absolute, within {sources.SETTING}"),
                Parameter("user", str, required=False, note="for whom; kept in the audit trail"),
            ),
            right="CanGetPixels, CanHandlePaths",
            source="slidescore.md 3.8",
            writes=True,
        ),
    ]


def wire_metadata(metadata: SlideMetadata) -> dict[str, object]:
    """Return metadata in the names of the wire; what is not known is null.

    Source: slidescore.md 3.8; the last two are our own.
    """
    facts, bounds = metadata.facts, metadata.facts.bounds
    background = facts.background
    return {
        "level0TileWidth": facts.tile_size.width,
        "level0TileHeight": facts.tile_size.height,
        "osdTileSize": facts.dz_tile_size,
        "mppX": metadata.mpp_x,
        "mppY": metadata.mpp_y,
        "objectivePower": facts.objective_power,
        "backgroundColor": f"#{bytes(background).hex()}" if background is not None else None,
        "levelCount": len(facts.level_sizes),
        "zLayerCount": facts.z_layer_count,
        "level0Width": facts.size.width,
        "level0Height": facts.size.height,
        "levelWidths": [size.width for size in facts.level_sizes],
        "levelHeights": [size.height for size in facts.level_sizes],
        "downsamples": list(facts.downsamples),
        "fileName": metadata.name,
        "boundsX": bounds.x if bounds else None,
        "boundsY": bounds.y if bounds else None,
        "boundsWidth": bounds.width if bounds else None,
        "boundsHeight": bounds.height if bounds else None,
        "associatedImages": list(facts.associated_images),
        "iccProfile": _wire_profile(metadata.profile),
    }


def _wire_profile(profile: ProfileFacts | None) -> dict[str, object] | None:
    if profile is None:
        return None
    return {
        "description": profile.description,
        "colorSpace": profile.colour_space,
        "byteCount": profile.byte_count,
    }


def _jpeg(picture: Picture) -> Response:
    headers = {"ETag": picture.etag, "Cache-Control": "private, no-cache"}
    return Response(picture.data, media_type="image/jpeg", headers=headers)


def _content_of(source: SlideSource) -> str:
    """Return what tells a slide's file from another in its place; of one that is gone, nothing."""
    try:
        file = pool.identify(source.path)
    except SlideError:
        return ""
    return f"{file.path}|{file.mtime_ns}|{file.byte_count}"


def _wire_token(token: TileToken) -> dict[str, object]:
    return {
        "cookiePart": token.cookie_part,
        "urlPart": token.url_part,
        "expiresOn": token.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _set_cookie(reply: Response, request: Request, value: str, lifetime_s: int) -> None:
    reply.set_cookie(
        COOKIE,
        value,
        max_age=lifetime_s,
        path=request.scope.get("root_path") or "/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
