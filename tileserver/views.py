"""Views: any part of a slide at any size, turned and coloured as asked, out of Deep Zoom levels."""

from __future__ import annotations

import asyncio
import functools
import io
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import numpy as np
import simplejpeg
from PIL import Image

from records.errors import BusyError, NotFoundError
from tileserver import iiif, mosaic, pool as pools, render
from tileserver.answers import Picture, etag_of
from tileserver.deepzoom import DeepZoomPyramid
from tileserver.geometry import Region, Size
from tileserver.iiif import ImageRequest, LevelPart
from tileserver.pool import SlidePool
from tileserver.readers.base import WHITE, Pixels
from tileserver.service import TileService
from tileserver.shelf import Shelf
from tileserver.sources import SlideSource

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 2
"""Views made at once: apart from tiles, which must not wait for them. Each holds up to four times
the pixels of the largest picture: 100 MB, and as much again while it is resized."""

MAX_WAITING = 32

MAX_SOURCE_PIXELS = 5 * iiif.MAX_AREA
"""Pixels pasted from tiles for one picture: the next finer level has less than four times as many
as the largest picture, except for the edges."""


MAX_READ_PIXELS = 2**28
"""Pixels of the file that may be read for one picture: one or two seconds of decoding. Only slides
without stored overviews, and whose tiles are no JPEG, come near."""

ASSOCIATED_QUALITY = 90
"""JPEG quality of labels and the like: a choice; letters and barcodes suffer first."""

ASSOCIATED_SIDE = 4096
"""Longest side of a label or macro picture as it is sent."""


