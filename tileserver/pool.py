"""The pool of open slides: a bounded number stays open, and a file is opened once for everybody."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from records.errors import BusyError
from tileserver.readers.base import SlideError, SlideReader


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """A file as it is now; one that is replaced becomes another."""

    path: Path
    mtime_ns: int
    byte_count: int


def identify(path: Path) -> FileIdentity:
    """Return a file's identity.

    Raises
    ------
    SlideError
        It is not there, or may not be read.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise SlideError(f"{path.name} is not there, or may not be read") from error
    return FileIdentity(path, status.st_mtime_ns, status.st_size)


class _Entry:
    """A reader on its way, open or failed, and how many use it."""

    def __init__(self) -> None:
        self.users = 0
        self.is_dropped = False
        self.reader: SlideReader | None = None
        self._opening = threading.Lock()
        self._failure: str | None = None

    def open(self, open_reader: Callable[[Path], SlideReader], path: Path) -> SlideReader:
        """Return the reader; the first caller opens it while the others wait."""
        with self._opening:
            if self._failure is not None:
                raise SlideError(self._failure)
            if self.reader is None:
                try:
                    self.reader = open_reader(path)
                except SlideError as error:
                    self._failure = error.message
                    raise
            return self.reader


class SlidePool:
    """Keeps the slides used last open, at most ``capacity`` of them besides those in use.

    A reader that raised SlideError is dropped, for OpenSlide's refuse to work after one failure. A
    dropped reader is closed when its last user is done, so nobody reads from a closed file.

    Parameters
    ----------
    open_reader
        Opens a file; ``tileserver.readers.open_slide``.
    capacity
        How many slides stay open. Each takes a file handle and up to 8 MiB of decoded tiles.
    """

    def __init__(self, open_reader: Callable[[Path], SlideReader], *, capacity: int = 64) -> None:
        self._open_reader = open_reader
        self._capacity = capacity
        self._lock = threading.Lock()
        self._entries: OrderedDict[FileIdentity, _Entry] = OrderedDict()
        self._current: dict[Path, FileIdentity] = {}
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._entries)

    @contextlib.contextmanager
    def borrow(self, path: Path) -> Iterator[SlideReader]:
        """Lend the reader of a file for the time of a ``with`` block, in any thread.

        Raises
        ------
        SlideError
            The file cannot be opened; whoever waited for the same file hears the same.
        """
        with self.borrow_file(identify(path)) as reader:
            yield reader

    @contextlib.contextmanager
    def borrow_file(self, file: FileIdentity) -> Iterator[SlideReader]:
        """Lend the reader of a file whose identity is known; see ``borrow``."""
        entry = self._take(file)
        try:
            yield entry.open(self._open_reader, file.path)
        except SlideError:
            with self._lock:
                self._drop(file, entry)
            raise
        finally:
            self._give_back(entry)

    def close(self) -> None:
        """Close every slide, those in use as soon as their users are done."""
        with self._lock:
            self._is_closed = True
            idle = [self._drop(file, entry) for file, entry in list(self._entries.items())]
        _close_all(idle)

    def _take(self, file: FileIdentity) -> _Entry:
        idle = []
        with self._lock:
            if self._is_closed:
                raise BusyError("the server is shutting down")
            entry = self._entries.get(file)
            if entry is None:
                entry = self._entries[file] = _Entry()
                former = self._current.get(file.path)
                self._current[file.path] = file
                if former is not None and former in self._entries:
                    idle.append(self._drop(former, self._entries[former]))
            self._entries.move_to_end(file)
            entry.users += 1
            while len(self._entries) > self._capacity:
                idle.append(self._drop(*next(iter(self._entries.items()))))
        _close_all(idle)
        return entry

    def _give_back(self, entry: _Entry) -> None:
        with self._lock:
            entry.users -= 1
            reader = entry.reader if entry.is_dropped and entry.users == 0 else None
        _close_all([reader])

    def _drop(self, file: FileIdentity, entry: _Entry) -> SlideReader | None:
        """Forget an entry; return its reader when nobody uses it. The lock must be held."""
        if self._entries.get(file) is entry:
            del self._entries[file]
            if self._current.get(file.path) == file:
                del self._current[file.path]
        entry.is_dropped = True
        return entry.reader if entry.users == 0 else None


def _close_all(idle: list[SlideReader | None]) -> None:
    for reader in idle:
        if reader is not None:
            reader.close()
