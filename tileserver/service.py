"""The tile service: slides in, tiles, regions and metadata out, made in a few threads."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import structlog

from records.errors import AppError
from tileserver import colour, mosaic, pool as pools, render
from tileserver.answers import Picture, SlideMetadata, etag_of
from tileserver.caching import SharedCache
from tileserver.colour import Colours
from tileserver.deepzoom import DeepZoomPyramid
from tileserver.geometry import Region
from tileserver.pool import FileIdentity, SlidePool
from tileserver.readers.base import Pixels, SlideError, SlideReader
from tileserver.sharing import SharedWork
from tileserver.shelf import Shelf
from tileserver.sources import SlideSource, Sought
from tileserver.stored.plans import Kept
from tileserver.stored.slide import StoredSlide

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

OVERVIEW_BYTES = 64 * 2**20
"""Overviews that are kept: about 25 slides. One is a whole slide decoded once, for all its smallest
tiles and its thumbnail."""

TILE_BYTES = 64 * 2**20
"""Encoded tiles that are kept: about 5000. Viewers of the same slide start with the same tiles."""


class TileService:
    """Makes tiles in a bounded number of threads.

    What is sought may have to be looked up first; that is done in the same thread, for a change of
    threads costs as much as the look-up.

    Parameters
    ----------
    pool
        Keeps slides open that readers show.
    shelf
        Keeps slides open whose stored tiles are sent as they are.
    threads
        How many pictures are made at once.
    quality
        JPEG quality of tiles and thumbnails, 1 to 100.
    """

    def __init__(
        self,
        pool: SlidePool,
        shelf: Shelf,
        *,
        threads: int = 4,
        quality: int = render.TILE_QUALITY,
    ) -> None:
        self.colours = Colours(pool)
        """Knows the way of each slide's colours into sRGB."""
        self._pool = pool
        self._shelf = shelf
        self._quality = quality
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="tiles")
        self._shared: SharedWork[Picture] = SharedWork(self._threads)
        # One at a time: what nobody waits for must not hold up what somebody does.
        self._ahead = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead")
        self._tiles: SharedCache[tuple[object, ...], bytes] = SharedCache(len, capacity=TILE_BYTES)
        self._overviews: SharedCache[FileIdentity, Pixels] = SharedCache(
            lambda pixels: pixels.nbytes, capacity=OVERVIEW_BYTES
        )

    async def find(self, sought: Sought) -> SlideSource:
        """Return the source of a slide; raises as ``sought`` does."""
        if isinstance(sought, SlideSource):
            return sought
        return await self._in_thread(sought.find)

    def prepare(self, source: SlideSource) -> None:
        """Open a slide and make its small levels ahead, for somebody who will ask for tiles."""
        self._ahead.submit(self._prepare, source)

    def ready_tile(
        self, source: SlideSource, dz_level: int, column: int, row: int
    ) -> Picture | None:
        """Return a tile that takes microseconds, else None; for the event loop. See ``tile``."""
        slide = self._shelf.ready(source.path)
        data = None if slide is None else slide.fast(dz_level, column, row)
        if slide is None or data is None:
            return None
        return Picture(data, f'"{slide.tag}-{dz_level}-{column}-{row}"')

    async def metadata(self, sought: Sought) -> SlideMetadata:
        """Return what clients must know of a slide; raises as ``sought`` does, too.

        Raises
        ------
        SlideError
            The file cannot be opened.
        """
        return await self._in_thread(self._metadata, sought)

    async def tile(
        self,
        sought: Sought,
        dz_level: int,
        column: int,
        row: int,
        *,
        held: Collection[str] = (),
        icc: bool = False,
    ) -> Picture:
        """Return a Deep Zoom tile as JPEG; raises as ``sought`` does, too.

        Parameters
        ----------
        held
            Tags of what the client has; a tile among them is not made.
        icc
            Whether colours are turned into sRGB, which decodes and encodes the tile once more. A
            slide without a profile is sent as it is.

        Raises
        ------
        TileOutsideLevelError
            There is no such tile.
        SlideError
            The file cannot be opened, or the tile not decoded.
        """
        make = self._srgb_tile if icc else self.make_tile
        work = functools.partial(make, sought, dz_level, column, row, held)
        return await self._shared.do((sought, dz_level, column, row, frozenset(held), icc), work)

    async def pyramid(self, source: SlideSource) -> DeepZoomPyramid:
        """Return the Deep Zoom levels under which a slide is served.

        Raises
        ------
        SlideError
            The file cannot be opened.
        """
        slide = self._shelf.ready(source.path)
        return slide.pyramid if slide is not None else await self._in_thread(self._pyramid, source)

    async def thumbnail(self, sought: Sought, longest: int) -> Picture:
        """Return the whole slide as JPEG, its longer side at most ``longest`` pixels.

        Raises as ``sought`` does, too.

        Raises
        ------
        SlideError
            The file cannot be opened or decoded.
        """
        return await self._in_thread(self._thumbnail, sought, longest)

    async def raw_region(
        self,
        source: SlideSource,
        slide_level: int,
        l0_region: Region,
        quality: int,
        *,
        icc: bool = False,
    ) -> Picture:
        """Return a region of a stored level as JPEG.

        Parameters
        ----------
        l0_region
            Corner in level-0 pixels, size in pixels of the level.
        quality
            Of JPEG, 1 to 100.
        icc
            Whether colours are turned into sRGB.

        Raises
        ------
        InputError
            There is no such level, or the size is out of bounds.
        SlideError
            The file cannot be opened, or the region not decoded.
        """
        return await self._in_thread(
            self._raw_region, source, slide_level, l0_region, quality, icc=icc
        )

    def close(self) -> None:
        """Wait for pictures in the making, then close every slide."""
        for threads in (self._threads, self._ahead):
            threads.shutdown(wait=True, cancel_futures=True)
        self._shelf.clear()
        self._pool.close()

    async def _in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        work = functools.partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _metadata(self, sought: Sought) -> SlideMetadata:
        source = sought.find()
        with self._pool.borrow(source.path) as reader:
            facts, profile = reader.facts, reader.icc_profile()
        return SlideMetadata(
            name=source.name,
            facts=facts,
            mpp_x=source.mpp_override or facts.mpp_x,
            mpp_y=source.mpp_override or facts.mpp_y,
            profile=None if profile is None else colour.describe(profile),
        )

    def _pyramid(self, source: SlideSource) -> DeepZoomPyramid:
        shelved = self._shelf.find(source.path)
        if shelved.slide is not None:
            return shelved.slide.pyramid
        with self._pool.borrow_file(shelved.file) as reader:
            return reader.facts.pyramid

    def make_tile(
        self, sought: Sought, dz_level: int, column: int, row: int, held: Collection[str] = ()
    ) -> Picture:
        """Return a tile as ``tile`` does; to be called in a thread."""
        shelved = self._shelf.find(sought.find().path)
        file, slide = shelved.file, shelved.slide
        if slide is not None:
            etag = f'"{slide.tag}-{dz_level}-{column}-{row}"'
            if etag in held:
                return Picture(None, etag)
            try:
                return Picture(self._stored_tile(file, slide, dz_level, column, row), etag)
            except SlideError as error:
                if not self._shows_same_tiles(file, slide):
                    raise
                reason = error.message
            log.info("stored tile left to the reader", slide=file.path.name, reason=reason)
        return self._read_tile(file, dz_level, column, row, held)

    def _stored_tile(
        self, file: FileIdentity, slide: StoredSlide, dz_level: int, column: int, row: int
    ) -> bytes:
        if slide.is_stored(dz_level, column, row):
            # Not kept: the system keeps the file's pages already.
            return slide.slow(dz_level, column, row)
        address = (file, dz_level, column, row)
        return self._tiles.get(address, lambda: slide.slow(dz_level, column, row))

    def _shows_same_tiles(self, file: FileIdentity, slide: StoredSlide) -> bool:
        """Tell whether a reader shows a slide in the same grid, so that it can stand in.

        A tile that is smaller than others, or in a form that only the reader knows, is a picture
        still; what is damaged the reader does not decode either.
        """
        try:
            with self._pool.borrow_file(file) as reader:
                return reader.facts.pyramid == slide.pyramid
        except AppError:
            return False

    def _read_tile(
        self, file: FileIdentity, dz_level: int, column: int, row: int, held: Collection[str]
    ) -> Picture:
        def make() -> bytes:
            with self._pool.borrow_file(file) as reader:
                overview = functools.partial(self.overview, file, reader)
                pixels = render.render_tile(reader, dz_level, column, row, overview)
            return render.encode_jpeg(pixels, self._quality)

        address = (dz_level, column, row, self._quality)
        etag = etag_of(file, *address)
        if etag in held:
            return Picture(None, etag)
        return Picture(self._tiles.get((file, *address), make), etag)

    def _srgb_tile(
        self, sought: Sought, dz_level: int, column: int, row: int, held: Collection[str]
    ) -> Picture:
        source = sought.find()
        file = pools.identify(source.path)
        way = self.colours.to_srgb(file)
        if way is None:
            return self.make_tile(source, dz_level, column, row, held)

        def make() -> bytes:
            data = self.make_tile(source, dz_level, column, row, ()).data or b""
            return render.encode_jpeg(way.apply(mosaic.decoded(data)), self._quality)

        address = (dz_level, column, row, self._quality, "srgb")
        etag = etag_of(file, *address)
        if etag in held:
            return Picture(None, etag)
        return Picture(self._tiles.get((file, *address), make), etag)

    def _prepare(self, source: SlideSource) -> None:
        try:
            slide = self._shelf.find(source.path).slide
            if slide is not None and not slide.is_filled(Kept.SMALL):
                slide.fill(Kept.SMALL)
        except AppError as error:
            # Whoever asks for its tiles will hear it.
            log.info("not prepared", slide=source.path.name, reason=error.message)

    def overview(self, file: FileIdentity, reader: SlideReader) -> Pixels:
        """Return the overview of a slide that a reader shows; to be called in a thread."""
        return self._overviews.get(file, functools.partial(render.render_overview, reader))

    def _thumbnail(self, sought: Sought, longest: int) -> Picture:
        file = pools.identify(sought.find().path)
        with self._pool.borrow_file(file) as reader:
            overview = self.overview(file, reader)
        pixels = render.fit(overview, longest)
        data = render.encode_jpeg(pixels, self._quality)
        return Picture(data, etag_of(file, "thumbnail", longest, self._quality))

    def _raw_region(
        self,
        source: SlideSource,
        slide_level: int,
        l0_region: Region,
        quality: int,
        *,
        icc: bool,
    ) -> Picture:
        file = pools.identify(source.path)
        with self._pool.borrow_file(file) as reader:
            pixels = render.render_raw_region(
                reader,
                slide_level,
                l0_x=l0_region.x,
                l0_y=l0_region.y,
                width=l0_region.width,
                height=l0_region.height,
            )
        way = self.colours.to_srgb(file) if icc else None
        if way is not None:
            pixels = way.apply(pixels)
        data = render.encode_jpeg(pixels, quality)
        return Picture(data, etag_of(file, slide_level, l0_region, quality, icc))
