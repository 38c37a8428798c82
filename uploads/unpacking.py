"""Zips of slides with several files: looked through first, then unpacked beside the parts.

A zip that holds a MIRAX, Hamamatsu or DICOM slide becomes its files; any other stays a zip.
Everything in a zip is hostile until checked: names, sizes, kinds and how much comes out.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from records import filestore
from records.errors import InputError
from records.filestore import FileStore
from uploads import names
from uploads.parts import disk_errors
from uploads.reach import Target

INDEX_SUFFIXES: Final = frozenset({".mrxs", ".vms", ".vmu", ".dcm"})
"""Endings of slides that have several files; a zip with one of them is unpacked."""

MAX_MEMBERS = 10_000
"""Files of one zip: a DICOM slide has some dozen, MIRAX up to a few hundred."""

MAX_RATIO = 100
"""How many times smaller than its content a zip may be. Slides are compressed already: 1 to 3."""

_FREE_BYTES = 16 * 1024 * 1024
_MAX_INDEX_BYTES = 4 * 1024 * 1024
_BLOCK_BYTES = 1024 * 1024
_ARCHIVES = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst")
_RUBBISH = frozenset({"__macosx", ".ds_store", "thumbs.db", "desktop.ini"})
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1

Progress = Callable[[int, int], None]
"""Is told how many bytes of how many are unpacked."""


class ZipError(InputError):
    """The zip is damaged, or holds what is not taken in."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a zip, and where it is to go."""

    info: zipfile.ZipInfo
    target: Target


@dataclass(frozen=True, slots=True)
class Contents:
    """What a zip holds, checked; slides' index files come last."""

    members: tuple[Member, ...]

    @property
    def byte_count(self) -> int:
        """How many bytes come out."""
        return sum(member.info.file_size for member in self.members)


def read_contents(
    path: Path, folder: str, *, slide_suffixes: Collection[str], max_bytes: int
) -> Contents | None:
    """Look through a zip; None when it holds no slide of several files, and stays as it is.

    Parameters
    ----------
    folder
        Where its files are to go, under the images root.
    slide_suffixes
        Endings of slide files, in lower case, with their dot.
    max_bytes
        How much may come out.

    Raises
    ------
    ZipError
        It is damaged or encrypted, leads out of its folder, holds a link, an archive or too much.
    InputError
        A name in it is no good one, or of a kind that is not taken in.
    """
    with _opened(path) as archive:
        infos = [info for info in archive.infolist() if not _is_rubbish(info)]
        if not any(_suffix(info) in INDEX_SUFFIXES for info in infos):
            return None
        if len(infos) > MAX_MEMBERS:
            raise ZipError(f"the zip holds {len(infos)} files; at most {MAX_MEMBERS} are taken in")
        members = [Member(info, _target(info, folder, slide_suffixes)) for info in infos]
        _check_sizes(members, path.stat().st_size, max_bytes)
        _check_names(members)
    members.sort(key=lambda member: (_suffix(member.info) in INDEX_SUFFIXES, member.info.filename))
    return Contents(tuple(members))


@contextlib.contextmanager
def unpacked(
    path: Path, contents: Contents, progress: Progress
) -> Iterator[Sequence[tuple[Path, Target]]]:
    """Unpack a zip into a folder beside it, which is gone afterwards; yield files and targets.

    Raises
    ------
    ZipError
        A file in it is damaged.
    DiskFullError
        The disk is full.
    """
    scratch = path.with_suffix(".unpacked")
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        with disk_errors():
            scratch.mkdir(mode=0o700)
        yield _unpack(path, scratch, contents, progress)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def place_all(files: FileStore, found: Sequence[tuple[Path, Target]]) -> bool:
    """Move unpacked files into place, index files last; tell whether one replaced another."""
    has_replaced = False
    with disk_errors():
        for path, target in found:
            has_replaced |= files.resolve(target.relative).exists()
            files.place(path, target.relative)
    return has_replaced


def _unpack(
    path: Path, scratch: Path, contents: Contents, progress: Progress
) -> list[tuple[Path, Target]]:
    done, total, found = 0, contents.byte_count, []
    with _opened(path) as archive, disk_errors():
        for number, member in enumerate(contents.members):
            # Names of the zip's own never reach the disk here.
            copy = scratch / str(number)
            with archive.open(member.info) as source, copy.open("wb") as to:
                while block := source.read(_BLOCK_BYTES):
                    to.write(block)
                    done += len(block)
                    progress(done, total)
            copy.chmod(0o644)
            found.append((copy, member.target))
    return found


class _Bounded(io.FileIO):
    """A file of which nobody reads more than a bounded piece at once.

    The list of files at the end of a zip is read as a whole, however long it says it is.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = _MAX_INDEX_BYTES + 1 if size is None or size < 0 else size
        data = super().read(min(wanted, _MAX_INDEX_BYTES + 1)) or b""
        if len(data) > _MAX_INDEX_BYTES:
            raise ZipError("the zip's list of files is too long, or damaged")
        return data


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with _Bounded(path) as file, zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise ZipError("the zip is damaged or cut short; make it anew and upload it again") from (
            error
        )


def _is_rubbish(info: zipfile.ZipInfo) -> bool:
    parts = {part.lower() for part in info.filename.replace("\\", "/").split("/")}
    return info.is_dir() or bool(parts & _RUBBISH)


def _suffix(info: zipfile.ZipInfo) -> str:
    return PurePosixPath(info.filename.replace("\\", "/")).suffix.lower()


def _target(info: zipfile.ZipInfo, folder: str, slide_suffixes: Collection[str]) -> Target:
    name = info.filename.replace("\\", "/")
    shown = name[:80]
    if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG}:
        raise ZipError(f"{shown!r} in the zip is a link or a device")
    if info.flag_bits & _ENCRYPTED:
        raise ZipError(f"{shown!r} in the zip is encrypted; send it without a password")
    if info.compress_type not in _METHODS:
        raise ZipError(f"{shown!r} is compressed in another way than deflate; make the zip anew")
    if name.lower().endswith(_ARCHIVES):
        raise ZipError(f"{shown!r} is an archive within the zip; unpack it first")
    parts = name.split("/")
    if name.startswith("/") or ":" in parts[0] or not all(parts) or {".", ".."} & set(parts):
        raise ZipError(f"{shown!r} in the zip leads out of its folder")
    if any(part.startswith(".") for part in parts):
        raise ZipError(f"{shown!r} in the zip has a part that starts with a dot")
    inner = "/".join(filestore.check_name(part) for part in parts[:-1])
    checked = names.check_file_name(parts[-1], slide_suffixes)
    if names.configured_studies(checked):
        raise ZipError(f"{shown!r} configures a study; upload it by itself")
    return Target("/".join(part for part in (folder, inner) if part), checked)


def _check_sizes(members: Sequence[Member], packed_bytes: int, max_bytes: int) -> None:
    total = sum(member.info.file_size for member in members)
    if total > max_bytes:
        raise ZipError(f"{total} bytes would come out of the zip; at most {max_bytes} are taken in")
    if total > packed_bytes * MAX_RATIO + _FREE_BYTES:
        raise ZipError(f"more than {MAX_RATIO} times its size would come out of the zip")


def _check_names(members: Sequence[Member]) -> None:
    # Some disks do not tell upper from lower case.
    files = {member.target.relative.lower() for member in members}
    if len(files) != len(members):
        raise ZipError("two files of the zip have the same name")
    folders = {
        parent.as_posix().lower()
        for member in members
        for parent in PurePosixPath(member.target.relative).parents
    }
    if files & folders:
        raise ZipError("a file of the zip has the name of a folder in it")
