"""Slides into a study and out of it: added by path, moved to another file, judged, deleted."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Protocol

from sqlmodel import Session, col, select

from access import gate
from access.rights import Actor, Right
from records import audit
from records.errors import BusyError, ConflictError, InputError
from records.filestore import FileStore
from records.tables import AnnotationFile, Slide
from studyconfig import content, editing, focus, plan, probing, reach
from studyconfig.plan import SlideFile
from studyconfig.reach import Reach
from tileserver.pool import SlidePool

IMAGES_PREFIX = "images/"
"""What paths begin with on the wire. Source: slidescore.md 3.3."""


class NoteSums(Protocol):
    """Keeps, with slides of a study that have none, the SHA-256 that is known of their files."""

    def __call__(
        self, session: Session, actor: Actor, *, study_id: int, slide_id: int | None = None
    ) -> None:
        """Do so, for one slide or all; it was checked that the actor may modify the study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A slide's file within reach that was opened.

    Parameters
    ----------
    path
        Relative to the images root, with ``/``.
    is_out_of_focus
        None when it cannot be told, or was not looked at.
    """

    path: str
    file: SlideFile
    is_out_of_focus: bool | None = None


def may_add(session: Session, actor: Actor, *, study_id: int) -> Reach:
    """Check the right to add slides to a study, and return which files may be.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such study.
    """
    gate.modifiable_study(session, actor, study_id)
    return reach.find_reach(session, actor, study_id=study_id)


def may_move(session: Session, actor: Actor, *, slide_id: int) -> Reach:
    """Check the right to give a slide another file, and return which files may be.

    Raises
    ------
    RightsError
        The actor may not modify its study, or not handle paths.
    NotFoundError
        There is no such slide.
    """
    gate.require(actor, Right.CAN_HANDLE_PATHS)
    slide = gate.modifiable_slide(session, actor, slide_id)
    return reach.find_reach(session, actor, study_id=slide.study_id)


def find_file(
    files: FileStore, within: Reach, path: str, *, pool: SlidePool | None = None
) -> FoundFile:
    """Open the file that a path from outside means.

    Parameters
    ----------
    files
        The images root.
    within
        Which files may be used.
    path
        Relative to the images root or, beginning with ``images/``, to the folder above it; with
        slashes or backslashes.
    pool
        Opens it to judge its sharpness, too; None: not to be judged.

    Raises
    ------
    InputError
        The path leads out of the images root.
    RightsError
        The file belongs to a study out of reach.
    SlideError
        There is no such file, or it is no slide that can be read.
    """
    relative = files.normalise(path)
    if not relative:
        raise InputError("the path is empty; expected folder/file.svs")
    shorter = relative.removeprefix(IMAGES_PREFIX)
    for candidate in (relative, shorter):
        within.check(candidate)
    with contextlib.suppress(InputError):
        if files.resolve(shorter).is_file():
            relative = shorter
    file = probing.probe(files, relative)
    is_out_of_focus = None
    if pool is not None:
        # What is being prepared still is judged when somebody asks.
        with contextlib.suppress(BusyError):
            is_out_of_focus = focus.look(pool, files.resolve(relative))
    return FoundFile(path=relative, file=file, is_out_of_focus=is_out_of_focus)


def add_slide(session: Session, actor: Actor, *, study_id: int, found: FoundFile) -> int:
    """Add a file to a study as a slide; what is a slide of the study already stays that slide.

    Returns
    -------
    int
        The slide's id.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such study.
    ConflictError
        The slide is there with answers, and its file has another size now.
    """
    gate.modifiable_study(session, actor, study_id)
    slide = _slide_at(session, study_id, found.path)
    if slide is None:
        last = session.exec(
            select(Slide.position)
            .where(Slide.study_id == study_id)
            .order_by(col(Slide.position).desc())
        ).first()
        slide = Slide(
            study_id=study_id,
            path=found.path,
            name=plan.slide_name(found.path),
            position=0 if last is None else last + 1,
        )
    content.set_file(session, slide, found.file)
    slide.is_out_of_focus = found.is_out_of_focus
    session.add(slide)
    session.flush()
    slide_id = content.key(slide)
    audit.record(
        session,
        actor=actor.label,
        deed="slide.add",
        subject=f"slide:{slide_id}",
        detail={"study": study_id, "path": found.path},
    )
    return slide_id


def move_slide(session: Session, actor: Actor, *, slide_id: int, found: FoundFile) -> None:
    """Let a slide have another file: the same slide at another place.

    Raises
    ------
    RightsError
        The actor may not modify its study, or not handle paths.
    NotFoundError
        There is no such slide.
    ConflictError
        The file is another slide of the study; or the slide has answers and the file another size.
    """
    gate.require(actor, Right.CAN_HANDLE_PATHS)
    slide = gate.modifiable_slide(session, actor, slide_id)
    other = _slide_at(session, slide.study_id, found.path)
    if other is not None and other.id != slide_id:
        raise ConflictError(f"{found.path} is the slide {other.name!r} of the same study")
    before, slide.path = slide.path, found.path
    content.set_file(session, slide, found.file)
    audit.record(
        session,
        actor=actor.label,
        deed="slide.move",
        subject=f"slide:{slide_id}",
        detail={"before": before, "after": found.path},
    )


def focus_known(
    session: Session, actor: Actor, *, study_id: int, slide_id: int
) -> tuple[str, bool | None]:
    """Return a slide's path, and whether it is out of focus if that is known already.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such slide in the study.
    """
    slide = editing.study_slide(session, actor, study_id=study_id, slide_id=slide_id)
    return slide.path, slide.is_out_of_focus


def set_focus(
    session: Session, actor: Actor, *, study_id: int, slide_id: int, is_out_of_focus: bool | None
) -> None:
    """Keep whether a slide is out of focus.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such slide in the study.
    """
    slide = editing.study_slide(session, actor, study_id=study_id, slide_id=slide_id)
    slide.is_out_of_focus = is_out_of_focus
    session.add(slide)


def delete_slide(session: Session, actor: Actor, *, study_id: int, slide_id: int) -> None:
    """Take a slide out of a study. Its file stays, so Reimport adds it again (seed, Importing).

    Raises
    ------
    RightsError
        The actor may not modify the study, or not delete slides.
    NotFoundError
        There is no such slide in the study.
    ConflictError
        The slide has answers or annotations: those are kept for ever (choice).
    """
    if not actor.is_person:
        gate.require(actor, Right.CAN_DELETE_SLIDES)
    slide = editing.study_slide(session, actor, study_id=study_id, slide_id=slide_id)
    count = content.count_answers(session, slide_id=slide_id)
    if count:
        raise ConflictError(f"the slide {slide.name!r} has {count} answers; it cannot be deleted")
    annotations = session.exec(
        select(AnnotationFile.id).where(col(AnnotationFile.slide_id) == slide_id)
    ).first()
    if annotations is not None:
        raise ConflictError(f"the slide {slide.name!r} has annotations; it cannot be deleted")
    session.delete(slide)
    audit.record(
        session,
        actor=actor.label,
        deed="slide.delete",
        subject=f"slide:{slide_id}",
        detail={"study": study_id, "name": slide.name, "path": slide.path},
    )


def _slide_at(session: Session, study_id: int, path: str) -> Slide | None:
    return session.exec(select(Slide).where(Slide.study_id == study_id, Slide.path == path)).first()
