"""A folder that outside text may name files in: safe paths, and atomic, durable moves."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from records.errors import InputError

MAX_NAME_BYTES = 255
"""The longest file name that the usual file systems hold, in UTF-8."""

MAX_PATH_BYTES = 1024

_DEVICE_NAMES = frozenset(
    {"con", "prn", "aux", "nul"}
    | {f"com{digit}" for digit in range(1, 10)}
    | {f"lpt{digit}" for digit in range(1, 10)}
)
_FORBIDDEN = frozenset('<>:"|?*\\')


def check_name(name: str) -> str:
    """Return a file or folder name in Unicode form NFC, or refuse it.

    Names must work on every system a study may be copied to, so Windows' rules hold everywhere.

    Raises
    ------
    InputError
        The name is empty, a dot entry, too long, reserved, or holds separators or control
        characters.
    """
    name = unicodedata.normalize("NFC", name)
    if not name or name in {".", ".."}:
        raise InputError(f"{name!r} is no file name")
    if any(ord(char) < 32 or char in _FORBIDDEN or char == "/" for char in name):
        raise InputError(
            f'{name!r} holds a character that file names may not have: / \\ < > : " | ? *'
        )
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"} for char in name):
        raise InputError(f"{name!r} holds an invisible character")
    if name != name.strip(" ") or name.endswith("."):
        raise InputError(f"{name!r} starts or ends with a space, or ends with a dot")
    if name.split(".", 1)[0].rstrip(" ").lower() in _DEVICE_NAMES:
        raise InputError(f"{name!r} is the name of a device on Windows")
    if len(name.encode()) > MAX_NAME_BYTES:
        raise InputError(f"the name {name[:40]!r}… is longer than {MAX_NAME_BYTES} bytes")
    return name


class FileStore:
    """A folder on disk; every path given to it is relative to that folder, with ``/``.

    Parameters
    ----------
    root
        The folder. It is made when missing.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root.resolve()

    def normalise(self, relative: str) -> str:
        """Return a relative path without empty and ``.`` parts, each part checked.

        ``./test/`` becomes ``test``, and ``""`` stays the root. Backslashes separate like slashes.

        Raises
        ------
        InputError
            The path is absolute, has a ``..`` part or a part that is no good name.
        """
        text = relative.replace("\\", "/")
        if text.startswith("/") or (len(text) > 1 and text[1] == ":"):
            raise InputError(f"{relative!r} must be relative to the images folder")
        parts = [part for part in text.split("/") if part not in {"", "."}]
        if ".." in parts:
            raise InputError(f"{relative!r} may not lead out of the images folder")
        path = "/".join(check_name(part) for part in parts)
        if len(path.encode()) > MAX_PATH_BYTES:
            raise InputError(f"the path {path[:60]!r}… is longer than {MAX_PATH_BYTES} bytes")
        return path

    def resolve(self, relative: str) -> Path:
        """Return the absolute path of a relative one, whether or not a file is there.

        Raises
        ------
        InputError
            The path, or a symbolic link on it, leads out of the folder.
        """
        path = (self.root / self.normalise(relative)).resolve()
        if path != self.root and self.root not in path.parents:
            raise InputError(f"{relative!r} leads out of the images folder")
        return path

    def relative(self, path: Path) -> str:
        """Return the path relative to the folder, with ``/``."""
        return PurePosixPath(path.relative_to(self.root)).as_posix()

    def place(self, part: Path, relative: str) -> Path:
        """Move a finished file into place, replacing what is there only as a whole.

        The bytes and the name are on disk when this returns. ``part`` is gone then.

        Raises
        ------
        InputError
            The path leads out of the folder, or a folder stands where the file should.
        """
        target = self.resolve(relative)
        if target.is_dir():
            raise InputError(f"{relative!r} is a folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        fsync_file(part)
        try:
            part.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            # Uploads may lie on another disk than the images.
            with atomic_path(target) as copy:
                shutil.copyfile(part, copy)
            part.unlink()
        fsync_folder(target.parent)
        return target


@contextlib.contextmanager
def atomic_path(target: Path, *, mode: int = 0o644) -> Iterator[Path]:
    """Yield a new file that becomes ``target``, durably, when the block ends well.

    When the block raises, the new file is removed and ``target`` is as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(mode)
        fsync_file(part)
        part.replace(target)
        fsync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def fsync_file(path: Path) -> None:
    """Wait until the file's bytes are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fsync_folder(path: Path) -> None:
    """Wait until the folder's entries (new and renamed files) are on disk."""
    fsync_file(path)
