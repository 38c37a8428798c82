"""Tile serving against its peers, in one run: `python -m benchmarks.tiles --help`."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterator
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
from benchmarks.tiles.comparison import Effort, Row, Workload
from benchmarks.tiles.servers import Bench, Candidate
from benchmarks.tiles.workloads import Grid


class Part(StrEnum):
    """What can be measured."""

    COMPARISON = "comparison"
    SIZES = "sizes"
    KNOWN = "known"
    CONNECTIONS = "connections"
    HOSTILE = "hostile"


def run(  # noqa: PLR0913  (each is an option of the command)
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
    only: Annotated[
        list[Workload] | None,
        typer.Option(help="Only this workload of the comparison; may be given again."),
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
    effort = Effort(seconds=seconds, runs=runs, only=frozenset(only or Workload))
    chosen = parts or list(Part)
    text = report.preface(grid, bench.slides.main.stat().st_size / 1e6, effort)
    for part in Part:
        if part not in chosen or not (wrk.available() or part in {Part.COMPARISON, Part.HOSTILE}):
            continue
        before = text
        for found in _measure(part, bench, effort, peers_):
            text = f"{before}\n{found}"
            # What is done is not lost when the time is up, or a later part fails.
            if out is not None:
                out.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def _measure(part: Part, bench: Bench, effort: Effort, wanted: str) -> Iterator[str]:
    """Yield the Markdown of one part as it grows."""
    if part is Part.COMPARISON:
        yield from _compare(bench, effort, wanted)
    else:
        yield _measure_alone(part, bench, effort)


def _measure_alone(part: Part, bench: Bench, effort: Effort) -> str:
    """Return the Markdown of a part about ours alone."""
    match part:
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
        case Part.COMPARISON:
            raise ValueError("the comparison is about others, too")


def _compare(bench: Bench, effort: Effort, wanted: str) -> Iterator[str]:
    """Yield the comparison's Markdown after each server."""
    candidates = _candidates(bench, effort, wanted)
    if any(isinstance(candidate, peers.Iipsrv) for candidate in candidates) and not (
        peers.Iipsrv().missing(bench)
    ):
        slides.make_pyramids(bench.slides, _say)
    rows: list[Row] = []
    for candidate in candidates:
        rows.append(comparison.measure(candidate, bench, effort, _say))
        yield report.comparison_text(rows)


def _candidates(bench: Bench, effort: Effort, wanted: str) -> list[Candidate]:
    with_copies = comparison.W4 in effort.only
    candidates: list[Candidate] = [
        peers.ConstantBody(),
        peers.ConstantBody(is_instant=True),
        product.Coverslip(with_copies=with_copies),
        product.Coverslip(servers.COVERSLIP_LAZY, with_copies=with_copies),
        product.Coverslip(servers.COVERSLIP_EMPTIED, with_copies=with_copies),
        *peers.python_peers(),
        peers.Iipsrv(),
        files_peer.StaticFiles(
            tile
            for workload, runs in comparison.tiles_asked(bench.slides.grid, effort).items()
            for tiles in runs
            for tile in tiles
            if workload in effort.only
        ),
    ]
    words = [word.strip().lower() for word in wanted.split(",")]
    if words == ["none"]:
        words = ["constant", "coverslip"]
    if words == ["all"]:
        return candidates
    return [c for c in candidates if any(word in c.name.lower() for word in words)]


def _parse_size(text: str) -> Grid:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and min(int(width), int(height)) >= 2_048):
        raise typer.BadParameter(f"a size such as 60000x45000, 2048 or more a side, not {text!r}")
    return Grid(int(width), int(height))


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    typer.run(run)
