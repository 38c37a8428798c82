"""The database: one engine, transactions that read or write, and the schema's upgrades."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, create_engine

from records.errors import BusyError

MIGRATIONS = Path(__file__).parent / "migrations"

_WRITER_LOCK = 7239115

POOL_SIZE = 32

BUSY_TIMEOUT_S = 30
"""How long a writer waits for another one before SQLite gives up; Reimport of a large study is the
longest writer, and a reader never waits in WAL mode."""


class Database:
    """SQLite in WAL mode or PostgreSQL, behind the same two kinds of transaction.

    Parameters
    ----------
    url
        An SQLAlchemy URL: ``sqlite:///…/coverslip.db`` or ``postgresql+psycopg://…``.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        arguments: dict[str, Any] = {}
        if self.is_sqlite:
            arguments["connect_args"] = {"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}
        self._engine = create_engine(
            self.url,
            pool_pre_ping=not self.is_sqlite,
            # As many as threads may want one at once, so that none waits for another's.
            pool_size=POOL_SIZE,
            max_overflow=0,
            **arguments,
        )
        if self.is_sqlite:
            _prepare_sqlite(self._engine)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that sees one state of the database and is rolled back at the end."""
        with self._engine.connect() as connection:
            reader = connection
            if not self.is_sqlite:
                reader = connection.execution_options(isolation_level="REPEATABLE READ")
            with Session(bind=reader) as session:
                yield session

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """Yield a session that is committed at the end, or rolled back when anything is raised.

        There is one writer at a time on either database, chosen at the start, so that what a
        transaction read still holds when it writes: no lost update, no retry, one audit chain.
        """
        with self._engine.connect() as connection:
            writer = connection.execution_options(writes=True)
            with Session(bind=writer, expire_on_commit=False) as session, session.begin():
                try:
                    # Through the session, which must be the one to begin and to commit.
                    self._become_the_writer(session.connection())
                except OperationalError as error:
                    raise BusyError("others are writing for long; try again later") from error
                yield session

    def upgrade(self) -> None:
        """Bring the schema to the newest revision; does nothing when it is there already."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self._engine.connect() as connection:
            writer = connection.execution_options(writes=True)
            with writer.begin():
                self._become_the_writer(writer)
                config.attributes["connection"] = writer
                command.upgrade(config, "head")

    def _become_the_writer(self, connection: Connection) -> None:
        """Wait until no other transaction writes; SQLite did so at ``BEGIN IMMEDIATE``."""
        if not self.is_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()


def _prepare_sqlite(engine: Engine) -> None:
    """Set what SQLite forgets between connections, and take over BEGIN from the driver."""

    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGIN comes only before the first write; ours is explicit, below.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            # FULL: a commit is on disk before it is acknowledged, also after a power cut.
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-32768",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
