"""The tables of people, their sessions and tokens, and of what was done."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from records.columns import UtcDateTime, new_ulid, utc_now

ULID_LENGTH = 26


class User(SQLModel, table=True):
    """A person, known by e-mail address; rights may be given before they ever sign in."""

    __tablename__ = "user_account"

    id: int | None = Field(default=None, primary_key=True)
    ulid: str = Field(default_factory=new_ulid, max_length=ULID_LENGTH, unique=True)
    email: str = Field(max_length=320, unique=True, description="lower case")
    name: str = ""
    password_hash: str | None = Field(default=None, description="argon2id; none: cannot sign in")
    is_admin: bool = False
    is_active: bool = True
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    signed_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LoginSession(SQLModel, table=True):
    """A signed-in browser; only the hash of its cookie is kept."""

    __tablename__ = "login_session"

    id: int | None = Field(default=None, primary_key=True)
    secret_hash: str = Field(max_length=64, unique=True, description="SHA-256, hex")
    user_id: int = Field(foreign_key="user_account.id", index=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class SignInFailure(SQLModel, table=True):
    """How often signing in failed lately, for a person, a network or both together."""

    __tablename__ = "sign_in_failure"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=64, unique=True, description="SHA-256 of what is counted, hex")
    failures: int = 0
    last_at: datetime = Field(sa_type=UtcDateTime, index=True)


class ApiToken(SQLModel, table=True):
    """A token for scripts, of which only the hash is kept; empty lists mean all."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    ulid: str = Field(default_factory=new_ulid, max_length=ULID_LENGTH, unique=True)
    name: str
    secret_hash: str = Field(max_length=64, unique=True, description="SHA-256, hex")
    rights: str = Field(description="names of access.rights.Right, separated by semicolons")
    read_studies: str = ""
    modify_studies: str = ""
    upload_folders: str = ""
    created_by_user_id: int | None = Field(default=None, foreign_key="user_account.id")
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AuditEvent(SQLModel, table=True):
    """Who did what to what, when. Append-only; each row's hash covers the row before it."""

    __tablename__ = "audit_event"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    actor: str = Field(max_length=80)
    deed: str = Field(max_length=60, index=True)
    subject: str = Field(max_length=120, index=True)
    detail: str = Field(default="{}", description="JSON object")
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64, unique=True)
