"""Copies of a database that others write to meanwhile."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from sqlmodel import select

from records import database as databases
from records.database import Database
from records.errors import ConflictError
from records.tables import Study


@pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)
def test_a_copy_holds_what_was_committed_when_it_began(database: Database, tmp_path: Path):
    file = tmp_path / "copies" / "one.db"
    with database.writing() as session:
        session.add(Study(name="before"))

    with database.reading() as reader:
        assert len(reader.exec(select(Study)).all()) == 1
        with database.writing() as writer:
            writer.add(Study(name="meanwhile"))
        databases.copy(reader, file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["one.db"]
    restored = Database(f"sqlite:///{file}")
    restored.upgrade()
    with restored.reading() as session:
        assert [study.name for study in session.exec(select(Study))] == ["before"]
    restored.close()


@pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)
def test_a_damaged_database_is_not_taken_for_a_copy(database: Database, tmp_path: Path):
    with database.writing() as session:
        session.add_all(Study(name=f"study {number}") for number in range(500))
    database.close()
    with (tmp_path / "coverslip.db").open("r+b") as file:
        # The first pages tell of the tables, which opening reads.
        file.seek(-16 * 4096, os.SEEK_END)
        file.write(b"\xff" * 16 * 4096)

    with database.reading() as session, pytest.raises(ConflictError, match=r"damaged|copied"):
        databases.copy(session, tmp_path / "copy.db")

    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("either_database", ["postgresql"], indirect=True)
def test_postgresql_is_copied_by_its_own_tools(database: Database, tmp_path: Path):
    with database.reading() as session, pytest.raises(ConflictError, match="pg_dump"):
        databases.copy(session, tmp_path / "copy.db")
