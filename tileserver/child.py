"""A child of the inspector: orders into answers, one after another, each under limits.

A child that has looked at a slide and found nothing wrong looks at the next one, which saves the
fork. It ends after anything else, so that no file meets what another one left behind.
"""

from __future__ import annotations

import functools
import json
import math
import resource
import signal
import socket
from pathlib import Path
from typing import Final

from tileserver import tasks
from tileserver.tasks import Order

READY: Final = b"ready"
"""What a child tells the inspector when it would take another order."""

OUT_OF_MEMORY: Final = 75
"""How a child ends that needed more memory than it may have."""

MAX_ORDER_BYTES: Final = 64 * 1024

_MAX_ORDERS: Final = 200
_MAX_GROWTH_BYTES: Final = 256 * 2**20
"""How much more address space than at first a child may have, and yet look at another slide."""

_LARGEST_FILE: Final = 64 * 2**30


def work(link: socket.socket, folder: Path) -> None:
    """Do orders until one is not followed by another.

    Parameters
    ----------
    link
        Whence orders come, each with a socket for its answer; to be told that one is done.
    folder
        For temporary files; empty.

    Raises
    ------
    MemoryError
        An order needs more than the process may have.
    """
    size_at_first = _address_space_bytes()
    for number in range(1, _MAX_ORDERS + 1):
        message, descriptors, _, _ = socket.recv_fds(link, MAX_ORDER_BYTES, 1)
        if not message:
            return
        order: Order = json.loads(message)
        with socket.socket(fileno=descriptors[0]) as reply:
            if number == 1:
                _bound_memory(int(order["memory_bytes"]))
            _arm(float(order["time_s"]))
            found = tasks.answer(order, functools.partial(_send, reply))
            _send(reply, found)
            signal.setitimer(signal.ITIMER_REAL, 0)
        is_clean = order["task"] == tasks.LOOK and "problem" not in found
        grown = _address_space_bytes() - size_at_first
        is_spent = number == _MAX_ORDERS or grown > _MAX_GROWTH_BYTES or any(folder.iterdir())
        if is_spent or not is_clean:
            return
        link.send(READY)


def _bound_memory(memory_bytes: int) -> None:
    """Bound this process for good; what the kernel enforces holds in native code, too."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))


def _arm(time_s: float) -> None:
    """Bound the time from now on. The signals end the process, for nothing here handles them."""
    # The kernel counts from the start of the process. Its signal comes at the soft limit; were the
    # hard one the same, Linux would kill at once, and the reason would be lost.
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = math.ceil(usage.ru_utime + usage.ru_stime + max(1.0, time_s / 2))
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard != resource.RLIM_INFINITY:
        cpu_s = min(cpu_s, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, hard))
    signal.setitimer(signal.ITIMER_REAL, time_s)


def _address_space_bytes() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    return int(pages) * resource.getpagesize()


def _send(reply: socket.socket, message: dict[str, object]) -> None:
    reply.sendall(json.dumps(message, allow_nan=False).encode() + b"\n")
