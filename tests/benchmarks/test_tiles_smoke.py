import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import openslide
import pytest
import simplejpeg

from benchmarks.tiles import (
    hostile_files,
    meter,
    processes,
    report,
    slides,
    stored,
    tables,
    viewer,
    wrk,
)
from benchmarks.tiles.comparison import Effort, Figure, Row, tiles_asked
from benchmarks.tiles.meter import Usage
from benchmarks.tiles.processes import Memory
from benchmarks.tiles.servers import COVERSLIP, OPENSLIDE
from benchmarks.tiles.slides import Mosaic
from benchmarks.tiles.stored import StoredTiles
from benchmarks.tiles.workloads import Grid, Tile, uniform_levels, uniform_native, viewer_trace

GRID = Grid(60_000, 45_000)
SMALL = Grid(2_050, 1_500)


def all_within(grid: Grid, tiles: list[Tile]) -> bool:
    return all(
        0 <= tile.column < grid.counts(tile.k)[0] and 0 <= tile.row < grid.counts(tile.k)[1]
        for tile in tiles
    )


@pytest.mark.parametrize("grid", [GRID, SMALL, Grid(257, 255)])
def test_workloads_ask_only_for_tiles_that_exist(grid: Grid):
    asked = [viewer_trace(grid, 1), uniform_native(grid, 1, 500), uniform_levels(grid, 1, 500)]

    assert [all_within(grid, tiles) for tiles in asked] == [True, True, True]


def test_a_viewer_asks_for_no_tile_twice_and_often_for_levels_the_file_lacks():
    trace = viewer_trace(GRID, 1)

    assert len(set(trace)) == len(trace)
    assert 900 < len(trace) < 1_400
    assert 0.35 < sum(tile.k not in {0, 2, 4} for tile in trace) / len(trace) < 0.6


def test_a_viewer_begins_with_the_whole_slide():
    columns, rows = GRID.counts(6)

    beginning = viewer_trace(GRID, 1)[: 1 + 4 + columns * rows]

    assert {Tile(6, column, row) for column in range(columns) for row in range(rows)} <= {
        *beginning
    }


def test_each_run_asks_for_other_tiles_and_each_repetition_for_the_same():
    effort = Effort(seconds=1, runs=2)

    asked = tiles_asked(GRID, effort)

    assert asked == tiles_asked(GRID, effort)
    assert all(first != second for first, second in asked.values())
    assert {*asked["W1-again"][0]} == {*asked["W1"][0]}


@pytest.fixture(scope="module")
def mosaic() -> Mosaic:
    """Every tile of a kind and level has a colour of its own."""
    kinds, tables_found = [], set()
    for kind in range(4):
        levels = []
        for index, downsample in enumerate(slides.DOWNSAMPLES):
            pixels = np.full((256, 256, 3), (60 * kind, 80 * index, 120), np.uint8)
            jpeg_tables, tile = stored.abbreviate(stored.encode(pixels))
            tables_found.add(jpeg_tables)
            levels.append((tile,) * (slides.BLOCK // downsample // 256) ** 2)
        kinds.append(tuple(levels))
    [jpeg_tables] = tables_found
    return Mosaic(jpeg_tables, tuple(kinds))


@pytest.fixture(scope="module")
def slide(mosaic: Mosaic, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slides") / "small.svs"
    slides.write_slide(path, mosaic, SMALL)
    return path


def test_a_cut_jpeg_decodes_as_the_whole_one_did():
    pixels = np.random.default_rng(3).integers(0, 255, (256, 256, 3), np.uint8)
    whole = stored.encode(pixels)

    jpeg_tables, tile = stored.abbreviate(whole)

    assert len(tile) < len(whole)
    joined = tile[:2] + jpeg_tables[2:-2] + tile[2:]
    assert np.array_equal(simplejpeg.decode_jpeg(joined), simplejpeg.decode_jpeg(whole))


def test_the_slide_is_an_aperio_file_with_levels_of_a_quarter_and_a_sixteenth(slide: Path):
    with openslide.OpenSlide(slide) as opened:
        found = (opened.properties["openslide.vendor"], opened.level_dimensions)
        region = np.asarray(opened.read_region((256, 256), 0, (256, 256)).convert("RGB"))

    assert found == ("aperio", ((2_050, 1_500), (512, 375), (128, 93)))
    stored_tile = simplejpeg.decode_jpeg(StoredTiles(slide).jpeg(Tile(0, 1, 1)))
    assert np.array_equal(region, stored_tile)


def test_hostile_files_are_small_and_made_once(slide: Path, tmp_path: Path):
    made = hostile_files.make_hostile_files(tmp_path, slide)
    times = [path.stat().st_mtime_ns for path in made]

    again = hostile_files.make_hostile_files(tmp_path, slide)

    assert len(made) >= 9
    assert max(path.stat().st_size for path in made) < 16 * 2**20
    assert [path.stat().st_mtime_ns for path in again] == times


def test_a_table_has_as_many_cells_in_each_line():
    text = tables.markdown(["server", "tiles/s"], [["a | b\nc", "1"]])

    assert text == "| server | tiles/s |\n| --- | --- |\n| a \\| b c | 1 |\n"


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="a row has 1 cells, and the header 2"):
        tables.markdown(["server", "tiles/s"], [["alone"]])


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 2), (51, 3), (99, 4), (100, 4)])
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(percent, expected):
    assert tables.percentile([4, 1, 3, 2], percent) == expected


