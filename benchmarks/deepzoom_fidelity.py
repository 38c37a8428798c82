"""Fidelity: every Deep Zoom level of slides, as clients get it, compared with what it should show.

Two ways are measured: *served*, the JPEG tiles that a client of the server receives, decoded; and
*reader*, the pixels before they are encoded, of the renderer that shows what no stored tile does.

Level 0 is decoded by OpenSlide, tifffile or Pillow, and smaller levels are means of its squares;
of the gradient slide every pixel is known by a formula. Each level is put together from its tiles
and compared as a whole, so that a tile in the wrong place, a level shifted by a pixel, or a seam
between tiles shows.

Run: ``python -m benchmarks.deepzoom_fidelity [FOLDER ...]``. Without folders it takes the sample
slides and generated ones, which it makes, and ``shared/data/slides`` beside the checkout where
there is one.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import math
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import simplejpeg
import structlog

from benchmarks.fidelity import generated, measures
from benchmarks.fidelity.measures import EQUAL_DB, Difference, Picture
from benchmarks.fidelity.oracles import Oracle
from slides_sample import samples
from tileserver import readers, render
from tileserver.deepzoom import DeepZoomPyramid
from tileserver.inspection import Inspections
from tileserver.opening import SlideOpener
from tileserver.pool import SlidePool, identify
from tileserver.pyramids import Pyramids
from tileserver.service import TileService
from tileserver.shelf import Shelf
from tileserver.sources import SlideSource
from tileserver.stored.cachefolder import CacheFolder
from tileserver.verdicts import Verdicts

QUALITY = 85
"""JPEG quality of tiles that are made."""

MIN_FULL_PSNR = 28.0
"""In dB, of the served level at full detail. Inner tiles must be equal where they are stored as
JPEG; edges are cut and encoded once more, and other formats are encoded here."""

MIN_SMALL_PSNR = 17.0
"""In dB, of smaller levels against level 0 shrunk. Levels that the file stores were made with
filters of the scanner's choice and compressed once more; generated slides are noise of every scale
and colour, and one real picture is a grid of coloured lines, the worst for JPEG."""

MIN_READER_PSNR = 45.0
"""In dB, of what readers return at full detail: only rounding in JPEG decoders may differ."""

MAX_SHIFT = 0.35
"""In pixels of the level. A convention that is wrong gives 0.5 or more; levels that a writer made
by taking every second pixel have 0.25 to 0.3 of their own."""

MAX_SEAM = 1.5
"""Of 255. On tissue, every second column of tiles moved by one pixel gives 3.2, the last column of
each tile repeated from the one before 7.8."""

SMALLEST = 64
"""Levels whose longest side is shorter are not compared: a pixel at their edge, of which the slide
fills a part, is most of them."""

Tile = Callable[[int, int, int], Picture]


@dataclass
class Way:
    """What was found of one way to a slide's tiles."""

    full: Difference | None = None
    smaller_psnr: float = math.inf
    smaller_largest: float = 0.0
    shift: float = 0.0
    seam: float = 0.0

    def note(self, found: Difference, *, is_full: bool) -> None:
        """Count one level."""
        if is_full:
            self.full = found
        else:
            self.smaller_psnr = min(self.smaller_psnr, found.psnr)
            self.smaller_largest = max(self.smaller_largest, found.largest)
        self.shift = max(self.shift, found.shift)
        self.seam = max(self.seam, found.seam)


@dataclass
class Comparison:
    """What was found for one slide."""

    name: str
    oracle: str
    levels: int
    tiles: int
    stored: int
    equal: int
    served: Way
    reader: Way

    def problems(self) -> list[str]:
        """Return the bounds that are broken."""
        served, reader = self.served, self.reader
        checks = [
            (self.equal == self.stored, f"{self.stored - self.equal} stored tiles differ"),
            (served.full is None or served.full.psnr >= MIN_FULL_PSNR, "full detail differs"),
            (
                reader.full is None
                or reader.full.psnr >= MIN_READER_PSNR
                or self.oracle == "formula",
                "the reader's full detail differs",
            ),
            (served.smaller_psnr >= MIN_SMALL_PSNR, f"PSNR {served.smaller_psnr:.1f}"),
            (max(served.shift, reader.shift) <= MAX_SHIFT, "shifted"),
            (max(served.seam, reader.seam) <= MAX_SEAM, "seams"),
        ]
        return [text for holds, text in checks if not holds]


class Served:
    """The tile service over a cache folder, and what is sent of stored tiles.

    Parameters
    ----------
    cache
        A folder.
    """

    def __init__(self, cache: Path) -> None:
        folder = CacheFolder(cache, capacity_bytes=2**32)
        inspections = Inspections()
        self._opener = SlideOpener(
            Verdicts(inspections, folder),
            Pyramids(inspections, folder, quality=QUALITY),
            folder,
            quality=QUALITY,
        )
        self._inspections = inspections
        self._shelf = Shelf(
            self._opener.open_stored, capacity=8, is_settled=self._opener.is_settled
        )
        self._service = TileService(
            SlidePool(self._opener.open_reader, capacity=8), self._shelf, quality=QUALITY
        )
        self._runner = asyncio.Runner()

    def tile(self, source: SlideSource, dz_level: int, column: int, row: int) -> Picture:
        """Return a tile as a client decodes it."""
        made = self._runner.run(self._service.tile(source, dz_level, column, row))
        pixels: Picture = simplejpeg.decode_jpeg(made.data)
        return pixels

    def stored_tiles(self, path: Path, pyramid: DeepZoomPyramid) -> list[tuple[int, int]]:
        """Return columns and rows of the tiles at full detail that are sent as the file has them.

        Tiles of pyramids that were made here are none.
        """
        slide = self._shelf.find(path).slide
        if slide is None or self._opener.is_settled(identify(path)) is False:
            return []
        grid = pyramid.tile_grid(pyramid.max_level)
        return [
            (column, row)
            for row in range(grid.height)
            for column in range(grid.width)
            if slide.is_stored(pyramid.max_level, column, row)
        ]

    def close(self) -> None:
        """Close all slides, and end the process that looks at them."""
        self._opener.close()
        self._service.close()
        self._inspections.close()
        self._runner.close()


