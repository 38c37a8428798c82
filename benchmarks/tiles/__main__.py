"""Tile serving against its peers, in one run: `python -m benchmarks.tiles --help`."""

from __future__ import annotations

import signal
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.tiles import (
    comparison,
    files_peer,
    growth,
    hostile,
    install,
    peers,
    product,
    report,
    servers,
    slides,
    wrk,
)
from benchmarks.tiles.comparison import Effort
from benchmarks.tiles.servers import Bench, Candidate
from benchmarks.tiles.workloads import Grid


class Part(StrEnum):
    """What can be measured."""

    COMPARISON = "comparison"
    SIZES = "sizes"
    KNOWN = "known"
    CONNECTIONS = "connections"
    HOSTILE = "hostile"


def run(
    seconds: Annotated[int, typer.Option(min=1, max=60, help="Of each run of a workload.")] = 6,
    runs: Annotated[int, typer.Option(min=1, max=9, help="Of which the median is told.")] = 3,
    peers_: Annotated[
        str,
        typer.Option(
            "--peers", help="Words of the rows to measure, by commas: all, none, or iipsrv,nginx."
        ),
    ] = "all",
    slide_size: Annotated[str, typer.Option(help="Of the main slide.")] = "60000x45000",
    parts: Annotated[
        list[Part] | None, typer.Option("--part", help="Only this part; may be given again.")
    ] = None,
    work: Annotated[
        Path | None, typer.Option(help="Folder for slides and servers, kept (up to 12 GB).")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File for the tables, too.")] = None,
    install_peers: Annotated[
        bool, typer.Option("--install-peers", help="Install what other servers need.")
    ] = False,
) -> None:
    """Measure Coverslip and its peers on loopback, and print Markdown tables."""
    # Ended from outside, too, it stops the servers it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = (work or Path(tempfile.gettempdir()) / "coverslip-tiles").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    environment = folder / "peers"
    if install_peers:
        install.install_peers(environment, _say)
    if not wrk.available():
        _say("wrk is not installed, so there is no figure but W1, W4 and W5: --install-peers")
    grid = _parse_size(slide_size)
    bench = Bench(folder, environment, slides.make_slides(folder, grid, _say))
    effort = Effort(seconds=seconds, runs=runs)
    chosen = parts or list(Part)
    text = report.preface(grid, bench.slides.main.stat().st_size / 1e6, effort)
    for part in Part:
        if part in chosen and (wrk.available() or part in {Part.COMPARISON, Part.HOSTILE}):
            text += "\n" + _measure(part, bench, effort, peers_)
            # What is done is not lost when a later part fails.
            if out is not None:
                out.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def _measure(part: Part, bench: Bench, effort: Effort, wanted: str) -> str:
    """Return the Markdown of one part."""
    match part:
        case Part.COMPARISON:
            return _compare(bench, effort, wanted)
        case Part.SIZES:
            steps = growth.measure_sizes(bench, effort, growth.SIZES, _say)
            return "## As slides grow\n\n" + growth.table("slide", steps)
        case Part.KNOWN:
            steps, left_out = growth.measure_known(bench, effort, growth.KNOWN, _say)
            note = f"\nNot measured: {left_out}.\n" if left_out else ""
            return "## As more slides are known\n\n" + growth.table("known slides", steps) + note
        case Part.CONNECTIONS:
            steps = growth.measure_connections(bench, effort, growth.CONNECTIONS, _say)
            return "## As more ask at once\n\n" + growth.table("connections", steps)
        case Part.HOSTILE:
            verdicts = hostile.try_hostile_files(bench, _say)
            limit = f"Each process may address {hostile.ADDRESS_BYTES // 2**30} GiB."
            return f"## Hostile slides\n\n{limit}\n\n{hostile.table(verdicts)}"


def _compare(bench: Bench, effort: Effort, wanted: str) -> str:
    candidates: list[Candidate] = [
        peers.ConstantBody(),
        peers.ConstantBody(is_instant=True),
        product.Coverslip(),
        product.Coverslip(servers.COVERSLIP_AHEAD),
        product.Coverslip(servers.COVERSLIP_EMPTIED),
        *peers.python_peers(),
        peers.Iipsrv(),
        files_peer.StaticFiles(
            tile
            for runs in comparison.tiles_asked(bench.slides.grid, effort).values()
            for tiles in runs
            for tile in tiles
        ),
    ]
    words = [word.strip().lower() for word in wanted.split(",")]
    if words == ["none"]:
        words = ["constant", "coverslip"]
    if words != ["all"]:
        candidates = [c for c in candidates if any(word in c.name.lower() for word in words)]
    if any(isinstance(candidate, peers.Iipsrv) for candidate in candidates) and not (
        peers.Iipsrv().missing(bench)
    ):
        slides.make_pyramids(bench.slides, _say)
    rows = [comparison.measure(candidate, bench, effort, _say) for candidate in candidates]
    parts = [
        "## Servers compared",
        report.comparison_table(rows),
        report.skipped_list(rows),
        report.goal_table(report.goals(rows)),
        "### Who used the cores",
        report.usage_table(rows),
    ]
    return "\n".join(f"{part}\n" if part.startswith("#") else part for part in parts if part)


def _parse_size(text: str) -> Grid:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and min(int(width), int(height)) >= 2_048):
        raise typer.BadParameter(f"a size such as 60000x45000, 2048 or more a side, not {text!r}")
    return Grid(int(width), int(height))


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    typer.run(run)
