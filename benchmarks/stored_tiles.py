"""What a tile costs by each way in which it may come about: `python -m benchmarks.stored_tiles`."""

from __future__ import annotations

import functools
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import imagecodecs
import numpy as np
import simplejpeg
import tifffile
from numpy.typing import NDArray

from slides_sample import layout, pyramid, section
from tileserver import render
from tileserver.deepzoom import DeepZoomPyramid
from tileserver.pool import FileIdentity, identify
from tileserver.stored import index as indexes
from tileserver.stored.cachefolder import CacheFolder
from tileserver.stored.compose import Composer
from tileserver.stored.files import PagedFile
from tileserver.stored.passthrough import LevelTiles
from tileserver.stored.plans import Kept
from tileserver.stored.slide import StoredSlide

Pixels = NDArray[np.uint8]

TILE = 256
BLOCK = 4096
"""Side of the painted section, which is repeated: a whole tile at a sixteenth too."""

QUALITY = 85
_DOWNSAMPLES = (1, 4, 16)


@dataclass(frozen=True)
class Slide:
    """A slide that was made, and the size of its level 0."""

    path: Path
    width: int
    height: int


def main() -> None:
    """Make slides in a temporary folder, measure, and print a table."""
    folder = Path(tempfile.mkdtemp(prefix="stored-tiles-"))
    try:
        for line in measured(folder, paint_block()):
            sys.stdout.write(line + "\n")
    finally:
        shutil.rmtree(folder)


def measured(folder: Path, block: Pixels) -> Iterator[str]:
    """Yield the lines of the table."""
    pyramids = [block, *(pyramid.shrink(block, factor) for factor in _DOWNSAMPLES[1:])]
    whole = write_slide(folder / "whole.tif", pyramids, (20_000, 15_000), "jpeg")
    plain = write_slide(folder / "plain.tif", pyramids[:1], (8192, 8192), "jpeg")
    dense = write_slide(folder / "dense.tif", [block[:1024, :1024]], (1024, 1024), "jpeg2000")
    cache = CacheFolder(folder / "cache", capacity_bytes=2**32)
    mib = whole.path.stat().st_size / 2**20
    yield f"slide: {whole.width} x {whole.height}, levels 1/4/16, tiles of {TILE}, {mib:.0f} MiB"
    yield from _opening(whole, cache)
    yield from _single_tiles(whole, cache)
    yield from _composing(plain)
    yield from _transcoding(dense, cache)
    yield from _filling(whole, cache)
    yield from _fidelity(plain, block)


def paint_block() -> Pixels:
    """Paint a section with a camera's grain."""
    rng = np.random.default_rng(20)
    plan = layout.plan_section(rng, BLOCK, BLOCK)
    pixels = section.paint_section(plan, section.EOSIN, rng, width=BLOCK, height=BLOCK)
    grain = np.rint(rng.standard_normal((BLOCK, BLOCK, 1), np.float32) * 6)
    return np.clip(pixels + grain, 0, 255).astype(np.uint8)


