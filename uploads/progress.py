"""How far the unpacking of an upload is, told between worker processes through a small file."""

from __future__ import annotations

import contextlib
from pathlib import Path

_STEP_BYTES = 32 * 1024 * 1024


class ProgressFile:
    """Writes down, now and then, how many bytes of how many are done.

    Parameters
    ----------
    folder
        Of the parts.
    part_id
        The upload.
    """

    def __init__(self, folder: Path, part_id: str) -> None:
        self._path = _path(folder, part_id)
        self._told = -_STEP_BYTES

    def tell(self, done: int, total: int) -> None:
        """Write it down, unless little has changed; nobody depends on it."""
        if done - self._told < _STEP_BYTES and done != total:
            return
        self._told = done
        with contextlib.suppress(OSError):
            self._path.write_text(f"{done} {total}", encoding="ascii")


def told(folder: Path, part_id: str) -> tuple[int, int] | None:
    """Return how many bytes of how many are done, or None when nothing is under way."""
    try:
        done, total = _path(folder, part_id).read_text(encoding="ascii").split()
        return int(done), int(total)
    except (OSError, ValueError):
        return None


def _path(folder: Path, part_id: str) -> Path:
    return folder / f"{part_id}.progress"
