"""The gate: look-up and right in one step, so that no row is reached without a right named."""

from __future__ import annotations

import functools
from collections.abc import Callable

from sqlalchemy import bindparam
from sqlmodel import Session, select

from access.rights import Actor, Right
from records.errors import NotFoundError, RightsError
from records.tables import Slide, Study, StudyMember

# What a person with a membership may do there, in the words of token rights.
_RIGHT_NAMES = {
    Right.CAN_UPLOAD_SCORES: "can_score",
    Right.CAN_GET_SCORES: "can_get_results",
    Right.CAN_GET_ANY_SCORES: "can_get_results",
    Right.CAN_REIMPORT_STUDIES: "can_edit",
    Right.CAN_GET_CONFIG: "can_edit",
    Right.CAN_UPLOAD: "can_edit",
}


# Built once: to build a question takes as long as to ask it, and tiles wait for these.
_SLIDE_OF_STUDY = select(Slide, Study).join(Study).where(Slide.id == bindparam("slide_id"))
_MEMBERSHIP = select(StudyMember).where(
    StudyMember.study_id == bindparam("study_id"), StudyMember.user_id == bindparam("user_id")
)


class OutOfReachError(RightsError):
    """The thing is not there for this actor; whether it exists at all is not told."""


def require(actor: Actor, right: Right) -> None:
    """Insist on a capability of the token, or of an administrator.

    Raises
    ------
    RightsError
        The actor does not have it.
    """
    if not actor.has(right):
        raise RightsError(f"this needs the right {right.value}, which you do not have")


def readable_study(
    session: Session, actor: Actor, study_id: int, *, right: Right | None = None
) -> Study:
    """Return a study that the actor may read.

    Parameters
    ----------
    right
        A capability needed besides; a person needs the matching right of their membership.

    Raises
    ------
    RightsError
        The actor may not read it. A restricted actor hears the same of studies that do not exist.
    NotFoundError
        There is no such study.
    """
    study = _kept_study(session, study_id)
    if actor.is_person:
        member = _membership(session, actor, study_id)
        if study is None or member is None or not (study.published_at or member.can_edit):
            raise OutOfReachError(f"you may not see study {study_id}")
        if right is not None and not _member_has(member, right):
            raise RightsError(f"in study {study.name} this needs the right {right.value}")
        return study
    if right is not None:
        require(actor, right)
    if study is None:
        if actor.read_studies:
            raise OutOfReachError(f"this token may not read study {study_id}")
        raise NotFoundError(f"there is no study {study_id}")
    if not actor.may_read(study.name):
        raise OutOfReachError(f"this token may not read study {study_id}")
    return study


def modifiable_study(
    session: Session, actor: Actor, study_id: int, *, right: Right | None = None
) -> Study:
    """Return a study that the actor may modify; a person needs the right to edit it.

    Raises
    ------
    RightsError
        The actor may not modify it.
    NotFoundError
        There is no such study.
    """
    if actor.is_person:
        member = _membership(session, actor, study_id)
        if member is None or not member.can_edit:
            raise OutOfReachError(f"you may not modify study {study_id}")
    if right is not None and not actor.is_person:
        require(actor, right)
    study = _kept_study(session, study_id)
    if study is None and not (actor.modify_studies or actor.is_person):
        raise NotFoundError(f"there is no study {study_id}")
    if study is None or not actor.may_modify(study.name):
        raise OutOfReachError(f"you may not modify study {study_id}")
    return study


def owned_study(session: Session, actor: Actor, study_id: int, *, is_deleted: bool) -> Study:
    """Return a study that the actor may delete, or bring back: of their own making.

    Source: seed, "Can delete owned studies". An administrator may do it to any (choice).

    Parameters
    ----------
    is_deleted
        Whether it is wanted among the deleted ones, or among the others.

    Raises
    ------
    RightsError
        It is not the actor's own, or the actor has not the right.
    NotFoundError
        There is no such study.
    """
    study = session.get(Study, study_id)
    if study is not None and (study.deleted_at is not None) is not is_deleted:
        study = None
    if not (actor.is_person or actor.is_admin):
        require(actor, Right.CAN_DELETE_OWNED_STUDIES)
    if study is None and actor.is_admin:
        word = "deleted study" if is_deleted else "study"
        raise NotFoundError(f"there is no {word} {study_id}")
    if study is not None and actor.may_modify(study.name):
        by_token = actor.token_id is not None and study.created_by_token_id == actor.token_id
        by_person = (
            actor.token_id is None
            and actor.user_id is not None
            and study.created_by_user_id == actor.user_id
        )
        if actor.is_admin or by_token or by_person:
            return study
    # The same words whether or not there is such a study.
    raise OutOfReachError(f"study {study_id} is none that you made; only those can be deleted")


