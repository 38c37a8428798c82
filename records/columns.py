"""What every table shares: names of constraints, instants in UTC, ULIDs."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Integer
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel
from ulid import ULID

# Constraints are named so that Alembic can alter them on every database.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, aware and in UTC on both sides of the database.

    SQLite keeps no zone; without this a value read back could not be compared with the one written.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into UTC; a naive one is a bug."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("instants are stored aware, in UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Mark what SQLite returns without a zone as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class LargeInteger(TypeDecorator[int]):
    """An integer of 64 bits, as SQLite keeps every integer: bytes of a slide, nanoseconds."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[int]:
        """Return the type by its name there, so that no revision sees a difference in SQLite."""
        return Integer() if dialect.name == "sqlite" else BigInteger()


def new_ulid() -> str:
    """Return a new 26-character ULID, sortable by time."""
    return str(ULID())


def utc_now() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)
