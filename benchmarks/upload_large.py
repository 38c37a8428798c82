"""Uploads one very large file in each way a client may, beside a plain copy of the same file.

Usage: ``python -m benchmarks.upload_large [--gib 12] [--folder DIR] [--ways copy,patch,sdk]``.
The file is sparse, with random bytes here and there; the server and the copy write all of it. For
each way: the time until every byte is acknowledged (thus on disk), the time of FinishUpload, how
far the memory of the server rose above what it had before, and the processor time that the server
took for a GB. What arrived is compared with what was sent.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
import slidescore
from tusclient.client import TusClient

from server import upload_client

COVERSLIP = Path(sys.executable).parent / "coverslip"
START_S = 60
BLOCK = 8 * 2**20
NAME = "large.svs"


@dataclass(frozen=True, slots=True)
class Took:
    """What one way took: seconds until all was on disk, and until it was finished."""

    sent_s: float
    finished_s: float


@dataclass(frozen=True, slots=True)
class Site:
    """The server under test."""

    url: str
    token: str
    process: int
    folder: Path

    def call(self, name: str, **fields: str) -> dict[str, str] | str:
        """Call the Api as its clients do."""
        bearer = {"Authorization": f"Bearer {self.token}"}
        answer = requests.post(f"{self.url}/Api/{name}", data=fields, headers=bearer, timeout=600)
        found: dict[str, str] | str = answer.json()
        return found

    def ticket(self) -> str:
        """Return a new upload token."""
        answer = self.call("RequestUpload", filename=NAME, folder="large")
        if not isinstance(answer, dict):
            sys.exit(answer)
        return answer["token"]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=12)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--ways", default="copy,patch,sdk,command")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        source = Path(name) / NAME
        _write_sparse(source, int(options.gib * 2**30))
        _run(Path(name), source, options.ways.split(","))


def _run(folder: Path, source: Path, ways: list[str]) -> None:
    if "copy" in ways:
        _tell("cp, then fsync", source, Took(_copied_s(source, folder / "copy"), 0))
    senders: dict[str, tuple[str, Callable[[Site, Path], Took]]] = {
        "patch": ("one plain PATCH", _send_plain),
        "sdk": ("official SDK (tuspy, 10 MB a request)", _send_by_sdk),
        "command": ("coverslip upload (32 MiB a request, SHA-256)", _send_by_command),
    }
    for way, (title, send) in senders.items():
        if way not in ways:
            continue
        # A server of its own for each: memory that one way took is not hidden by another's.
        with tempfile.TemporaryDirectory(dir=folder) as name:
            site, process = _started(Path(name))
            try:
                memory, processor = _memory(site.process, "VmRSS"), _processor_s(site.process)
                took = send(site, source)
                rise = (_memory(site.process, "VmHWM") - memory) / 1024
                spent = _processor_s(site.process) - processor
                _insist_equal(source, site.folder / "images" / "large" / NAME)
            finally:
                process.terminate()
                process.wait()
            spent /= source.stat().st_size / 1e9
            more = f"{took.finished_s:.2f} s | {rise:.1f} MiB | {spent:.1f} s"
            _tell(title, source, took, more)


def _tell(title: str, source: Path, took: Took, more: str = " | | ") -> None:
    speed = source.stat().st_size / took.sent_s / 1e6
    print(f"| {title} | {took.sent_s:.1f} s | {speed:.0f} MB/s | {more} |", flush=True)  # noqa: T201


def _write_sparse(path: Path, length: int) -> None:
    dice = random.Random(1)  # noqa: S311  (a repeatable test, no secret)
    with path.open("wb") as file:
        file.truncate(length)
        for place in (0, length - 2**20, *(dice.randrange(length - 2**20) for _ in range(200))):
            file.seek(place)
            file.write(dice.randbytes(2**20))
        os.fsync(file.fileno())


def _copied_s(source: Path, target: Path) -> float:
    began = time.monotonic()
    program = shutil.which("cp") or "cp"
    subprocess.run([program, "--sparse=never", "--reflink=never", source, target], check=True)  # noqa: S603
    with target.open("rb") as file:
        os.fsync(file.fileno())
    took = time.monotonic() - began
    target.unlink()
    return took


def _send_plain(site: Site, source: Path) -> Took:
    began = time.monotonic()
    ticket = site.ticket()
    client = TusClient(f"{site.url}/files/")
    with source.open("rb") as stream:
        # The client only makes the upload here; the bytes go in one request, as from a browser.
        metadata = {"uploadtoken": ticket, "apitoken": site.token}
        url = client.uploader(file_stream=stream, metadata=metadata).create_url()
        stream.seek(0)
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, blocksize=2**20)
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(source.stat().st_size),
        }
        connection.request("PATCH", parts.path, stream, headers)
        status = connection.getresponse().status
    if status != 204:
        sys.exit(f"PATCH answered {status}")
    sent = time.monotonic()
    answer = site.call("FinishUpload", id=url, token=ticket)
    if answer != "OK":
        sys.exit(f"FinishUpload answered {answer}")
    return Took(sent - began, time.monotonic() - sent)


def _send_by_sdk(site: Site, source: Path) -> Took:
    client = slidescore.APIClient(site.url, site.token)
    finish, finished = client.finish_upload, 0.0

    def timed_finish(token: str, url: str) -> None:
        nonlocal finished
        began = time.monotonic()
        finish(token, url)
        finished = time.monotonic() - began

    client.finish_upload = timed_finish
    began = time.monotonic()
    client.upload_file(str(source), "large")
    return Took(time.monotonic() - began - finished, finished)


def _send_by_command(site: Site, source: Path) -> Took:
    target = upload_client.Target(
        server=site.url, token=site.token, memory=site.folder.parent / "memory"
    )
    length, sent = source.stat().st_size, 0.0
    began = time.monotonic()

    def tell(offset: int) -> None:
        nonlocal sent
        if offset == length:
            sent = time.monotonic()

    with ThreadPoolExecutor(1) as hashing:
        upload_client.Sender(target, hashing).send(upload_client.Job(source, "large"), tell)
    return Took(sent - began, time.monotonic() - sent)


def _started(folder: Path) -> tuple[Site, subprocess.Popen[bytes]]:
    data = folder / "data"
    make = [COVERSLIP, "token", "create", "--data", data, "--name", "large"]
    made = subprocess.run(make, capture_output=True, text=True, check=True)  # noqa: S603
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603
        [COVERSLIP, "serve", "--data", data, "--port", str(port), "--log-level", "error"]
    )
    site = Site(f"http://127.0.0.1:{port}", made.stdout.strip(), process.pid, data)
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            if requests.get(f"{site.url}/healthz", timeout=2).ok:
                # What serving takes at all is no rise: one call of each kind goes before.
                site.ticket()
                return site, process
        except requests.RequestException:
            time.sleep(0.05)
    process.kill()
    sys.exit(f"the server did not start within {START_S} s")


def _memory(process: int, name: str) -> int:
    """Return a figure of a process in KiB. Source: proc_pid_status(5)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _processor_s(process: int) -> float:
    """Return the processor time of a process. Source: proc_pid_stat(5), fields 14 and 15."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _insist_equal(source: Path, arrived: Path) -> None:
    if _sum(source) != _sum(arrived):
        sys.exit("what arrived differs from what was sent")


def _sum(path: Path) -> str:
    # Fast, and enough against damage: nobody forges anything here.
    found = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


if __name__ == "__main__":
    main()
