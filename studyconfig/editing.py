"""Changes to one property of a study, slide or case: visible, named, described, measured."""

from __future__ import annotations

import re
from datetime import datetime

from sqlmodel import Session, select

from access import gate
from access.rights import Actor
from records import audit
from records.errors import ConflictError, InputError, NotFoundError
from records.tables import Case, Slide
from studyconfig import cases, descriptions, text

MAX_NAME_LENGTH = 400


def set_published(
    session: Session, actor: Actor, *, study_id: int, is_published: bool, now: datetime
) -> None:
    """Show a study to its people, or only to those who may edit it.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such study.
    """
    study = gate.modifiable_study(session, actor, study_id)
    if is_published == (study.published_at is not None):
        return
    study.published_at = now if is_published else None
    session.add(study)
    deed = "study.publish" if is_published else "study.unpublish"
    audit.record(session, actor=actor.label, deed=deed, subject=f"study:{study_id}", now=now)


def set_slide_description(
    session: Session, actor: Actor, *, study_id: int, slide_id: int, html: str
) -> None:
    """Replace a slide's description; formatting that is not allowed is dropped.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such slide in the study.
    InputError
        The description is too long.
    """
    slide = study_slide(session, actor, study_id=study_id, slide_id=slide_id)
    before, slide.description = slide.description, descriptions.clean(html)
    session.add(slide)
    _record(session, actor, "slide.describe", slide_id, before=before, after=slide.description)


def set_case_description(session: Session, actor: Actor, *, case_id: int, html: str) -> None:
    """Replace a case's description; formatting that is not allowed is dropped.

    Raises
    ------
    RightsError
        The actor may not modify its study.
    NotFoundError
        There is no such case.
    InputError
        The description is too long.
    """
    case = cases.modifiable_case(session, actor, case_id)
    before, case.description = case.description, descriptions.clean(html)
    session.add(case)
    _record(session, actor, "case.describe", case_id, before=before, after=case.description)


def rename_slide(session: Session, actor: Actor, *, slide_id: int, name: str) -> None:
    """Give a slide another name.

    Raises
    ------
    RightsError
        The actor may not modify its study.
    NotFoundError
        There is no such slide.
    InputError
        It is no name.
    """
    slide = gate.modifiable_slide(session, actor, slide_id)
    before, slide.name = slide.name, checked_name(name)
    session.add(slide)
    _record(session, actor, "slide.rename", slide_id, before=before, after=slide.name)


def rename_case(session: Session, actor: Actor, *, case_id: int, name: str) -> None:
    """Give a case another name.

    Raises
    ------
    RightsError
        The actor may not modify its study.
    NotFoundError
        There is no such case.
    ConflictError
        Another case of the study has the name.
    InputError
        It is no name.
    """
    case = cases.modifiable_case(session, actor, case_id)
    before, name = case.name, checked_name(name)
    same = session.exec(
        select(Case).where(Case.study_id == case.study_id, Case.name == name, Case.id != case.id)
    ).first()
    if same is not None:
        raise ConflictError(f"the study has another case named {name!r}")
    case.name = name
    session.add(case)
    _record(session, actor, "case.rename", case_id, before=before, after=name)


def set_resolution(
    session: Session, actor: Actor, *, study_id: int, slide_id: int, mpp: float
) -> None:
    """Set how large the pixels of a slide are, instead of what its file says.

    Source: seed, SetSlideResolution: more than 0, less than 1,000,000.

    Parameters
    ----------
    mpp
        µm per level-0 pixel, in both directions.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such slide in the study.
    InputError
        The number is out of bounds.
    """
    if not 0 < mpp < 1_000_000:
        raise InputError(f"micronsPerPixel must be more than 0 and less than 1000000, not {mpp:g}")
    slide = study_slide(session, actor, study_id=study_id, slide_id=slide_id)
    before, slide.mpp_override = slide.mpp_override, mpp
    session.add(slide)
    _record(session, actor, "slide.resolution", slide_id, before=before, after=mpp)


def set_rotation(
    session: Session, actor: Actor, *, study_id: int, slide_id: int, rotation: int
) -> None:
    """Set by how much a slide is shown turned.

    Parameters
    ----------
    rotation
        Degrees clockwise, as in a ``.images`` file.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such slide in the study.
    InputError
        It is no quarter turn.
    """
    if rotation not in (0, 90, 180, 270):
        raise InputError(f"rotation must be 0, 90, 180 or 270, not {rotation}")
    slide = study_slide(session, actor, study_id=study_id, slide_id=slide_id)
    before, slide.rotation = slide.rotation, rotation
    session.add(slide)
    _record(session, actor, "slide.rotate", slide_id, before=before, after=rotation)


def study_slide(session: Session, actor: Actor, *, study_id: int, slide_id: int) -> Slide:
    """Return a slide to modify, which the caller takes to be in a study.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such slide in the study.
    """
    gate.modifiable_study(session, actor, study_id)
    slide = session.get(Slide, slide_id)
    if slide is None or slide.study_id != study_id:
        raise NotFoundError(f"there is no slide {slide_id} in study {study_id}")
    return slide


def checked_name(name: str) -> str:
    """Return the name of a slide or case without spaces around it.

    Raises
    ------
    InputError
        It is empty, too long or holds control characters.
    """
    name = name.strip()
    if not name or len(name) > MAX_NAME_LENGTH:
        raise InputError(f"a name has 1 to {MAX_NAME_LENGTH} characters, not {len(name)}")
    if re.search(r"[\t\r\n]", name) or text.NOT_TEXT.search(name):
        raise InputError("a name stands on one line, without TAB and other control characters")
    return name


def _record(
    session: Session, actor: Actor, deed: str, row_id: int, *, before: object, after: object
) -> None:
    """Write down a deed named ``slide.…`` or ``case.…`` about the slide or case of an id."""
    audit.record(
        session,
        actor=actor.label,
        deed=deed,
        subject=f"{deed.partition('.')[0]}:{row_id}",
        detail={"before": before, "after": after},
    )
