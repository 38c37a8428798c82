"""SHA-256 of parts as their bytes stream in, kept in memory from one request to the next.

A sum cannot be taken up again after a killed server, nor in another worker process; then it is made
from the file (``uploads.digests``). So a sum in memory only ever saves reading the file again.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Final

from uploads.checksums import Hasher

_MAX_SUMS: Final = 512
_THREADS: Final = 4


class RunningSums:
    """The sums of the parts that grew last, by where each part ends.

    Bytes that were acknowledged never change, so a sum up to an offset holds for good.
    """

    def __init__(self) -> None:
        self._sums: OrderedDict[str, tuple[int, hashlib._Hash]] = OrderedDict()
        self._lock = threading.Lock()
        self.threads: Executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="sums")

    def begin(self, part_id: str, offset: int) -> hashlib._Hash | None:
        """Return a copy of the sum up to an offset, to go on with, or None when it is not known."""
        if offset == 0:
            return hashlib.sha256()
        with self._lock:
            known, found = self._sums.get(part_id, (-1, None))
            return found.copy() if found is not None and known == offset else None

    def keep(self, part_id: str, offset: int, found: hashlib._Hash) -> None:
        """Remember the sum of all bytes up to an offset."""
        with self._lock:
            self._sums[part_id] = offset, found
            self._sums.move_to_end(part_id)
            while len(self._sums) > _MAX_SUMS:
                self._sums.popitem(last=False)

    def whole(self, part_id: str, length: int) -> str | None:
        """Return the sum of a complete part in hex, or None when it is not known."""
        found = self.begin(part_id, length)
        return found.hexdigest() if found is not None else None

    def forget(self, part_id: str) -> None:
        """Drop what is known of a part."""
        with self._lock:
            self._sums.pop(part_id, None)


class Beside:
    """Feeds hashers in a thread of its own, while the same bytes go to disk.

    Parameters
    ----------
    threads
        Where to.
    hashers
        Take in every block, in order.
    """

    def __init__(self, threads: Executor, hashers: list[Hasher]) -> None:
        self._threads = threads
        self._hashers = hashers
        self._last: Future[None] | None = None

    def feed(self, data: bytes | bytearray) -> None:
        """Take in a block, which nobody may change any more; waits for the block before."""
        self.wait()
        if self._hashers:
            self._last = self._threads.submit(self._take_in, data)

    def wait(self) -> None:
        """Wait until every block is taken in."""
        last, self._last = self._last, None
        if last is not None:
            last.result()

    def _take_in(self, data: bytes | bytearray) -> None:
        for hasher in self._hashers:
            hasher.update(data)
