"""Reimport of a large study: the first time, with nothing changed, and with ten slides changed.

The slides are hard links to one pyramid, so that the disk holds it once; each is opened and looked
at like any other. Probing is also timed with one thread, to show what several are worth.

Run: ``python -m benchmarks.reimport [SLIDES ...]`` (1000 5000).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import tifffile

from access.rights import COMMAND_LINE
from records.database import Database
from records.filestore import FileStore
from studyconfig import reimport
from studyconfig.reimport import Options, ReimportResult

SIDE = 2048
"""Level-0 pixels of the slide, in both directions."""

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Print one table for each number of slides."""
    for count in [int(word) for word in sys.argv[1:]] or [1000, 5000]:
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder), count)


def _measure(folder: Path, count: int) -> None:
    images = folder / "images"
    many = images / "many"
    many.mkdir(parents=True)
    first = _write_pyramid(many / "0.tif")
    for number in range(1, count):
        os.link(first, many / f"{number}.tif")
    (images / "study.many.scores").write_text("Grade\tDropDown\t1;2;3\n")
    database = Database(f"sqlite:///{folder / 'coverslip.db'}")
    database.upgrade()

    def run(threads: int = 4, *, dry: bool = False) -> ReimportResult:
        return reimport.reimport(
            database,
            FileStore(images),
            COMMAND_LINE,
            study_name="many",
            options=Options(dry_run=dry),
            now=NOW,
            threads=threads,
        )

    sys.stdout.write(f"{count} slides\n")
    _timed("dry run, 1 thread", lambda: run(1, dry=True))
    _timed("dry run, 4 threads", lambda: run(dry=True))
    _timed("first import", run)
    _timed("nothing changed", run)
    for number in range(10):
        path = many / f"{number + 1}.tif"
        path.unlink()
        _write_pyramid(path)
    _timed("ten slides changed", run)
    database.close()


def _timed(label: str, deed: Callable[[], ReimportResult]) -> None:
    started = time.perf_counter()
    result = deed()
    seconds = time.perf_counter() - started
    (slides,) = [line for line in result.log.splitlines() if line.startswith("Slides: ")]
    sys.stdout.write(f"  {label:20} {seconds:7.2f} s   {slides}\n")
    sys.stdout.flush()


def _write_pyramid(path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(150, 250, (SIDE, SIDE, 3), np.uint8)
    with tifffile.TiffWriter(path) as file:
        options = {"photometric": "rgb", "tile": (256, 256), "compression": "zlib"}
        file.write(pixels, subifds=0, resolution=(20_000, 20_000), resolutionunit=3, **options)
        for step in (4, 16):
            file.write(pixels[::step, ::step], subfiletype=1, **options)
    return path


if __name__ == "__main__":
    main()
