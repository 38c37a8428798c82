"""Fidelity: every Deep Zoom level of slides, compared with what independent renderers make of it.

Three oracles, as far as a slide has them:

- ``formula``: of gradient slides every pixel of every level is known;
- ``generator``: ``openslide.deepzoom.DeepZoomGenerator``, also for files that our own TIFF reader
  reads;
- ``level 0``: full detail decoded by OpenSlide, Pillow or tifffile and shrunk by Pillow, each
  pixel the mean of a square.

The generator shrinks with another filter, stretches levels whose size is no whole fraction, and
is off by a pixel in the size of some tiles at edges, so it bounds the mean error only; at full
detail it must agree. Level 0 bounds what must not happen: a level that is shifted.

Run: ``python -m benchmarks.deepzoom_fidelity [FOLDER ...]``. Without folders it takes the sample
slides, which it makes, and ``shared/data/slides`` beside the checkout where there is one.
"""

from __future__ import annotations

import functools
import math
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import openslide
import tifffile
from numpy.typing import NDArray
from openslide.deepzoom import DeepZoomGenerator
from PIL import Image, ImageOps

from slides_sample import gradient, samples
from tileserver import readers, render
from tileserver.readers import channels
from tileserver.readers.base import Pixels, SlideReader
from tileserver.readers.tiff_reader import TiffReader

MIN_FULL_PSNR = 45.0
"""In dB, of the level at full detail: only rounding in JPEG decoders may differ."""

MIN_SMALL_PSNR = 22.0
"""In dB, of smaller levels against level 0 shrunk. Levels that the file stores were made with
filters of the scanner's choice and compressed once more."""

MAX_MEAN_ERROR = 6.0
"""In grey levels of 255, against the generator over all levels."""

MAX_SHIFT = 0.35
"""In pixels of the level, against level 0 shrunk. A convention that is wrong gives 0.5 or more;
levels that a writer made by taking every second pixel have 0.25 to 0.3 of their own."""

SMALLEST = 64
"""Levels whose longest side is shorter count for the mean error, but not for PSNR and shift."""

Oracle = Callable[[int, int, int], NDArray[np.float64]]


@dataclass
class Sums:
    """Sums over the tiles of a level, and what follows from them."""

    count: int = 0
    absolute: float = 0.0
    squares: float = 0.0
    size_difference: int = 0
    slope_error: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    slope_squares: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))

    def add(self, ours: Pixels, theirs: NDArray[np.float64]) -> None:
        """Count one tile; where sizes differ, the part that both have."""
        pairs = list(zip(ours.shape[:2], theirs.shape[:2], strict=True))
        self.size_difference = max(self.size_difference, *(abs(a - b) for a, b in pairs))
        height, width = (min(pair) for pair in pairs)
        theirs = theirs[:height, :width]
        error = ours[:height, :width] - theirs
        self.count += error.size
        self.absolute += float(np.abs(error).sum())
        self.squares += float((error**2).sum())
        if min(height, width) < 3:
            return
        # A picture shifted by d differs by d times its slope: least squares give d.
        slopes = np.gradient(theirs, axis=(1, 0))
        self.slope_error += [float((error * slope).sum()) for slope in slopes]
        self.slope_squares += [float((slope**2).sum()) for slope in slopes]

    @property
    def psnr(self) -> float:
        """Return the peak signal-to-noise ratio in dB; 138 stands for equal."""
        return 10 * math.log10(255**2 / max(self.squares / max(1, self.count), 1e-9))

    @property
    def shift(self) -> float:
        """Return by how many pixels ours is shifted against theirs."""
        return float(np.abs(self.slope_error / np.maximum(self.slope_squares, 1e-9)).max())


@dataclass
class Comparison:
    """What was found for one slide."""

    name: str
    oracle: str
    levels: int = 0
    tiles: int = 0
    size_difference: int = 0
    mean_error: float = 0.0
    oracle_psnr: float = math.inf
    full_psnr: float = math.inf
    small_psnr: float = math.inf
    shift: float = 0.0

    def problems(self) -> list[str]:
        """Return the bounds that are broken."""
        checks = [
            (self.mean_error <= MAX_MEAN_ERROR, f"mean error {self.mean_error:.2f}"),
            (self.full_psnr >= MIN_FULL_PSNR or self.oracle == "formula", "full detail differs"),
            (self.small_psnr >= MIN_SMALL_PSNR, f"PSNR {self.small_psnr:.1f}"),
            (self.shift <= MAX_SHIFT, f"shift {self.shift:.2f}"),
        ]
        return [text for holds, text in checks if not holds]


def compare(path: Path) -> Comparison:
    """Compare every Deep Zoom level of a slide with the oracles there are for it."""
    with readers.open_slide(path) as reader:
        name, by_address = _addressed_oracle(path, reader)
        shrunk = functools.partial(_shrunk_tile, reader, _decode_whole(path, reader), {})
        result = Comparison(path.name, name)
        overview = functools.cache(functools.partial(render.render_overview, reader))
        pyramid = reader.facts.pyramid
        totals = Sums()
        for dz_level in range(pyramid.level_count):
            grid, against, level0 = pyramid.tile_grid(dz_level), Sums(), Sums()
            for row in range(grid.height):
                for column in range(grid.width):
                    ours = render.render_tile(reader, dz_level, column, row, overview)
                    level0.add(ours, shrunk(dz_level, column, row))
                    against.add(ours, (by_address or shrunk)(dz_level, column, row))
            totals.count += against.count
            totals.absolute += against.absolute
            result.levels += 1
            result.tiles += grid.area
            result.size_difference = max(result.size_difference, against.size_difference)
            if pyramid.level_size(dz_level).longest >= SMALLEST:
                _note_level(result, against, level0, is_full=dz_level == pyramid.max_level)
        result.mean_error = totals.absolute / totals.count
    return result


