"""Databases that cannot be opened, told in words that whoever starts a server can act on."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from records.database import Database
from records.errors import BusyError, ConflictError, InputError


def test_a_database_is_nobody_elses_business(tmp_path: Path):
    file = tmp_path / "coverslip.db"
    database = Database(f"sqlite:///{file}")

    database.upgrade()
    with database.writing():
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    database.close()

    assert modes == dict.fromkeys(("coverslip.db", "coverslip.db-wal", "coverslip.db-shm"), 0o600)


def test_what_is_no_database_is_said_to_be_none(tmp_path: Path):
    file = tmp_path / "coverslip.db"
    file.write_text("a letter, not a database")
    database = Database(f"sqlite:///{file}")

    with pytest.raises(BusyError, match="cannot be opened: file is not a database"):
        database.upgrade()


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / 'away' / 'coverslip.db'}")

    with pytest.raises(BusyError, match="cannot be made: No such file or directory"):
        database.upgrade()


def test_a_server_that_is_away_is_named_to_who_starts_and_not_to_who_asks():
    database = Database("postgresql://somebody:secret@127.0.0.1:1/slides")

    with pytest.raises(BusyError, match=r"127\.0\.0\.1.*refused") as starting:
        database.upgrade()
    with pytest.raises(BusyError) as asking, database.reading():
        pass

    assert "secret" not in starting.value.message
    assert asking.value.message == "the database cannot be opened; try again later"


def test_a_database_of_a_newer_version_is_left_alone(database: Database):
    with database.writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'f'")

    with pytest.raises(ConflictError, match="newer version"):
        database.upgrade()


@pytest.mark.parametrize("url", ["", "slides", "mysql://u:secret@h/d", "postgresql+asyncpg://h/d"])
def test_an_address_of_no_known_database_is_refused_without_its_password(url: str):
    with pytest.raises(InputError, match=re.escape("postgresql+psycopg://")) as refused:
        Database(url)

    assert "secret" not in refused.value.message
