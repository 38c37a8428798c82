"""Processes: what the benchmark starts, what they use meanwhile, and how they are stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

START_S = 60
STOP_S = 15

_TICKS = os.sysconf("SC_CLK_TCK")


class StartError(RuntimeError):
    """A server did not start; its log tells why."""


@dataclass(slots=True)
class Program:
    """A process that was started here.

    Parameters
    ----------
    process
        Of which descendants are counted, and stopped if they outlive it.
    log
        What it prints.
    """

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def tree(self) -> list[int]:
        """Return the ids of the process and all its descendants that live."""
        return descendants(self.process.pid)

    def stop(self) -> None:
        """End the process and its descendants, by their ids."""
        known = {pid: started_at(pid) for pid in self.tree}
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_S)
        # An id is used again by others; its start time tells whether it still means ours.
        left = [pid for pid, start in known.items() if start and started_at(pid) == start]
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + STOP_S
        while time.monotonic() < deadline and any(started_at(pid) == known[pid] for pid in left):
            time.sleep(0.01)


def start(
    words: Sequence[str | Path],
    *,
    log: Path,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Program:
    """Start a program in the background.

    Parameters
    ----------
    words
        The program and its arguments.
    log
        File for what it prints.
    environ
        Variables beside our own.
    folder
        Where it runs.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (words of this benchmark)
            [str(word) for word in words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environ or {})},
            cwd=folder,
        )
    return Program(process, log)


def wait_until(ready: Callable[[], bool], program: Program, limit_s: float = START_S) -> None:
    """Wait until a server answers.

    Raises
    ------
    StartError
        It ended, or did not answer in time.
    """
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if program.process.poll() is not None:
            break
        if ready():
            return
        time.sleep(0.05)
    last = program.log.read_text(errors="replace").strip().splitlines()[-3:]
    raise StartError(" / ".join(last) or f"no answer within {limit_s:.0f} s")


def listens(port: int) -> bool:
    """Tell whether something accepts connections on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return a loopback port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _stat(pid: int) -> list[str] | None:
    """Return the fields of ``/proc/<pid>/stat`` from the third on, or None for no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # Source: proc(5): the second field is the name in brackets, which may hold spaces.
    return text[text.rindex(")") + 2 :].split()


def started_at(pid: int) -> str | None:
    """Return when a process began, in clock ticks since the machine did; None if it is gone."""
    fields = _stat(pid)
    return None if fields is None or fields[0] == "Z" else fields[19]


def descendants(pid: int) -> list[int]:
    """Return a process and all that descend from it, the ancestors first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))) and fields[0] != "Z":
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid] if started_at(pid) else []
    for parent in found:
        found.extend(children.get(parent, []))
    return found


def cpu_s(pids: Sequence[int]) -> float:
    """Return the processor seconds that living processes have used."""
    total = 0
    for pid in pids:
        if fields := _stat(pid):
            total += int(fields[11]) + int(fields[12])
    return total / _TICKS


@dataclass(frozen=True, slots=True)
class Memory:
    """What processes hold.

    Parameters
    ----------
    pss_mb, rss_mb
        Memory in 2**20 bytes; PSS counts a page that n processes share as 1/n of a page.
    files
        Open file descriptors.
    """

    pss_mb: float
    rss_mb: float
    files: int


def memory(pids: Sequence[int]) -> Memory:
    """Return what processes hold just now."""
    sums = {"Pss": 0, "Rss": 0}
    files = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            files += len(list(Path(f"/proc/{pid}/fd").iterdir()))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        for line in text.splitlines():
            name, _, value = line.partition(":")
            if name in sums:
                sums[name] += int(value.split()[0])
    return Memory(sums["Pss"] / 1024, sums["Rss"] / 1024, files)


def busy_s() -> float:
    """Return the processor seconds that the whole machine has used."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _idle, _wait, irq, softirq, steal = (int(field) for field in fields[:8])
    return (user + nice + system + irq + softirq + steal) / _TICKS
