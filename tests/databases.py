"""Empty databases with the newest schema, each a copy of one that was upgraded for this process.

An upgrade runs every migration, which takes longer than most tests; a copy takes a millisecond.
"""

from __future__ import annotations

import contextlib
import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

from records.database import Database
from tests import postgres


@contextlib.contextmanager
def sqlite(folder: Path) -> Iterator[Database]:
    """Give a new SQLite database with the newest schema, in the file that the server would use."""
    file = folder / "coverslip.db"
    file.write_bytes(_sqlite_file())
    database = Database(f"sqlite:///{file}")
    try:
        yield database
    finally:
        database.close()


@contextlib.contextmanager
def postgresql(server: str) -> Iterator[Database]:
    """Give a new PostgreSQL database with the newest schema, and drop it at the end."""
    name = postgres.new_database(server, template=_postgres_template(server))
    database = Database(postgres.url(server, name))
    try:
        yield database
    finally:
        database.close()
        postgres.drop_database(server, name)


@functools.cache
def _sqlite_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "coverslip.db"
        _upgrade(f"sqlite:///{file}")
        # Closing the last connection moved everything from the write-ahead log into the file.
        return file.read_bytes()


@functools.cache
def _postgres_template(server: str) -> str:
    name = postgres.new_database(server)
    _upgrade(postgres.url(server, name))
    return name


def _upgrade(url: str) -> None:
    database = Database(url)
    database.upgrade()
    database.close()
