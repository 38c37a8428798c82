"""Hostile slides: what the product answers to them under a memory limit, and how others fare."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from benchmarks.tiles import hostile_files, processes, product, slides, tables, viewer
from benchmarks.tiles.product import Product, TileAccess
from benchmarks.tiles.servers import Bench, Running
from benchmarks.tiles.workloads import Grid, uniform_levels

ADDRESS_BYTES = 8 * 2**30
"""Limit of each process's address space."""

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "bad"
"""More hostile files, beside the checkout; not needed."""

_SUFFIXES = {".svs", ".tif", ".tiff", ".png", ".jpg", ".dcm", ".ndpi"}
_LOOK_AGAIN_S = 2.5  # A server may take a file to be the same for two seconds.
_ASK_LIMIT_S = 60.0
_PAUSE_S = 0.02
_GOOD_GRID = Grid(1_500, 1_100)

Say = Callable[[str], None]


@dataclass(slots=True)
class Meanwhile:
    """How another slide was served, and what the server held.

    Parameters
    ----------
    latencies_ms
        Of its tiles.
    failures
        Tiles that did not come.
    before_mb, peak_mb
        Resident memory of all the server's processes together, before and at most.
    """

    latencies_ms: list[float] = field(default_factory=list)
    failures: int = 0
    before_mb: float = 0.0
    peak_mb: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one file.

    Parameters
    ----------
    name
        Of the file.
    size
        In bytes.
    imported
        What Reimport said, and after how many seconds.
    tiles
        What its tiles answered, if it was imported.
    swapped
        What tiles answered when the file took the place of a good one.
    meanwhile
        How others fared.
    died
        How many of the server's processes did not live on.
    """

    name: str
    size: int
    imported: str
    tiles: str
    swapped: str
    meanwhile: Meanwhile
    died: int


def try_hostile_files(bench: Bench, say: Say) -> list[Verdict]:
    """Import each hostile file, ask for its tiles, and put it in a good slide's place."""
    folder = bench.work / "hostile"
    folder.mkdir(parents=True, exist_ok=True)
    good = folder / "good.svs"
    if not good.exists():
        slides.write_slide(good, slides.paint_mosaic(), _GOOD_GRID)
    files = hostile_files.make_hostile_files(folder / "bad", good)
    if SHARED.is_dir():
        files += _copy_files(SHARED, folder / "shared")
    data = bench.work / "coverslip-hostile"
    token = product.make_data(data)
    verdicts = []
    log = bench.work / "logs" / "hostile.log"
    with product.serve(data, token, log, address_bytes=ADDRESS_BYTES) as server:
        success, said = server.add_study("good", [("main.svs", bench.slides.main)])
        if not success:
            raise processes.StartError(f"Reimport of a good slide failed: {said[-300:]}")
        opened = server.open_tiles(server.slide_ids("good")["main"])
        server.wait_until_quiet()
        running = product.as_running(server, [opened], bench.slides.grid)
        for number, path in enumerate(files):
            say(f"trying {path.name}")
            verdicts.append(_try(server, running, bench.slides.grid, path, good, number))
    return verdicts


def _copy_files(source: Path, folder: Path) -> list[Path]:
    """Copy files that are not ours, so that none of them gets a second name."""
    folder.mkdir(parents=True, exist_ok=True)
    found = sorted(path for path in source.iterdir() if path.suffix.lower() in _SUFFIXES)
    return [Path(shutil.copyfile(path, folder / path.name)) for path in found]


def _try(
    server: Product, running: Running, grid: Grid, path: Path, good: Path, number: int
) -> Verdict:
    before = [pid for pid in running.pids if processes.started_at(pid)]
    with _others(running, grid, number) as meanwhile:
        imported, tiles = _import(server, path, f"bad-{number}")
        swapped = _swap(server, path, good, f"swap-{number}")
    return Verdict(
        name=path.name,
        size=path.stat().st_size,
        imported=imported,
        tiles=tiles,
        swapped=swapped,
        meanwhile=meanwhile,
        died=sum(processes.started_at(pid) is None for pid in before),
    )


