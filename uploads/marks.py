"""Marks: how many bytes of a part were acknowledged, told durably beside it.

The size of a part tells how far it is as long as the machine runs: what a killed server wrote is in
the kernel's hands. After a power cut a file system may keep the size of a file and lose bytes near
its end; then only what was acknowledged counts, and that is what the mark says.
"""

from __future__ import annotations

import os
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_ONE_SECTOR = 64


def this_boot() -> str:
    """Return what tells one run of this machine from the next; empty where nothing does."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def write(path: Path, offset: int, boot: str) -> None:
    """Say, on disk when this returns, that so many bytes were acknowledged.

    The text is written over the one before: it is shorter than a disk's sector, which is written
    as a whole or not at all.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(handle, f"{offset:020d} {boot}".ljust(_ONE_SECTOR).encode("ascii"), 0)
        os.fdatasync(handle)
    finally:
        os.close(handle)


def sure_bytes(path: Path, boot: str) -> int | None:
    """Return how many bytes of a part are sure; None when its size tells that.

    Its size does in the run of the machine in which the mark was made, and where there is no mark.
    """
    try:
        offset, _, made_in = path.read_text(encoding="ascii").partition(" ")
    except FileNotFoundError:
        return None
    if boot and made_in.strip() == boot:
        return None
    return int(offset) if offset.isdigit() else 0
