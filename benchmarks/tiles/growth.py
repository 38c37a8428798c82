"""Cost growth: tiles per second and memory as slides grow larger, more, and busier."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tiles import comparison, processes, product, slides, tables
from benchmarks.tiles.comparison import Effort, Figure
from benchmarks.tiles.processes import Memory
from benchmarks.tiles.product import Product
from benchmarks.tiles.servers import Bench
from benchmarks.tiles.workloads import Grid, Tile, uniform_native

SIZES = (Grid(9_000, 6_750), Grid(29_000, 21_750), Grid(60_000, 45_000), Grid(186_000, 139_500))
"""Slides of about 10 MB, 100 MB, 400 MB and 4 GB."""

KNOWN = (1, 100, 1_000, 10_000)
CONNECTIONS = (1, 2, 4, 8, 16, 50, 100, 200)

_PER_STUDY = 500
_TINY = Grid(256, 192)
_IMPORT_LIMIT_S = 1_200.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a server gave at one size of something.

    Parameters
    ----------
    label
        The size.
    first_ms
        The first tile after the start.
    figures
        Uniform native tiles, one per run.
    memory
        At the end.
    """

    label: str
    first_ms: float
    figures: list[Figure]
    memory: Memory


def measure_sizes(bench: Bench, effort: Effort, sizes: Sequence[Grid], say: Say) -> list[Step]:
    """Measure slides of growing size, each in a server of its own."""
    files = _make_sizes(bench.work / "sizes", sizes, say)
    data = bench.work / "coverslip-sizes"
    token = product.make_data(data)
    with product.serve(data, token, bench.work / "logs" / "sizes-import.log") as server:
        opened = {}
        for path in files:
            opened[path] = _add(server, path.stem, path)
        server.wait_until_quiet()
    steps = []
    for path, grid in zip(files, sizes, strict=True):
        with product.serve(data, token, bench.work / "logs" / "sizes.log") as server:
            label = f"{path.stat().st_size / 1e6:,.0f} MB ({grid.width} x {grid.height})"
            say(f"measuring a slide of {label}")
            slides.read_into_memory(path)
            steps.append(_measure(server, opened[path], grid, label, bench, effort))
    return steps


def _make_sizes(folder: Path, sizes: Sequence[Grid], say: Say) -> list[Path]:
    paths = [folder / f"size-{grid.width}.svs" for grid in sizes]
    if not all(path.exists() for path in paths):
        say("making slides of several sizes")
        folder.mkdir(parents=True, exist_ok=True)
        mosaic = slides.paint_mosaic()
        for path, grid in zip(paths, sizes, strict=True):
            if not path.exists():
                slides.write_slide(path, mosaic, grid)
    return paths


def measure_known(
    bench: Bench, effort: Effort, known: Sequence[int], say: Say
) -> tuple[list[Step], str]:
    """Measure one slide while others become known; stop when importing takes too long.

    Returns
    -------
    tuple[list[Step], str]
        What was measured, and what was left out.
    """
    tiny = bench.work / "sizes" / "tiny.svs"
    if not tiny.exists():
        tiny.parent.mkdir(parents=True, exist_ok=True)
        slides.write_slide(tiny, slides.paint_mosaic(), _TINY)
    data = bench.work / "coverslip-known"
    token = product.make_data(data)
    with product.serve(data, token, bench.work / "logs" / "known-import.log") as server:
        opened = _add(server, "main", bench.slides.main)
        server.wait_until_quiet()
    steps: list[Step] = []
    there = 1
    deadline = time.monotonic() + _IMPORT_LIMIT_S
    for count in known:
        with product.serve(data, token, bench.work / "logs" / "known-import.log") as server:
            while there < count and time.monotonic() < deadline:
                more = min(_PER_STUDY, count - there)
                _add_many(server, f"known-{there}", tiny, more)
                there += more
            server.wait_until_quiet()
        if there < count:
            return steps, f"{count:,} known slides: importing them took more than its time"
        with product.serve(data, token, bench.work / "logs" / "known.log") as server:
            say(f"measuring with {count:,} known slides")
            steps.append(_measure(server, opened, bench.slides.grid, f"{count:,}", bench, effort))
    return steps, ""


def measure_connections(
    bench: Bench, effort: Effort, connections: Sequence[int], say: Say
) -> list[Step]:
    """Measure one slide with more and more connections at once."""
    data = bench.work / "coverslip-connections"
    token = product.make_data(data)
    steps = []
    with product.serve(data, token, bench.work / "logs" / "connections.log") as server:
        opened = _add(server, "main", bench.slides.main)
        server.wait_until_quiet()
        for count in connections:
            say(f"measuring {count} connections")
            steps.append(
                _measure(
                    server,
                    opened,
                    bench.slides.grid,
                    str(count),
                    bench,
                    effort,
                    connections=count,
                )
            )
    return steps


def _add(server: Product, study: str, path: Path) -> product.TileAccess:
    success, log = server.add_study(study, [(path.name, path)])
    if not success:
        raise processes.StartError(f"Reimport of {path.name} failed: {log[-300:]}")
    return server.open_tiles(server.slide_ids(study)[path.stem])


def _add_many(server: Product, study: str, path: Path, count: int) -> None:
    files = [(f"s{number:05d}{path.suffix}", path) for number in range(count)]
    success, log = server.add_study(study, files)
    if not success:
        raise processes.StartError(f"Reimport of {study} failed: {log[-300:]}")


def _measure(
    server: Product,
    opened: product.TileAccess,
    grid: Grid,
    label: str,
    bench: Bench,
    effort: Effort,
    *,
    connections: int = comparison.SCRIPT_CONNECTIONS,
) -> Step:
    running = product.as_running(server, [opened], grid)
    began = time.perf_counter()
    server.get(running.path(0, Tile(0, 0, 0)), dict(running.headers))
    first_ms = (time.perf_counter() - began) * 1000
    figures = [
        comparison.load(
            running,
            uniform_native(grid, 300 + run, 10_000 * effort.seconds),
            connections,
            effort.seconds,
            bench,
        )
        for run in range(effort.runs)
    ]
    return Step(
        label=label,
        first_ms=first_ms,
        figures=figures,
        memory=processes.memory(running.pids),
    )


def table(what: str, steps: Sequence[Step]) -> str:
    """Return the steps as Markdown; ``what`` grows."""
    base = steps[0].memory.pss_mb if steps else 0.0
    rows = []
    for step in steps:
        rates = [figure.rate for figure in step.figures]
        rows.append(
            [
                step.label,
                tables.rate(tables.median(rates)),
                tables.ms(tables.median([figure.p50_ms for figure in step.figures])),
                tables.ms(tables.median([figure.p99_ms for figure in step.figures])),
                tables.ms(step.first_ms),
                f"{step.memory.pss_mb:.0f} ({step.memory.pss_mb - base:+.0f})",
                f"{step.memory.rss_mb:.0f}",
                str(step.memory.files),
                str(sum(figure.failures for figure in step.figures)),
            ]
        )
    header = [what, "W2 tiles/s", "p50 ms", "p99 ms", "first tile ms", "PSS MB", "RSS MB"]
    return tables.markdown([*header, "files", "failures"], rows)
