"""Inspection: slide files opened in a process of its own, so that no file takes the server down.

A helper is started for the first file, which takes half a second, and stays for a minute. It gives
each file to a child, which another file never has at the same time.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.errors import BusyError
from tileserver import pool, probe
from tileserver.child import OUT_OF_MEMORY
from tileserver.pool import FileIdentity
from tileserver.readers.base import SlideError, SlideFacts

COMMAND = (sys.executable, "-m", "tileserver.inspector")

_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "VIPS_CONCURRENCY": "1", "MALLOC_ARENA_MAX": "2"}
"""Threads that a few tiles do not need would be counted as memory."""

_GRACE_S = 10.0
"""How long after its time limit a process is waited for: the kernel ends it, unless a disk that
does not answer keeps it from ending."""

_MAX_ANSWER_BYTES = 2**20
_MAX_FOUND = 8192
_HEARTBEAT_S = 1.0

Told = Callable[[dict[str, Any]], None]
"""Is given what a task says before it ends, and nothing, ``{}``, every second. What it raises ends
the waiting; the task ends when it next speaks, or by its limits."""


def ignore(message: dict[str, Any]) -> None:
    """Be told of progress, and keep it to oneself."""


@dataclass(frozen=True, slots=True)
class InspectionLimits:
    """What looking at one slide may take.

    Parameters
    ----------
    memory_bytes
        Address space of the process. The readers alone take about 200 MB of it.
    time_s
        Of the clock; a network disk may be slow. Half of it as time of the processor.
    """

    memory_bytes: int = 4 * 2**30
    time_s: float = 120


class InspectionError(SlideError):
    """The process that read the file crashed, or met its limits."""


class Inspections:
    """Asks a helper process, which is started when it is needed, to open files.

    Any number of threads may ask at once.

    Parameters
    ----------
    command
        Starts the helper.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._helper: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._found: OrderedDict[FileIdentity, SlideFacts] = OrderedDict()

    def look(
        self, path: Path, limits: InspectionLimits = InspectionLimits(), told: Told = ignore
    ) -> SlideFacts:
        """Open a slide file, and read a little of it.

        Raises
        ------
        SlideError
            No reader opens it, or its pixels cannot be decoded.
        InspectionError
            The reader crashed on it, or needs more time or memory than it may have.
        BusyError
            The system gives no process to look at it.
        """
        file = pool.identify(path)
        found = self.run({"task": "look", "path": str(path)}, path, limits, told)
        facts = probe.from_plain(found["facts"])
        with self._lock:
            self._found[file] = facts
            while len(self._found) > _MAX_FOUND:
                self._found.popitem(last=False)
        return facts

    def hand_over(self, file: FileIdentity) -> SlideFacts | None:
        """Return, once, what ``look`` found a file to be that has not changed since.

        So that a slide that was just imported or uploaded is not looked at again to be served.
        """
        with self._lock:
            return self._found.pop(file, None)

    def run(
        self,
        order: dict[str, object],
        path: Path,
        limits: InspectionLimits,
        told: Told = ignore,
    ) -> dict[str, Any]:
        """Have a task of ``tileserver.inspector`` done; for the errors see ``look``.

        Parameters
        ----------
        order
            The task and what it needs.
        path
            The file it is about, for messages.
        limits
            What it may take.
        told
            Is given what the task says before it ends.
        """
        whole = {**order, "memory_bytes": limits.memory_bytes, "time_s": limits.time_s}
        message = json.dumps(whole).encode()
        for _ in range(2):
            ours, theirs = socket.socketpair()
            with ours:
                with theirs:
                    self._send(message, theirs)
                answer, status = _listen(ours, limits.time_s + _GRACE_S, told)
            # A helper that ended just then, having been idle, never saw the order.
            if answer is not None or status is not None:
                break
        return _judged(path.name, answer, status, limits)

    def close(self) -> None:
        """Let the helper end, and whatever it has at work."""
        with self._lock:
            self._stop()

    def _send(self, message: bytes, answer: socket.socket) -> None:
        with self._lock:
            for is_last in (False, True):
                control = self._control or self._start()
                try:
                    socket.send_fds(control, [message], [answer.fileno()])
                except OSError as error:
                    self._stop()
                    if is_last:
                        raise BusyError("the process that looks at slides has ended") from error
                else:
                    return

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                self._helper = subprocess.Popen(  # noqa: S603
                    self._command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={**os.environ, **_ENVIRONMENT},
                )
        except OSError as error:
            ours.close()
            raise BusyError("the system gives no process to look at slides") from error
        self._control = ours
        return ours

    def _stop(self) -> None:
        control, helper = self._control, self._helper
        self._control = self._helper = None
        if control is not None:
            control.close()
        if helper is not None:
            # It ends by itself, now that nobody can ask it.
            try:
                helper.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                helper.kill()
                helper.wait()


shared = Inspections()
"""The helper of this server process."""

atexit.register(shared.close)


def _listen(
    answer: socket.socket, time_s: float, told: Told
) -> tuple[dict[str, Any] | None, int | None]:
    """Return the last that a task said, and how its process ended; None for what never came."""
    deadline = time.monotonic() + time_s
    last: dict[str, Any] | None = None
    pending = b""
    while len(pending) < _MAX_ANSWER_BYTES:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return last, -signal.SIGALRM
        answer.settimeout(min(_HEARTBEAT_S, remaining))
        try:
            data = answer.recv(65536)
        except TimeoutError:
            told({})
            continue
        except ConnectionError:
            break
        if not data:
            break
        *lines, pending = (pending + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "status" in message:
                return last, message["status"]
            last = message
            told(message)
    return last, None


def _judged(
    name: str, answer: dict[str, Any] | None, status: int | None, limits: InspectionLimits
) -> dict[str, Any]:
    if status == 0 and answer is not None:
        if "problem" in answer:
            raise SlideError(answer["problem"])
        return answer
    if status == OUT_OF_MEMORY:
        raise InspectionError(f"{name}: reading it needs more memory than one slide may have")
    if status in {-signal.SIGALRM, -signal.SIGXCPU}:
        raise InspectionError(f"{name}: looking at it took more than {limits.time_s:g} s")
    if status == -signal.SIGKILL:
        raise InspectionError(f"{name}: looking at it took too long, or too much memory")
    if status is not None and status < 0:
        signal_name = signal.Signals(-status).name
        raise InspectionError(f"{name}: the reader crashed on it ({signal_name})")
    raise InspectionError(f"{name}: the reader failed on it, perhaps out of memory")
