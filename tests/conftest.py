"""Fixtures that every package's tests share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from records.database import Database
from slides_sample import study
from tests import databases, postgres as postgresql
from tests.command import run

# How long an example takes tells of the machine, and nothing of the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

# Begun in the background by a shell, tests and all that they start would not hear of Ctrl+C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED_DATA = (Path(__file__).resolve().parents[2] / "shared" / "data").resolve()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Give the connection string of a PostgreSQL server that ends with the tests."""
    with postgresql.running() as server:
        yield server


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give an empty SQLite database with the newest schema."""
    with databases.sqlite(tmp_path) as database:
        yield database


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give an empty database of each kind with the newest schema."""
    if request.param == "sqlite":
        empty = databases.sqlite(tmp_path)
    else:
        empty = databases.postgresql(request.getfixturevalue("postgres"))
    with empty as database:
        yield database


@pytest.fixture(scope="session")
def sample_slides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the sample slides, made once by the command that makes them."""
    data = tmp_path_factory.mktemp("sample")
    run("sample", "--data", data).check_returncode()
    return data / "images" / study.STUDY_NAME


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real slides and annotations, where this checkout has one beside it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder shared/data is not beside this checkout")
    return SHARED_DATA
