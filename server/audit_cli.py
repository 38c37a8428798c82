"""The command ``coverslip audit verify``: whether the audit trail is as it was written."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from records import audit
from records.errors import ConflictError, InputError
from server import datafolder
from server.datafolder import Data


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    audit_app = typer.Typer(help="The audit trail: who did what.", no_args_is_help=True)
    app.add_typer(audit_app, name="audit")

    @audit_app.callback()
    def options() -> None:
        """Keep ``verify`` a command of its own, for others will stand beside it."""

    @audit_app.command()
    def verify(
        data: Data,
        known: Annotated[
            str,
            typer.Option(
                envvar="COVERSLIP_KNOWN",
                help="The hash that an earlier check printed; the trail must still contain it.",
            ),
        ] = "",
    ) -> None:
        """Compute every hash of the audit trail anew; status 1 when an event was changed.

        Changed, removed and inserted events are found. That the newest are missing is found only
        with --known: note the hash that this prints in a place that the server cannot write to.
        """
        with datafolder.opened(data) as database, database.reading() as session:
            found = audit.examine(session, known_hash=_checked(known))
        if found.broken_id is not None:
            raise ConflictError(
                f"the audit trail is broken at event {found.broken_id}: "
                f"{found.events:,} events before it are whole"
            )
        if not found.has_known:
            raise ConflictError(
                f"the audit trail of {found.events:,} events does not contain {known.lower()}: "
                "events were removed from its end, or this is another trail"
            )
        typer.echo(f"{found.events:,} events, whole. Last hash: {found.last_hash}")


def _checked(known: str) -> str:
    if not known:
        return audit.FIRST_HASH
    if not re.fullmatch("[0-9a-fA-F]{64}", known):
        raise InputError(f"--known must be 64 hexadecimal digits, not {known!r}")
    return known.lower()