def study_with_scores(session: Session, actor: Actor, study_id: int) -> Study:
    """Return a study whose answers the actor may get: any study's, or those of its own making.

    Source: seed, "Can get scores of owned studies" and "of any study".

    Raises
    ------
    RightsError
        The actor may not read the study or not get its answers.
    NotFoundError
        There is no such study.
    """
    if actor.is_person:
        return readable_study(session, actor, study_id, right=Right.CAN_GET_SCORES)
    study = readable_study(session, actor, study_id)
    owned = actor.token_id is not None and study.created_by_token_id == actor.token_id
    if actor.has(Right.CAN_GET_ANY_SCORES) or (owned and actor.has(Right.CAN_GET_SCORES)):
        return study
    raise RightsError(
        f"getting answers of study {study_id} needs the right CanGetAnyScores, "
        "or CanGetScores for a study that this token created"
    )


def readable_slide(
    session: Session, actor: Actor, slide_id: int, *, right: Right | None = None
) -> Slide:
    """Return a slide whose study the actor may read.

    Raises
    ------
    RightsError
        The actor may not read the slide's study.
    NotFoundError
        There is no such slide.
    """
    return readable_slide_of_study(session, actor, slide_id, right=right)[0]


def readable_slide_of_study(
    session: Session, actor: Actor, slide_id: int, *, right: Right | None = None
) -> tuple[Slide, Study]:
    """Return a slide and its study, which the actor may read; raises as ``readable_slide``."""
    return _slide(
        session,
        actor,
        slide_id,
        restricted=bool(actor.read_studies),
        reach=functools.partial(readable_study, right=right),
    )


def modifiable_slide(
    session: Session, actor: Actor, slide_id: int, *, right: Right | None = None
) -> Slide:
    """Return a slide whose study the actor may modify.

    Raises
    ------
    RightsError
        The actor may not modify the slide's study.
    NotFoundError
        There is no such slide.
    """
    return _slide(
        session,
        actor,
        slide_id,
        restricted=bool(actor.modify_studies),
        reach=functools.partial(modifiable_study, right=right),
    )[0]


def slide_with_scores(session: Session, actor: Actor, slide_id: int) -> Slide:
    """Return a slide of a study whose answers the actor may get.

    Raises
    ------
    RightsError
        The actor may not get the answers of the slide's study.
    NotFoundError
        There is no such slide.
    """
    return _slide(
        session, actor, slide_id, restricted=bool(actor.read_studies), reach=study_with_scores
    )[0]


def _slide(
    session: Session,
    actor: Actor,
    slide_id: int,
    *,
    restricted: bool,
    reach: Callable[[Session, Actor, int], Study],
) -> tuple[Slide, Study]:
    # With its study, which the session then knows: one question instead of two.
    found = session.exec(_SLIDE_OF_STUDY, params={"slide_id": slide_id}).first()
    if found is None and not (restricted or actor.is_person):
        raise NotFoundError(f"there is no slide {slide_id}")
    out_of_reach = OutOfReachError(f"you may not see slide {slide_id}")
    if found is None:
        raise out_of_reach
    slide, study = found
    try:
        reach(session, actor, slide.study_id)
    except OutOfReachError:
        raise out_of_reach from None
    return slide, study


def _kept_study(session: Session, study_id: int) -> Study | None:
    """Return a study, None when there is none, or it was deleted."""
    study = session.get(Study, study_id)
    return None if study is None or study.deleted_at is not None else study


def _membership(session: Session, actor: Actor, study_id: int) -> StudyMember | None:
    asked = {"study_id": study_id, "user_id": actor.user_id}
    return session.exec(_MEMBERSHIP, params=asked).first()


def _member_has(member: StudyMember, right: Right) -> bool:
    if right is Right.CAN_GET_PIXELS:
        return True
    name = _RIGHT_NAMES.get(right)
    return name is not None and bool(getattr(member, name))
