"""Annotations at scale: `python -m benchmarks.annotations [COUNT …]`.

For each count, by default 100,000 and 1,000,000, in a process of its own: polygons of 30 corners on
a slide of 100,000 pixels are read from an anno2 file, laid out and written as a layer (import),
asked for by 400 boxes at each of five zooms, and sent out as binary. Peak memory is the process's
own, without the making of the input.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from scoring import drawn_answers
from scoring.drawn_answers import DrawnAnswer
from scoring.formats import anno2_writing
from scoring.formats.anno2_writing import Contents
from scoring.layers import layerfile, making, query, wire
from scoring.layers.making import SlideSize
from scoring.shapes import PolygonPack

SIDE = 100_000
CORNERS = 30
BOXES = 400
SCREEN = (1920, 1080)
ZOOMS = (1, 4, 8, 16, 64)
SIZE = SlideSize(width=SIDE, height=SIDE)
COUNTS = (100_000, 1_000_000)


def make_pack(count: int) -> PolygonPack:
    """Return as many round polygons of 20 to 50 pixels, like nuclei, evenly spread."""
    rng = np.random.default_rng(7)
    corners = np.empty((count, CORNERS, 2), dtype=np.int32)
    angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    circle = np.stack((np.cos(angles), np.sin(angles)), axis=-1)
    for start in range(0, count, 50_000):
        part = corners[start : start + 50_000]
        middles = rng.uniform(50, SIDE - 50, (len(part), 1, 2))
        radii = rng.uniform(10, 25, (len(part), 1, 1))
        rough = rng.uniform(0.9, 1.1, (len(part), CORNERS, 1))
        part[:] = np.rint(middles + radii * rough * circle)
    starts = np.arange(count + 1, dtype=np.int64) * CORNERS
    return PolygonPack(corners=corners.reshape(-1, 2), starts=starts, holes={})


def write_input(path: Path, count: int) -> None:
    """Write the anno2 file that is imported."""
    contents = Contents(rings=[make_pack(count).corners], counts=[CORNERS] * count)
    path.write_bytes(anno2_writing.write(contents))


def measure(path: Path) -> dict[str, object]:
    """Import a file, ask for boxes, and return seconds, milliseconds and MiB."""
    begun = time.perf_counter()
    drawn = drawn_answers.load(DrawnAnswer(question="", colour="", value="", file=path))
    parsed = time.perf_counter()
    parse_peak = peak_mib()
    layer_path = path.with_suffix(".layer")
    with layer_path.open("wb") as stream:
        making.write_layer(drawn, SIZE, stream)
    indexed = time.perf_counter()
    peak = peak_mib()
    del drawn
    layer = layerfile.open_layer(layer_path)
    return {
        "parse_s": parsed - begun,
        "index_s": indexed - parsed,
        "parse_peak_mib": parse_peak,
        "peak_mib": peak,
        "layer_mib": layer_path.stat().st_size / 2**20,
        "file_mib": path.stat().st_size / 2**20,
        "zooms": {zoom: _asked(layer, zoom) for zoom in ZOOMS},
    }


def peak_mib() -> float:
    """Return the greatest resident memory of this process so far."""
    # Not ru_maxrss, which a process takes over from the one that started it.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _asked(layer: layerfile.Layer, zoom: int) -> dict[str, float]:
    rng = np.random.default_rng(zoom)
    width, height = (min(side * zoom, SIDE) for side in SCREEN)
    times, sizes, told = [], [], []
    for _ in range(BOXES):
        x, y = rng.uniform(0, SIDE - width + 1), rng.uniform(0, SIDE - height + 1)
        begun = time.perf_counter()
        found = query.find(layer, (x, y, x + width, y + height), zoom)
        body = wire.pack(found)
        times.append(time.perf_counter() - begun)
        sizes.append(len(body))
        told.append(found.total)
    p50, p99 = np.percentile(times, [50, 99]) * 1000
    return {
        "p50_ms": p50,
        "p99_ms": p99,
        "items": float(np.median(told)),
        "kib": float(np.median(sizes)) / 1024,
    }


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def table(counts: Sequence[int]) -> None:
    """Print a table for each count."""
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "cells.anno2"
            write_input(path, count)
            words = [sys.executable, "-m", "benchmarks.annotations", "--measure", str(path)]
            run = subprocess.run(words, check=True, capture_output=True)  # noqa: S603 - our own
            told = json.loads(run.stdout)
        total = told["parse_s"] + told["index_s"]
        say(
            f"{count:,} polygons: anno2 {told['file_mib']:.0f} MiB, parse {told['parse_s']:.1f} s, "
            f"index {told['index_s']:.1f} s, {count / total:,.0f} polygons/s, "
            f"layer {told['layer_mib']:.0f} MiB, peak {told['peak_mib']:.0f} MiB "
            f"({told['parse_peak_mib']:.0f} MiB when parsed)"
        )
        for zoom, row in told["zooms"].items():
            say(
                f"  1:{zoom:<3} {row['items']:>9,.0f} in the box, p50 {row['p50_ms']:5.1f} ms, "
                f"p99 {row['p99_ms']:5.1f} ms, {row['kib']:,.0f} KiB"
            )


def main() -> None:
    """Measure what the command asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.annotations")
    parser.add_argument("counts", nargs="*", type=int, default=COUNTS, metavar="COUNT")
    parser.add_argument("--measure", type=Path, metavar="FILE", help="what its own processes do")
    told = parser.parse_args()
    if told.measure:
        say(json.dumps(measure(told.measure)))
    else:
        table(told.counts)


if __name__ == "__main__":
    main()
