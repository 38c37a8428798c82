"""Reads slides of a Coverslip server: regions, tiles and pictures as NumPy arrays.

>>> async with Server("https://slides.example.org", token) as server:
...     slide = await server.slide(12)
...     region = await slide.read_region((10_000, 8_000), (512, 512), mpp=0.5)
...     async for tile in slide.tiles(downsample=4):
...         ...

Needs the extra ``client`` (httpx2). ``coverslip.blocking`` offers the same without ``async``.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image

from coverslip.connection import Connection, Pixels
from coverslip.errors import MissingError, TileError
from coverslip.pyramid import Address, HalvedLevel, Metadata, finest_needed

BATCH = 64
"""Tiles of one request: a choice; 64 of 256 pixels are some 2 MB, of 512 pixels 8 MB."""

AHEAD = 2
"""Batches that are fetched and decoded before the caller asks for them."""

MAX_REGION_PIXELS = 2**28


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile of a level.

    Parameters
    ----------
    address
        Deep Zoom level, column and row.
    x, y
        Its upper left corner, in level-0 pixels.
    downsample
        Level-0 pixels per pixel, in one direction.
    pixels
        Shape (height, width, 3); smaller than others at the right and lower edge.
    """

    address: Address
    x: int
    y: int
    downsample: int
    pixels: Pixels


class Server(Connection):
    """A server, to be used in an ``async with`` block; see ``coverslip.connection.Connection``."""

    async def slide(self, which: int | str) -> Slide:
        """Open a slide.

        Parameters
        ----------
        which
            Its number, or an address of it as people see it in their browser:
            ``https://…/Image/Details?imageId=12&studyId=3``.

        Raises
        ------
        RefusedError
            The token may not read it.
        MissingError
            There is no such slide, or its file cannot be opened.
        """
        slide_id = which if isinstance(which, int) else slide_id_of(which)
        reply = (await self.get("GetImageMetadata", imageId=slide_id)).json()
        if not reply.get("success"):
            raise MissingError(str(reply.get("log", "the server does not say why")))
        return Slide(self, slide_id, Metadata.of(reply["metadata"]))


