"""The connection to a server: requests that are tried again, and tiles decoded in threads."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import httpx2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from coverslip import tilestream
from coverslip.errors import (
    CoverslipError,
    MissingError,
    RefusedError,
    TileError,
    UnreachableError,
)
from coverslip.pyramid import Address

Pixels = NDArray[np.uint8]
"""Shape (height, width, 3): red, green, blue."""

TRIES = 3

_ERRORS = {401: RefusedError, 403: RefusedError, 404: MissingError}
_BUSY = {429, 502, 503, 504}


class Connection:
    """The connections to a server, to be used in an ``async with`` block.

    Parameters
    ----------
    url
        Such as ``https://slides.example.org``; a path prefix may follow.
    token
        An API token with the right CanGetPixels.
    connections
        How many requests may be under way at once.
    timeout_s
        How long the server may be silent, in seconds.
    srgb
        Whether colours are turned into sRGB by each slide's own profile. It is slower: the server
        decodes every tile.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        connections: int = 8,
        timeout_s: float = 60.0,
        srgb: bool = False,
    ) -> None:
        self._http = httpx2.AsyncClient(
            base_url=url.rstrip("/") + "/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout_s,
            limits=httpx2.Limits(max_connections=connections),
        )
        self._threads = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="decode")
        self.icc = {"icc": "srgb"} if srgb else {}

    async def __aenter__(self) -> Self:
        """Return the server itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def get(self, call: str, **parameters: object) -> httpx2.Response:
        """Ask a reading call of the Api; for its errors see ``coverslip.errors``."""
        for left in reversed(range(TRIES)):
            try:
                response = await self._http.get(f"Api/{call}", params=_as_text(parameters))
            except httpx2.TransportError as error:
                if not left:
                    raise UnreachableError(f"{call}: {_reason(error)}") from error
            else:
                if response.status_code not in _BUSY or not left:
                    _check(call, response)
                    return response
            await asyncio.sleep(0.2 * (TRIES - left))
        raise AssertionError

    async def tiles(self, slide_id: int, addresses: Sequence[Address]) -> list[Pixels | TileError]:
        """Return tiles in the order asked for, by one request; what failed stands in its place."""
        for left in reversed(range(TRIES)):
            try:
                return await self._tiles_once(slide_id, addresses)
            except (httpx2.TransportError, UnreachableError) as error:
                if not left:
                    raise UnreachableError(f"GetTiles: {_reason(error)}") from error
            await asyncio.sleep(0.2 * (TRIES - left))
        raise AssertionError

    async def decoded(self, data: bytes) -> Pixels:
        """Return the pixels of a JPEG, decoded in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, decode, data)

    async def _tiles_once(
        self, slide_id: int, addresses: Sequence[Address]
    ) -> list[Pixels | TileError]:
        named = ",".join(f"{level}/{column}_{row}" for level, column, row in addresses)
        form = {"imageId": str(slide_id), "tiles": named, **self.icc}
        made: list[asyncio.Future[Pixels | TileError]] = []
        loop = asyncio.get_running_loop()
        async with self._http.stream("POST", "Api/GetTiles", data=form) as response:
            if response.status_code != 200:
                await response.aread()
                if response.status_code in _BUSY:
                    raise UnreachableError(f"the server is busy: {response.text[:200]}")
                _check("GetTiles", response)
            arriving = tilestream.records(response.aiter_bytes(), len(addresses))
            async for status, body in arriving:
                address = addresses[len(made)]
                made.append(loop.run_in_executor(self._threads, _tile, address, status, body))
        return list(await asyncio.gather(*made))


def decode(data: bytes) -> Pixels:
    """Return the pixels of a JPEG, shape (height, width, 3)."""
    try:
        pixels: Pixels = simplejpeg.decode_jpeg(data, colorspace="RGB")
    except ValueError as error:
        raise CoverslipError("the server sent no JPEG that can be decoded") from error
    return pixels


def _tile(address: Address, status: int, body: bytes) -> Pixels | TileError:
    if status != 200:
        return TileError(address, status, body.decode(errors="replace"))
    return decode(body)


def _as_text(parameters: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in parameters.items()}


def _check(call: str, response: httpx2.Response) -> None:
    if response.status_code == 200:
        return
    try:
        told = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        told = response.text[:200]
    error = _ERRORS.get(response.status_code, CoverslipError)
    raise error(f"{call}: {told} (status {response.status_code})")


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
