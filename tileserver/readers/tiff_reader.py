"""TIFF files that no scanner's format claims: pyramids, OME-TIFF, many channels, 16 bits."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from tileserver import geometry
from tileserver.geometry import Size
from tileserver.readers import base, channels, tiff_layout
from tileserver.readers.base import ClosingReader, Pixels, SlideError, SlideFacts
from tileserver.readers.channels import ShownChannel, Window
from tileserver.readers.tiff_pages import DAMAGE, SegmentCache, StoredPage

_BLACK = (0, 0, 0)
_ALPHA = 2
_ICC_PROFILE = 34675

_SAMPLE_GRID, _SAMPLE_SIDE = 12, 48
"""Windows of contrast come from 12 x 12 squares of 48 pixels spread over the smallest level."""


class TiffReader(ClosingReader):
    """A TIFF file read tile by tile, or strip by strip.

    Any number of threads may read at once.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    SlideError
        It is no TIFF, damaged, or of a kind left to other readers: palettes, CMYK, rotated.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._window: Window | None = None
        self._shown: list[ShownChannel] | None = None
        try:
            # The flags keep tifffile from following what other formats hide in headers.
            self._file = tifffile.TiffFile(
                path, _multifile=False, is_lsm=False, is_scanimage=False, is_ndpi=False
            )
        except DAMAGE as error:
            raise SlideError(f"{path.name} is not a TIFF file, or is damaged") from error
        try:
            self._open(path)
        except SlideError:
            self.close()
            raise
        except DAMAGE as error:
            self.close()
            raise SlideError(f"{path.name} is a TIFF file, but its header is damaged") from error

    def read_region(self, slide_level: int, l_x: int, l_y: int, width: int, height: int) -> Pixels:
        """Read a rectangle of a level; see ``SlideReader.read_region``."""
        size = self.facts.level_sizes[slide_level]
        left, top = max(0, l_x), max(0, l_y)
        right, bottom = min(size.width, l_x + width), min(size.height, l_y + height)
        if right <= left or bottom <= top:
            return base.filled(width, height, self._background)
        inner = self._read_within(slide_level, left, top, right - left, bottom - top)
        if inner.shape[:2] == (height, width):
            return inner
        pixels = base.filled(width, height, self._background)
        pixels[top - l_y : bottom - l_y, left - l_x : right - l_x] = inner
        return pixels

    @property
    def shown(self) -> list[ShownChannel]:
        """Return how each channel is shown; empty for colour pictures."""
        return [] if self._layout.is_colour else self._shown_channels()

    def icc_profile(self) -> bytes | None:
        """Return the profile of a colour picture; see ``SlideReader.icc_profile``.

        None for pictures whose colours are made here, out of channels or by stretching.
        """
        page = self._levels[0][0]
        if not self._layout.is_colour or page.dtype != np.uint8:
            return None
        tag = page.page.tags.get(_ICC_PROFILE)
        profile = (
            bytes(tag.value) if tag is not None and tag.count <= base.MAX_PROFILE_BYTES else None
        )
        return profile or None

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _open(self, path: Path) -> None:
        layout = tiff_layout.find_layout(self._file, path.name)
        sizes = tuple(tiff_layout.page_size(pages[0]) for pages in layout.levels)
        base.check_size(path, sizes[0])
        cache, descriptor = SegmentCache(), self._file.filehandle.fileno()
        self._levels = [
            [StoredPage(page, descriptor, path.name, cache) for page in pages]
            for pages in layout.levels
        ]
        self._layout = layout
        first = self._levels[0][0]
        if first.dtype.kind not in "uif":
            raise SlideError(f"{path.name} has samples that are neither whole nor real numbers")
        self._alpha = 3 if layout.is_colour and first.page.extrasamples == (_ALPHA,) else None
        self._background = base.WHITE if layout.is_colour or layout.is_inverted else _BLACK
        self.facts = SlideFacts(
            reader="tiff",
            format=layout.format,
            level_sizes=sizes,
            downsamples=tuple(geometry.level_scale(sizes[0], size).mean for size in sizes),
            tile_size=Size(first.segment.width, first.segment.height),
            mpp_x=layout.mpp_x,
            mpp_y=layout.mpp_y,
            objective_power=layout.objective_power,
            background=self._background,
            z_layer_count=layout.z_layer_count,
        )

    def _read_within(self, slide_level: int, x: int, y: int, width: int, height: int) -> Pixels:
        pages = self._levels[slide_level]
        if not self._layout.is_colour:
            shown = self._shown_channels()
            planes = [page.read(x, y, width, height, fill=0)[..., 0] for page in pages]
            return channels.mix(planes, shown)
        samples = pages[0].read(x, y, width, height, fill=self._sparse_fill(pages[0].dtype))
        if samples.dtype != np.uint8:
            stretched = channels.stretched(samples[..., :3], self._colour_window())
            pixels = (stretched * 255 + np.float32(0.5)).astype(np.uint8)
            return np.ascontiguousarray(pixels)
        if self._alpha is not None:
            alpha = np.ascontiguousarray(samples[..., self._alpha])
            if alpha.min() < 255:
                return base.flattened(samples[..., :3], alpha, self._background)
        return np.ascontiguousarray(samples[..., :3])

    def _sparse_fill(self, dtype: np.dtype[Any]) -> int:
        """Return the value of tiles that the file leaves out: white, the colour of glass."""
        return 1 if dtype.kind == "f" else int(np.iinfo(dtype).max)

    def _shown_channels(self) -> list[ShownChannel]:
        with self._lock:
            if self._shown is None:
                self._shown = self._choose_channels()
            return self._shown

    def _choose_channels(self) -> list[ShownChannel]:
        layout = self._layout
        windows = [
            channels.window_of_signal(_spread_sample(page)[..., 0]) for page in self._levels[-1]
        ]
        if layout.is_inverted:
            windows = [Window(window.high, window.low) for window in windows]
        colours = channels.colours(
            [channel.name for channel in layout.channels],
            [channel.colour for channel in layout.channels],
        )
        return [ShownChannel(*pair) for pair in zip(windows, colours, strict=True)]

    def _colour_window(self) -> Window:
        with self._lock:
            if self._window is None:
                sample = _spread_sample(self._levels[-1][0])[..., :3]
                self._window = channels.window_of_colour(sample)
            return self._window


def _spread_sample(page: StoredPage) -> NDArray[Any]:
    """Return samples from all over a page, shape (count, samples): the same for every tile."""
    size = page.size
    squares = []
    for row in range(_SAMPLE_GRID):
        for column in range(_SAMPLE_GRID):
            width, height = min(_SAMPLE_SIDE, size.width), min(_SAMPLE_SIDE, size.height)
            x = (size.width - width) * column // (_SAMPLE_GRID - 1)
            y = (size.height - height) * row // (_SAMPLE_GRID - 1)
            square = page.read(x, y, width, height, fill=0)
            squares.append(square.reshape(-1, square.shape[-1]))
    return np.concatenate(squares)
