"""The process that opens slide files for a server, in children of its own, under limits.

Readers of slides are native code fed with files from outside. Whatever they do to a child, the
server lives on. It is started by ``tileserver.inspection``, which also says what is asked and
answered: a message on a socket at file descriptor 0 for each file, with a socket for the answer.

The libraries are loaded once and children are forked, which takes milliseconds where starting
Python takes half a second. Forking is sound because this process has one thread only. A child may
look at many slides; see ``tileserver.child``. No file is blamed for what an earlier one did: a
child that dies over another than its first leaves that file to a new child.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from tileserver import child as children, tasks
from tileserver.tasks import Order

IDLE_S: Final = 60.0
"""After so long without work the process ends; it takes 40 MB, and another one is soon started."""

_MAX_WAITING: Final = 4
"""How many children may wait for another slide."""

_GRACE_S: Final = 5.0
"""How long after its time limit a child is ended that its own alarm did not end."""

_PAUSE_S: Final = 0.1
"""How often is looked for the end of a child that was ended: a disk that hangs may put it off."""

_OUT_OF_TIME: Final = frozenset({-signal.SIGALRM, -signal.SIGXCPU})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """An order, where its answer goes, and by when it is done, on the monotonic clock, in s."""

    order: Order
    reply: socket.socket
    deadline: float


@dataclass(slots=True, kw_only=True)
class _Child:
    """A process, its folder for temporary files, how many slides it has looked at, and its work."""

    pid: int
    link: socket.socket
    folder: Path
    memory_bytes: int
    done: int = 0
    job: _Job | None = None
    is_ending: bool = False

    def can_take(self, order: Order) -> bool:
        """Tell whether it waits for such an order."""
        is_free = self.job is None and not self.is_ending
        return is_free and order["memory_bytes"] == self.memory_bytes

    def end(self) -> None:
        """End it; it is reaped later."""
        self.is_ending = True
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


class Inspector:
    """Gives each order to a child, and says how each one ended.

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
            for child in self._children.values():
                child.end()
                shutil.rmtree(child.folder, ignore_errors=True)

    def _step(self, woken: socket.socket) -> bool:
        links = {child.link: child for child in self._children.values() if not child.is_ending}
        ready, _, _ = select.select([self._control, woken, *links], [], [], self._patience())
        # Who is ready for another slide is known before orders are given out.
        for link in ready:
            if link in links:
                self._hear(links[link])
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                woken.recv(4096)
            self._reap()
        if self._control in ready:
            data, descriptors, _, _ = socket.recv_fds(self._control, children.MAX_ORDER_BYTES, 1)
            if not data:
                return False
            self._take(json.loads(data), socket.socket(fileno=descriptors[0]))
        is_late = self._end_the_late()
        return bool(ready or is_late or self._at_work())

    def _at_work(self) -> list[tuple[_Child, _Job]]:
        return [(child, child.job) for child in self._children.values() if child.job is not None]

    def _patience(self) -> float:
        """Return for how many seconds nothing needs to be done."""
        now = time.monotonic()
        return max(_PAUSE_S, min([IDLE_S, *(job.deadline - now for _, job in self._at_work())]))

    def _end_the_late(self) -> bool:
        now = time.monotonic()
        late = [child for child, job in self._at_work() if job.deadline <= now]
        for child in late:
            child.end()
        return bool(late)

    def _hear(self, child: _Child) -> None:
        """Take notice of a child that would look at another slide, or is ending."""
        try:
            heard = child.link.recv(64)
        except ConnectionError:
            heard = b""
        job = child.job
        if job is None:
            child.end()
        elif heard == children.READY:
            child.job = None
            child.done += 1
            _report(job, 0)
            if sum(other.job is None for other in self._children.values()) > _MAX_WAITING:
                child.end()
        else:
            # Its end, or at the latest its deadline, will tell what became of the job.
            child.is_ending = True

    def _take(self, order: Order, reply: socket.socket) -> None:
        deadline = time.monotonic() + float(order["time_s"]) + _GRACE_S
        job = _Job(order=order, reply=reply, deadline=deadline)
        if order["task"] == tasks.LOOK:
            for child in self._children.values():
                if child.can_take(order) and _give(child, job):
                    return
        self._begin(job)

    def _begin(self, job: _Job) -> None:
        """Fork a child for an order."""
        folder = Path(tempfile.mkdtemp(prefix="coverslip-"))
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            ours.close()
            job.reply.close()
            self._be_child(theirs, folder)
        theirs.close()
        memory_bytes = int(job.order["memory_bytes"])
        child = _Child(pid=pid, link=ours, folder=folder, memory_bytes=memory_bytes)
        self._children[pid] = child
        _give(child, job)

    def _be_child(self, link: socket.socket, folder: Path) -> NoReturn:
        """Do what is asked and end, whatever happens."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._control.close()
            for other in self._children.values():
                other.link.close()
                if other.job is not None:
                    other.job.reply.close()
            os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
            children.work(link, folder)
            status = 0
        except MemoryError:
            status = children.OUT_OF_MEMORY
        except ConnectionError:
            status = 0  # Nobody waits for the answer any more.
        finally:
            # Who started this process may have been killed, and removes nothing then.
            shutil.rmtree(folder, ignore_errors=True)
            os._exit(status)

    def _reap(self) -> None:
        for pid in list(self._children):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            child = self._children.pop(pid)
            child.link.close()
            shutil.rmtree(child.folder, ignore_errors=True)
            if child.job is None:
                continue
            code = os.waitstatus_to_exitcode(status)
            is_late = code in _OUT_OF_TIME or child.job.deadline <= time.monotonic()
            if code == 0 or is_late or child.done == 0:
                _report(child.job, code)
            else:
                self._begin(child.job)


def _give(child: _Child, job: _Job) -> bool:
    """Give a child an order; tell whether it lives to take it."""
    message = json.dumps(job.order).encode()
    try:
        socket.send_fds(child.link, [message], [job.reply.fileno()])
    except OSError:
        # Its end is on its way; a new one is told of by it.
        if child.done:
            return False
    child.job = job
    return True


def _report(job: _Job, code: int) -> None:
    """Say how the process ended that an order was given to."""
    message = json.dumps({"status": code}) + "\n"
    # Nobody may be listening any more.
    with contextlib.suppress(OSError), job.reply:
        job.reply.send(message.encode(), socket.MSG_DONTWAIT)


def main() -> int:
    """Serve the socket at file descriptor 0."""
    with socket.socket(fileno=os.dup(0)) as control:
        Inspector(control).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
