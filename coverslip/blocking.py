"""The same reader without ``async``, for notebooks and data loaders.

>>> with open_slide("https://slides.example.org/Image/Details?imageId=12", token) as slide:
...     region = slide.read_region((10_000, 8_000), (512, 512), mpp=0.5)
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from anyio.from_thread import BlockingPortal, start_blocking_portal

from coverslip.client import Server, Slide, Tile, slide_id_of
from coverslip.connection import Pixels
from coverslip.pyramid import Metadata


class BlockingSlide:
    """A slide whose methods wait; see ``coverslip.client.Slide`` for what they take and raise.

    It keeps an event loop in a thread of its own until it is closed, and may be shared by threads,
    but not by processes: each process opens its own.
    """

    def __init__(self, stack: contextlib.ExitStack, portal: BlockingPortal, slide: Slide) -> None:
        self._stack = stack
        self._portal = portal
        self._slide = slide

    @property
    def metadata(self) -> Metadata:
        """Return what the server tells of the slide."""
        return self._slide.metadata

    def read_region(
        self,
        location: tuple[int, int],
        size: tuple[int, int],
        *,
        level: int | None = None,
        mpp: float | None = None,
    ) -> Pixels:
        """Return a region; see ``Slide.read_region``."""

        async def read() -> Pixels:
            return await self._slide.read_region(location, size, level=level, mpp=mpp)

        return self._portal.call(read)

    def tiles(self, **options: Any) -> Iterator[Tile]:  # noqa: ANN401 those of Slide.tiles
        """Yield tiles; see ``Slide.tiles``."""
        made = self._slide.tiles(**options)

        async def following() -> Tile | None:
            return await anext(made, None)

        try:
            while (tile := self._portal.call(following)) is not None:
                yield tile
        finally:
            self._portal.call(made.aclose)

    def thumbnail(self, size: int = 512) -> Pixels:
        """Return the whole slide as a small picture."""
        return self._portal.call(self._slide.thumbnail, size)

    def associated_image(self, name: str) -> Pixels:
        """Return the label or macro picture, if the token may see it."""
        return self._portal.call(self._slide.associated_image, name)

    def close(self) -> None:
        """Close the connections, and end the thread."""
        self._stack.close()

    def __enter__(self) -> Self:
        """Return the slide itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the slide."""
        self.close()


def open_slide(
    address: str, token: str, *, srgb: bool = False, connections: int = 8
) -> BlockingSlide:
    """Open a slide by its address as a browser shows it.

    Parameters
    ----------
    address
        ``https://…/Image/Details?imageId=12``, under any path prefix.
    token, srgb, connections
        As for ``coverslip.client.Server``.

    Raises
    ------
    CoverslipError
        As ``Server.slide``.
    """
    slide_id = slide_id_of(address)
    parts = urlsplit(address)
    prefix = (
        parts.path[: parts.path.lower().find("/image/")] if "/image/" in parts.path.lower() else ""
    )
    with contextlib.ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())

        async def connect() -> Server:
            url = f"{parts.scheme}://{parts.netloc}{prefix}"
            return Server(url, token, srgb=srgb, connections=connections)

        server = portal.call(connect)
        stack.callback(portal.call, server.close)
        slide = portal.call(server.slide, slide_id)
        return BlockingSlide(stack.pop_all(), portal, slide)
