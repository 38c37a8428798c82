"""The report: rows of figures become the Markdown of docs/performance.md."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.tiles import meter, servers, tables
from benchmarks.tiles.comparison import W1, W2, W3, Effort, Figure, Row, Workload
from benchmarks.tiles.workloads import Grid


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that the product must reach, and what it reached in this run.

    Parameters
    ----------
    what
        The figure.
    wanted
        The bound, in words.
    seen
        What was measured.
    is_kept
        None when this run cannot tell.
    """

    what: str
    wanted: str
    seen: str
    is_kept: bool | None


def comparison_text(rows: Sequence[Row]) -> str:
    """Return all that is told of servers, the goals and the noise."""
    parts = [
        "## Servers compared",
        comparison_table(rows),
        skipped_list(rows),
        goal_table(goals(rows)),
        "### Who used the cores",
        usage_table(rows),
    ]
    return "\n".join(f"{part}\n" if part.startswith("#") else part for part in parts if part)


def comparison_table(rows: Sequence[Row]) -> str:
    """Return all servers' figures; ratios are to OpenSlide's default, if it ran."""
    base = next((row for row in rows if row.name == servers.OPENSLIDE and not row.skipped), None)
    run = [name for name in Workload if any(name in row.figures for row in rows)]
    with_first = any(row.first_ms for row in rows)
    header = [
        "server",
        *(f"{workload} tiles/s p50/p99 ms" for workload in run),
        *([f"CPU s per 1000: {' / '.join(run)}"] if run else []),
        *(["W4 first tile p50/p95 ms"] if with_first else []),
        "PSS MB: bare, W5 (50 open), end; files",
    ]
    return tables.markdown(
        header,
        [
            [
                row.name,
                *(_cell(row, base, workload) for workload in run),
                *([" / ".join(_cpu(row.figures.get(name, [])) for name in run)] if run else []),
                *([_first(row)] if with_first else []),
                _memory(row),
            ]
            for row in rows
            if not row.skipped
        ],
    )


def skipped_list(rows: Sequence[Row]) -> str:
    """Return which servers were left out and why; empty when none was."""
    return "".join(f"- not measured: {row.name}: {row.skipped}\n" for row in rows if row.skipped)


def _cell(row: Row, base: Row | None, workload: str) -> str:
    figures = row.figures.get(workload, [])
    if not figures:
        return "-"
    p50 = tables.median([figure.p50_ms for figure in figures])
    p99 = tables.median([figure.p99_ms for figure in figures])
    ratio = row.rate(workload) / base.rate(workload) if base is not None else math.nan
    said = f" ({tables.times(ratio)})" if math.isfinite(ratio) else ""
    noise = "*" if any(figure.usage.other_cores > meter.NOISE_CORES for figure in figures) else ""
    failed = sum(figure.failures for figure in figures)
    failures = f", {failed} failed" if failed else ""
    latency = f"{tables.ms(p50)}/{tables.ms(p99)}"
    return f"{tables.rate(row.rate(workload))}{said} {latency}{noise}{failures}"


def _cpu(figures: Sequence[Figure]) -> str:
    value = tables.median([figure.server_s_per_1000 for figure in figures])
    return f"{value:.3f}" if math.isfinite(value) else "-"


def _first(row: Row) -> str:
    if not row.first_ms:
        return "-"
    p50, p95 = (tables.percentile(row.first_ms, percent) for percent in (50, 95))
    return f"{tables.ms(p50)}/{tables.ms(p95)}"


def _memory(row: Row) -> str:
    figures = [
        f"{memory.pss_mb:.0f}" if memory else "-" for memory in (row.bare, row.opened, row.ended)
    ]
    files = row.opened.files if row.opened else row.ended.files if row.ended else "-"
    return f"{', '.join(figures)}; {files}"


def usage_table(rows: Sequence[Row]) -> str:
    """Return who used how many cores during each workload, so that noise can be seen."""
    lines = []
    for row in rows:
        for workload, figures in row.figures.items():
            usages = [figure.usage for figure in figures]
            lines.append(
                [
                    row.name,
                    workload,
                    f"{tables.median([usage.server_s / usage.wall_s for usage in usages]):.2f}",
                    f"{tables.median([usage.client_s / usage.wall_s for usage in usages]):.2f}",
                    f"{max(usage.other_cores for usage in usages):.2f}",
                    f"{usages[-1].load:.1f}",
                    " ".join(tables.rate(figure.rate) for figure in figures),
                ]
            )
    header = ["server", "workload", "server cores", "client cores", "others at most", "load"]
    return tables.markdown([*header, "tiles/s of each run"], lines)