def compare(path: Path, served: Served) -> Comparison:
    """Compare every Deep Zoom level of a slide with what it should show."""
    with readers.open_slide(path) as reader:
        pyramid = reader.facts.pyramid
        oracle = Oracle(path, reader)
        overview = functools.cache(functools.partial(render.render_overview, reader))
        source = SlideSource(path=path, name=path.name)
        ways: dict[str, tuple[Way, Tile]] = {
            "served": (Way(), functools.partial(served.tile, source)),
            "reader": (
                Way(),
                lambda level, column, row: render.render_tile(reader, level, column, row, overview),
            ),
        }
        equal, stored = 0, served.stored_tiles(path, pyramid)
        for dz_level in range(pyramid.level_count):
            expected = oracle.level(pyramid, dz_level)
            is_full = dz_level == pyramid.max_level
            for name, (way, tile) in ways.items():
                whole = _assembled(pyramid, dz_level, tile)
                if pyramid.level_size(dz_level).longest >= SMALLEST:
                    found = measures.compare(whole, expected, pyramid.tile_size)
                    way.note(found, is_full=is_full)
                if is_full and name == "served":
                    equal = _count_equal(whole, oracle.decoded, stored, pyramid.tile_size)
    return Comparison(
        name=f"{path.parent.name}/{path.name}" if path.suffix == ".dcm" else path.name,
        oracle=oracle.name,
        levels=pyramid.level_count,
        tiles=sum(pyramid.tile_grid(level).area for level in range(pyramid.level_count)),
        stored=len(stored),
        equal=equal,
        served=ways["served"][0],
        reader=ways["reader"][0],
    )


def _assembled(pyramid: DeepZoomPyramid, dz_level: int, tile: Tile) -> Picture:
    size, grid = pyramid.level_size(dz_level), pyramid.tile_grid(dz_level)
    whole = np.zeros((size.height, size.width, 3), np.uint8)
    for row in range(grid.height):
        for column in range(grid.width):
            part = pyramid.tile_region(dz_level, column, row)
            pixels = tile(dz_level, column, row)
            if pixels.shape != (part.height, part.width, 3):
                raise ValueError(f"tile {dz_level}/{column}_{row} has the shape {pixels.shape}")
            whole[part.y : part.y + part.height, part.x : part.x + part.width] = pixels
    return whole


def _count_equal(
    whole: Picture, expected: Picture, stored: list[tuple[int, int]], side: int
) -> int:
    """Return how many of the tiles that are sent as stored are equal to the bit."""
    count = 0
    for column, row in stored:
        part = np.s_[row * side : (row + 1) * side, column * side : (column + 1) * side]
        count += bool(np.array_equal(whole[part], expected[part]))
    return count


_COLUMNS = (
    "slide",
    "oracle",
    "levels",
    "tiles",
    "stored tiles equal",
    "served: PSNR full",
    "max",
    "PSNR smaller",
    "max",
    "shift px",
    "seam",
    "reader: PSNR full",
    "PSNR smaller",
    "shift px",
    "seam",
    "bounds",
)


def _table(results: list[Comparison]) -> str:
    """Return the comparisons as a Markdown table."""
    rows = [_COLUMNS, ("---",) * len(_COLUMNS)]
    for found in results:
        served, reader = found.served, found.reader
        rows.append(
            (
                found.name,
                found.oracle,
                str(found.levels),
                str(found.tiles),
                f"{found.equal} of {found.stored}" if found.stored else "-",
                _decibels(served.full.psnr if served.full else math.inf),
                f"{served.full.largest:.0f}" if served.full else "-",
                _decibels(served.smaller_psnr),
                f"{served.smaller_largest:.0f}",
                f"{served.shift:.3f}",
                f"{served.seam:.2f}",
                _decibels(reader.full.psnr if reader.full else math.inf),
                _decibels(reader.smaller_psnr),
                f"{reader.shift:.3f}",
                f"{reader.seam:.2f}",
                ", ".join(found.problems()) or "kept",
            )
        )
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _decibels(psnr: float) -> str:
    if psnr == math.inf:
        return "-"
    return "equal" if psnr >= EQUAL_DB - 1 else f"{psnr:.1f}"


@contextlib.contextmanager
def _serving(cache: Path) -> Iterator[Served]:
    served = Served(cache)
    try:
        yield served
    finally:
        served.close()


def main(folders: list[Path]) -> int:
    """Compare all slides in some folders; return 1 when a bound is broken, else 0."""
    # The table alone goes to standard output.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        paths = [path for folder in folders for path in sorted(folder.iterdir())]
        if not folders:
            for name in ("samples", "generated"):
                (root / name).mkdir()
            paths = samples.make_sample_slides(root / "samples")
            paths += generated.make_slides(root / "generated")
            shared = Path(__file__).resolve().parents[2] / "shared" / "data" / "slides"
            paths += sorted(shared.iterdir()) if shared.is_dir() else []
        slides = [path for path in paths if path.suffix.lower() in readers.SLIDE_SUFFIXES]
        with _serving(root / "cache") as served:
            results = [compare(path, served) for path in slides]
    sys.stdout.write(_table(results))
    return int(not results or any(result.problems() for result in results))


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