def _import(server: Product, path: Path, study: str) -> tuple[str, str]:
    began = time.perf_counter()
    success, log = server.add_study(study, [(path.name, path)])
    took = time.perf_counter() - began
    line = next((line for line in log.splitlines() if path.name in line), log[-200:])
    # The log names the file, once or twice; the table's first column does too.
    reason = line.rpartition(f"{path.name} ")[2].rpartition(f"{path.name}: ")[2]
    said = f"{'taken' if success else 'refused'} in {took:.1f} s: {_shorten(reason)}"
    if not success:
        return said, "-"
    ids = list(server.slide_ids(study).values())
    if not ids:
        return said, "-"
    return said, _ask_tiles(server, server.open_tiles(ids[0]))


def _shorten(text: str, length: int = 300) -> str:
    return text if len(text) <= length else f"{text[:length].rpartition(' ')[0]} ..."


def _swap(server: Product, path: Path, good: Path, study: str) -> str:
    """Import a good slide, put the bad file in its place, and ask for tiles."""
    name = f"slide{path.suffix.lower()}"
    source = good
    if path.suffix.lower() == ".png":
        source = good.with_name("good.png")
        if not source.exists():
            Image.new("RGB", (700, 500), (200, 120, 160)).save(source)
    success, log = server.add_study(study, [(name, source)])
    if not success:
        return f"the good one was refused: {log[-100:]}"
    opened = server.open_tiles(server.slide_ids(study)["slide"])
    target = server.data / "images" / study / name
    spoiled = target.with_name("spoiled")
    shutil.copyfile(path, spoiled)
    spoiled.replace(target)
    time.sleep(_LOOK_AGAIN_S)
    return _ask_tiles(server, opened)


def _ask_tiles(server: Product, opened: TileAccess) -> str:
    """Return the answers to the descriptor and tiles of three levels, with the slowest's time."""
    answers, slowest = [], 0.0
    for name in ("i.dzi", "i_files/0/0_0.jpeg", "i_files/9/0_0.jpeg", "i_files/11/1_1.jpeg"):
        began = time.perf_counter()
        status, _ = server.get(f"{opened.base}/{name}", opened.headers, _ASK_LIMIT_S)
        slowest = max(slowest, time.perf_counter() - began)
        answers.append(str(status) if status else "no answer")
    return f"{' '.join(answers)} in {slowest:.1f} s at most"


@contextmanager
def _others(running: Running, grid: Grid, seed: int) -> Iterator[Meanwhile]:
    """Ask for tiles of a good slide, one after another, while something else happens."""
    meanwhile = Meanwhile(before_mb=processes.memory(running.pids).rss_mb)
    over = threading.Event()
    tiles = uniform_levels(grid, 400 + seed, 5_000)

    def ask() -> None:
        for tile in tiles:
            if over.wait(_PAUSE_S):
                return
            began = time.perf_counter()
            try:
                body = viewer.fetch(running.port, running.path(0, tile), running.headers)
            except OSError:
                body = b""
            if body[:2] == b"\xff\xd8":
                meanwhile.latencies_ms.append((time.perf_counter() - began) * 1000)
            else:
                meanwhile.failures += 1
            meanwhile.peak_mb = max(meanwhile.peak_mb, processes.memory(running.pids).rss_mb)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield meanwhile
    finally:
        over.set()
        thread.join()


def table(verdicts: Sequence[Verdict]) -> str:
    """Return the verdicts as Markdown."""
    rows = []
    for verdict in verdicts:
        others = verdict.meanwhile
        rows.append(
            [
                verdict.name,
                f"{verdict.size:,}",
                verdict.imported,
                verdict.tiles,
                verdict.swapped,
                f"{others.before_mb:.0f} / {others.peak_mb:.0f}",
                f"{len(others.latencies_ms)} ({others.failures} failed)",
                f"{tables.ms(tables.percentile(others.latencies_ms, 50))} / "
                f"{tables.ms(max(others.latencies_ms, default=float('nan')))}",
                str(verdict.died),
            ]
        )
    header = [
        *("file", "bytes", "Reimport", "tiles (i.dzi, levels 0, 9, 11)"),
        *("tiles once it took a good slide's place", "server RSS MB before / peak"),
        *("good tiles meanwhile", "their p50 / max ms", "processes died"),
    ]
    return tables.markdown(header, rows)