def write_slide(path: Path, levels: Sequence[Pixels], size: tuple[int, int], codec: str) -> Slide:
    """Write a slide whose every level repeats the tiles of a picture.

    Parameters
    ----------
    path
        Where to.
    levels
        The pictures, each whole tiles.
    size
        Width and height of level 0.
    codec
        ``jpeg`` (quality 75, YCbCr 4:2:0) or ``jpeg2000``.
    """
    with tifffile.TiffWriter(path) as writer:
        for number, picture in enumerate(levels):
            width, height = (length >> 2 * number for length in size)
            tiles = [[_encoded(part, codec) for part in row] for row in _cut(picture)]
            writer.write(
                (
                    tiles[row % len(tiles)][column % len(tiles[0])]
                    for row in range(-(-height // TILE))
                    for column in range(-(-width // TILE))
                ),
                shape=(height, width, 3),
                dtype=np.uint8,
                tile=(TILE, TILE),
                photometric="ycbcr" if codec == "jpeg" else "rgb",
                subsampling=(2, 2) if codec == "jpeg" else None,
                compression=codec,
                metadata=None,
                subfiletype=int(number > 0),
            )
    return Slide(path, *size)


def _cut(picture: Pixels) -> list[list[Pixels]]:
    height, width = picture.shape[:2]
    return [
        [picture[top : top + TILE, left : left + TILE] for left in range(0, width, TILE)]
        for top in range(0, height, TILE)
    ]


def _encoded(part: Pixels, codec: str) -> bytes:
    pixels = np.ascontiguousarray(part)
    if codec == "jpeg2000":
        return bytes(imagecodecs.jpeg2k_encode(pixels, level=40, codecformat="j2k"))
    return bytes(
        simplejpeg.encode_jpeg(pixels, quality=75, colorspace="RGB", colorsubsampling="420")
    )


def _opening(slide: Slide, cache: CacheFolder) -> Iterator[str]:
    file = identify(slide.path)
    descriptor = os.open(slide.path, os.O_RDONLY)
    made = _best_us(lambda: indexes.build_index(descriptor, slide.path.name), 5)
    os.close(descriptor)
    yield f"index made with tifffile             {made / 1000:9.2f} ms"
    _open(file, cache).close()

    def open_and_close() -> None:
        _open(file, cache).close()

    yield f"slide opened by its saved index      {_best_us(open_and_close, 200) / 1000:9.2f} ms"
    colds = []
    for _ in range(20):
        _forget(slide.path)
        _forget_all(cache_root(slide))
        start = time.perf_counter()
        _open(file, cache).close()
        colds.append(time.perf_counter() - start)
    median = sorted(colds)[len(colds) // 2] * 1000
    yield f"the same, nothing in memory          {median:9.2f} ms"


def _single_tiles(slide: Slide, cache: CacheFolder) -> Iterator[str]:
    stored = _open(identify(slide.path), cache)
    top = stored.pyramid.max_level
    grid = stored.pyramid.tile_grid(top)
    inner = (top, grid.width // 2, grid.height // 2)
    edge = (top, grid.width - 1, grid.height // 2)
    half = (top - 1, 10, 10)
    stored.slow(*half)
    kilobytes = [len(stored.slow(*address)) / 1024 for address in (inner, half)]
    for words, call, address in (
        (f"stored tile, {kilobytes[0]:.0f} KiB, fast()", stored.fast, inner),
        (f"stored tile, {kilobytes[0]:.0f} KiB, slow()", stored.slow, inner),
        (f"kept tile, {kilobytes[1]:.0f} KiB, fast()", stored.fast, half),
        ("no such tile, fast()", stored.fast, (0, 1, 1)),
    ):
        yield f"{words:<36} {_best_us(functools.partial(call, *address), 20000):9.2f} us"

    def cut_edge() -> bytes:
        return render.encode_jpeg(stored._composer.pixels(0, *edge[1:]), QUALITY)

    yield f"edge tile, decoded, cut and encoded  {_best_us(cut_edge, 200):9.0f} us"
    stored.close()


def _composing(slide: Slide) -> Iterator[str]:
    stored = _composer(slide)
    for halvings in (1, 2, 3, 4):
        way = f"{4**halvings} tiles at 1/{2**halvings}" if halvings < 4 else "4 composed tiles"

        def compose(halvings: int = halvings) -> bytes:
            return render.encode_jpeg(stored.pixels(halvings, 1, 1), QUALITY)

        whole = _best_us(compose, 20)
        yield f"composed of {way:<18}       {whole:9.0f} us"


def _transcoding(slide: Slide, cache: CacheFolder) -> Iterator[str]:
    stored = _open(identify(slide.path), cache)

    def transcode() -> bytes:
        return render.encode_jpeg(stored._composer.pixels(0, 1, 1), QUALITY)

    yield f"JPEG 2000 tile made JPEG             {_best_us(transcode, 20):9.0f} us"
    stored.close()


def _filling(slide: Slide, cache: CacheFolder) -> Iterator[str]:
    stored = _open(identify(slide.path), cache)
    byte_count = slide.path.stat().st_size
    for kept, words in ((Kept.SMALL, "1/8 and up"), (Kept.LARGE, "1/2, and edges")):
        start = time.perf_counter()
        stored.fill(kept, threads=2)
        seconds = time.perf_counter() - start
        path = cache.path(stored._key, kept.name.lower())
        share = path.stat().st_blocks * 512 / byte_count
        yield f"levels {words:<15} made ahead    {seconds:9.2f} s, {share:.1%} of the file"
    stored.close()


def _fidelity(slide: Slide, block: Pixels) -> Iterator[str]:
    """Compare composed pixels with exact means, of the decoded tiles and of what was painted."""
    composer = _composer(slide)
    native = np.concatenate(
        [np.concatenate([composer.pixels(0, c, r) for c in range(16)], axis=1) for r in range(16)]
    )
    for halvings in (1, 2, 3, 4):
        count = 16 >> halvings
        made = np.concatenate(
            [
                np.concatenate([composer.pixels(halvings, c, r) for c in range(count)], axis=1)
                for r in range(count)
            ]
        )
        figures = [_psnr(made, _means(whole, 2**halvings)) for whole in (native, block)]
        yield (
            f"1/{2**halvings:<2} against exact means: of the decoded tiles {figures[0]:.1f} dB, "
            f"of the pixels before any JPEG {figures[1]:.1f} dB"
        )


def _composer(slide: Slide) -> Composer:
    file = PagedFile.open(identify(slide.path))
    index = indexes.build_index(file.descriptor, file.name)
    tiles = [LevelTiles(file, level, index.tile_size) for level in index.levels]
    return Composer(tiles, DeepZoomPyramid(index.size, index.tile_size))


def _open(file: FileIdentity, cache: CacheFolder) -> StoredSlide:
    stored = StoredSlide.open(file, cache, quality=QUALITY)
    if stored is None:
        raise RuntimeError(f"{file.path.name} is no stored slide")
    return stored


def cache_root(slide: Slide) -> Path:
    """Return the cache folder beside a slide."""
    return slide.path.parent / "cache"


def _forget_all(folder: Path) -> None:
    for path in folder.rglob("*.index"):
        _forget(path)


def _forget(path: Path) -> None:
    """Ask the system to drop a file's bytes from memory."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def _best_us(work: Callable[[], object], count: int) -> float:
    """Return microseconds of the processor for a call, in the best of five rounds."""
    rounds = []
    for _ in range(5):
        start = time.thread_time()
        for _ in range(count):
            work()
        rounds.append(time.thread_time() - start)
    return min(rounds) / count * 1e6


def _means(pixels: Pixels, factor: int) -> NDArray[np.float64]:
    height, width = (length // factor for length in pixels.shape[:2])
    squares = pixels.reshape(height, factor, width, factor, 3)
    means: NDArray[np.float64] = squares.mean(axis=(1, 3))
    return means


def _psnr(pixels: Pixels, exact: NDArray[np.float64]) -> float:
    return float(10 * np.log10(255**2 / ((pixels - exact) ** 2).mean()))


if __name__ == "__main__":
    main()
