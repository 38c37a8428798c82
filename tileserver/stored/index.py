"""Stored indexes: where each encoded tile of a slide lies in its file, found once and kept."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from records import filestore
from tileserver.geometry import Size
from tileserver.pool import FileIdentity
from tileserver.readers import base, directories
from tileserver.readers.base import SlideError
from tileserver.readers.tiff_pages import DAMAGE
from tileserver.stored import levels as pyramids, streams
from tileserver.stored.levels import JPEG, PyramidPage
from tileserver.stored.streams import StreamError

MISSING, COMPOSED = 0, -1
"""Byte counts of tiles that the file leaves out: with nothing beneath, so that the background is
shown; or with tiles of finer levels beneath, of which they are made."""

MAX_TILES = 4 * 2**20
"""Tiles of one slide: 130 times a usual one. An index in memory takes 16 bytes for each."""

MAX_TILE_BYTES = 16 * 2**20
"""Of one encoded tile, of at most 1024 x 1024 pixels: five times what they take unencoded."""

_LOOKED_AT = 3
_FORMAT = 3
_MAGIC = b"CSINDEX\n"
_HEAD = struct.Struct("<8sIII")  # magic, format, checksum, bytes of the description

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredLevel:
    """One level of a slide, and where its tiles lie.

    Parameters
    ----------
    halvings
        Of level 0 that give this level.
    size
        In pixels, without padding.
    columns, rows
        Of the tiles in the file, which may be more than the size needs.
    compression
        Of the tiles: a TIFF number.
    photometric
        Of the tiles: ``RGB`` or ``YCBCR``.
    tables
        Segments with tables, which JPEG tiles lack.
    offsets
        Of the tiles in the file, row by row.
    byte_counts
        Of the tiles; or ``MISSING``, ``COMPOSED``.
    """

    halvings: int
    size: Size
    columns: int
    rows: int
    compression: int
    photometric: int
    tables: bytes
    offsets: Numbers
    byte_counts: Numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredIndex:
    """The tiles of a slide.

    Parameters
    ----------
    size
        Of the slide in level-0 pixels.
    tile_size
        Side of every tile, in pixels.
    levels
        The most detailed first; none when the slide is not of this kind.
    files
        Of which the slide consists, where those are several; offsets are as in ``JoinedFile``.
    """

    size: Size
    tile_size: int
    levels: tuple[StoredLevel, ...]
    files: tuple[FileIdentity, ...] = ()


NO_INDEX = StoredIndex(size=Size(0, 0), tile_size=0, levels=())
"""Of files that are of another kind, so that they are not looked at again."""


def build_index(descriptor: int, name: str) -> StoredIndex:
    """Find the tiles of a slide.

    Parameters
    ----------
    descriptor
        Of the open file.
    name
        Its name, for messages.

    Returns
    -------
    StoredIndex
        ``NO_INDEX`` when the file is no tiled TIFF file with JPEG or JPEG 2000 tiles of three 8-bit
        colours, or cannot be understood: readers tell what is wrong with it.

    Raises
    ------
    SlideError
        The disk or memory failed, which says nothing of the file.
    """
    try:
        directories.check_directories(descriptor)
        # A duplicate shares the position, which tifffile takes for the file's beginning.
        os.lseek(descriptor, 0, os.SEEK_SET)
        # The flags keep tifffile from following what other formats hide in headers.
        with (
            os.fdopen(os.dup(descriptor), "rb") as handle,
            tifffile.TiffFile(
                handle, name=name, _multifile=False, is_lsm=False, is_scanimage=False, is_ndpi=False
            ) as file,
        ):
            return _build(file, descriptor, name)
    except (OSError, MemoryError) as error:
        raise SlideError(f"{name} cannot be read") from error
    except (SlideError, *DAMAGE):
        return NO_INDEX


def save_index(path: Path, key: bytes, index: StoredIndex) -> None:
    """Write an index, whole or not at all.

    Parameters
    ----------
    path
        Where to.
    key
        Stands for the slide's file as it is now.
    index
        To be kept.

    Raises
    ------
    OSError
        The disk is full, or fails.
    """
    described = {
        "key": key.hex(),
        "size": [index.size.width, index.size.height],
        "tile_size": index.tile_size,
        "levels": [_described(level) for level in index.levels],
        "files": [[os.fspath(f.path), f.mtime_ns, f.byte_count] for f in index.files],
    }
    text = json.dumps(described, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + _HEAD.size) % 8)
    # Offsets come first, all of them where numbers of 8 bytes may lie, so that none is copied when
    # they are read back.
    offsets = (level.offsets.astype("<i8").tobytes() for level in index.levels)
    counts = (level.byte_counts.astype("<i4").tobytes() for level in index.levels)
    body = b"".join([text, *offsets, *counts])
    with filestore.atomic_path(path) as part:
        part.write_bytes(_HEAD.pack(_MAGIC, _FORMAT, zlib.crc32(body), len(text)) + body)


def load_index(path: Path, key: bytes) -> StoredIndex | None:
    """Read an index that was saved.

    Parameters
    ----------
    path, key
        As it was saved with.

    Returns
    -------
    StoredIndex | None
        None when there is none, or one that is damaged, of another file or of another version.
    """
    try:
        data = path.read_bytes()
        magic, form, checksum, text_bytes = _HEAD.unpack_from(data)
        body = memoryview(data)[_HEAD.size :]
        if (magic, form) != (_MAGIC, _FORMAT) or zlib.crc32(body) != checksum:
            return None
        described = json.loads(bytes(body[:text_bytes]))
        if described["key"] != key.hex():
            return None
        return _restored(described, body[text_bytes:])
    except (OSError, struct.error, ValueError, LookupError, TypeError):
        return None


def _build(file: tifffile.TiffFile, descriptor: int, name: str) -> StoredIndex:
    pages = pyramids.find_levels(file, name)
    if not pages:
        return NO_INDEX
    base.check_size(Path(name), pages[0].size)
    is_aperio = pages[0].page.description.startswith("Aperio")
    found: list[StoredLevel] = []
    total = 0
    for page in pages:
        level = _stored_level(page)
        total += len(level.offsets)
        if total > MAX_TILES:
            return NO_INDEX
        if found:
            level = with_composed(level, found[-1], page.page.tilewidth, is_aperio=is_aperio)
        if is_as_declared(level, page.page.tilewidth, functools.partial(_read, descriptor)):
            found.append(level)
        elif not found:
            return NO_INDEX
    side = pages[0].page.tilewidth
    return StoredIndex(size=pages[0].size, tile_size=side, levels=tuple(found))


def _stored_level(found: PyramidPage) -> StoredLevel:
    page = found.page
    columns = -(-page.imagewidth // page.tilewidth)
    rows = -(-page.imagelength // page.tilelength)
    listed = min(len(page.dataoffsets), len(page.databytecounts))
    if columns * rows > listed or columns * rows > MAX_TILES:
        raise ValueError(f"{columns * rows} tiles, of which {listed} are listed")
    offsets = np.array(page.dataoffsets[: columns * rows], np.int64)
    counts = np.array(page.databytecounts[: columns * rows], np.int64)
    if counts.size and (counts.min() < 0 or offsets.min() < 0):
        raise ValueError("tiles before the beginning of the file")
    # Source: libtiff and OpenSlide take either for a tile that was left out.
    counts[offsets == 0] = MISSING
    # More is refused when the tile is read, and 32 bits keep a saved index small.
    np.minimum(counts, 2**31 - 1, out=counts)
    is_jpeg = page.compression == JPEG
    return StoredLevel(
        halvings=found.halvings,
        size=found.size,
        columns=columns,
        rows=rows,
        compression=int(page.compression),
        photometric=int(page.photometric),
        tables=streams.table_segments(page.jpegtables or b"") if is_jpeg else b"",
        offsets=offsets,
        byte_counts=counts,
    )


def with_composed(
    level: StoredLevel, finer: StoredLevel, side: int, *, is_aperio: bool
) -> StoredLevel:
    """Mark the tiles that are made of a finer level's, because the file has none, or black ones.

    Parameters
    ----------
    level, finer
        The level, and the one of more detail before it.
    side
        Of every tile, in pixels.
    is_aperio
        Whether tiles over missing ones of the finer level count as missing too.

    Source: openslide-vendor-aperio.c: tiles that lie over missing ones of the finer level count as
    missing too, and missing ones are painted from the finer level.
    """
    factor = 1 << (level.halvings - finer.halvings)
    below = finer.byte_counts.reshape(finer.rows, finer.columns) != MISSING
    missing_below = finer.byte_counts.reshape(finer.rows, finer.columns) <= 0
    # Without the rows and columns that are padding.
    rows, columns = (-(-length // side) for length in (level.size.height, level.size.width))
    counts = level.byte_counts.copy().reshape(level.rows, level.columns)
    part = counts[:rows, :columns]
    remake = np.asarray(part == MISSING)
    if is_aperio:
        remake |= _any_in_blocks(missing_below, factor, (rows, columns))
    has_below = _any_in_blocks(below, factor, (rows, columns))
    part[remake] = np.where(has_below[remake], COMPOSED, MISSING)
    return replace(level, byte_counts=counts.reshape(-1))


def _any_in_blocks(
    flags: NDArray[np.bool_], factor: int, shape: tuple[int, int]
) -> NDArray[np.bool_]:
    """Tell for each block of ``factor`` x ``factor`` flags whether any is set."""
    rows, columns = shape
    padded = np.zeros((rows * factor, columns * factor), bool)
    height, width = (min(pair) for pair in zip(flags.shape, padded.shape, strict=True))
    padded[:height, :width] = flags[:height, :width]
    squares = padded.reshape(rows, factor, columns, factor)
    found: NDArray[np.bool_] = np.logical_or.reduce(squares, axis=(1, 3))
    return found


def is_as_declared(level: StoredLevel, side: int, read: Callable[[int, int], bytes]) -> bool:
    """Look at a few tiles of a level: whether they are encoded as the directory says.

    One that is damaged says nothing of the others, but one at least must be sound.

    Parameters
    ----------
    level
        Of which tiles are looked at.
    side
        Of every tile, in pixels.
    read
        Returns what lies at an offset, of a length, or less at the end.
    """
    stored = np.flatnonzero(level.byte_counts > 0)
    if not stored.size:
        return True
    answers = []
    for index in stored[np.linspace(0, stored.size - 1, _LOOKED_AT).astype(int)]:
        count = min(int(level.byte_counts[index]), streams.MAX_HEAD_BYTES)
        data = read(int(level.offsets[index]), count)
        with contextlib.suppress(StreamError):
            answers.append(_is_tile(level, side, data))
    return bool(answers) and all(answers)


def _read(descriptor: int, offset: int, count: int) -> bytes:
    return os.pread(descriptor, count, offset)


def _is_tile(level: StoredLevel, side: int, data: bytes) -> bool:
    if level.compression != JPEG:
        return streams.jpeg2000_size(data) == Size(side, side)
    head = streams.parse_jpeg_head(data)
    # Where tag and stream contradict each other, libraries differ; a reader shall decide.
    return head.size == Size(side, side) and head.photometric in {None, level.photometric}


def _described(level: StoredLevel) -> dict[str, Any]:
    return {
        "halvings": level.halvings,
        "size": [level.size.width, level.size.height],
        "columns": level.columns,
        "rows": level.rows,
        "compression": level.compression,
        "photometric": level.photometric,
        "tables": level.tables.hex(),
    }


def _restored(described: dict[str, Any], arrays: memoryview) -> StoredIndex:
    found = []
    start, start_of_counts = 0, 8 * sum(n["columns"] * n["rows"] for n in described["levels"])
    for level in described["levels"]:
        count = level["columns"] * level["rows"]
        offsets = np.frombuffer(arrays, "<i8", count, start)
        counts = np.frombuffer(arrays, "<i4", count, start_of_counts)
        start += offsets.nbytes
        start_of_counts += counts.nbytes
        found.append(
            StoredLevel(
                halvings=level["halvings"],
                size=Size(*level["size"]),
                columns=level["columns"],
                rows=level["rows"],
                compression=level["compression"],
                photometric=level["photometric"],
                tables=bytes.fromhex(level["tables"]),
                offsets=offsets.astype(np.int64, copy=False),
                byte_counts=counts.astype(np.int64),
            )
        )
    return StoredIndex(
        size=Size(*described["size"]),
        tile_size=described["tile_size"],
        levels=tuple(found),
        files=tuple(FileIdentity(Path(name), *rest) for name, *rest in described["files"]),
    )
