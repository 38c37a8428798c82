"""Joining: several complete uploads, sent side by side, become one.

Source: tus 1.0.0, Concatenation. The pieces stay until the whole is on disk, so that a client that
was cut off can ask again; until then they take the room of the file twice.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from records.errors import InputError, RightsError
from uploads.parts import (
    PartIncompleteError,
    PartLockedError,
    PartMissingError,
    PartOverflowError,
    PartState,
)
from uploads.partstore import PartStore
from uploads.partwriter import PartWriter
from uploads.tusheaders import PARTIAL

_BLOCK_BYTES = 8 * 1024 * 1024


def join(
    parts: PartStore,
    part_id: str,
    *,
    pieces: Sequence[str],
    concat: str,
    metadata: str,
    owner: str,
    now: datetime,
) -> PartState:
    """Make a complete upload out of the bytes of others, and discard those; blocks.

    Parameters
    ----------
    pieces
        Ids of complete uploads of the same owner, in their order.
    concat
        How the client named them.

    Raises
    ------
    PartMissingError, PartExpiredError
        A piece is not there, or no longer.
    PartIncompleteError
        Bytes of a piece are missing.
    InputError
        An upload was not begun as a piece, or all together are too long.
    RightsError
        A piece belongs to somebody else.
    DiskFullError
        There is no room for the whole beside its pieces.
    """
    states = [parts.state(piece, now) for piece in pieces]
    for state in states:
        _check_piece(state, owner)
    total = sum(state.offset for state in states)
    if total > parts.max_bytes:
        raise PartOverflowError(f"the largest upload is {parts.max_bytes} bytes")
    parts.create(part_id, length=total, metadata=metadata, owner=owner, now=now, concat=concat)
    try:
        with parts.writer(part_id, now, offset=0) as writer:
            for piece in pieces:
                with parts.complete(piece) as path:
                    _copy(path, writer)
            joined = writer.commit(now)
    except BaseException:
        with contextlib.suppress(PartMissingError, PartLockedError):
            parts.discard(part_id)
        raise
    for piece in pieces:
        with contextlib.suppress(PartMissingError, PartLockedError):
            parts.discard(piece)
    return joined


def _check_piece(state: PartState, owner: str) -> None:
    if state.owner != owner:
        raise RightsError("a piece belongs to another API token")
    if state.concat != PARTIAL:
        raise InputError(f"the upload {state.part_id} was not begun with Upload-Concat: partial")
    if not state.is_complete:
        raise PartIncompleteError(
            f"the piece {state.part_id} is not complete: {state.offset} bytes have arrived"
        )


def _copy(path: Path | None, writer: PartWriter) -> None:
    if path is None:
        raise PartMissingError("a piece is finished or given up")
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            writer.write(block)
