"""The command ``coverslip backup``: the database in one file, while the server runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from records import audit, database as database_module
from records.errors import InputError
from server import datafolder
from server.datafolder import Data


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command()
    def backup(
        target: Annotated[
            Path, typer.Argument(metavar="OUT", help="The file to write, such as coverslip.db.")
        ],
        data: Data,
        force: Annotated[bool, typer.Option("--force", help="Replace OUT.")] = False,
    ) -> None:
        """Copy the SQLite database into one file while the server runs, and check the copy.

        The rest of a data folder are plain files: secret.key, images, annotations, attachments.
        Copy them after the database, so that it names none that is not there.
        """
        if target.is_dir():
            raise InputError(f"{target} is a folder; expected the name of a file to write")
        if target.exists() and not force:
            raise InputError(f"{target} is there already; --force replaces it")
        with datafolder.opened(data) as database, database.reading() as session:
            try:
                database_module.copy(session, target)
            except OSError as error:
                raise InputError(f"{target} cannot be written: {error.strerror}") from error
            trail = audit.examine(session)
        typer.echo(f"{target}: {target.stat().st_size:,} bytes, checked")
        typer.echo(f"Audit trail: {trail.events:,} events. Last hash: {trail.last_hash}")
