"""Own account: the browsers somebody is signed in with, and a new password while they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from access.rights import Actor
from access.tokens import secret_hash
from records import audit
from records.errors import RightsError
from records.tables import LoginSession, User


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSession:
    """A browser that somebody is signed in with; ``is_this`` is the one that asks."""

    started_at: datetime
    expires_at: datetime
    is_this: bool


def list_sessions(
    session: Session, actor: Actor, *, secret: str, now: datetime
) -> list[OwnSession]:
    """Return the sessions of the person who asks, the newest first.

    Parameters
    ----------
    secret
        Of the session that asks.

    Raises
    ------
    RightsError
        A script asks.
    """
    query = (
        select(LoginSession)
        .where(LoginSession.user_id == _person(actor), LoginSession.expires_at > now)
        .order_by(col(LoginSession.created_at).desc(), col(LoginSession.id).desc())
    )
    here = secret_hash(secret)
    return [
        OwnSession(
            started_at=row.created_at,
            expires_at=row.expires_at,
            is_this=row.secret_hash == here,
        )
        for row in session.exec(query)
    ]


def sign_out_elsewhere(session: Session, actor: Actor, *, secret: str) -> int:
    """End every session of the person but the one that asks; return how many there were.

    Raises
    ------
    RightsError
        A script asks.
    """
    user_id = _person(actor)
    others = session.exec(
        select(LoginSession.id).where(
            LoginSession.user_id == user_id, LoginSession.secret_hash != secret_hash(secret)
        )
    ).all()
    session.execute(delete(LoginSession).where(col(LoginSession.id).in_(others)))
    audit.record(
        session,
        actor=actor.label,
        deed="user.sign-out-elsewhere",
        subject=f"user:{user_id}",
        detail={"sessions": len(others)},
    )
    return len(others)


def change_password(session: Session, actor: Actor, *, password_hash: str, secret: str) -> None:
    """Store the hash of the person's new password; only the session that asks goes on.

    Raises
    ------
    RightsError
        A script asks.
    """
    user = session.get_one(User, _person(actor))
    user.password_hash = password_hash
    session.add(user)
    audit.record(
        session,
        actor=actor.label,
        deed="user.set-password",
        subject=f"user:{user.id}",
        detail={"byThemselves": True},
    )
    sign_out_elsewhere(session, actor, secret=secret)


def _person(actor: Actor) -> int:
    if actor.user_id is None or actor.token_id is not None:
        raise RightsError("only people who are signed in have sessions")
    return actor.user_id
