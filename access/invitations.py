"""How people come to an account: invited, registered, or with a new password for a lost one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from access import people
from access.personlinks import (
    INVITATION_LIFETIME,
    LONGEST_LOGIN_LIFETIME,
    RESET_LIFETIME,
    PersonLinks,
    Purpose,
)
from access.rights import Actor, Right
from records import audit
from records.errors import BusyError, ConflictError, InputError, NotFoundError, RightsError
from records.tables import Study, StudyMember, User

_NO_ADMINISTRATORS = "there are no login links for administrators"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to one person, in plain text."""

    to: str
    subject: str
    text: str


class RefusedLetterError(BusyError):
    """The mail server does not take this letter; another one it may take."""


SendLetter = Callable[[Letter], None]
"""Hands a letter to the mail server, and raises an AppError when that fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A link that somebody can choose a password with.

    Parameters
    ----------
    secret
        Its end.
    email
        Whose it is.
    is_first
        Whether the account has no password yet.
    may_be_shown
        Whether who asked may have the link where no letter is sent: who has it signs in with it.
    """

    secret: str
    email: str
    is_first: bool
    expires_at: datetime
    may_be_shown: bool = True


def invite(
    session: Session,
    actor: Actor,
    links: PersonLinks,
    *,
    email: str,
    study_id: int | None,
    now: datetime,
) -> NewLink:
    """Return a link with which somebody without a password chooses one.

    An administrator may invite anybody; who edits a study, its members. To an editor the link may
    be shown only if the account opens nothing that they do not edit: an address is often a member
    of several studies, or administrator, before it has a password.

    Raises
    ------
    RightsError
        The actor may not invite this person.
    ConflictError
        The account has a password; who lost it asks for another one.
    """
    address = people.normalise_email(email)
    if not (actor.is_admin and actor.user_id is not None):
        _require_editor(session, actor, study_id, address)
    user = people.find_or_add_user(session, address)
    if user.password_hash is not None:
        raise ConflictError(f"{address} has an account already and can sign in")
    audit.record(session, actor=actor.label, deed="user.invite", subject=f"user:{user.id}")
    may_be_shown = actor.is_admin or _opens_less(session, user, actor)
    return dataclasses.replace(_password_link(links, user, now), may_be_shown=may_be_shown)


def reset(
    session: Session, actor: Actor, links: PersonLinks, *, email: str, now: datetime
) -> NewLink:
    """Return a link with which somebody chooses a new password; for administrators.

    Raises
    ------
    RightsError
        The actor is no administrator who is signed in.
    NotFoundError
        There is no such account.
    """
    require_admin(actor)
    user = _user_of(session, email)
    audit.record(session, actor=actor.label, deed="user.reset", subject=f"user:{user.id}")
    return _password_link(links, user, now)


def ask_for_link(
    session: Session, links: PersonLinks, *, email: str, may_register: bool, now: datetime
) -> NewLink | None:
    """Return the link to be mailed to who asks for one at the door; None when there is none.

    The caller must answer alike in both cases, for strangers ask.

    Raises
    ------
    InputError
        The text is no e-mail address.
    """
    address = people.normalise_email(email)
    user = session.exec(select(User).where(User.email == address)).first()
    if user is None and may_register:
        user = people.find_or_add_user(session, address)
        audit.record(session, actor="nobody", deed="user.register", subject=f"user:{user.id}")
    if user is None or not user.is_active:
        return None
    return _password_link(links, user, now)


def whose_link(session: Session, links: PersonLinks, secret: str, *, now: datetime) -> str:
    """Return the address that a password link is for.

    Raises
    ------
    LinkError
        It does not hold.
    """
    return links.verify(session, secret, Purpose.PASSWORD, now).email


def choose_password(
    session: Session, links: PersonLinks, *, secret: str, password_hash: str, now: datetime
) -> str:
    """Give the person of a link a password; returns the secret of a new session.

    All links and sessions of the person end.

    Raises
    ------
    LinkError
        The link does not hold.
    """
    user = links.verify(session, secret, Purpose.PASSWORD, now)
    people.store_password(session, user, password_hash)
    audit.record(
        session,
        actor=f"user:{user.id}",
        deed="user.set-password",
        subject=f"user:{user.id}",
        detail={"door": "link"},
    )
    return people.start_session(session, user_id=user.id or 0, now=now)


def login_link(
    session: Session,
    actor: Actor,
    links: PersonLinks,
    *,
    email: str,
    expires_at: datetime,
    now: datetime,
) -> str:
    """Return the end of a link that signs somebody in until it expires.

    Source: slidescore.md 3.10, GenerateLoginLink(username, expiresOn). Which right it needs is not
    published; that of student accounts is the nearest. Never for administrators: a link that is
    passed on must not open the whole server. A token that is restricted to studies makes none for
    people of others.

    Raises
    ------
    RightsError
        The actor lacks the right, or the account is an administrator's or reaches further.
    NotFoundError
        There is no such account.
    InputError
        The end is past, or more than a year away.
    """
    if not actor.has(Right.CAN_HANDLE_STUDENT_ACCOUNTS):
        raise RightsError("this needs the right CanHandleStudentAccounts")
    user = _user_of(session, email)
    if user.is_admin:
        raise RightsError(_NO_ADMINISTRATORS)
    for name in session.exec(select(Study.name).join(StudyMember).where(_is_member(user))):
        if not (actor.may_read(name) and actor.may_modify(name)):
            raise RightsError(f"{user.email} is a member of studies out of this token's reach")
    if not now < expires_at <= now + LONGEST_LOGIN_LIFETIME:
        raise InputError("expiresOn must be an instant within the coming year")
    audit.record(session, actor=actor.label, deed="user.login-link", subject=f"user:{user.id}")
    return links.issue(user, Purpose.LOGIN, expires_at)


