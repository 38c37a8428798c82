"""Bulk reads: many tiles of a slide in one answer, each behind a short head of its own."""

from __future__ import annotations

import asyncio
import re
import struct
from collections import deque
from collections.abc import AsyncIterator, Sequence

from access import replies
from records.errors import AppError, InputError
from tileserver.service import TileService
from tileserver.sources import SlideSource

MEDIA_TYPE = "application/vnd.coverslip.tiles; version=1"

MAX_TILES = 4096
"""Tiles of one answer: a choice, some 100 MB. A client that prefetches asks for the next ones while
it decodes these; a longer answer would only hold on to its connection."""

AHEAD = 16
"""Tiles that are read or made before the client has taken those before them: a choice, enough to
keep every thread at work. They are all that is held in memory."""

_CHUNK_BYTES = 256 * 1024
_HEAD = struct.Struct(">HHI")
_ADDRESS = re.compile(r"([0-9]{1,3})/([0-9]{1,9})_([0-9]{1,9})")
_BETWEEN = re.compile(r"[,\s]+")

Address = tuple[int, int, int]
"""Deep Zoom level, column and row."""


def parse_addresses(text: str) -> list[Address]:
    """Read addresses of tiles, ``level/column_row`` each, separated by commas or white space.

    Raises
    ------
    InputError
        There are none, more than ``MAX_TILES``, or one is not of this form.
    """
    words = [word for word in _BETWEEN.split(text) if word]
    if not 1 <= len(words) <= MAX_TILES:
        raise InputError(f"tiles must name 1 to {MAX_TILES} tiles, not {len(words)}")
    addresses = []
    for number, word in enumerate(words, 1):
        match = _ADDRESS.fullmatch(word)
        if match is None:
            raise InputError(
                f"tiles must be addresses such as 14/3_5 (level/column_row) separated by commas; "
                f"number {number} is {word[:40]!r}"
            )
        level, column, row = (int(part) for part in match.groups())
        addresses.append((level, column, row))
    return addresses


def record(status: int, body: bytes) -> bytes:
    """Return one tile of an answer: status, a zero and the length of what follows, big-endian.

    Parameters
    ----------
    status
        As of an HTTP answer about this tile alone.
    body
        JPEG where the status is 200, else UTF-8 text that says what is wrong.
    """
    return _HEAD.pack(status, 0, len(body)) + body


async def records(
    service: TileService, source: SlideSource, addresses: Sequence[Address], *, icc: bool
) -> AsyncIterator[bytes]:
    """Yield the records of tiles in order, several at once; a tile that fails spoils no other.

    Parameters
    ----------
    service
        Makes tiles.
    source
        The slide.
    addresses
        Of the tiles.
    icc
        Whether colours are turned into sRGB.
    """
    pending: deque[bytes | asyncio.Task[bytes]] = deque()
    chunk: list[bytes] = []
    size = 0
    try:
        for address in addresses:
            ready = None if icc else service.ready_tile(source, *address)
            if ready is not None:
                pending.append(record(200, ready.data or b""))
            else:
                pending.append(asyncio.create_task(_made(service, source, address, icc=icc)))
            while pending and (len(pending) > AHEAD or isinstance(pending[0], bytes)):
                chunk.append(await _taken(pending))
                size += len(chunk[-1])
            if size >= _CHUNK_BYTES:
                yield b"".join(chunk)
                chunk, size = [], 0
                # Tiles that are ready wait for nothing, and others want to be served as well.
                await asyncio.sleep(0)
        while pending:
            chunk.append(await _taken(pending))
        yield b"".join(chunk)
    finally:
        for task in pending:
            if isinstance(task, asyncio.Task):
                task.cancel()


async def _taken(pending: deque[bytes | asyncio.Task[bytes]]) -> bytes:
    first = pending[0]
    # It stays in line meanwhile, to be cancelled with the others when the client is gone.
    taken = first if isinstance(first, bytes) else await first
    pending.popleft()
    return taken


async def _made(service: TileService, source: SlideSource, address: Address, *, icc: bool) -> bytes:
    try:
        picture = await service.tile(source, *address, icc=icc)
    except AppError as error:
        return record(replies.status_of(error), error.message.encode())
    return record(200, picture.data or b"")
