"""The ground's tests run on both databases."""

from __future__ import annotations

import pytest

from records.database import Database


@pytest.fixture
def database(either_database: Database) -> Database:
    """Run every test of this folder on both kinds of database."""
    return either_database
