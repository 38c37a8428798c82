"""Shared work: done in threads once for all who wait for it, and not begun when nobody does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Generic, TypeVar

V = TypeVar("V")


@dataclass(slots=True)
class _Job(Generic[V]):
    """Work that was handed to the threads, what it comes to, and how many wait for that."""

    work: Future[V]
    outcome: asyncio.Future[V]
    waiting: int = 0


class SharedWork(Generic[V]):
    """Hands work to threads, and shares it among the tasks of an event loop.

    A task that is cancelled, because its client is gone, waits no more. Work for which nobody waits
    any more leaves the queue; what is being done is done to the end, for whoever asks next.

    Parameters
    ----------
    threads
        Do the work.
    """

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._jobs: dict[Hashable, _Job[V]] = {}

    async def do(self, key: Hashable, work: Callable[[], V]) -> V:
        """Return what some work comes to; who asks for the same meanwhile waits for the same.

        What it raises, every waiting task gets.

        Parameters
        ----------
        key
            Stands for the work.
        work
            To be called in a thread.
        """
        # A future belongs to one loop; a server has one, tests have many.
        key = (asyncio.get_running_loop(), key)
        job = self._jobs.get(key)
        if job is None:
            job = self._begin(key, work)
        job.waiting += 1
        try:
            # One task that gives up must not end the waiting of the others.
            return await asyncio.shield(job.outcome)
        finally:
            job.waiting -= 1
            if not job.waiting and job.work.cancel():
                self._forget(key, job)

    def _begin(self, key: Hashable, work: Callable[[], V]) -> _Job[V]:
        future = self._threads.submit(work)
        job = self._jobs[key] = _Job(future, asyncio.wrap_future(future))

        def end(outcome: asyncio.Future[V]) -> None:
            self._forget(key, job)
            if not outcome.cancelled():
                # Asked for, lest asyncio reports a failure that nobody waited for.
                outcome.exception()

        job.outcome.add_done_callback(end)
        return job

    def _forget(self, key: Hashable, job: _Job[V]) -> None:
        if self._jobs.get(key) is job:
            del self._jobs[key]
