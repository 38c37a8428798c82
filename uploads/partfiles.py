"""The files that one part consists of, under its lock or not; see ``uploads.partstore``."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from records import filestore
from uploads import marks, sidecar
from uploads.parts import PartLockedError, PartMissingError
from uploads.sidecar import Info

PART_ID: Final = re.compile(r"[0-9a-f]{32}")

# The sidecar goes first: a sidecar without a part means something else.
_SUFFIXES = ("info", "undo", "mark", "wanted", "progress", "part")


@dataclass(frozen=True, slots=True)
class PartFiles:
    """The files of one part.

    Parameters
    ----------
    folder
        Of all parts.
    part_id
        The name that all its files begin with.
    boot
        Which run of the machine this is; see ``uploads.marks``.
    """

    folder: Path
    part_id: str
    boot: str

    @property
    def part(self) -> Path:
        """The bytes."""
        return self.path("part")

    def path(self, suffix: str) -> Path:
        """Return the path of one of the files."""
        return self.folder / f"{self.part_id}.{suffix}"

    def info(self) -> Info:
        """Return what is known of the upload besides its bytes.

        Raises
        ------
        PartMissingError
            There is no such upload.
        """
        found = sidecar.read(self.path("info")) if PART_ID.fullmatch(self.part_id) else None
        if found is None:
            raise _missing()
        return found

    def open(self) -> int:
        """Return a handle of the part.

        Raises
        ------
        PartMissingError
            It was moved into place, or given up.
        """
        try:
            return os.open(self.part, os.O_RDWR)
        except FileNotFoundError:
            raise PartMissingError("this upload is finished or given up") from None

    def lock(self) -> int:
        """Return a handle of the part that nobody else has locked.

        Raises
        ------
        PartMissingError
            It was moved into place, or given up.
        PartLockedError
            Somebody else has it.
        """
        handle = _locked(self.open())
        # Between opening and locking, the part may have been moved into place or removed.
        if not self.part.exists():
            os.close(handle)
            raise PartMissingError("this upload is finished or given up")
        return handle

    def lock_ending(self) -> int:
        """Return a handle that nobody else has of those who want to bring the part to its end.

        It is the sidecar's, which stays when the part itself is moved into place.

        Raises
        ------
        PartMissingError, PartLockedError
            There is no such upload; somebody else has it.
        """
        self.info()
        try:
            return _locked(os.open(self.path("info"), os.O_RDWR))
        except FileNotFoundError:
            raise _missing() from None

    def glance(self) -> int:
        """Return how many bytes count, without the lock: more may follow at any moment.

        Raises
        ------
        PartMissingError
            It was moved into place, or given up.
        """
        handle = self.open()
        try:
            return self.offset(handle)
        finally:
            os.close(handle)

    def offset(self, handle: int) -> int:
        """Return how many bytes count: not those a power cut or a missing checksum puts in doubt.

        Parameters
        ----------
        handle
            Of the part.
        """
        bounds = (marks.sure_bytes(self.path("mark"), self.boot), self._undo_offset())
        return min([os.fstat(handle).st_size, *(bound for bound in bounds if bound is not None)])

    def fall_back(self, handle: int) -> int:
        """Cut the part back to the bytes that count; return how many. Needs the lock."""
        offset = self.offset(handle)
        if offset != os.fstat(handle).st_size:
            os.ftruncate(handle, offset)
            os.fsync(handle)
        has_undo = self._undo_offset() is not None
        if has_undo or marks.sure_bytes(self.path("mark"), self.boot) is not None:
            # The mark may be of bytes that the checksum's writer never got to tell of; and from
            # now on, in this run of the machine, the size counts again.
            self.mark(offset)
        if has_undo:
            self.forget_undo()
        return offset

    def mark(self, offset: int) -> None:
        """Say durably that so many bytes, which are on disk, are acknowledged. Needs the lock."""
        marks.write(self.path("mark"), offset, self.boot)

    def note_undo(self, offset: int) -> None:
        """Say durably where to fall back to until a checksum is checked. Needs the lock."""
        with filestore.atomic_path(self.path("undo")) as new:
            new.write_text(str(offset), encoding="ascii")

    def forget_undo(self) -> None:
        """Let all bytes of the part count. Needs the lock."""
        undo = self.path("undo")
        if undo.exists():
            undo.unlink()
            filestore.fsync_folder(self.folder)

    def remove(self) -> None:
        """Remove every file. Needs the lock, if there is a part."""
        for suffix in _SUFFIXES:
            self.path(suffix).unlink(missing_ok=True)
        shutil.rmtree(self.path("unpacked"), ignore_errors=True)
        filestore.fsync_folder(self.folder)

    def _undo_offset(self) -> int | None:
        try:
            return int(self.path("undo").read_text(encoding="ascii"))
        except FileNotFoundError:
            return None


def _locked(handle: int) -> int:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise PartLockedError(
            "another request is writing to this upload, or finishing it"
        ) from None
    return handle


def _missing() -> PartMissingError:
    return PartMissingError("there is no such upload, or it was finished or given up")