class Views:
    """Makes pictures of IIIF image requests, and sends what else a slide's file shows.

    A part that is a tile is the tile, bit for bit. Any other is pasted from the tiles of the next
    finer Deep Zoom level and made smaller, so that no request costs more than four pixels read for
    one that is sent.

    Parameters
    ----------
    tiles
        Makes tiles.
    pool
        Lends readers.
    shelf
        Lends slides whose tiles are stored.
    quality
        JPEG quality, 1 to 100.
    """

    def __init__(self, tiles: TileService, pool: SlidePool, shelf: Shelf, *, quality: int) -> None:
        self._tiles = tiles
        self._pool = pool
        self._shelf = shelf
        self._quality = quality
        self._waiting = 0
        self._threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="views")

    async def picture(
        self,
        source: SlideSource,
        request: ImageRequest,
        *,
        icc: bool = False,
        held: Collection[str] = (),
    ) -> Picture:
        """Return what an image request shows.

        Parameters
        ----------
        icc
            Whether colours are turned into sRGB.
        held
            Tags of what the client has; a picture among them is not made.

        Raises
        ------
        SlideError
            The slide cannot be opened, or the part not decoded.
        BusyError
            Many such pictures are asked for already.
        """
        pyramid = await self._tiles.pyramid(source)
        part = iiif.level_part(pyramid, request.region, request.size)
        address = None if part is None else iiif.tile_address(pyramid, part)
        if address is not None and request.is_plain:
            ready = None if icc else self._tiles.ready_tile(source, *address)
            return ready or await self._tiles.tile(source, *address, held=held, icc=icc)
        return await self._in_thread(self._make, source, pyramid, request, icc, held)

    async def associated(self, source: SlideSource, name: str) -> Picture:
        """Return a further picture of a slide's file as JPEG: label, macro, thumbnail.

        Raises
        ------
        NotFoundError
            The file has none of that name.
        SlideError
            The file cannot be opened, or the picture not decoded.
        BusyError
            Many pictures are asked for already.
        """
        return await self._in_thread(self._associated, source, name)

    def close(self) -> None:
        """Wait for pictures in the making."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def _in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._waiting >= MAX_WAITING:
            raise BusyError("many pictures are being made just now; try again in a few seconds")
        self._waiting += 1
        try:
            work = functools.partial(function, *args, **kwargs)
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _make(
        self,
        source: SlideSource,
        pyramid: DeepZoomPyramid,
        request: ImageRequest,
        icc: bool,
        held: Collection[str],
    ) -> Picture:
        file = pools.identify(source.path)
        tag = etag_of(file, iiif.canonical(request, pyramid.size), icc, self._quality)
        if tag in held:
            return Picture(None, tag)
        pixels = self._pixels(source, pyramid, request)
        way = self._tiles.colours.to_srgb(file) if icc else None
        if way is not None:
            pixels = way.apply(pixels)
        return Picture(finished(pixels, request, self._quality), tag)

    def _pixels(
        self, source: SlideSource, pyramid: DeepZoomPyramid, request: ImageRequest
    ) -> Pixels:
        exact = iiif.level_part(pyramid, request.region, request.size)
        if exact is not None:
            return self._level_pixels(source, exact)
        part, box = _finer(pyramid, request.region, request.size)
        pixels = self._level_pixels(source, part)
        size = (request.size.width, request.size.height)
        is_smaller = box[2] - box[0] >= size[0] and box[3] - box[1] >= size[1]
        kernel = Image.Resampling.HAMMING if is_smaller else Image.Resampling.BICUBIC
        return np.array(Image.fromarray(pixels).resize(size, kernel, box=box), np.uint8)

    def _level_pixels(self, source: SlideSource, part: LevelPart) -> Pixels:
        """Return the pixels of a part of a Deep Zoom level.

        They are those of the level's tiles, as these are sent; or, of slides whose tiles a reader
        makes, as they are before they are encoded.
        """
        shelved = self._shelf.find(source.path)
        slide = shelved.slide
        if slide is None:
            with self._pool.borrow_file(shelved.file) as reader:
                overview = functools.partial(self._tiles.overview, shelved.file, reader)
                return render.render_level_part(
                    reader, part.dz_level, part.region, overview, MAX_READ_PIXELS
                )

        def tile(column: int, row: int) -> Pixels:
            data = self._tiles.make_tile(source, part.dz_level, column, row).data
            return mosaic.decoded(data or b"")

        return mosaic.pasted(slide.pyramid, part, tile)

    def _associated(self, source: SlideSource, name: str) -> Picture:
        file = pools.identify(source.path)
        with self._pool.borrow_file(file) as reader:
            there = reader.facts.associated_images
            if name not in there:
                raise NotFoundError(
                    f"this slide's file has no picture {name[:40]!r} beside the slide; "
                    f"it has: {', '.join(there) or 'none'}"
                )
            pixels = render.fit(reader.associated_image(name), ASSOCIATED_SIDE)
        data = render.encode_jpeg(pixels, ASSOCIATED_QUALITY)
        return Picture(data, etag_of(file, "associated", name))


def finished(pixels: Pixels, request: ImageRequest, quality: int) -> bytes:
    """Return pixels turned and in the quality and format that a request asks for.

    Parameters
    ----------
    pixels
        Shape (height, width, 3), of the request's region at its size.
    request
        What is asked for.
    quality
        Of JPEG, 1 to 100.
    """
    if request.mirrored:
        pixels = pixels[:, ::-1]
    if request.degrees % 90 == 0:
        pixels = np.rot90(pixels, -int(request.degrees // 90))
        return _encoded(Image.fromarray(np.ascontiguousarray(pixels)), request, quality)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if request.format == "png":
        # Corners that the slide does not reach are transparent where the format allows it (4.3).
        image = image.convert("RGBA")
    corners = (0, 0, 0, 0) if request.format == "png" else WHITE
    turned = image.rotate(
        -request.degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=corners
    )
    return _encoded(turned, request, quality)


def _encoded(image: Image.Image, request: ImageRequest, quality: int) -> bytes:
    if request.quality in {"gray", "bitonal"}:
        alpha = image.getchannel("A") if image.mode == "RGBA" else None
        image = image.convert("L")
        if request.quality == "bitonal":
            image = image.point([0] * 128 + [255] * 128)
        if alpha is not None:
            image.putalpha(alpha)
    if request.format == "png":
        buffer = io.BytesIO()
        # Measured, a million pixels of tissue: 45 ms and 1.9 MB, against 260 ms and 1.7 MB.
        image.save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()
    if image.mode == "L":
        encoded: bytes = simplejpeg.encode_jpeg(
            np.asarray(image)[..., None].copy(), quality=quality, colorspace="GRAY"
        )
        return encoded
    return render.encode_jpeg(np.asarray(image), quality)


def _finer(
    pyramid: DeepZoomPyramid, region: Region, size: Size
) -> tuple[LevelPart, tuple[float, float, float, float]]:
    """Return the part of the next finer level around a region, and the region within that part.

    Around, because a filter looks a few pixels beyond what it shows.
    """
    wanted = min(region.width / size.width, region.height / size.height)
    halvings = max(0, int(wanted).bit_length() - 1)
    # Only a picture that is squeezed in one direction comes over it.
    while region.width * region.height >> 2 * halvings > MAX_SOURCE_PIXELS:
        halvings += 1
    halvings = min(halvings, pyramid.max_level)
    scale, level = 1 << halvings, pyramid.level_size(pyramid.max_level - halvings)
    margin = 3
    left, top = (max(0, start // scale - margin) for start in (region.x, region.y))
    ends = (region.x + region.width, region.y + region.height)
    right, bottom = (
        min(side, -(-end // scale) + margin)
        for end, side in zip(ends, (level.width, level.height), strict=True)
    )
    part = LevelPart(pyramid.max_level - halvings, Region(left, top, right - left, bottom - top))
    box = (
        region.x / scale - left,
        region.y / scale - top,
        min(ends[0] / scale - left, right - left),
        min(ends[1] / scale - top, bottom - top),
    )
    return part, box
