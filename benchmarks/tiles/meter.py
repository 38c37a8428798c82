"""The meter: what a server, the client and everybody else used while a workload ran."""

from __future__ import annotations

import contextlib
import os
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.tiles import processes

NOISE_CORES = 0.1
"""From here on somebody else's work is said to disturb a figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was used meanwhile.

    Parameters
    ----------
    wall_s
        How long.
    server_s, client_s
        Processor seconds of the server's processes, and of the client.
    other_cores
        Cores that anything else kept busy.
    load
        Load average over a minute, at the end.
    """

    wall_s: float
    server_s: float
    client_s: float
    other_cores: float
    load: float


@contextlib.contextmanager
def measured(pids: Sequence[int]) -> Iterator[Callable[[], Usage]]:
    """Measure what happens within; the function that is given tells it afterwards.

    Parameters
    ----------
    pids
        Of the server.
    """
    began = _Reading.now(pids)
    ended: list[_Reading] = []

    def usage() -> Usage:
        end = ended[0]
        wall = end.clock - began.clock
        server, client = end.server - began.server, end.client - began.client
        other = (end.machine - began.machine - server - client) / wall
        return Usage(
            wall_s=wall,
            server_s=server,
            client_s=client,
            other_cores=max(0.0, other),
            load=os.getloadavg()[0],
        )

    try:
        yield usage
    finally:
        ended.append(_Reading.now(pids))


@dataclass(frozen=True, slots=True)
class _Reading:
    clock: float
    server: float
    client: float
    machine: float

    @classmethod
    def now(cls, pids: Sequence[int]) -> _Reading:
        # The client is this process, or wrk, which is its child and has ended.
        own, children = (
            resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        client = sum(usage.ru_utime + usage.ru_stime for usage in (own, children))
        return cls(time.perf_counter(), processes.cpu_s(pids), client, processes.busy_s())
