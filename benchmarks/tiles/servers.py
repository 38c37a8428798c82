"""Servers: what each candidate of the comparison tells of itself, and what a running one offers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from benchmarks.tiles import processes
from benchmarks.tiles.processes import Program
from benchmarks.tiles.slides import BenchSlides
from benchmarks.tiles.workloads import TILE, Grid, Tile

CONSTANT = "uvicorn x2, raw ASGI, constant 15 KB"
INSTANT = "uvicorn x2, our protocol, constant 15 KB"
COVERSLIP = "Coverslip x2, tokens checked"
COVERSLIP_LAZY = "Coverslip x2, tokens checked, large levels when looked at"
COVERSLIP_EMPTIED = "Coverslip x2, tokens checked, cache/ emptied"
NGINX = "nginx x2, tiles as files"
LARGE_IMAGE = "large_image tiff, icc_correction off, gthread 2x4"
OPENSLIDE = "OpenSlide Deep Zoom 254+1, gunicorn sync x2"
OPENSLIDE_GRID = "OpenSlide Deep Zoom 256+0, gthread 2x4"
IIPSRV = "iipsrv (Debian) x2 + lighttpd, converted pyramid"


@dataclass(frozen=True, slots=True)
class Bench:
    """What every server may use.

    Parameters
    ----------
    work
        Folder of the benchmark.
    peers
        Python environment of the peers.
    slides
        The slides.
    """

    work: Path
    peers: Path
    slides: BenchSlides


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that answers.

    Parameters
    ----------
    name
        Of the candidate.
    port
        On loopback.
    programs
        What was started for it.
    path
        Turns a slide (0 is the main one) and a tile into the path of a request.
    headers
        Sent with each request.
    has_copies
        Whether W4's slides can be asked for.
    shows_slides
        Whether replies are pixels of the slide, which can be compared.
    aligned
        Whether a tile of ours is a tile of the server's grid.
    own_files
        Folder of what the server made of slides, which is in memory like the slides, if there is.
    """

    name: str
    port: int
    programs: tuple[Program, ...]
    path: Callable[[int, Tile], str]
    headers: Mapping[str, str] = field(default_factory=dict)
    has_copies: bool = True
    shows_slides: bool = True
    aligned: bool = True
    own_files: Path | None = None

    @property
    def pids(self) -> list[int]:
        """Return the ids of all the server's processes."""
        return [pid for program in self.programs for pid in program.tree]


class Candidate(Protocol):
    """A server that can be measured."""

    @property
    def name(self) -> str:
        """Its row in the table."""

    def missing(self, bench: Bench) -> str:
        """Return why it cannot be run here; empty when it can."""

    def run(self, bench: Bench) -> AbstractContextManager[Running]:
        """Start it and, at the end, stop it.

        Raises
        ------
        StartError
            It does not start.
        """


def dz_level(grid: Grid, k: int) -> int:
    """Return the Deep Zoom level of ``k``."""
    return grid.max_dz_level - k


def power_levels(grid: Grid) -> int:
    """Return how many levels a pyramid has that ends where the slide fits one tile."""
    return 1 + max(0, math.ceil(math.log2(max(grid.width, grid.height) / TILE)))


def wait_for_port(port: int, program: Program) -> None:
    """Wait until a server accepts connections.

    Raises
    ------
    StartError
        It ended, or does not in time.
    """
    processes.wait_until(lambda: processes.listens(port), program)
