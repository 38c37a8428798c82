"""The database: one engine, transactions that read or write, and the schema's upgrades."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlmodel import Session, create_engine

from records import filestore
from records.errors import BusyError, ConflictError, InputError

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

    Raises
    ------
    InputError
        The URL is none of these.
    """

    def __init__(self, url: str) -> None:
        self.url = _checked(url)
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
        with self._connected() as connection:
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
        with self._connected() as connection:
            writer = connection.execution_options(writes=True)
            with Session(bind=writer, expire_on_commit=False) as session, session.begin():
                try:
                    # Through the session, which must be the one to begin and to commit.
                    self._become_the_writer(session.connection())
                except OperationalError as error:
                    raise BusyError("others are writing for long; try again later") from error
                yield session

    def upgrade(self) -> None:
        """Bring the schema to the newest revision; does nothing when it is there already.

        Raises
        ------
        BusyError
            The database cannot be opened; the message says why, for whoever starts a server.
        ConflictError
            A newer version of Coverslip made it.
        """
        if self.is_sqlite and self.url.database:
            _make_file(Path(self.url.database))
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self._connected(tells_why=True) as connection:
            writer = connection.execution_options(writes=True)
            try:
                transaction = writer.begin()
            except DatabaseError as error:
                raise BusyError(f"the database cannot be written: {_reason(error)}") from error
            with transaction:
                self._become_the_writer(writer)
                config.attributes["connection"] = writer
                _upgrade(config)

    @contextlib.contextmanager
    def _connected(self, *, tells_why: bool = False) -> Iterator[Connection]:
        try:
            connection = self._engine.connect()
        except DatabaseError as error:
            # A driver's words name hosts and accounts, which are not for everybody who asks.
            why = f": {_reason(error)}" if tells_why else "; try again later"
            raise BusyError(f"the database cannot be opened{why}") from error
        with connection:
            yield connection

    def _become_the_writer(self, connection: Connection) -> None:
        """Wait until no other transaction writes; SQLite did so at ``BEGIN IMMEDIATE``."""
        if not self.is_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()


def copy(session: Session, target: Path) -> None:
    """Write what a reading session sees of an SQLite database into a file, and check the file.

    Others read and write meanwhile.

    Raises
    ------
    ConflictError
        The database is PostgreSQL's, which has tools of its own for that; it is damaged; or the
        disk is full.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        raise ConflictError("the database is PostgreSQL's; pg_dump copies it")
    source = connection.connection.driver_connection
    with filestore.atomic_path(target, mode=0o600) as part:
        try:
            with contextlib.closing(sqlite3.connect(part)) as written:
                source.backup(written)  # type: ignore[union-attr]  # of SQLite's own driver
                # One file without a log beside it, until a server opens it.
                written.execute("PRAGMA journal_mode=DELETE")
                [[found], *_] = written.execute("PRAGMA integrity_check").fetchall()
        except sqlite3.DatabaseError as error:
            raise ConflictError(f"the database cannot be copied: {error}") from error
        if found != "ok":
            raise ConflictError(f"the database is damaged: {found}")


def _checked(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError:
        url = URL.create("unknown")
    if url.drivername in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise InputError(
            "the database's URL is not understood; expected a form such as "
            "postgresql+psycopg://user:password@host/name"
        )
    return url


def _make_file(path: Path) -> None:
    """Make a file that is its owner's alone; SQLite gives its other files the same mode."""
    try:
        if not path.exists():
            path.touch(mode=0o600)
    except OSError as error:
        raise BusyError(f"the database cannot be made: {error.strerror}") from error


def _reason(error: DatabaseError) -> str:
    return " ".join(str(error.orig).split())


def _upgrade(config: Config) -> None:
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        if not isinstance(error.__cause__, ResolutionError):
            raise
        raise ConflictError(
            "a newer version of Coverslip made this database; run that one, or go back to a "
            "copy of the database from before"
        ) from error


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
