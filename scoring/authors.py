"""Authors: whose answers they are, and who may send them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from access import gate, people
from access.rights import Actor, Right
from records.errors import RightsError
from records.tables import Slide, Study, StudyMember, User

_AT_ONCE = 1000


def study_to_answer(session: Session, actor: Actor, study_id: int) -> Study:
    """Return a study that the actor may send answers to.

    A token needs the right to upload scores, and to modify the study (seed, UploadResults); a
    person needs the right to score.

    Raises
    ------
    RightsError
        The actor may not.
    NotFoundError
        There is no such study.
    """
    if actor.is_person:
        return gate.readable_study(session, actor, study_id, right=Right.CAN_UPLOAD_SCORES)
    return gate.modifiable_study(session, actor, study_id, right=Right.CAN_UPLOAD_SCORES)


def slide_to_answer(session: Session, actor: Actor, slide_id: int) -> Slide:
    """Return a slide of a study that the actor may send answers to.

    Raises
    ------
    RightsError
        The actor may not.
    NotFoundError
        There is no such slide.
    """
    if actor.is_person:
        return gate.readable_slide(session, actor, slide_id, right=Right.CAN_UPLOAD_SCORES)
    return gate.modifiable_slide(session, actor, slide_id, right=Right.CAN_UPLOAD_SCORES)


def check_may_answer_for(
    session: Session, actor: Actor, study: Study, emails: Collection[str]
) -> None:
    """Insist that a person sends only their own answers, unless they may edit the study.

    Raises
    ------
    RightsError
        An answer is somebody else's.
    """
    if not actor.is_person or study.id is None:
        return
    others = sorted(set(emails) - {actor.email})
    if not others:
        return
    try:
        gate.modifiable_study(session, actor, study.id)
    except RightsError:
        raise RightsError(
            f"answers of {others[0]} can be sent only by who may edit the study"
        ) from None


def members(session: Session, study: Study, emails: Collection[str]) -> dict[str, int]:
    """Return the ids of people by address; who is not a member of the study becomes one.

    New members may score, and nothing else: a choice, for somebody's answers are of no use where
    they cannot be seen among the study's people. Rights that a member has are not changed.

    Parameters
    ----------
    emails
        In lower case, checked to be addresses.
    """
    ids = _user_ids(session, sorted(emails))
    known = set(session.exec(select(StudyMember.user_id).where(StudyMember.study_id == study.id)))
    for user_id in ids.values():
        if user_id not in known and study.id is not None:
            session.add(StudyMember(study_id=study.id, user_id=user_id, can_score=True))
    session.flush()
    return ids


def find_user_id(session: Session, email: str) -> int | None:
    """Return the id of a person by address, or None when nobody has it."""
    return session.exec(select(User.id).where(User.email == email.strip().lower())).first()


def _user_ids(session: Session, emails: Sequence[str]) -> dict[str, int]:
    """Return the ids of people by address; who is not known yet gets an account."""
    ids: dict[str, int] = {}
    for start in range(0, len(emails), _AT_ONCE):
        asked = col(User.email).in_(emails[start : start + _AT_ONCE])
        found = session.exec(select(User.email, User.id).where(asked))
        ids |= {email: user_id for email, user_id in found if user_id is not None}
    for email in emails:
        if email not in ids:
            ids[email] = people.find_or_add_user(session, email).id or 0
    return ids
