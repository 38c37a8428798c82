"""The comparison: every server through the same workloads, one after the other, in one run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import HTTPException
from subprocess import SubprocessError

import numpy as np
import simplejpeg

from benchmarks.tiles import meter, processes, slides, tables, viewer, wrk
from benchmarks.tiles.meter import Usage
from benchmarks.tiles.processes import Memory, StartError
from benchmarks.tiles.servers import Bench, Candidate, Running
from benchmarks.tiles.stored import StoredTiles
from benchmarks.tiles.workloads import (
    OVERVIEW_K,
    Grid,
    Tile,
    uniform_levels,
    uniform_native,
    viewer_trace,
)

VIEWER_CONNECTIONS = 6
SCRIPT_CONNECTIONS = 16
MEAN_ERROR = 8.0
"""Greatest mean difference, of 255, between a reply's pixels and the stored tile's."""


class Workload(StrEnum):
    """What servers are compared by."""

    W1 = "W1"
    W1_AGAIN = "W1-again"
    W2 = "W2"
    W3 = "W3"
    W4 = "W4"


W1, W1_AGAIN, W2, W3, W4 = Workload

_TILES_PER_SECOND = 10_000  # so many are listed; then the list begins again
_VIEWER_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One run of one workload.

    Parameters
    ----------
    rate
        Tiles per second.
    p50_ms, p99_ms
        Latency.
    tiles
        How many came.
    failures
        How many did not.
    usage
        What was used meanwhile.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    tiles: int
    failures: int
    usage: Usage

    @property
    def server_s_per_1000(self) -> float:
        """Return the server's processor seconds for a thousand tiles."""
        return 1000 * self.usage.server_s / self.tiles if self.tiles else float("nan")


