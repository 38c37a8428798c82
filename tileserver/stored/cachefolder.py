"""The cache folder: what is kept of slides on disk, where, and for how long."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from records.errors import BusyError
from tileserver.pool import FileIdentity

LATELY_S = 7 * 86400.0
"""Files used since then do not make way for what is made ahead. Systems note daily that a file was
read, and stores are touched when they are opened."""

DISK_RESERVE_BYTES = 2 * 2**30

_LOCKS = 256
_TRIMMED = 0.9
_AHEAD = 0.8  # Less than what trimming leaves, so that it never reaches files used lately.
_BLOCK_BYTES = 512  # Source: stat(2), st_blocks.


@dataclass(frozen=True, slots=True)
class _Kept:
    used: float
    byte_count: int
    path: Path


class CacheFolder:
    """A folder whose files may all be deleted at any time, also while they are used.

    Files are named by hashes of what they were made from, so that a slide that is replaced, or made
    into tiles differently, never meets old ones; those are deleted when room is needed.

    Parameters
    ----------
    root
        The folder; nothing else may lie in it. It is made when something is first kept.
    capacity_bytes
        Room on disk that all files together may take. The files used least recently go first.
    """

    def __init__(self, root: Path, *, capacity_bytes: int) -> None:
        self._root = root
        self._capacity = capacity_bytes
        self._growth = 0
        self._lock = threading.Lock()

    def path(self, key: bytes, suffix: str) -> Path:
        """Return where a file with a key lies, whether or not it is there."""
        name = key.hex()
        return self._root / name[:2] / f"{name}.{suffix}"

    def beside(self, name: str) -> Path:
        """Return a folder for what is no room's matter; it is not made, and never trimmed.

        Parameters
        ----------
        name
            Not of two letters, which folders of what is kept have.
        """
        return self._root / name

    @contextlib.contextmanager
    def building(self, key: bytes) -> Iterator[None]:
        """Let one builder at a time in, of all threads and processes, for a key.

        Raises
        ------
        BusyError
            The folder cannot be written.
        """
        path = self.beside("locks") / str(key[0] % _LOCKS)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = path.open("wb")
        except OSError as error:
            raise BusyError("the cache folder cannot be written: the disk may be full") from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def grew(self, byte_count: int) -> None:
        """Count what was added; look whether something must go, now and then."""
        with self._lock:
            self._growth += byte_count
            if self._growth < self._capacity // 50:
                return
            self._growth = 0
        self.trim()

    def trim(self) -> None:
        """Delete the files not used for longest, if room is short, until a tenth of it is free."""
        kept = sorted(self._kept(), key=lambda file: file.used)
        total = sum(file.byte_count for file in kept)
        if total <= self._capacity:
            return
        for file in kept:
            with contextlib.suppress(OSError):
                file.path.unlink()
            total -= file.byte_count
            if total <= self._capacity * _TRIMMED:
                return

    def room_ahead(self, now: float) -> int:
        """Return how many bytes may be added that nobody waits for, without harm to anybody.

        What was used lately stays, and with room to grow. What was not makes way when the folder
        is full; and the disk keeps some room for everything else that is written.

        Parameters
        ----------
        now
            Seconds since 1970.
        """
        used = sum(file.byte_count for file in self._kept() if now - file.used < LATELY_S)
        try:
            free = shutil.disk_usage(self._root).free
        except OSError:
            return 0
        return min(int(self._capacity * _AHEAD) - used, free - DISK_RESERVE_BYTES)

    def _kept(self) -> Iterator[_Kept]:
        for folder in _folders(self._root):
            with contextlib.suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    with contextlib.suppress(OSError):
                        status = entry.stat(follow_symlinks=False)
                        used = max(status.st_mtime, status.st_atime)
                        # Stores have holes, which take no room.
                        yield _Kept(used, status.st_blocks * _BLOCK_BYTES, Path(entry.path))


def key_of(file: FileIdentity, *parameters: object) -> bytes:
    """Return 16 bytes that stand for a file as it is now, and for how something is made of it."""
    named = repr((str(file.path), file.mtime_ns, file.byte_count, *parameters))
    return hashlib.blake2b(named.encode("utf-8", "surrogateescape"), digest_size=16).digest()


def _folders(root: Path) -> list[Path]:
    try:
        return [path for path in root.iterdir() if len(path.name) == 2 and path.is_dir()]
    except OSError:
        return []
