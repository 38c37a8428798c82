"""Crashes: which slides were being read when a server process died, so that none does it for ever.

A file is looked at in a process of its own first, but a damaged place in the midst of it may be met
only later, in the server.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import mmap
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from records import filestore
from tileserver.pool import FileIdentity
from tileserver.readers.base import ClosingReader, Pixels, SlideError, SlideReader
from tileserver.stored.cachefolder import key_of

log = structlog.get_logger(__name__)

ALLOWED = 1
"""Deaths over a slide that it is still read after: another one may have been read meanwhile that
was to blame, or somebody ended the process."""

LASTS_S = 3600.0
"""How long a death is held against a slide: a reader may be mended, or memory have been short."""

_KEY_BYTES = 16
_SLOTS = 256  # Of readings at once; further ones are not noted.
_FREE = bytes(_KEY_BYTES)


class CrashMarks:
    """Notes what is being read where it outlives the process, and finds what others left.

    Each process has a file, mapped into memory and locked while it lives, with a place for each
    reading. Whoever can lock such a file knows that its process is dead, and that what is still
    noted was being read then. Measured: 6 microseconds for a reading.

    Parameters
    ----------
    root
        A folder of its own; it may be deleted at any time.
    clock
        Seconds since 1970.
    """

    def __init__(self, root: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._root = root
        self._clock = clock
        self._lock = threading.Lock()
        self._notes: mmap.mmap | None = None
        self._free: list[int] = []
        # Without room there are no marks, and slides are read all the same.
        with contextlib.suppress(OSError):
            root.mkdir(parents=True, exist_ok=True)
            self._collect()
            self._begin()

    @contextlib.contextmanager
    def reading(self, file: FileIdentity) -> Iterator[None]:
        """Note that a slide is being read within.

        Raises
        ------
        SlideError
            Server processes died over it lately.
        """
        key = key_of(file)
        if len(self._deaths(key)) > ALLOWED:
            raise SlideError(
                f"{file.path.name} is not read for an hour, for reading it ended the server "
                f"{ALLOWED + 1} times: its reader crashes somewhere in it. Convert it to a tiled, "
                "pyramidal TIFF, or replace it"
            )
        with self._lock:
            slot = self._free.pop() if self._free else None
        self._note(slot, key)
        try:
            yield
        finally:
            self._note(slot, _FREE)
            if slot is not None:
                self._free.append(slot)

    def _note(self, slot: int | None, key: bytes) -> None:
        if slot is not None and self._notes is not None:
            self._notes[slot * _KEY_BYTES : (slot + 1) * _KEY_BYTES] = key

    def _begin(self) -> None:
        """Make this process's file; the lock on it ends with the process."""
        name = self._root / f"{os.getpid()}-{os.urandom(4).hex()}"
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.ftruncate(descriptor, _SLOTS * _KEY_BYTES)
        # It keeps a duplicate of the descriptor, and the lock with it.
        self._notes = mmap.mmap(descriptor, _SLOTS * _KEY_BYTES)
        os.close(descriptor)
        # Only now: others take an unlocked file of that name for a dead process's.
        name.rename(name.with_suffix(".reading"))
        self._free = list(range(_SLOTS))

    def _collect(self) -> None:
        """Hold against slides what processes left that died while reading them."""
        for path in self._root.glob("*.reading"):
            with contextlib.suppress(OSError), path.open("rb") as left:
                fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                notes = left.read(_SLOTS * _KEY_BYTES)
                path.unlink()
                found = {notes[at : at + _KEY_BYTES] for at in range(0, len(notes), _KEY_BYTES)}
                for key in found - {_FREE}:
                    self._blame(key)

    def _blame(self, key: bytes) -> None:
        deaths = [*self._deaths(key), self._clock()]
        log.warning("a server process died while it read a slide", key=key.hex(), times=len(deaths))
        with filestore.atomic_path(self._path(key)) as part:
            part.write_text(json.dumps(deaths), encoding="utf-8")

    def _deaths(self, key: bytes) -> list[float]:
        """Return when processes died over a slide, lately."""
        try:
            found = json.loads(self._path(key).read_text(encoding="utf-8"))
            return [float(at) for at in found if self._clock() - float(at) < LASTS_S]
        except (OSError, ValueError, TypeError):
            return []

    def _path(self, key: bytes) -> Path:
        return self._root / f"{key.hex()}.deaths"


class MarkedReader(ClosingReader):
    """A reader that notes what it reads; see ``SlideReader``.

    Parameters
    ----------
    inner
        Reads.
    file
        What is read.
    marks
        Notes it.
    """

    def __init__(self, inner: SlideReader, file: FileIdentity, marks: CrashMarks) -> None:
        self._inner = inner
        self._file = file
        self._marks = marks
        self.facts = inner.facts

    def read_region(self, slide_level: int, l_x: int, l_y: int, width: int, height: int) -> Pixels:
        """Read a rectangle of a level."""
        with self._marks.reading(self._file):
            return self._inner.read_region(slide_level, l_x, l_y, width, height)

    def icc_profile(self) -> bytes | None:
        """Return the colour profile."""
        with self._marks.reading(self._file):
            return self._inner.icc_profile()

    def associated_image(self, name: str) -> Pixels:
        """Return a further picture of the file."""
        with self._marks.reading(self._file):
            return self._inner.associated_image(name)

    def close(self) -> None:
        """Close the reader."""
        self._inner.close()
