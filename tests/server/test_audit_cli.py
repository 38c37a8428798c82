"""``coverslip audit verify``, as an administrator or an inspector runs it."""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.command import run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder in which three deeds were recorded."""
    folder = tmp_path_factory.mktemp("made") / "data"
    run("init", "--data", folder, "--admin", "admin@example.org")
    for name in ("first", "second"):
        run("token", "create", "--data", folder, "--name", name)
    return folder


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """Give a copy of it to change."""
    return shutil.copytree(made, tmp_path / "data")


def change(data: Path, statement: str) -> None:
    with sqlite3.connect(data / "coverslip.db") as connection:
        connection.execute(statement)
    connection.close()


def last_hash(told: str) -> str:
    return re.search("[0-9a-f]{64}", told)[0]


def test_a_whole_trail_is_told_with_its_last_hash(data: Path):
    found = run("audit", "verify", "--data", data)

    assert found.returncode == 0
    assert re.fullmatch(r"3 events, whole\. Last hash: [0-9a-f]{64}\n", found.stdout)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'token:9' WHERE id = 2",
        "UPDATE audit_event SET detail = '{}', deed = 'nothing' WHERE id = 2",
        "UPDATE audit_event SET at = '2020-01-01 00:00:00.000000' WHERE id = 2",
        "UPDATE audit_event SET hash = upper(hash) WHERE id = 2",
    ],
)
def test_a_changed_event_is_named(data: Path, statement: str):
    change(data, statement)

    found = run("audit", "verify", "--data", data)

    assert found.returncode == 1
    assert found.stdout == ""
    assert "broken at event 2: 1 events before it are whole" in found.stderr


def test_an_event_removed_from_the_middle_is_noticed_at_the_next(data: Path):
    change(data, "DELETE FROM audit_event WHERE id = 2")

    assert "broken at event 3" in run("audit", "verify", "--data", data).stderr


def test_events_removed_from_the_end_are_noticed_by_a_hash_noted_before(data: Path):
    noted = last_hash(run("audit", "verify", "--data", data).stdout)
    change(data, "DELETE FROM audit_event WHERE id = 3")

    alone = run("audit", "verify", "--data", data)
    with_known = run("audit", "verify", "--data", data, "--known", noted)

    assert alone.returncode == 0
    assert with_known.returncode == 1
    assert f"does not contain {noted}" in with_known.stderr


def test_a_trail_that_grew_still_contains_the_hash_noted_before(data: Path):
    noted = last_hash(run("audit", "verify", "--data", data).stdout)
    run("token", "create", "--data", data, "--name", "third")

    found = run("audit", "verify", "--data", data, "--known", noted.upper())

    assert found.returncode == 0
    assert found.stdout.startswith("4 events, whole.")


def test_a_hash_of_another_form_is_refused(data: Path):
    assert "64 hexadecimal" in run("audit", "verify", "--data", data, "--known", "abc").stderr
