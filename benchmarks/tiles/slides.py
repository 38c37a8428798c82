"""Benchmark slides: a painted section, repeated and mirrored, becomes an Aperio file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile

from benchmarks.tiles import stored
from benchmarks.tiles.stored import Pixels
from benchmarks.tiles.workloads import TILE, Grid
from records import filestore
from slides_sample import layout, pyramid, section

DOWNSAMPLES = (1, 4, 16)
"""Of the levels that a slide holds, as Aperio scanners write them."""

BLOCK = 8192
"""Side of the painted section. A multiple of 16 tiles, so that at every level the section is a
whole number of tiles and each level really is the finer one made smaller."""

COPIES = 50
"""Slides that W4 opens."""

_GRAIN = 6.0  # A camera's noise: with it a tile takes 9.4 KB on average, as in real scans.
_MPP = 0.25
_SEED = 20


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Encoded tiles of one section in four mirrorings.

    Parameters
    ----------
    tables
        The stream for the tag JPEGTables, the same for all tiles.
    tiles
        Abbreviated streams by mirroring, then by level, then row by row.
    """

    tables: bytes
    tiles: tuple[tuple[tuple[bytes, ...], ...], ...]

    def level(self, grid: Grid, index: int, seed: int) -> Iterator[bytes]:
        """Yield a level's tiles row by row; ``seed`` tells which block is mirrored how."""
        downsample = DOWNSAMPLES[index]
        side = BLOCK // downsample // TILE
        columns, rows = grid.counts(downsample.bit_length() - 1)
        rng = np.random.default_rng(seed)
        shape = (-(-grid.height // BLOCK), -(-grid.width // BLOCK))
        kinds = rng.integers(0, len(self.tiles), shape).tolist()
        for row in range(rows):
            for column in range(columns):
                kind = self.tiles[kinds[row // side][column // side]]
                yield kind[index][row % side * side + column % side]


def paint_mosaic() -> Mosaic:
    """Paint a section with a camera's grain and encode it at every level, in four mirrorings."""
    rng = np.random.default_rng(_SEED)
    plan = layout.plan_section(rng, BLOCK, BLOCK)
    pixels = section.paint_section(plan, section.EOSIN, rng, width=BLOCK, height=BLOCK)
    _add_grain(pixels, rng)
    levels = [pixels, *(pyramid.shrink(pixels, factor) for factor in DOWNSAMPLES[1:])]
    encoded = [
        [
            [stored.abbreviate(stored.encode(cut)) for cut in _cuts(mirror(level))]
            for level in levels
        ]
        for mirror in _MIRRORINGS
    ]
    tables = {tile[0] for kind in encoded for level in kind for tile in level}
    if len(tables) != 1:
        raise RuntimeError("the encoder did not use the same tables for all tiles")
    tiles = tuple(tuple(tuple(tile[1] for tile in level) for level in kind) for kind in encoded)
    return Mosaic(tables.pop(), tiles)


_MIRRORINGS: tuple[Callable[[Pixels], Pixels], ...] = (
    lambda pixels: pixels,
    lambda pixels: pixels[:, ::-1],
    lambda pixels: pixels[::-1],
    lambda pixels: pixels[::-1, ::-1],
)


def _add_grain(pixels: Pixels, rng: np.random.Generator) -> None:
    side = 1024
    grain = np.rint(rng.standard_normal((side, BLOCK, 1)) * _GRAIN).astype(np.int16)
    for top in range(0, BLOCK, side):
        band = pixels[top : top + side]
        # The band's columns are shifted so that the same grain does not lie under itself.
        shifted = np.roll(grain, top * 37, axis=1)
        band[:] = np.clip(band + shifted, 0, 255)


def _cuts(pixels: Pixels) -> Iterator[Pixels]:
    for top in range(0, pixels.shape[0], TILE):
        for left in range(0, pixels.shape[1], TILE):
            yield pixels[top : top + TILE, left : left + TILE]


def write_slide(path: Path, mosaic: Mosaic, grid: Grid, seed: int = 0) -> None:
    """Write a slide as an Aperio scanner does, from tiles that are encoded already.

    Parameters
    ----------
    path
        Where to; it appears whole or not at all.
    mosaic
        The tiles.
    grid
        The slide's size.
    seed
        Which block is mirrored how.
    """
    head = f"Aperio Image Library v12.4.0 \r\n{grid.width}x{grid.height}"
    facts = f"AppMag = 40|MPP = {_MPP:.4f}|ScanScope ID = SYNTHETIC|Filename = {path.stem}"
    whole = grid.counts(0)[0] * grid.counts(0)[1] * 11_000 > 3 * 2**30
    with filestore.atomic_path(path) as part, tifffile.TiffWriter(part, bigtiff=whole) as writer:
        for index, downsample in enumerate(DOWNSAMPLES):
            # Aperio cuts what does not fill a pixel of the smaller level.
            width, height = grid.width // downsample, grid.height // downsample
            shrunk = f" -> {width}x{height}" if index else ""
            writer.write(
                mosaic.level(Grid(grid.width, grid.height), index, seed),
                shape=(height, width, 3),
                dtype=np.uint8,
                tile=(TILE, TILE),
                photometric="ycbcr",
                subsampling=(2, 2),
                compression="jpeg",
                jpegtables=mosaic.tables,
                metadata=None,
                description=(
                    f"{head} [0,0 {grid.width}x{grid.height}] ({TILE}x{TILE}) JPEG/RGB Q=75"
                    f"{shrunk}|{facts}"
                ),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchSlides:
    """The files that the servers read.

    Parameters
    ----------
    grid
        Of the main slide and its copies.
    folder
        ``main.svs`` and its copies ``copy-00.svs`` onwards: other names for the same bytes.
    pyramids
        The same with ``.tif``: power-of-two pyramids for servers that need them, or none.
    """

    grid: Grid
    folder: Path
    pyramids: Path

    @property
    def main(self) -> Path:
        """Return the slide of W1 to W3."""
        return self.folder / f"{slide_name(0)}.svs"


def slide_name(index: int) -> str:
    """Return the name of the main slide (0) or of one of its copies (1 to 50)."""
    return "main" if index == 0 else f"copy-{index - 1:02d}"


def make_slides(work: Path, grid: Grid, say: Callable[[str], None]) -> BenchSlides:
    """Make the main slide and its copies, if they are not there yet.

    Parameters
    ----------
    work
        Folder of the benchmark, kept between runs.
    grid
        Of the main slide.
    say
        Tells a person what takes time.
    """
    root = work / f"{grid.width}x{grid.height}"
    slides = BenchSlides(grid=grid, folder=root / "slides", pyramids=root / "pyramids")
    slides.folder.mkdir(parents=True, exist_ok=True)
    if not slides.main.exists():
        say(f"making {slides.main} ({grid.width} x {grid.height})")
        write_slide(slides.main, paint_mosaic(), grid)
    _make_copies(slides.main)
    return slides


def make_pyramids(slides: BenchSlides, say: Callable[[str], None]) -> None:
    """Convert the main slide to a power-of-two pyramid, if that is not there yet."""
    main = slides.pyramids / f"{slide_name(0)}.tif"
    slides.pyramids.mkdir(parents=True, exist_ok=True)
    if not main.exists():
        say(f"converting {slides.main.name} to {main} (a minute or two)")
        with filestore.atomic_path(main) as part:
            # Another process: libvips then keeps none of our memory.
            subprocess.run(  # noqa: S603  (our own interpreter and words)
                [sys.executable, "-c", _CONVERT, slides.main, part], check=True, timeout=1800
            )
    _make_copies(main)


_CONVERT = f"""
import sys, pyvips
image = pyvips.Image.tiffload(sys.argv[1], page=0)
image.tiffsave(sys.argv[2], tile=True, tile_width={TILE}, tile_height={TILE}, pyramid=True,
               compression="jpeg", Q=75, bigtiff=False)
"""


def _make_copies(main: Path) -> None:
    for index in range(1, COPIES + 1):
        link_or_copy(main, main.with_name(slide_name(index) + main.suffix))


def read_into_memory(path: Path) -> None:
    """Have the system keep a file in memory: some drop what was not read for a minute."""
    with path.open("rb", buffering=0) as file:
        while file.read(2**24):
            pass


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name; where the file system cannot, copy it."""
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
