"""The product: a data folder made by its command line, filled and asked through its API."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import re
import shutil
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tiles import processes, servers, slides
from benchmarks.tiles.processes import Program, StartError
from benchmarks.tiles.servers import Bench, Running
from benchmarks.tiles.workloads import TILE, Grid, Tile

_COVERSLIP = Path(sys.executable).with_name("coverslip")
_IMPORT_S = 900
_QUIET_S = 2.0


@dataclass(frozen=True, slots=True)
class TileAccess:
    """What opens a slide's tiles: the start of their paths, and the token's cookie."""

    base: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Product:
    """A data folder with a token that may do everything, and a server of it.

    Parameters
    ----------
    data
        The data folder.
    token
        For the API.
    port
        On loopback.
    program
        The server.
    """

    data: Path
    token: str
    port: int
    program: Program

    def get(
        self, path: str, headers: dict[str, str] | None = None, limit_s: float = _IMPORT_S
    ) -> tuple[int, bytes]:
        """Return the status and body of a path; status 0 when the server hangs up."""
        return self._ask("GET", path, b"", headers or {}, limit_s)

    def call(
        self, name: str, *, limit_s: float = _IMPORT_S, cookie: str = "", **parameters: object
    ) -> tuple[int, object]:
        """Make a call of the API and return its status and its JSON, or its text."""
        body = urllib.parse.urlencode(parameters).encode()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            **({"Cookie": cookie} if cookie else {}),
        }
        status, reply = self._ask("POST", f"/Api/{name}", body, headers, limit_s)
        try:
            return status, json.loads(reply)
        except ValueError:
            return status, reply.decode(errors="replace")

    def _ask(
        self, verb: str, path: str, body: bytes, headers: dict[str, str], limit_s: float
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=limit_s)
        try:
            connection.request(verb, path, body, headers)
            reply = connection.getresponse()
            return reply.status, reply.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def add_study(self, name: str, files: Sequence[tuple[str, Path]]) -> tuple[bool, str]:
        """Put slides into a study's folder and let Reimport find them.

        Parameters
        ----------
        name
            Of the study.
        files
            The name that each slide gets, and where it lies.

        Returns
        -------
        tuple[bool, str]
            Whether the import went well, and its log.
        """
        folder = self.data / "images" / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, source in files:
            slides.link_or_copy(source, folder / file)
        emails = self.data / "images" / f"study.{name}.emails"
        emails.write_text("bench@example.org;canscore,canedit,cangetresults\n")
        status, reply = self.call("Reimport", studyName=name)
        if not isinstance(reply, dict):
            return False, f"status {status}: {str(reply)[:300]}"
        return bool(reply.get("success")), str(reply.get("log") or reply.get("error") or "")

    def slide_ids(self, study: str) -> dict[str, int]:
        """Return the ids of a study's slides by name."""
        _, found = self.call("Studies")
        if not isinstance(found, list):
            raise StartError(f"Studies answered {found!r}")
        [study_id] = [row["id"] for row in found if row["name"] == study]
        _, images = self.call("Images", studyId=study_id)
        if not isinstance(images, list):
            raise StartError(f"Images answered {images!r}")
        return {row["name"]: row["id"] for row in images}

    def open_tiles(self, slide_id: int, cookie: str = "") -> TileAccess:
        """Return what opens a slide's tiles, under a cookie that another slide has, if given."""
        status, token = self.call("GetTileServer", imageId=slide_id, cookie=cookie)
        if not isinstance(token, dict) or "urlPart" not in token:
            raise StartError(f"GetTileServer answered {status}: {token!r}")
        base = f"/i/{slide_id}/{token['urlPart']}"
        return TileAccess(base, {"Cookie": f"t={token['cookiePart']}"})

    def tile_size(self, tiles: TileAccess) -> int:
        """Return the size of a slide's tiles, as its Deep Zoom descriptor tells."""
        status, body = self.get(f"{tiles.base}/i.dzi", tiles.headers)
        found = re.search(rb'TileSize="(\d+)"', body)
        if status != 200 or found is None:
            raise StartError(f"i.dzi answered {status}: {body[:200]!r}")
        return int(found[1])

    def wait_until_quiet(self, limit_s: float = 120) -> None:
        """Wait until work in the background is done: until the server has not worked for a while.

        Levels that a file lacks are made after it is added; no figure should hold that work.
        """
        deadline = time.monotonic() + limit_s
        used, since = processes.cpu_s(self.program.tree), time.monotonic()
        while time.monotonic() < deadline and time.monotonic() - since < _QUIET_S:
            time.sleep(0.2)
            now = processes.cpu_s(self.program.tree)
            if now - used > 0.05:
                used, since = now, time.monotonic()


def make_data(data: Path) -> str:
    """Make an empty data folder and return a token with every right."""
    if data.exists():
        shutil.rmtree(data)
    data.parent.mkdir(parents=True, exist_ok=True)
    _coverslip("init", "--data", str(data), "--admin", "bench@example.org")
    return _coverslip("token", "create", "--data", str(data), "--name", "bench").strip()