class Slide:
    """A slide of a server; ``Server.slide`` opens it.

    Parameters
    ----------
    server
        Where it is.
    slide_id
        Its number there.
    metadata
        What the server tells of it.
    """

    def __init__(self, server: Server, slide_id: int, metadata: Metadata) -> None:
        self.id = slide_id
        self.metadata = metadata
        self._server = server

    async def read_region(
        self,
        location: tuple[int, int],
        size: tuple[int, int],
        *,
        level: int | None = None,
        mpp: float | None = None,
    ) -> Pixels:
        """Return a region at a stored level, or at any resolution.

        At a stored level whose downsample is a power of two the pixels are those of the file, as
        OpenSlide reads them. Others are resampled from the next finer level that is one.

        Parameters
        ----------
        location
            x and y of the upper left corner in level-0 pixels; it may lie outside the slide.
        size
            Width and height of the result.
        level
            Stored level, 0 is the most detailed; also when neither this nor ``mpp`` is given.
        mpp
            Micrometres per pixel of the result.

        Returns
        -------
        Pixels
            Shape (height, width, 3), with the background where the slide has no pixels.

        Raises
        ------
        ValueError
            Both ``level`` and ``mpp`` are given, there is no such level, or the slide's own
            resolution is not known.
        TileError
            A part of the region could not be read.
        """
        if min(size) < 1 or size[0] * size[1] > MAX_REGION_PIXELS:
            raise ValueError(f"a region has 1 to {MAX_REGION_PIXELS} pixels, not {size}")
        if mpp is not None:
            downsample = self._downsample_of(level, mpp)
            corner = (location[0] / downsample, location[1] / downsample)
        else:
            downsample = self._level_downsample(level or 0)
            corner = (location[0] // downsample, location[1] // downsample)
        source = finest_needed(self.metadata, downsample)
        factor = downsample / source.downsample
        x, y = corner[0] * factor, corner[1] * factor
        if factor == 1 and x == int(x) and y == int(y):
            return await self._read(source, int(x), int(y), *size)
        margin = 3  # A filter looks a few pixels beyond what it shows.
        left, top = int(x // 1) - margin, int(y // 1) - margin
        box = (x - left, y - top, x - left + size[0] * factor, y - top + size[1] * factor)
        read = await self._read(source, left, top, int(box[2]) + margin, int(box[3]) + margin)
        return await asyncio.to_thread(_resized, read, size, box)

    async def tiles(
        self,
        *,
        downsample: int = 1,
        region: tuple[int, int, int, int] | None = None,
        batch: int = BATCH,
        ahead: int = AHEAD,
        skip_damaged: bool = False,
    ) -> AsyncGenerator[Tile, None]:
        """Yield all tiles of the slide, or of a region, row by row; later ones are fetched ahead.

        Parameters
        ----------
        downsample
            Level-0 pixels per pixel: 1, 2, 4 and so on.
        region
            x, y, width and height in level-0 pixels; tiles that touch it are yielded whole.
        batch
            Tiles of one request.
        ahead
            Requests under way while the caller works on a batch.
        skip_damaged
            Whether tiles that the server cannot make are left out rather than raised.

        Raises
        ------
        ValueError
            The downsample is no power of two, or larger than the slide.
        TileError
            A tile could not be made.
        """
        source = self._halved(downsample)
        x, y, width, height = region or (0, 0, *self.metadata.size)
        right, bottom = -(-(x + width) // downsample), -(-(y + height) // downsample)
        corner = (x // downsample, y // downsample)
        wanted = list(source.addresses(*corner, right - corner[0], bottom - corner[1]))
        fetching: deque[tuple[list[Address], asyncio.Task[list[Pixels | TileError]]]] = deque()
        try:
            starts = iter(range(0, len(wanted), batch))
            while True:
                for start in itertools.islice(starts, ahead + 1 - len(fetching)):
                    part = wanted[start : start + batch]
                    task = asyncio.create_task(self._server.tiles(self.id, part))
                    fetching.append((part, task))
                if not fetching:
                    return
                addresses, task = fetching[0]
                shown = await task
                fetching.popleft()
                for address, pixels in zip(addresses, shown, strict=True):
                    if not isinstance(pixels, TileError):
                        yield self._tile(address, source, pixels)
                    elif not skip_damaged:
                        raise pixels
        finally:
            for _, task in fetching:
                task.cancel()

    async def thumbnail(self, size: int = 512) -> Pixels:
        """Return the whole slide, its longer side at most ``size`` (16 to 1024) pixels."""
        reply = await self._server.get("GetThumbnail", imageId=self.id, size=size)
        return await self._server.decoded(reply.content)

    async def associated_image(self, name: str) -> Pixels:
        """Return the label or macro picture, if the token may see it."""
        reply = await self._server.get("GetAssociatedImage", imageId=self.id, name=name)
        return await self._server.decoded(reply.content)

    def _tile(self, address: Address, source: HalvedLevel, pixels: Pixels) -> Tile:
        step = self.metadata.tile_size * source.downsample
        return Tile(address, address[1] * step, address[2] * step, source.downsample, pixels)

    def _halved(self, downsample: int) -> HalvedLevel:
        halvings = downsample.bit_length() - 1
        if downsample < 1 or downsample & (downsample - 1) or halvings > self.metadata.halvings:
            raise ValueError(
                f"downsample must be 1, 2, 4 … {1 << self.metadata.halvings}, not {downsample}"
            )
        return HalvedLevel(self.metadata, halvings)

    def _level_downsample(self, level: int) -> float:
        downsamples = self.metadata.downsamples
        if not 0 <= level < len(downsamples):
            raise ValueError(f"this slide stores levels 0 to {len(downsamples) - 1}, not {level}")
        return downsamples[level]

    def _downsample_of(self, level: int | None, mpp: float) -> float:
        if level is not None:
            raise ValueError("a region is at a level or at a resolution, not both")
        if self.metadata.mpp is None:
            raise ValueError("nobody told how many micrometres a pixel of this slide has")
        if mpp <= 0:
            raise ValueError(f"mpp must be more than 0 micrometres per pixel, not {mpp}")
        return mpp / (sum(self.metadata.mpp) / 2)

    async def _read(self, source: HalvedLevel, x: int, y: int, width: int, height: int) -> Pixels:
        """Return a rectangle of a halved level, in its own pixels, out of tiles."""
        pixels = np.empty((height, width, 3), np.uint8)
        pixels[:] = self.metadata.background
        addresses = list(source.addresses(x, y, width, height))
        parts = [addresses[start : start + BATCH] for start in range(0, len(addresses), BATCH)]
        shown = await asyncio.gather(*(self._server.tiles(self.id, part) for part in parts))
        for address, tile in zip(addresses, (t for part in shown for t in part), strict=True):
            if isinstance(tile, TileError):
                raise tile
            side = self.metadata.tile_size
            _paste(pixels, tile, address[1] * side - x, address[2] * side - y)
        return pixels


def slide_id_of(address: str) -> int:
    """Return the number of a slide in an address as a browser shows it.

    Raises
    ------
    ValueError
        There is none in it.
    """
    query = {name.lower(): values[-1] for name, values in parse_qs(urlsplit(address).query).items()}
    found = query.get("imageid", "")
    if not re.fullmatch(r"[0-9]{1,18}", found):
        raise ValueError(f"there is no imageId in {address!r}; expected …/Image/Details?imageId=12")
    return int(found)


def _paste(pixels: Pixels, tile: Pixels, x: int, y: int) -> None:
    """Put a tile into a picture with its upper left corner at (x, y), cutting what lies outside."""
    left, top = max(0, x), max(0, y)
    right = min(pixels.shape[1], x + tile.shape[1])
    bottom = min(pixels.shape[0], y + tile.shape[0])
    if right > left and bottom > top:
        pixels[top:bottom, left:right] = tile[top - y : bottom - y, left - x : right - x]


def _resized(pixels: Pixels, size: tuple[int, int], box: tuple[float, ...]) -> Pixels:
    is_smaller = box[2] - box[0] >= size[0]
    kernel = Image.Resampling.HAMMING if is_smaller else Image.Resampling.BICUBIC
    cut = (box[0], box[1], min(box[2], pixels.shape[1]), min(box[3], pixels.shape[0]))
    return np.array(Image.fromarray(pixels).resize(size, kernel, box=cut), np.uint8)
