"""What an uploader may reach: the folders and studies that a file's place speaks about."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlmodel import Session, col, func, or_, select

from access import gate
from access.rights import Actor, Right
from records.errors import InputError, RightsError
from records.filestore import FileStore
from records.tables import Slide, Study
from uploads import names


@dataclass(frozen=True, slots=True)
class Target:
    """Where a file is to go: a checked name in a normalised folder under the images root."""

    folder: str
    filename: str

    @property
    def relative(self) -> str:
        """The path under the images root, with ``/``."""
        return f"{self.folder}/{self.filename}" if self.folder else self.filename


def check_reach(session: Session, actor: Actor, files: FileStore, target: Target) -> None:
    """Insist that an actor may put a file at a place, and that a file can be there.

    Raises
    ------
    RightsError
        The folder is not among the actor's, or may not be made; or a study that is configured,
        filled or shown by a file of this name is out of reach.
    InputError
        A folder stands where the file should, or a file where the folder should.
    """
    if not actor.is_person:
        gate.require(actor, Right.CAN_UPLOAD)
    if not actor.may_upload_to(target.folder):
        place = f"the folder {target.folder!r}" if target.folder else "the images root"
        raise RightsError(f"this token may not upload to {place}")
    _check_studies(session, actor, target)
    _check_folders(actor, files, target)


def _check_studies(session: Session, actor: Actor, target: Target) -> None:
    configured = frozenset() if target.folder else names.configured_studies(target.filename)
    for name in configured:
        # The study need not exist yet.
        if not actor.may_modify(name):
            raise RightsError(f"this token may not modify study {name!r}")
    touched = _touched_studies(session, target, configured | {target.folder.split("/", 1)[0]})
    if actor.is_person and not touched:
        raise RightsError("you may upload only to the folder of a study that you may edit")
    for study_id in touched:
        gate.modifiable_study(session, actor, study_id)


def _touched_studies(session: Session, target: Target, named: Set[str]) -> set[int]:
    """Return the studies of these names, and those that show what stands at the target."""
    # Some disks do not tell upper from lower case; SQLite lowers only ASCII letters.
    name = col(Study.name)
    alike = or_(name.in_(named), func.lower(name).in_({entry.lower() for entry in named}))
    by_name = session.exec(select(Study.id).where(alike))
    shown = col(Slide.path) == target.relative
    suffix = PurePosixPath(target.filename).suffix.lower()
    if suffix in names.COMPANION_SUFFIXES:
        # A companion belongs to the slide beside it, or beside its folder (MIRAX).
        around = target.folder + "/" if target.folder else ""
        shown = or_(
            shown,
            col(Slide.path).startswith(around, autoescape=True),
            col(Slide.path) == f"{target.folder}.mrxs",
        )
    by_slide = session.exec(select(Slide.study_id).where(shown).distinct())
    return {study_id for study_id in (*by_name, *by_slide) if study_id is not None}


def _check_folders(actor: Actor, files: FileStore, target: Target) -> None:
    if files.resolve(target.relative).is_dir():
        raise InputError(f"{target.relative!r} is a folder")
    folder = files.resolve(target.folder)
    if folder.is_dir():
        return
    if any(parent.is_file() for parent in (folder, *folder.parents)):
        raise InputError(f"the folder {target.folder!r} leads through a file")
    if not (actor.is_person or actor.has(Right.CAN_CREATE_UPLOAD_FOLDERS)):
        raise RightsError(
            f"the folder {target.folder!r} does not exist; making it needs the right "
            f"{Right.CAN_CREATE_UPLOAD_FOLDERS.value}"
        )
