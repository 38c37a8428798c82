"""The load client wrk: as many tiles as a server gives in some seconds."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a server gave under load.

    Parameters
    ----------
    tiles
        Replies of status 2xx or 3xx.
    wall_s
        In how many seconds.
    p50_ms, p99_ms
        Latency.
    failures
        Replies of another status, and broken connections.
    """

    tiles: int
    wall_s: float
    p50_ms: float
    p99_ms: float
    failures: int

    @property
    def rate(self) -> float:
        """Return tiles per second."""
        return self.tiles / self.wall_s if self.wall_s else 0.0


def available() -> bool:
    """Tell whether wrk is installed."""
    return shutil.which("wrk") is not None


def load(
    port: int,
    paths: Sequence[str],
    *,
    headers: Mapping[str, str],
    connections: int,
    seconds: int,
    folder: Path,
) -> Load:
    """Ask for tiles over loopback, over and over, with one thread of wrk.

    Parameters
    ----------
    port
        Where the server listens.
    paths
        Of the tiles; from the beginning again when all were asked for.
    headers
        Sent with each request.
    connections
        How many are kept open.
    seconds
        For how long.
    folder
        For the list of paths.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listed = folder / "paths.txt"
    listed.write_text("".join(f"{path}\n" for path in paths))
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--timeout=30s",
        f"-s{_SCRIPT}",
        f"http://127.0.0.1:{port}",
        "--",
        str(listed),
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    done = subprocess.run(  # noqa: S603  (words of this benchmark)
        command, capture_output=True, text=True, check=True, timeout=seconds + 90
    )
    return parse(done.stdout)


def parse(output: str) -> Load:
    """Read what our script makes wrk print.

    Raises
    ------
    ValueError
        There is no result in it.
    """
    for line in output.splitlines():
        if line.startswith("RESULT "):
            found = json.loads(line.removeprefix("RESULT "))
            return Load(
                tiles=found["requests"] - found["bad_status"],
                wall_s=found["duration_us"] / 1e6,
                p50_ms=found["p50_us"] / 1e3,
                p99_ms=found["p99_us"] / 1e3,
                failures=found["bad_status"] + found["broken"],
            )
    raise ValueError(f"wrk gave no result: {output[-500:]!r}")
