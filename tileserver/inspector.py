"""The process that opens slide files for a server, each in a child of its own, under limits.

Readers of slides are native code fed with files from outside. Whatever they do to a child, the
server lives on. It is started by ``tileserver.inspection``, which also says what is asked and
answered: a message on a socket at file descriptor 0 for each file, with a socket for the answer.

The libraries are loaded once and children are forked, which takes milliseconds where starting
Python takes half a second. Forking is sound because this process has one thread only.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from records.errors import SlideError
from tileserver import probe
from tileserver.stored import filling, plain_pyramid
from tileserver.stored.cachefolder import CacheFolder

IDLE_S: Final = 60.0
"""After so long without work the process ends; it takes 40 MB, and another one is soon started."""

MAX_ORDER_BYTES: Final = 64 * 1024
_LARGEST_FILE: Final = 64 * 2**30

Order = dict[str, Any]
Tell = Callable[[dict[str, object]], None]


def look(order: Order, tell: Tell) -> dict[str, object]:
    """Describe a slide file, after reading a little of it."""
    return {"facts": probe.to_plain(probe.describe(Path(order["path"])).facts)}


def make_pyramid(order: Order, tell: Tell) -> dict[str, object]:
    """Turn a plain picture into tiles, telling how much of it is done, percent by percent."""
    told = -1

    def progress(done: float) -> None:
        nonlocal told
        if int(done * 100) > told:
            told = int(done * 100)
            tell({"done": done})

    path, target = Path(order["path"]), Path(order["target"])
    plain_pyramid.make(path, target, quality=int(order["quality"]), progress=progress)
    return {"made": True}


def make_levels(order: Order, tell: Tell) -> dict[str, object]:
    """Make levels that a slide's file lacks, and keep their tiles."""
    cache = CacheFolder(Path(order["root"]), capacity_bytes=int(order["capacity_bytes"]))
    is_whole = filling.fill(
        Path(order["path"]),
        cache,
        quality=int(order["quality"]),
        with_large=bool(order["with_large"]),
        progress=lambda done: tell({"done": done}),
    )
    return {"whole": is_whole}


TASKS: dict[str, Callable[[Order, Tell], dict[str, object]]] = {
    "look": look,
    "levels": make_levels,
    "pyramid": make_pyramid,
}


@dataclass(frozen=True, slots=True)
class _Child:
    """A child at work: where its answer goes, and its folder for temporary files."""

    answer: socket.socket
    folder: str


class Inspector:
    """Forks a child for each order, and says how each one ended.

    Parameters
    ----------
    control
        Whence orders come. The process ends when the server closes its end, or dies.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, _Child] = {}

    def serve(self) -> None:
        """Work until the server is gone, or there was nothing to do for a while."""
        woken, wake = socket.socketpair()
        for end in (woken, wake):
            end.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            while self._step(woken):
                pass
        finally:
            for pid in self._children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for child in self._children.values():
                shutil.rmtree(child.folder, ignore_errors=True)

    def _step(self, woken: socket.socket) -> bool:
        ready, _, _ = select.select([self._control, woken], [], [], IDLE_S)
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                woken.recv(4096)
            self._reap()
        if self._control in ready:
            data, descriptors, _, _ = socket.recv_fds(self._control, MAX_ORDER_BYTES, 1)
            if not data:
                return False
            self._start(json.loads(data), socket.socket(fileno=descriptors[0]))
        return bool(ready or self._children)

    def _start(self, order: Order, answer: socket.socket) -> None:
        folder = tempfile.mkdtemp(prefix="coverslip-")
        pid = os.fork()
        if pid == 0:
            self._work(order, answer, folder)
        self._children[pid] = _Child(answer, folder)

    def _reap(self) -> None:
        for pid in list(self._children):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            child = self._children.pop(pid)
            shutil.rmtree(child.folder, ignore_errors=True)
            message = json.dumps({"status": os.waitstatus_to_exitcode(status)}) + "\n"
            # Nobody may be listening any more.
            with contextlib.suppress(OSError), child.answer:
                child.answer.send(message.encode(), socket.MSG_DONTWAIT)

    def _work(self, order: Order, answer: socket.socket, folder: str) -> NoReturn:
        """Be the child: do what is asked and end, whatever happens."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for other in (self._control, *(child.answer for child in self._children.values())):
                other.close()
            os.environ["TMPDIR"] = tempfile.tempdir = folder
            _limit(order)
            _send(answer, _answer(order, lambda told: _send(answer, told)))
            os._exit(0)
        finally:
            os._exit(1)


def _limit(order: Order) -> None:
    """Bound this process; what the kernel enforces holds in native code, too."""
    memory_bytes, time_s = int(order["memory_bytes"]), float(order["time_s"])
    cpu_s = max(1, round(time_s / 2))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # Where both are the same, Linux kills at once, and the reason is lost.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    # Its signal ends the process, for nothing here handles it.
    signal.setitimer(signal.ITIMER_REAL, time_s)


def _answer(order: Order, tell: Tell) -> dict[str, object]:
    try:
        return TASKS[order["task"]](order, tell)
    except SlideError as error:
        return {"problem": error.message}
    except MemoryError:
        return {"failure": "reading it needs more memory than one slide may have"}


def _send(answer: socket.socket, message: dict[str, object]) -> None:
    answer.sendall(json.dumps(message, allow_nan=False).encode() + b"\n")


def main() -> int:
    """Serve the socket at file descriptor 0."""
    with socket.socket(fileno=os.dup(0)) as control:
        Inspector(control).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
