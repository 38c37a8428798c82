"""The data folder as commands meet it: made, or found, and its database opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from records.errors import InputError, NotFoundError
from server import settings as settings_module
from server.settings import Settings

if TYPE_CHECKING:
    from records.database import Database

Data = Annotated[
    Path,
    typer.Option("--data", envvar="COVERSLIP_DATA", help="The data folder.", show_default=False),
]
"""The option of every command that works on a data folder."""


@contextmanager
def opened(data: Path) -> Iterator[Database]:
    """Open the database of a data folder that is there, upgraded as needed.

    Raises
    ------
    NotFoundError
        There is no data folder: a mistyped name must not look like an empty one.
    """
    if not _is_there(data):
        raise NotFoundError(
            f"there is no data folder {data}; expected one that coverslip init or serve made"
        )
    with _open(data) as database:
        yield database


@contextmanager
def made(data: Path) -> Iterator[Database]:
    """Open the database of a data folder, made as needed, which is then said."""
    is_new = not _is_there(data)
    with _open(data) as database:
        if is_new:
            typer.echo(f"coverslip: made the data folder {data}", err=True)
        yield database


def _is_there(data: Path) -> bool:
    try:
        return any((data / name).is_file() for name in ("secret.key", "coverslip.db"))
    except PermissionError as error:
        raise _refusal(data, error) from error


@contextmanager
def _open(data: Path) -> Iterator[Database]:
    from records.database import Database  # loading it takes longer than most failures

    try:
        settings_module.secret_key(data)
    except OSError as error:
        raise _refusal(data, error) from error
    environ = {**os.environ, "COVERSLIP_DATA": str(data.resolve())}
    database = Database(Settings.from_env(environ).effective_database_url)
    try:
        database.upgrade()
        yield database
    finally:
        database.close()


def _refusal(data: Path, error: OSError) -> InputError:
    return InputError(
        f"{data} cannot be used as the data folder ({error.filename}: {error.strerror}); "
        "expected a folder that the account running coverslip may write to"
    )
