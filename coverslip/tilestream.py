"""The answer of GetTiles, taken apart as it arrives."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator

from coverslip.errors import UnreachableError

HEAD = struct.Struct(">HHI")
"""Status, zero, and length of what follows."""

MAX_TILE_BYTES = 2**26


async def records(chunks: AsyncIterator[bytes], count: int) -> AsyncIterator[tuple[int, bytes]]:
    """Yield status and body of each tile, in the order asked for.

    Parameters
    ----------
    chunks
        The answer's bytes, cut anywhere.
    count
        How many tiles were asked for.

    Raises
    ------
    UnreachableError
        The answer ends before the last tile, or is none of GetTiles.
    """
    buffer = bytearray()
    left = count
    async for chunk in chunks:
        buffer += chunk
        start = 0
        while len(buffer) - start >= HEAD.size:
            status, zero, length = HEAD.unpack_from(buffer, start)
            if zero != 0 or length > MAX_TILE_BYTES:
                raise UnreachableError("this is no answer of GetTiles")
            end = start + HEAD.size + length
            if len(buffer) < end:
                break
            left -= 1
            yield status, bytes(memoryview(buffer)[start + HEAD.size : end])
            start = end
        del buffer[:start]
    if left or buffer:
        raise UnreachableError(f"the server broke off {left} tiles before the end")