def _note_level(result: Comparison, against: Sums, level0: Sums, *, is_full: bool) -> None:
    result.oracle_psnr = min(result.oracle_psnr, against.psnr)
    result.shift = max(result.shift, level0.shift)
    if is_full:
        result.full_psnr = min(level0.psnr, against.psnr)
    else:
        result.small_psnr = min(result.small_psnr, level0.psnr)


def _addressed_oracle(path: Path, reader: SlideReader) -> tuple[str, Oracle | None]:
    """Return the oracle that knows any tile by its address, where a slide has one."""
    if path.name == samples.GRADIENT_NAME:
        return "formula", functools.partial(_formula_tile, reader)
    if not _is_mixed(reader) and openslide.OpenSlide.detect_format(path) is not None:
        generator = DeepZoomGenerator(
            openslide.OpenSlide(path), reader.facts.dz_tile_size, overlap=0, limit_bounds=False
        )
        return "generator", functools.partial(_generator_tile, generator)
    return "level 0", None


def _is_mixed(reader: SlideReader) -> bool:
    """Tell whether several channels are mixed, of which OpenSlide would show the first."""
    return isinstance(reader, TiffReader) and len(reader.shown) > 1


def _formula_tile(reader: SlideReader, dz_level: int, column: int, row: int) -> NDArray[np.float64]:
    pyramid = reader.facts.pyramid
    part, downsample = pyramid.tile_region(dz_level, column, row), pyramid.downsample(dz_level)
    region = (part.x * downsample, part.y * downsample, part.width, part.height)
    size = (pyramid.size.width, pyramid.size.height)
    return np.asarray(gradient.expected_region(region, downsample, size), np.float64)


def _generator_tile(
    generator: DeepZoomGenerator, dz_level: int, column: int, row: int
) -> NDArray[np.float64]:
    return np.asarray(generator.get_tile(dz_level, (column, row)).convert("RGB"), np.float64)


def _shrunk_tile(
    reader: SlideReader,
    whole: Image.Image,
    levels: dict[int, Pixels],
    dz_level: int,
    column: int,
    row: int,
) -> NDArray[np.float64]:
    pyramid = reader.facts.pyramid
    if dz_level not in levels:
        levels.clear()
        levels[dz_level] = np.asarray(whole.reduce(pyramid.downsample(dz_level)))
    part = pyramid.tile_region(dz_level, column, row)
    tile = levels[dz_level][part.y : part.y + part.height, part.x : part.x + part.width]
    return tile.astype(np.float64)


def _decode_whole(path: Path, reader: SlideReader) -> Image.Image:
    """Return level 0, decoded by others than our readers."""
    if openslide.OpenSlide.detect_format(path) is not None and not _is_mixed(reader):
        with openslide.OpenSlide(path) as slide:
            rgba = slide.read_region((0, 0), 0, slide.dimensions)
            background = f"#{slide.properties.get('openslide.background-color', 'ffffff')}"
        flat = Image.new("RGBA", rgba.size, background)
        flat.alpha_composite(rgba)
        return flat.convert("RGB")
    if isinstance(reader, TiffReader):
        planes = tifffile.imread(path, series=0, level=0)
        if len(reader.shown) > 1:
            # How brightly a channel is shown is a choice; where its light is, is not.
            return Image.fromarray(channels.mix(list(planes), reader.shown))
        return Image.fromarray(np.moveaxis(planes, 0, 2) if planes.shape[0] == 3 else planes)
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


_COLUMNS = (
    "slide",
    "oracle",
    "levels",
    "tiles",
    "size diff",
    "mean error",
    "PSNR worst level",
    "PSNR full detail",
    "PSNR smaller (level 0)",
    "shift px (level 0)",
    "bounds",
)


def _table(results: list[Comparison]) -> str:
    """Return the comparisons as a Markdown table."""
    rows = [_COLUMNS, ("---",) * len(_COLUMNS)]
    rows += [
        (
            result.name,
            result.oracle,
            str(result.levels),
            str(result.tiles),
            str(result.size_difference),
            f"{result.mean_error:.3f}",
            _decibels(result.oracle_psnr),
            _decibels(result.full_psnr),
            _decibels(result.small_psnr),
            f"{result.shift:.3f}",
            ", ".join(result.problems()) or "kept",
        )
        for result in results
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _decibels(psnr: float) -> str:
    if psnr == math.inf:
        return "-"
    return "equal" if psnr > 100 else f"{psnr:.1f}"


def main(folders: list[Path]) -> int:
    """Compare all slides in some folders; return 1 when a bound is broken, else 0."""
    with tempfile.TemporaryDirectory() as temporary:
        paths = [path for folder in folders for path in sorted(folder.iterdir())]
        if not folders:
            paths = samples.make_sample_slides(Path(temporary))
            shared = Path(__file__).resolve().parents[2] / "shared" / "data" / "slides"
            paths += sorted(shared.iterdir()) if shared.is_dir() else []
        slides = [path for path in paths if path.suffix.lower() in readers.SLIDE_SUFFIXES]
        results = [compare(path) for path in slides]
    sys.stdout.write(_table(results))
    return int(not results or any(result.problems() for result in results))


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
