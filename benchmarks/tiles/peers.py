"""Peers: the other servers, each started as its makers advise, on the same slide."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tiles import processes, servers, slides
from benchmarks.tiles.servers import Bench, Candidate, Running
from benchmarks.tiles.workloads import Tile

REPOSITORY = Path(__file__).resolve().parents[2]
IIPSRV_PROGRAM = Path("/usr/lib/iipimage-server/iipsrv.fcgi")
"""Source: the file list of Debian's package iipimage-server."""


class ConstantBody:
    """Uvicorn with two workers and the smallest application there is.

    Parameters
    ----------
    is_instant
        Whether it is asked through our own protocol, which spares it a task and messages.
    """

    def __init__(self, *, is_instant: bool = False) -> None:
        self.name = servers.INSTANT if is_instant else servers.CONSTANT
        self._is_instant = is_instant

    def missing(self, bench: Bench) -> str:
        """Return nothing: it is part of the project's own environment."""
        return ""

    @contextlib.contextmanager
    def run(self, bench: Bench) -> Iterator[Running]:
        """Run it."""
        port = processes.free_port()
        plain = [
            *("uvicorn", "benchmarks.tiles.apps.constant:application"),
            *("--workers", "2", "--port", str(port), "--no-access-log"),
            *("--loop", "uvloop", "--http", "httptools", "--log-level", "warning"),
        ]
        instant = ["benchmarks.tiles.apps.instant", str(port)]
        program = processes.start(
            [sys.executable, "-m", *(instant if self._is_instant else plain)],
            log=bench.work / "logs" / "constant.log",
            folder=REPOSITORY,
        )
        try:
            servers.wait_for_port(port, program)
            yield Running(
                name=self.name,
                port=port,
                programs=(program,),
                path=lambda _, tile: f"/{tile.k}/{tile.column}_{tile.row}.jpeg",
                has_copies=False,
                shows_slides=False,
            )
        finally:
            program.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class GunicornPeer:
    """A Python library behind gunicorn.

    Parameters
    ----------
    name
        Its row.
    module
        Of `benchmarks.tiles.apps`.
    package
        That must be importable in the peers' environment.
    threads
        Of each of two workers; 0 for the kind of worker that has none and closes each connection.
    tile_size, overlap
        Of the Deep Zoom grid.
    """

    name: str
    module: str
    package: str
    threads: int
    tile_size: int = 256
    overlap: int = 0

    def missing(self, bench: Bench) -> str:
        """Tell when the library is not there."""
        found = list(bench.peers.glob(f"lib/python*/site-packages/{self.package}"))
        gunicorn = bench.peers / "bin" / "gunicorn"
        return (
            "" if found and gunicorn.exists() else f"{self.package} not in the peers' environment"
        )

    @contextlib.contextmanager
    def run(self, bench: Bench) -> Iterator[Running]:
        """Run it."""
        port = processes.free_port()
        kind = ["--worker-class", "gthread", "--threads", str(self.threads), "--keep-alive", "75"]
        program = processes.start(
            [
                *(bench.peers / "bin" / "gunicorn", f"benchmarks.tiles.apps.{self.module}"),
                *("--bind", f"127.0.0.1:{port}", "--workers", "2", "--timeout", "120"),
                *(kind if self.threads else ["--worker-class", "sync"]),
            ],
            log=bench.work / "logs" / f"{self.module}-{self.threads}.log",
            environ={
                "PYTHONPATH": str(REPOSITORY),
                "BENCH_FOLDER": str(bench.slides.folder),
                "BENCH_TILE_SIZE": str(self.tile_size),
                "BENCH_OVERLAP": str(self.overlap),
            },
            folder=bench.work,
        )
        grid = bench.slides.grid
        # large_image counts levels from the one that fits a tile, Deep Zoom from a single pixel.
        top = servers.power_levels(grid) - 1 if self.module == "girder" else grid.max_dz_level

        def path(slide: int, tile: Tile) -> str:
            file = f"{slides.slide_name(slide)}.svs"
            return f"/{file}/{max(0, top - tile.k)}/{tile.column}_{tile.row}.jpeg"

        try:
            servers.wait_for_port(port, program)
            yield Running(
                name=self.name,
                port=port,
                programs=(program,),
                path=path,
                aligned=self.tile_size == 256,
            )
        finally:
            program.stop()


class Iipsrv:
    """Debian's iipsrv: two FastCGI processes behind lighttpd, on a power-of-two pyramid."""

    name = servers.IIPSRV

    def missing(self, bench: Bench) -> str:
        """Tell when a package is not there."""
        if not IIPSRV_PROGRAM.exists():
            return "package iipimage-server is not installed"
        return "" if system_program("lighttpd") else "package lighttpd is not installed"

    @contextlib.contextmanager
    def run(self, bench: Bench) -> Iterator[Running]:
        """Run it."""
        port = processes.free_port()
        grid = bench.slides.grid
        programs = []
        try:
            backends = []
            for number in range(2):
                backend = processes.free_port()
                log = bench.work / "logs" / f"iipsrv-{number}.log"
                programs.append(
                    processes.start(
                        [IIPSRV_PROGRAM, "--bind", f"127.0.0.1:{backend}"],
                        log=log,
                        environ={
                            "FILESYSTEM_PREFIX": f"{bench.slides.pyramids}/",
                            "JPEG_QUALITY": "75",
                            "VERBOSITY": "0",
                            "LOGFILE": str(log),
                        },
                    )
                )
                servers.wait_for_port(backend, programs[-1])
                backends.append(backend)
            programs.append(
                processes.start(
                    [
                        system_program("lighttpd") or "lighttpd",
                        *("-D", "-f", _lighttpd_file(bench.work, port, backends)),
                    ],
                    log=bench.work / "logs" / "lighttpd.log",
                )
            )
            servers.wait_for_port(port, programs[-1])

            def path(slide: int, tile: Tile) -> str:
                level = servers.dz_level(grid, tile.k)
                name = f"{slides.slide_name(slide)}.tif"
                # Source: iipsrv's documentation, the DeepZoom command.
                return f"/iip?DeepZoom={name}_files/{level}/{tile.column}_{tile.row}.jpg"

            yield Running(name=self.name, port=port, programs=tuple(programs), path=path)
        finally:
            for program in reversed(programs):
                program.stop()


def _lighttpd_file(work: Path, port: int, backends: list[int]) -> Path:
    hosts = ", ".join(
        f'( "host" => "127.0.0.1", "port" => {backend}, "check-local" => "disable" )'
        for backend in backends
    )
    path = work / "lighttpd.conf"
    path.write_text(
        f'server.document-root = "{work}"\n'
        f'server.bind = "127.0.0.1"\n'
        f"server.port = {port}\n"
        'server.modules = ( "mod_fastcgi" )\n'
        "server.max-keep-alive-requests = 100000000\n"
        f'fastcgi.server = ( "/iip" => ( {hosts} ) )\n'
    )
    return path


def system_program(name: str) -> str | None:
    """Find a server of the system, whose folder need not be on the path of people."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def python_peers() -> list[Candidate]:
    """Return the peers that are Python libraries."""
    return [
        GunicornPeer(
            name=servers.OPENSLIDE,
            module="deepzoom",
            package="openslide",
            threads=0,
            tile_size=254,
            overlap=1,
        ),
        GunicornPeer(
            name=servers.OPENSLIDE_GRID, module="deepzoom", package="openslide", threads=4
        ),
        GunicornPeer(
            name=servers.LARGE_IMAGE, module="girder", package="large_image_source_tiff", threads=4
        ),
    ]
