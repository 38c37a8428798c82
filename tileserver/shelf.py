"""The shelf: slides whose stored tiles are sent as they are, open for the event loop."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tileserver import pool as pools
from tileserver.pool import FileIdentity
from tileserver.stored.slide import StoredSlide

CHECK_EVERY_S = 2.0
"""How long a file is taken to be the same without a look: a choice. Looking waits for the disk."""


@dataclass(slots=True)
class Shelved:
    """An open slide, or the knowledge that a reader must show it, and when its file was looked at.

    Parameters
    ----------
    file
        As it was then.
    slide
        None when the file holds no tiles that browsers can show.
    checked_at
        Seconds, by the shelf's clock.
    """

    file: FileIdentity
    slide: StoredSlide | None
    checked_at: float


class Shelf:
    """Keeps the slides used last open.

    A slide that is put aside closes its files when its last user lets go of it, by reference
    counting, for threads may be reading from it and the event loop cannot wait for them.

    Parameters
    ----------
    open_slide
        Opens a file, in a thread; None for one of another kind.
    capacity
        How many slides are kept.
    clock
        Seconds that only grow.
    is_settled
        Tells whether opening would again give None for a file; it may be prepared meanwhile.
    """

    def __init__(
        self,
        open_slide: Callable[[FileIdentity], StoredSlide | None],
        *,
        capacity: int,
        clock: Callable[[], float] = time.monotonic,
        is_settled: Callable[[FileIdentity], bool] = lambda file: True,
    ) -> None:
        self._open_slide = open_slide
        self._is_settled = is_settled
        self._capacity = capacity
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Path, Shelved] = OrderedDict()

    def ready(self, path: Path) -> StoredSlide | None:
        """Return a slide whose file was looked at just now; never waits, for the event loop."""
        entry = self._kept.get(path)
        if entry is None or self._clock() - entry.checked_at > CHECK_EVERY_S:
            return None
        return entry.slide

    def find(self, path: Path) -> Shelved:
        """Return a slide as its file is now, opened when needed; to be called in a thread.

        Raises
        ------
        SlideError
            The file is not there, or cannot be read.
        """
        file = pools.identify(path)
        with self._lock:
            entry = self._kept.get(path)
            if entry is not None and entry.file != file:
                entry = None
            if entry is not None and (entry.slide is not None or self._is_settled(file)):
                entry.checked_at = self._clock()
                self._kept.move_to_end(path)
                return entry
        opened = Shelved(file, self._open_slide(file), self._clock())
        with self._lock:
            self._kept[path] = opened
            self._kept.move_to_end(path)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        return opened

    def clear(self) -> None:
        """Let go of every slide."""
        with self._lock:
            self._kept.clear()
