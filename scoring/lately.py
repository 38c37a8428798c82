"""Answers that are believed for a while, so that not every request asks the database again."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST = 10_000


class Lately(Generic[K, V]):
    """Remembers values for some seconds each.

    Parameters
    ----------
    seconds
        How long a value is believed, from when it was kept.
    clock
        Seconds that only grow.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._kept: dict[K, tuple[V, float]] = {}

    def get(self, key: K) -> V | None:
        """Return a value that is still believed."""
        kept = self._kept.get(key)
        return kept[0] if kept is not None and kept[1] > self._clock() else None

    def keep(self, key: K, value: V) -> None:
        """Believe a value from now on."""
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[key] = value, self._clock() + self._seconds