def _coverslip(*words: str) -> str:
    return subprocess.run(  # noqa: S603  (our own program and words)
        [_COVERSLIP, *words], capture_output=True, text=True, check=True, timeout=120
    ).stdout


@contextlib.contextmanager
def serve(
    data: Path,
    token: str,
    log: Path,
    *,
    workers: int = 2,
    address_bytes: int | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Product]:
    """Serve a data folder, and stop at the end.

    Parameters
    ----------
    data, token
        From `make_data`.
    log
        File for what the server prints.
    workers
        Server processes.
    address_bytes
        Limit of each process's address space, or none.
    settings
        Variables of the environment, beside our own.

    Raises
    ------
    StartError
        The server does not start.
    """
    port = processes.free_port()
    words: list[str | Path] = [_COVERSLIP, "serve", "--data", data, "--port", str(port)]
    if address_bytes is not None:
        words = ["prlimit", f"--as={address_bytes}", *words]
    program = processes.start([*words, "--workers", str(workers)], log=log, environ=settings)
    product = Product(data, token, port, program)
    try:
        processes.wait_until(lambda: product.get("/healthz", limit_s=5)[0] == 200, program)
        yield product
    finally:
        program.stop()


class Coverslip:
    """The product as a candidate: two workers, each request's token checked.

    Parameters
    ----------
    name
        `servers.COVERSLIP`, which made all levels of the main slide when it was added; or that
        which makes the large ones when they are looked at; or that whose cache folder is emptied
        before the start, so that every tile that the file lacks is made on request.
    with_copies
        Whether W4's slides are added, too.
    """

    def __init__(self, name: str = servers.COVERSLIP, *, with_copies: bool = True) -> None:
        self.name = name
        self._is_emptied = name == servers.COVERSLIP_EMPTIED
        self._is_lazy = name != servers.COVERSLIP
        self._with_copies = with_copies

    def missing(self, bench: Bench) -> str:
        """Tell when the command is not there."""
        return "" if _COVERSLIP.exists() else f"{_COVERSLIP} is not there: make install"

    @contextlib.contextmanager
    def run(self, bench: Bench) -> Iterator[Running]:
        """Import the slides in one server, then run another that has opened none of them."""
        data = bench.work / "coverslip"
        log = bench.work / "logs" / "coverslip.log"
        token = make_data(data)
        lazy = {"COVERSLIP_LARGE_LEVELS_AHEAD": "false"}
        with serve(data, token, log, settings=lazy if self._is_lazy else {}) as product:
            opened = _import_slides(product, bench, "main", range(1))
        if self._with_copies:
            # W4 asks for their overviews alone; the large levels of 50 slides would take minutes.
            with serve(data, token, log, settings=lazy) as product:
                cookie = opened[0].headers["Cookie"]
                copies = range(1, slides.COPIES + 1)
                opened += _import_slides(product, bench, "copies", copies, cookie)
        if self._is_emptied:
            shutil.rmtree(data / "cache", ignore_errors=True)
        # Tile tokens are signed, so they hold in the next server too, which knows no slide yet.
        settings = lazy if self._is_lazy else {}
        with serve(data, token, log, settings=settings) as product:
            running = as_running(product, opened, bench.slides.grid, name=self.name)
            yield dataclasses.replace(running, has_copies=self._with_copies)


def as_running(
    product: Product, opened: Sequence[TileAccess], grid: Grid, *, name: str = servers.COVERSLIP
) -> Running:
    """Return a server of ours as workloads see it.

    Parameters
    ----------
    opened
        The slides that are asked for, under one cookie.
    grid
        Of each of them.
    """

    def path(slide: int, tile: Tile) -> str:
        level = servers.dz_level(grid, tile.k)
        return f"{opened[slide].base}/i_files/{level}/{tile.column}_{tile.row}.jpeg"

    return Running(
        name=name,
        port=product.port,
        programs=(product.program,),
        path=path,
        headers=opened[0].headers,
        own_files=product.data / "cache",
    )


def _import_slides(
    product: Product, bench: Bench, study: str, numbers: range, cookie: str = ""
) -> list[TileAccess]:
    """Import some slides, wait for what follows, and open their tiles under one cookie."""
    names = [slides.slide_name(index) for index in numbers]
    folder = bench.slides.folder
    success, log = product.add_study(study, [(f"{n}.svs", folder / f"{n}.svs") for n in names])
    if not success:
        raise StartError(f"Reimport failed: {log[-500:]}")
    ids = product.slide_ids(study)
    opened = [product.open_tiles(ids[name], cookie) for name in names]
    if (side := product.tile_size(opened[0])) != TILE:
        raise StartError(f"the slide's tiles are {side} pixels wide, not {TILE}")
    product.wait_until_quiet()
    return opened
