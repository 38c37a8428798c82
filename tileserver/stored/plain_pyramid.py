"""Plain pyramids: a picture that is stored in one piece, turned into tiles at every scale."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import tifffile

from records import filestore
from tileserver import geometry, readers, render
from tileserver.geometry import Size
from tileserver.readers.base import Pixels, SlideError, SlideFacts
from tileserver.readers.vips_reader import MAX_PIXELS
from tileserver.stored import decoding

TILE_SIDE = 256
LONGEST_PLAIN = 4096
"""Pictures up to this size are read as they are: the largest holds 50 MB of pixels."""

MIN_QUALITY = 88
"""JPEG quality of the tiles at least. Pieces of them that are sent to scripts, and tiles at edges,
are compressed once more."""

Progress = Callable[[float], None]
"""Is told which part is done, 0 to 1."""

_Read = Callable[[int, int], Pixels]
"""Reads rows from one number up to another."""


def is_wanted(facts: SlideFacts) -> bool:
    """Tell whether a slide is too large to be shown from its pixels, and stores nothing smaller."""
    if facts.size.area > MAX_PIXELS or facts.size.longest <= LONGEST_PLAIN:
        return False
    return facts.reader == "vips" or (
        facts.reader == "tiff" and facts.level_sizes[-1].longest > LONGEST_PLAIN
    )


def make(path: Path, target: Path, *, quality: int, progress: Progress) -> None:
    """Write a slide as a TIFF file of JPEG tiles, with levels of half the size each.

    It shows what the slide's reader shows, whatever kind of pixels it stores, and carries the
    profile of their colours. Measured on a busy machine: 33 s for a JPEG of 484 million pixels.

    Parameters
    ----------
    path
        The slide.
    target
        Where to, whole or not at all.
    quality
        Of JPEG, 1 to 100.
    progress
        Is told which part is done.

    Raises
    ------
    SlideError
        The slide cannot be decoded, or the disk is full.
    """
    try:
        with (
            readers.open_slide(path) as reader,
            tempfile.TemporaryDirectory() as folder,
            filestore.atomic_path(target) as part,
            tifffile.TiffWriter(part, bigtiff=True) as writer,
        ):
            size = reader.facts.size
            progress(0)

            def read(top: int, bottom: int) -> Pixels:
                return reader.read_region(0, 0, top, size.width, bottom - top)

            maker = _Maker(writer, Path(folder), max(quality, MIN_QUALITY), size, progress)
            maker.write_levels(read, reader.icc_profile())
    except OSError as error:
        raise SlideError(
            f"{path.name} cannot be turned into tiles: the disk is full, or fails"
        ) from error


class _Maker:
    """Writes levels, each made of the one before; those lie in files, not in memory."""

    def __init__(
        self,
        writer: tifffile.TiffWriter,
        folder: Path,
        quality: int,
        size: Size,
        progress: Progress,
    ) -> None:
        self._writer = writer
        self._folder = folder
        self._quality = quality
        self._size = size
        self._progress = progress
        self._done = 0

    def write_levels(self, read: _Read, profile: bytes | None) -> None:
        size, halvings = self._size, 0
        while True:
            smaller = geometry.halved(size, 1)
            kept = np.memmap(
                self._folder / str(halvings),
                np.uint8,
                "w+",
                shape=(smaller.height, smaller.width, 3),
            )
            self._writer.write(
                self._tiles(read, size, kept),
                shape=(size.height, size.width, 3),
                dtype=np.uint8,
                tile=(TILE_SIDE, TILE_SIDE),
                photometric="ycbcr",
                compression="jpeg",
                subsampling=(1, 1) if self._quality >= render.FULL_COLOUR_QUALITY else (2, 2),
                subfiletype=1 if halvings else 0,
                iccprofile=None if halvings else profile,
                metadata=None,
            )
            if size.longest <= TILE_SIDE:
                return
            read, size, halvings = _reading(kept), smaller, halvings + 1

    def _tiles(self, read: _Read, size: Size, kept: Pixels) -> Iterator[bytes]:
        """Yield a level's tiles as JPEG, and keep it at half the size."""
        for top in range(0, size.height, TILE_SIDE):
            rows = read(top, min(top + TILE_SIDE, size.height))
            small = decoding.halve(_padded(rows, rows.shape[1] % 2, rows.shape[0] % 2))
            kept[top // 2 : top // 2 + small.shape[0]] = small
            across, down = -rows.shape[1] % TILE_SIDE, -rows.shape[0] % TILE_SIDE
            rows = _padded(rows, across, down)
            for left in range(0, size.width, TILE_SIDE):
                yield render.encode_jpeg(rows[:, left : left + TILE_SIDE], self._quality)
            self._done += size.width * TILE_SIDE
            # All levels together are four thirds of the first.
            self._progress(min(1.0, self._done / (self._size.area * 4 / 3)))


def _reading(pixels: Pixels) -> _Read:
    return lambda top, bottom: pixels[top:bottom]


def _padded(pixels: Pixels, across: int, down: int) -> Pixels:
    """Return pixels with the last ones repeated; black ones would tint their JPEG neighbours."""
    if not across and not down:
        return pixels
    return np.pad(pixels, ((0, down), (0, across), (0, 0)), mode="edge")
