"""Kills a server with SIGKILL while files arrive, again and again, and counts what that costs.

Usage: ``python -m benchmarks.upload_crash [--kills 200] [--uploaders 4] [--workers 1] [--seed 1]``.
Every kill hits all processes of a real ``coverslip serve`` at a random moment; the uploaders resume
with tuspy. Lost is an upload that never finishes, or a byte that was acknowledged and is gone;
corrupt is a finished file that differs from the one sent. Both must be 0.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import requests

from server import upload_client
from server.upload_client import Job, Sender, UploadFailedError

COVERSLIP = Path(sys.executable).parent / "coverslip"
START_S = 60
LARGEST_BYTES = 24 * 2**20


@dataclass
class Tally:
    """What happened, over all uploaders."""

    finished: dict[str, str] = field(default_factory=dict)
    byte_count: int = 0
    resumed: int = 0
    taken_back: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


class Server:
    """A real server on a free port, which can be killed and started again."""

    def __init__(self, data: Path, workers: int) -> None:
        self._data = data
        self._workers = workers
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it in a process group of its own, and wait until it answers."""
        words = ["--port", str(self._port), "--workers", str(self._workers)]
        self._process = subprocess.Popen(  # noqa: S603
            [COVERSLIP, "serve", "--data", self._data, *words, "--log-level", "error"],
            start_new_session=True,
        )
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            try:
                if requests.get(f"{self.url}/healthz", timeout=2).ok:
                    return
            except requests.RequestException:
                time.sleep(0.02)
        sys.exit(f"the server did not start within {START_S} s")

    def kill(self) -> None:
        """Kill every process of it at once, in the midst of whatever it does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Uploader:
    """Sends files of random bytes, one after the other, until it is told to stop."""

    def __init__(self, sender: Sender, folder: Path, name: str, tally: Tally, seed: int) -> None:
        self._sender = sender
        self._folder = folder
        self._name = name
        self._tally = tally
        self._dice = random.Random(seed)  # noqa: S311  (a repeatable test, no secret)

    def run(self, is_over: threading.Event) -> None:
        """Send files; what is begun is always brought to its end."""
        number = 0
        while not is_over.is_set():
            number += 1
            data = self._dice.randbytes(self._dice.randrange(LARGEST_BYTES))
            path = self._folder / f"{self._name}-{number}.svs"
            path.write_bytes(data)
            self._send(path, data)
            path.unlink()

    def _send(self, path: Path, data: bytes) -> None:
        last = -1

        def tell(offset: int) -> None:
            nonlocal last
            if offset < last:
                self._tally.taken_back.append(f"{path.name}: {last} -> {offset}")
            elif offset == last and 0 < offset < len(data):
                self._tally.resumed += 1
            last = offset

        try:
            self._sender.send(Job(path, "crash"), tell)
        except UploadFailedError as error:
            self._tally.failed.append(error.message)
            return
        self._tally.finished[path.name] = hashlib.sha256(data).hexdigest()
        self._tally.byte_count += len(data)


def main() -> None:
    """Run the test and say what it counted; the exit status tells whether nothing was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--uploaders", type=int, default=4)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        sys.exit(_run(Path(name), options))


def _run(folder: Path, options: argparse.Namespace) -> int:
    data = folder / "data"
    run = [COVERSLIP, "token", "create", "--data", data, "--name", "crash"]
    made = subprocess.run(run, capture_output=True, text=True, check=True)  # noqa: S603
    token = made.stdout.strip()
    server = Server(data, options.workers)
    target = upload_client.Target(
        server=server.url,
        token=token,
        memory=folder / "memory",
        patience_s=300,
        longest_wait_s=0.5,
        # Small requests, so that kills hit every step and not only the long PATCHes.
        chunk_bytes=2**20,
    )
    tally, is_over = Tally(), threading.Event()
    dice = random.Random(options.seed)  # noqa: S311  (a repeatable test, no secret)
    began = time.monotonic()
    server.start()
    with ThreadPoolExecutor(2 * options.uploaders) as pool:
        sender = Sender(target, pool)
        uploaders = [
            Uploader(sender, folder, f"u{number}", tally, options.seed + number)
            for number in range(options.uploaders)
        ]
        running = [pool.submit(uploader.run, is_over) for uploader in uploaders]
        try:
            for kill in range(1, options.kills + 1):
                time.sleep(dice.uniform(0.02, 2))
                server.kill()
                server.start()
                if kill % 10 == 0:
                    print(f"{kill} kills, {len(tally.finished)} files", flush=True)  # noqa: T201
        finally:
            is_over.set()
    for ended in running:
        # What an uploader did not expect must not pass for success.
        ended.result()
    corrupt = _corrupt(data / "images" / "crash", tally)
    server.kill()
    left = [path.name for path in (data / "uploads").iterdir()]
    print(  # noqa: T201
        f"{options.kills} kills in {time.monotonic() - began:.0f} s; "
        f"{len(tally.finished)} files of {tally.byte_count / 2**20:.0f} MiB finished, "
        f"{tally.resumed} resumed midway; lost {len(tally.failed) + len(tally.taken_back)}, "
        f"corrupt {len(corrupt)}; left over in the folder of parts: {len(left)}"
    )
    for line in (*tally.failed, *tally.taken_back, *corrupt, *left):
        print(f"  {line}")  # noqa: T201
    return 1 if tally.failed or tally.taken_back or corrupt else 0


def _corrupt(folder: Path, tally: Tally) -> list[str]:
    """Return the finished files that are missing or differ from what was sent."""
    found = []
    for name, sha256 in tally.finished.items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            found.append(f"corrupt: {name}")
    return found


if __name__ == "__main__":
    main()