def figure(rate: float) -> Figure:
    usage = Usage(wall_s=1, server_s=0.5, client_s=0.2, other_cores=0.3, load=1)
    return Figure(rate=rate, p50_ms=1, p99_ms=2, tiles=int(rate), failures=0, usage=usage)


def row(name: str, *rates: float) -> Row:
    memory = Memory(100, 120, 9)
    figures = {workload: [figure(rate) for rate in rates] for workload in ("W1", "W2", "W3")}
    return Row(name, "", figures, [1.0, 2.0], memory, memory, memory)


def test_the_report_tells_medians_ratios_noise_and_what_was_left_out():
    rows = [row(OPENSLIDE, 90, 100, 900), row(COVERSLIP, 2_500), Row("iipsrv", "not installed")]

    text = report.comparison_table(rows)

    assert "2,500 (25x) 1.0/2.0*" in text
    assert "100 (1.0x)" in text
    assert "iipsrv" not in text
    assert report.skipped_list(rows) == "- not measured: iipsrv: not installed\n"


def test_the_report_tells_only_what_was_run():
    text = report.comparison_text([Row(COVERSLIP, "", {"W3": [figure(2_500)]})])

    assert "W3 tiles/s" in text
    assert "W2 tiles/s" not in text
    assert "W4 first tile" not in text
    assert "| W3 p99 | under 20 ms | 2.0 ms | yes |" in text
    assert "| W4 p50 | under 3 ms | - | not measured |" in text


def test_goals_are_kept_missed_or_unknown():
    rows = [row(OPENSLIDE, 100), row(COVERSLIP, 2_500)]

    kept = {goal.what: goal.is_kept for goal in report.goals(rows)}

    assert kept[f"W2 against {OPENSLIDE}"] is True
    assert kept["W1 tiles/s"] is False
    assert kept["W2 against a server that did not run"] is None
    assert kept["W1 tiles/s, large levels when looked at"] is None
    assert kept["W4 p50"] is True


def test_what_wrk_prints_becomes_figures():
    output = (
        'Running 1s test\nRESULT {"requests": 110, "duration_us": 2000000, "bytes": 5, '
        '"p50_us": 1500, "p99_us": 9000, "bad_status": 10, "broken": 1}\n'
    )

    load = wrk.parse(output)

    assert (load.rate, load.p50_ms, load.p99_ms, load.failures) == (50.0, 1.5, 9.0, 11)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        status = 404 if "missing" in self.path else 200
        body = b"\xff\xd8" + bytes(100_000)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if "close" in self.path:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@contextmanager
def local_server() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("name", ["kept", "close"])
def test_the_client_reads_every_reply_on_kept_and_on_closed_connections(name):
    with local_server() as port:
        paths = [f"/{name}/{number}" for number in range(20)]

        timings = viewer.ask(port, paths, headers={}, connections=3, limit_s=20)

    assert (len(timings.latencies_ms), timings.failures) == (20, {})
    assert timings.body_bytes == 20 * 100_002
    assert timings.rate > 0


def test_the_client_counts_replies_that_are_no_tiles():
    with local_server() as port:
        timings = viewer.ask(port, ["/a", "/missing"], headers={}, connections=1, limit_s=20)

    assert (len(timings.latencies_ms), timings.failures) == (1, {404: 1})


def test_a_stopped_program_takes_its_children_with_it(tmp_path: Path):
    code = (
        "import subprocess, sys, signal\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    program = processes.start([sys.executable, "-c", code], log=tmp_path / "log")
    processes.wait_until(lambda: len(program.tree) == 2, program)
    tree = program.tree

    program.stop()

    assert tree[0] == program.process.pid
    assert [processes.started_at(pid) for pid in tree] == [None, None]


def test_a_program_that_ends_at_once_is_told_with_what_it_printed(tmp_path: Path):
    words = [sys.executable, "-c", "import sys; sys.exit('no such slide')"]
    program = processes.start(words, log=tmp_path / "log")

    with pytest.raises(processes.StartError, match="no such slide"):
        processes.wait_until(lambda: False, program)


def test_the_meter_tells_what_the_client_used():
    with meter.measured([]) as usage:
        sum(range(3_000_000))

    assert usage().client_s > 0
    assert usage().server_s == 0


def test_the_command_tells_its_options():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.tiles", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )

    assert "--install-peers" in done.stdout
