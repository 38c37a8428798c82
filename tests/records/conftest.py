"""The ground's tests run on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from records.database import Database
from tests import postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give an empty database of each kind with the newest schema."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'coverslip.db'}"
    else:
        url = postgres.new_database(request.getfixturevalue("postgres"))
    database = Database(url)
    database.upgrade()
    yield database
    database.close()