@dataclass(slots=True)
class Row:
    """All figures of a server; workloads that it cannot run have none.

    Parameters
    ----------
    name
        Of the server.
    skipped
        Why it was not measured; empty when it was.
    figures
        Of each workload, one per run.
    first_ms
        First tiles of slides never opened before (W4).
    bare, opened, ended
        Memory when just started, with all slides of W4 open (W5), and at the end.
    """

    name: str
    skipped: str = ""
    figures: dict[str, list[Figure]] = field(default_factory=dict)
    first_ms: list[float] = field(default_factory=list)
    bare: Memory | None = None
    opened: Memory | None = None
    ended: Memory | None = None

    def rate(self, workload: str) -> float:
        """Return the median rate of a workload; NaN when it was not run."""
        return tables.median([figure.rate for figure in self.figures.get(workload, [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long to measure.

    Parameters
    ----------
    seconds
        Each run of W2, W3 and the repeated W1.
    runs
        Of which the median is told.
    only
        The workloads.
    """

    seconds: int
    runs: int
    only: frozenset[Workload] = frozenset(Workload)


_FAILURES = (StartError, OSError, ValueError, HTTPException, SubprocessError, viewer.ReplyError)
"""What a server may bring about; it is left out, and the others are measured."""


def tiles_asked(grid: Grid, effort: Effort) -> dict[str, list[list[Tile]]]:
    """Return the tiles of each workload and run; every run asks for others."""
    count = _TILES_PER_SECOND * effort.seconds
    runs = range(effort.runs)
    return {
        W1: [viewer_trace(grid, seed) for seed in runs],
        W1_AGAIN: [_shuffled(viewer_trace(grid, seed)) for seed in runs],
        W2: [uniform_native(grid, 100 + seed, count) for seed in runs],
        W3: [uniform_levels(grid, 200 + seed, count) for seed in runs],
    }


def _shuffled(tiles: Sequence[Tile]) -> list[Tile]:
    """Mix a trace: a slow server would otherwise only be asked for how it begins."""
    order = np.random.default_rng(1).permutation(len(tiles))
    return [tiles[index] for index in order]


def measure(candidate: Candidate, bench: Bench, effort: Effort, say: Callable[[str], None]) -> Row:
    """Run a server through all workloads, or tell why it cannot be run."""
    row = Row(candidate.name)
    row.skipped = candidate.missing(bench)
    if row.skipped:
        return row
    say(f"measuring {candidate.name}")
    try:
        with candidate.run(bench) as running:
            _fill(row, running, bench, effort)
    except _FAILURES as error:
        row.skipped = f"{type(error).__name__}: {error}"
    return row


def _fill(row: Row, running: Running, bench: Bench, effort: Effort) -> None:
    row.bare = processes.memory(running.pids)
    _read_into_memory(bench, running)
    if running.has_copies and W4 in effort.only:
        row.first_ms = _open_copies(running)
        row.opened = processes.memory(running.pids)
    row.skipped = _wrong_pixels(running, StoredTiles(bench.slides.main))
    if row.skipped:
        return
    asked = tiles_asked(bench.slides.grid, effort)
    if W1 in effort.only:
        row.figures[W1] = [_view(running, tiles, bench) for tiles in asked[W1]]
    for workload, connections in (
        (W1_AGAIN, VIEWER_CONNECTIONS),
        (W2, SCRIPT_CONNECTIONS),
        (W3, SCRIPT_CONNECTIONS),
    ):
        if workload in effort.only and wrk.available():
            row.figures[workload] = [
                load(running, run, connections, effort.seconds, bench) for run in asked[workload]
            ]
    row.ended = processes.memory(running.pids)


def _read_into_memory(bench: Bench, running: Running) -> None:
    # The copies are other names for the same bytes.
    paths = [
        path
        for folder in (bench.slides.folder, bench.slides.pyramids)
        for path in folder.glob(f"{slides.slide_name(0)}.*")
    ]
    if running.own_files is not None:
        paths += [path for path in running.own_files.rglob("*") if path.is_file()]
    for path in paths:
        slides.read_into_memory(path)


def _open_copies(running: Running) -> list[float]:
    """Return milliseconds of the first overview tile of each copy, asked for one after another."""
    paths = [running.path(index, Tile(OVERVIEW_K, 0, 0)) for index in range(1, slides.COPIES + 1)]
    timings = viewer.ask(
        running.port, paths, headers=running.headers, connections=1, limit_s=2 * _VIEWER_LIMIT_S
    )
    if timings.failures or not timings.latencies_ms:
        raise StartError(f"first tiles failed: {timings.failures}")
    return timings.latencies_ms


def _view(running: Running, tiles: Sequence[Tile], bench: Bench) -> Figure:
    _read_into_memory(bench, running)
    with meter.measured(running.pids) as usage:
        timings = viewer.ask(
            running.port,
            [running.path(0, tile) for tile in tiles],
            headers=running.headers,
            connections=VIEWER_CONNECTIONS,
            limit_s=_VIEWER_LIMIT_S,
        )
    answered = len(timings.latencies_ms) + sum(timings.failures.values())
    if answered < len(tiles) and timings.wall_s < _VIEWER_LIMIT_S:
        raise StartError(f"only {answered} of {len(tiles)} tiles of the trace were answered")
    return Figure(
        rate=timings.rate,
        p50_ms=tables.percentile(timings.latencies_ms, 50),
        p99_ms=tables.percentile(timings.latencies_ms, 99),
        tiles=len(timings.latencies_ms),
        failures=sum(timings.failures.values()),
        usage=usage(),
    )


def load(
    running: Running, tiles: Sequence[Tile], connections: int, seconds: int, bench: Bench
) -> Figure:
    """Return what a server gives wrk."""
    paths = [running.path(0, tile) for tile in tiles]
    _read_into_memory(bench, running)
    with meter.measured(running.pids) as usage:
        found = wrk.load(
            running.port,
            paths,
            headers=running.headers,
            connections=connections,
            seconds=seconds,
            folder=bench.work,
        )
    return Figure(
        rate=found.rate,
        p50_ms=found.p50_ms,
        p99_ms=found.p99_ms,
        tiles=found.tiles,
        failures=found.failures,
        usage=usage(),
    )


def _wrong_pixels(running: Running, stored: StoredTiles) -> str:
    """Tell when a server does not show what the file holds: it would be another workload."""
    if not running.shows_slides:
        return ""
    for k in stored.levels:
        tile = Tile(k, 2, 2)
        body = viewer.fetch(running.port, running.path(0, tile), running.headers)
        try:
            seen = simplejpeg.decode_jpeg(body).astype(float)
        except ValueError:
            return f"{tile} is no JPEG: {body[:80]!r}"
        expected = simplejpeg.decode_jpeg(stored.jpeg(tile)).astype(float)
        if not running.aligned:
            continue
        if seen.shape != expected.shape or np.abs(seen - expected).mean() > MEAN_ERROR:
            return f"{tile} shows other pixels than the file"
    return ""
