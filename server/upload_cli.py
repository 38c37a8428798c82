"""The commands ``coverslip upload`` and ``uploads``: files sent, and what came of them."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from access.rights import COMMAND_LINE
from records.columns import utc_now
from records.errors import InputError
from server import datafolder, upload_client
from server.datafolder import Data
from server.upload_client import Job, Sender, UploadFailedError
from uploads import status
from uploads.partstore import PartStore

_PIPED_WIDTH = 160
_CHECK_WAIT_S = 120


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""

    @app.command()
    def upload(
        paths: Annotated[list[Path], typer.Argument(help="Files, or folders with files.")],
        server: Annotated[
            str, typer.Option(envvar="COVERSLIP_SERVER", help="Such as https://slides.example.org")
        ],
        token: Annotated[str, typer.Option(envvar="COVERSLIP_TOKEN", help="An API token.")],
        folder: Annotated[str, typer.Option(help="Folder on the server; often a study's.")] = "",
        parallel: Annotated[int, typer.Option(help="Files at once.", min=1, max=16)] = 3,
        patience: Annotated[
            float, typer.Option(help="Seconds to go on trying without an answer.", min=0)
        ] = 600,
    ) -> None:
        """Send slides to a server; the same command again goes on where it was stopped."""
        if not server.lower().startswith(("http://", "https://")):
            raise InputError(f"--server must begin with http:// or https://, not be {server!r}")
        jobs = upload_client.find_jobs(paths, folder)
        console = Console(soft_wrap=True)

        def say(words: str) -> None:
            console.print(f"[yellow]waiting[/yellow]  {escape(words)}")

        target = upload_client.Target(
            server=server, token=token, memory=_memory_folder(), patience_s=patience, say=say
        )
        if not _send_all(jobs, target, parallel, console):
            raise typer.Exit(1)

    @app.command()
    def uploads(
        data: Data,
        count: Annotated[int, typer.Option(help="The newest so many.", min=1, max=1000)] = 30,
    ) -> None:
        """Show the uploads of a data folder: how far each is, and what was found in it."""
        with datafolder.opened(data) as database, database.reading() as session:
            parts = PartStore(data / "uploads", lifetime=timedelta(days=36500))
            found = status.list_uploads(
                session, COMMAND_LINE, parts=parts, count=count, now=utc_now()
            )
        console = Console()
        if not console.is_terminal:
            console = Console(width=_PIPED_WIDTH)
        console.print(_table(found))


def _send_all(
    jobs: list[Job], target: upload_client.Target, parallel: int, console: Console
) -> bool:
    """Send files side by side; say what became of each; tell whether all went well."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with (
        Progress(*columns, console=console, disable=not console.is_terminal) as progress,
        ThreadPoolExecutor(parallel) as hashing,
        ThreadPoolExecutor(parallel) as sending,
    ):
        sender = Sender(target, hashing)
        try:
            return all(list(sending.map(lambda job: _send(sender, job, progress), jobs)))
        except KeyboardInterrupt:
            progress.stop()
            console.print("stopped; the same command goes on where this one ended")
            # Python would wait for requests under way, for minutes on a slow line; the server has
            # on disk what it acknowledged, and we what was begun.
            sys.stdout.flush()
            os._exit(130)


def _send(sender: Sender, job: Job, progress: Progress) -> bool:
    name = escape(f"{job.folder}/{job.path.name}" if job.folder else job.path.name)
    task: TaskID = progress.add_task(name, total=job.byte_count)
    try:
        found = sender.send(job, lambda offset: progress.update(task, completed=offset))
        found = sender.wait_until_checked(found, _CHECK_WAIT_S)
    except (UploadFailedError, OSError) as error:
        progress.console.print(f"[red]failed[/red]  {name}: {escape(str(error))}")
        return False
    progress.console.print(_outcome(name, found))
    return found.get("state") != "unreadable"


def _outcome(name: str, found: dict[str, Any]) -> str:
    state = found.get("state", "stored")
    if state == "unreadable":
        return f"[yellow]arrived, but cannot be read[/yellow]  {name}: {escape(found['problem'])}"
    slides = [
        f"{slide['width']} x {slide['height']}, {slide['format']}"
        for slide in found.get("slides", [])
        if "width" in slide
    ]
    return f"[green]{state}[/green]  {name}" + (f"  ({'; '.join(slides)})" if slides else "")


def _table(found: list[status.UploadStatus]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("Asked for", "By", "File", "State", "Arrived", "What it is"):
        table.add_column(heading, overflow="fold")
    for entry in found:
        table.add_row(
            f"{entry.requested_at:%Y-%m-%d %H:%M}",
            escape(entry.actor),
            escape(entry.path or f"({entry.purpose})"),
            entry.state,
            _arrived(entry),
            escape(entry.problem or _facts(entry)),
        )
    return table


def _arrived(entry: status.UploadStatus) -> str:
    if entry.unpacked is not None:
        return f"{entry.unpacked[0]} of {entry.unpacked[1]} unpacked"
    if entry.received is None:
        return ""
    if entry.received == entry.length:
        return str(entry.received)
    return f"{entry.received} of {'?' if entry.length is None else entry.length}"


def _facts(entry: status.UploadStatus) -> str:
    return "; ".join(
        f"{slide['width']} x {slide['height']}, {slide['levels']} levels, {slide['format']}"
        for slide in entry.slides
        if "width" in slide
    )


def _memory_folder() -> Path:
    """Return where begun uploads are remembered. Source: XDG Base Directory Specification."""
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if state else Path.home() / ".local" / "state") / "coverslip" / "uploads"
