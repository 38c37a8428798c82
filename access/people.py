"""People: accounts, passwords and the sessions of their browsers."""

from __future__ import annotations

import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION
from sqlalchemy import bindparam, delete, update
from sqlmodel import Session, col, select

from access.rights import ALL_RIGHTS, Actor
from access.tokens import SESSION_HOLDER, holder_name, secret_hash
from records import audit
from records.errors import InputError, RightsError
from records.tables import LoginSession, User

SESSION_LIFETIME = timedelta(days=14)

SESSION_COOKIE = "coverslip_session"

MIN_PASSWORD = 8
MAX_PASSWORD = 256

_HASHER = PasswordHasher()

# Built once, and one question for both rows: every page and call of a browser waits for it.
_SESSION = select(LoginSession, User).join(User)
_SESSION_BY_SECRET = _SESSION.where(LoginSession.secret_hash == bindparam("hashed"))
_SESSION_BY_ID = _SESSION.where(LoginSession.id == bindparam("session_id"))


def _hash_of_nothing() -> str:
    """Return what takes as long to verify as a hash, and is none; to hash would delay each start.

    Source: the encoded form of the Argon2 reference implementation.
    """
    cost = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    salt, digest = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (_HASHER.salt_len, _HASHER.hash_len)
    )
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


# Verified when there is no such account, so that both answers take the same time.
_NOBODY = _hash_of_nothing()


def normalise_email(text: str) -> str:
    """Return an e-mail address in lower case, or refuse what cannot be one.

    Raises
    ------
    InputError
        It is not of the form ``name@example.org``.
    """
    email = text.strip().lower()
    name, _, domain = email.partition("@")
    plain = all(char.isprintable() and char not in ' ,;<>"()' for char in email)
    if not name or not domain or "@" in domain or not plain or len(email) > 320:
        raise InputError(f"{text.strip()!r} is no e-mail address; expected name@example.org")
    return email


def check_password(password: str) -> None:
    """Refuse weak passwords: the rules are those people know from the vendor's product.

    Source: slidescore.md 9.1.

    Raises
    ------
    InputError
        The password is too short, too long, or lacks a digit, an upper-case letter or a sign.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InputError(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    if (
        not any(char.isdigit() for char in password)
        or not any(char.isupper() for char in password)
        or all(char.isalnum() for char in password)
    ):
        raise InputError(
            "a password needs a digit, an upper-case letter and a sign that is neither letter "
            "nor digit"
        )


def new_password() -> str:
    """Return a new password: 96 random bits, and what the rules ask for."""
    return f"Cs-{secrets.token_urlsafe(12)}-7"


def add_account(
    session: Session, actor: Actor, *, email: str, password: str, is_admin: bool
) -> None:
    """Give an address an account that can sign in, or its account a new password.

    Raises
    ------
    InputError
        The address is none, or the password too weak.
    """
    user = find_or_add_user(session, email)
    user.is_admin = user.is_admin or is_admin
    set_password(session, user, password)
    audit.record(
        session,
        actor=actor.label,
        deed="user.set-password",
        subject=f"user:{user.id}",
        detail={"admin": user.is_admin},
    )


def has_account(session: Session, email: str) -> bool:
    """Tell whether an address has an account that can sign in."""
    user = session.exec(select(User).where(User.email == normalise_email(email))).first()
    return user is not None and user.password_hash is not None


def find_or_add_user(session: Session, email: str) -> User:
    """Return the account of an e-mail address, made without a password when there is none."""
    email = normalise_email(email)
    user = session.exec(select(User).where(User.email == email)).first()
    if user is None:
        user = User(email=email)
        session.add(user)
        session.flush()
    return user


def set_password(session: Session, user: User, password: str) -> None:
    """Store the hash of a new password and end the person's sessions.

    Raises
    ------
    InputError
        The password is too weak.
    """
    store_password(session, user, hash_password(password))


def hash_password(password: str) -> str:
    """Return the argon2id hash of a good password; slow by design, so never in a transaction.

    Raises
    ------
    InputError
        The password is too weak.
    """
    check_password(password)
    return _HASHER.hash(password)


def store_password(session: Session, user: User, password_hash: str) -> None:
    """Store the hash of a new password and end the person's sessions."""
    user.password_hash = password_hash
    session.add(user)
    for login in session.exec(select(LoginSession).where(LoginSession.user_id == user.id)):
        session.delete(login)
    session.flush()


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an address must prove; without an account, what nobody can.

    Parameters
    ----------
    user_id
        None when there is no account that may sign in.
    password_hash
        Of the account's password, else of one that is nobody's.
    """

    user_id: int | None
    password_hash: str


def find_credentials(session: Session, email: str) -> Credentials:
    """Return what an address must prove; whether it has an account takes the same time to check."""
    user = session.exec(select(User).where(User.email == email.strip().lower())).first()
    if user is None or user.password_hash is None or not user.is_active:
        return Credentials(None, _NOBODY)
    return Credentials(user.id, user.password_hash)


def are_proven(credentials: Credentials, password: str) -> bool:
    """Tell whether a password is the account's; slow by design, so never in a transaction."""
    try:
        _HASHER.verify(credentials.password_hash, password[:MAX_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return credentials.user_id is not None


def start_session(session: Session, *, user_id: int, now: datetime) -> str:
    """Return the secret of a new session, for the cookie; sessions that are over go."""
    session.execute(delete(LoginSession).where(col(LoginSession.expires_at) <= now))
    session.execute(update(User).where(col(User.id) == user_id).values(signed_in_at=now))
    secret = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            secret_hash=secret_hash(secret),
            user_id=user_id,
            created_at=now,
            expires_at=now + SESSION_LIFETIME,
        )
    )
    session.flush()
    return secret


def sign_out(session: Session, secret: str) -> None:
    """End a session; an unknown one is ended already."""
    login = session.exec(
        select(LoginSession).where(LoginSession.secret_hash == secret_hash(secret))
    ).first()
    if login is not None:
        session.delete(login)


def verify_session(session: Session, secret: str, now: datetime) -> Actor:
    """Return the person a session's cookie stands for.

    Raises
    ------
    RightsError
        The session is unknown or over, or the account closed.
    """
    asked = {"hashed": secret_hash(secret)}
    return _session_actor(session.exec(_SESSION_BY_SECRET, params=asked).first(), now)


def find_session_actor(session: Session, session_id: int, now: datetime) -> Actor:
    """Return the person that a row of a session stands for; raises as ``verify_session``."""
    found = session.exec(_SESSION_BY_ID, params={"session_id": session_id}).first()
    return _session_actor(found, now)


def _session_actor(found: tuple[LoginSession, User] | None, now: datetime) -> Actor:
    if found is None or found[0].expires_at <= now or not found[1].is_active:
        raise RightsError("you are not signed in")
    login, user = found
    return Actor(
        label=f"user:{user.id}",
        user_id=user.id,
        email=user.email,
        is_admin=user.is_admin,
        rights=ALL_RIGHTS if user.is_admin else frozenset(),
        holder=holder_name(SESSION_HOLDER, login.id or 0, login.secret_hash),
    )