def goals(rows: Sequence[Row]) -> list[Goal]:
    """Return what the product must reach, against the servers of the same run."""
    by_name = {row.name: row for row in rows if not row.skipped}
    ours = by_name.get(servers.COVERSLIP)
    if ours is None:
        return []
    found = [
        _ratio_goal(ours, by_name.get(servers.CONSTANT), 0.75),
        _ratio_goal(ours, by_name.get(servers.LARGE_IMAGE), 5),
        _ratio_goal(ours, by_name.get(servers.OPENSLIDE), 20),
    ]
    iipsrv = by_name.get(servers.IIPSRV)
    wanted = min(15_000.0, 4 * iipsrv.rate(W1)) if iipsrv and iipsrv.figures.get(W1) else 15_000.0
    lazy = by_name.get(servers.COVERSLIP_LAZY)
    for row, how in ((ours, ""), (lazy, ", large levels when looked at")):
        rate = row.rate(W1) if row else math.nan
        found.append(
            Goal(
                f"W1 tiles/s{how}",
                f"at least {tables.rate(wanted)} (15,000, or 4 x iipsrv if that is less)",
                tables.rate(rate) if math.isfinite(rate) else "-",
                _known(rate >= wanted, rate),
            )
        )
    p99 = tables.median([figure.p99_ms for figure in ours.figures.get(W3, [])])
    p50 = tables.percentile(ours.first_ms, 50)
    found.append(Goal("W3 p99", "under 20 ms", _ms(p99), _known(p99 < 20, p99)))
    found.append(Goal("W4 p50", "under 3 ms", _ms(p50), _known(p50 < 3, p50)))
    if ours.first_ms and ours.bare and ours.opened:
        more = ours.opened.pss_mb - ours.bare.pss_mb
        found.append(Goal("W5 above bare", "under 200 MB PSS", f"{more:.0f} MB", more < 200))
    return found


def _ratio_goal(ours: Row, other: Row | None, least: float) -> Goal:
    name = other.name if other else "a server that did not run"
    ratio = ours.rate(W2) / other.rate(W2) if other else math.nan
    return Goal(
        f"W2 against {name}",
        f"at least {least:g}x",
        f"{ratio:.2f}x" if math.isfinite(ratio) else "-",
        _known(ratio >= least, ratio),
    )


def _ms(value: float) -> str:
    return f"{tables.ms(value)} ms" if math.isfinite(value) else "-"


def _known(is_kept: bool, value: float) -> bool | None:
    return is_kept if math.isfinite(value) else None


def goal_table(found: Sequence[Goal]) -> str:
    """Return the goals as Markdown; nothing when the product was not measured."""
    if not found:
        return ""
    words = {True: "yes", False: "**no**", None: "not measured"}
    rows = [[goal.what, goal.wanted, goal.seen, words[goal.is_kept]] for goal in found]
    return tables.markdown(["figure", "wanted", "this run", "kept"], rows)


def preface(grid: Grid, slide_mb: float, effort: Effort) -> str:
    """Return what a reader must know of the tables below it."""
    return f"""\
Machine: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load
average {os.getloadavg()[0]:.1f} at the start. Slide: synthetic Aperio SVS, {grid.width} x
{grid.height}, levels 1/4/16, tiles of 256 pixels, JPEG YCbCr 4:2:0 q75, {slide_mb:.0f} MB, in the
page cache. {effort.runs} runs of {effort.seconds} s, each for other tiles; medians.

- W1: a viewer's trace (overview, seven spots zoomed into, pans at the two deepest levels), once,
  6 kept connections; *W1-again*: the same tiles, mixed, over and over. W2: uniform native tiles, 16
  connections. W3: any of nine levels, then a uniform point, 16 connections. W4: one overview tile
  of each of 50 slides that the server never opened, one after another. W5: memory (PSS of all the
  server's processes) just started, with those 50 slides open, and at the end; open files.
- W1 and W4 were asked for by this script's own client (asyncio, uvloop), the others by wrk with one
  thread. Server, client and slides share the machine's cores.
- In brackets: relative to OpenSlide's Deep Zoom server. `*`: something else used more than
  {meter.NOISE_CORES} cores meanwhile; compare CPU seconds there.
- Coverslip serves the raw SVS; its import made the levels ahead that the file lacks. "large levels
  when looked at" made the small ones only (`COVERSLIP_LARGE_LEVELS_AHEAD=false`), "cache/ emptied"
  none. W1 is the first viewer, *W1-again* the next one.
- iipsrv reads a power-of-two pyramid into which the slide was converted: it cannot serve the raw
  one. nginx sends files cut out before. No other server checks who asks.
"""