def follow_login_link(session: Session, links: PersonLinks, *, secret: str, now: datetime) -> str:
    """Return the secret of a new session for the person of a login link.

    Raises
    ------
    LinkError
        The link does not hold.
    RightsError
        The person became an administrator since it was made.
    """
    user = links.verify(session, secret, Purpose.LOGIN, now)
    if user.is_admin:
        raise RightsError(_NO_ADMINISTRATORS)
    audit.record(
        session,
        actor=f"user:{user.id}",
        deed="user.sign-in",
        subject=f"user:{user.id}",
        detail={"door": "login link"},
    )
    return people.start_session(session, user_id=user.id or 0, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """What an administrator sees of an account."""

    user_id: int
    email: str
    name: str
    is_admin: bool
    is_active: bool
    has_password: bool
    study_count: int
    created_at: datetime
    signed_in_at: datetime | None


def list_people(session: Session, actor: Actor) -> list[PersonFacts]:
    """Return every account, by address; for administrators."""
    require_admin(actor)
    counts: dict[int, int] = {}
    for user_id in session.exec(select(StudyMember.user_id)):
        counts[user_id] = counts.get(user_id, 0) + 1
    return [
        PersonFacts(
            user_id=user.id or 0,
            email=user.email,
            name=user.name,
            is_admin=user.is_admin,
            is_active=user.is_active,
            has_password=user.password_hash is not None,
            study_count=counts.get(user.id or 0, 0),
            created_at=user.created_at,
            signed_in_at=user.signed_in_at,
        )
        for user in session.exec(select(User).order_by(col(User.email)))
    ]


def change_person(
    session: Session,
    actor: Actor,
    *,
    email: str,
    is_admin: bool | None,
    is_active: bool | None,
    name: str | None,
) -> None:
    """Make somebody administrator or not, close or open an account, or name the person.

    Raises
    ------
    ConflictError
        Administrators do not close or demote themselves, so that one is always left.
    """
    require_admin(actor)
    user = _user_of(session, email)
    if user.id == actor.user_id and (is_admin is False or is_active is False):
        raise ConflictError("you cannot take your own rights away; another administrator can")
    before = {"admin": user.is_admin, "active": user.is_active, "name": user.name}
    user.is_admin = user.is_admin if is_admin is None else is_admin
    user.is_active = user.is_active if is_active is None else is_active
    user.name = user.name if name is None else name.strip()[:200]
    after = {"admin": user.is_admin, "active": user.is_active, "name": user.name}
    session.add(user)
    audit.record(
        session,
        actor=actor.label,
        deed="user.change",
        subject=f"user:{user.id}",
        detail={"before": before, "after": after},
    )


def require_admin(actor: Actor) -> None:
    """Insist on an administrator who is signed in; no token stands for one."""
    if not actor.is_admin or actor.user_id is None:
        raise RightsError("only an administrator who is signed in may do this")


def _password_link(links: PersonLinks, user: User, now: datetime) -> NewLink:
    is_first = user.password_hash is None
    expires_at = now + (INVITATION_LIFETIME if is_first else RESET_LIFETIME)
    return NewLink(
        secret=links.issue(user, Purpose.PASSWORD, expires_at),
        email=user.email,
        is_first=is_first,
        expires_at=expires_at,
    )


def _is_member(user: User) -> ColumnElement[bool]:
    return col(StudyMember.user_id) == user.id


def _opens_less(session: Session, user: User, actor: Actor) -> bool:
    """Tell whether an account opens no more than the studies that an actor edits."""
    theirs = set(session.exec(select(StudyMember.study_id).where(_is_member(user))))
    mine = select(StudyMember.study_id).where(
        StudyMember.user_id == actor.user_id, col(StudyMember.can_edit)
    )
    return not user.is_admin and theirs <= set(session.exec(mine))


def _user_of(session: Session, email: str) -> User:
    address = people.normalise_email(email)
    user = session.exec(select(User).where(User.email == address)).first()
    if user is None:
        raise NotFoundError(f"there is no account of {address}")
    return user


def _require_editor(session: Session, actor: Actor, study_id: int | None, address: str) -> None:
    members = select(StudyMember).where(StudyMember.study_id == study_id)
    mine = session.exec(members.where(StudyMember.user_id == actor.user_id)).first()
    if not actor.is_person or mine is None or not mine.can_edit:
        raise RightsError("who edits a study may invite its people, an administrator anybody")
    theirs = members.join(User, col(User.id) == col(StudyMember.user_id))
    if session.exec(theirs.where(User.email == address)).first() is None:
        raise RightsError(f"{address} is not among the people of this study; add them first")
