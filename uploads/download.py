"""Slides out: one file as it is, or all files of a slide as a zip made while it is sent."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from sqlmodel import Session

from access import gate
from access.rights import Actor, Right
from records import audit
from records.errors import NotFoundError
from records.filestore import FileStore
from records.tables import Slide
from tileserver import dicomseries

_BLOCK_BYTES = 1024 * 1024
_MAX_INDEX_BYTES = 1024 * 1024
_DOUBLE_SUFFIXES = (".ome.tif", ".ome.tiff")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a slide that has several.

    Parameters
    ----------
    path
        On disk.
    name
        In the zip, with ``/``.
    """

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Download:
    """What is sent for a slide.

    Parameters
    ----------
    filename
        What the client should call it.
    members
        Its files; more than one are sent as a zip.
    """

    filename: str
    members: tuple[Member, ...]

    @property
    def is_zip(self) -> bool:
        """Tell whether the files are sent as a zip."""
        return len(self.members) > 1


def open_download(
    session: Session,
    actor: Actor,
    *,
    files: FileStore,
    study_id: int | None,
    slide_id: int,
    now: datetime,
) -> Download:
    """Find the files of a slide and record that they were fetched.

    Raises
    ------
    RightsError
        The actor may not download slides, or not read this one's study.
    NotFoundError
        There is no such slide in this study, or its file is gone.
    """
    slide = gate.readable_slide(session, actor, slide_id, right=Right.CAN_DOWNLOAD_SLIDES)
    if study_id is not None and slide.study_id != study_id:
        raise NotFoundError(f"there is no slide {slide_id} in study {study_id}")
    path = files.resolve(slide.path)
    if not path.is_file():
        raise NotFoundError(f"the file of slide {slide_id} is not on the server")
    download = _download(slide, path)
    audit.record(
        session,
        actor=actor.label,
        deed="slide.download",
        subject=f"slide:{slide_id}",
        detail={"path": slide.path, "files": len(download.members)},
        now=now,
    )
    return download


def slide_members(path: Path) -> tuple[Member, ...]:
    """Return all files of the slide that a file stands for, itself first.

    Several files have MIRAX (a folder beside the ``.mrxs``), Hamamatsu VMS and VMU (files that the
    index names) and DICOM (files of the same series beside it).
    """
    suffix = path.suffix.lower()
    others: Sequence[Path] = ()
    if suffix == ".mrxs":
        others = sorted(entry for entry in path.with_suffix("").rglob("*") if entry.is_file())
    elif suffix in {".vms", ".vmu"}:
        others = _named_in_index(path)
    elif suffix == ".dcm":
        others = _same_series(path)
    # A symbolic link may lead anywhere; it is no part of the slide.
    here = path.parent
    inside = [entry for entry in others if here in entry.resolve().parents and entry != path]
    return tuple(Member(entry, entry.relative_to(here).as_posix()) for entry in (path, *inside))


def stream_zip(members: Sequence[Member]) -> Iterator[bytes]:
    """Yield a zip of files, uncompressed, a block at a time; slides are compressed already."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for member in members:
            entry = zipfile.ZipInfo.from_file(member.path, member.name)
            with member.path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as to:
                while block := source.read(_BLOCK_BYTES):
                    to.write(block)
                    yield sink.take()
    yield sink.take()


def content_disposition(filename: str) -> str:
    """Return a header that every client understands.

    Source: slidescore.md 3.8: the plain ``filename="…"`` comes before ``filename*=``, and the name
    holds no ``;``.
    """
    name = "".join(
        "_" if char in '";\\/%' or unicodedata.category(char).startswith("C") else char
        for char in filename
    )
    letters = (
        char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char)
    )
    plain = re.sub(r"[^\x20-\x7e]", "_", "".join(letters))
    header = f'attachment; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"


class _Sink:
    """A file that can only be written, and gives away what it holds."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes, /) -> int:
        """Hold bytes until they are taken."""
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Do nothing; what is held goes out with ``take``."""

    def close(self) -> None:
        """Do nothing; there is nothing to let go."""

    def take(self) -> bytes:
        """Give away what is held."""
        held = bytes(self._held)
        self._held.clear()
        return held


def _download(slide: Slide, path: Path) -> Download:
    members = slide_members(path)
    if len(members) > 1:
        return Download(f"{slide.name}.zip", members)
    if path.name.lower().startswith(f"{slide.name.lower()}."):
        return Download(slide.name + path.name[len(slide.name) :], members)
    double = next((end for end in _DOUBLE_SUFFIXES if path.name.lower().endswith(end)), None)
    suffix = path.name[-len(double) :] if double else path.suffix
    return Download(slide.name + suffix, members)


def _named_in_index(path: Path) -> list[Path]:
    """Return the files beside a VMS or VMU index that its ``Key=Value`` lines name."""
    with path.open("rb") as file:
        text = file.read(_MAX_INDEX_BYTES).decode("utf-8", errors="replace")
    values = {line.partition("=")[2].strip() for line in text.splitlines()}
    names = sorted(value for value in values if value and PurePosixPath(value).name == value)
    return [path.parent / name for name in names if (path.parent / name).is_file()]


def _same_series(path: Path) -> list[Path]:
    series = dicomseries.series_of(path)
    if series is None:
        return []
    beside = sorted(path.parent.glob("*" + path.suffix))
    return [entry for entry in beside if entry.is_file() and dicomseries.series_of(entry) == series]
