"""The command line: ``coverslip serve``, ``init``, ``token``, ``user``, ``reimport`` and more.

Commands import what they need when they run: to load all of it takes longer than most of them.
"""

from __future__ import annotations

import os
import socket
import sys
from datetime import UTC, datetime, time
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from access.rights import COMMAND_LINE, parse_list, parse_rights
from records.errors import AppError, ConflictError, InputError
from server import datafolder
from server.datafolder import Data
from server.progress import slide_progress
from server.settings import Settings

app = typer.Typer(
    help="Coverslip: an open, self-hosted whole-slide image server and scoring platform.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
token_app = typer.Typer(help="API tokens for scripts.", no_args_is_help=True)
user_app = typer.Typer(help="Accounts of people.", no_args_is_help=True)
app.add_typer(token_app, name="token")
app.add_typer(user_app, name="user")

Host = Annotated[str, typer.Option(envvar="COVERSLIP_HOST", help="Address to listen on.")]
Port = Annotated[
    int, typer.Option(envvar="COVERSLIP_PORT", help="Port to listen on.", min=0, max=65535)
]
Workers = Annotated[
    int, typer.Option(envvar="COVERSLIP_WORKERS", help="Server processes.", min=1, max=64)
]


def main() -> None:
    """Run the command line; expected failures become one line on standard error."""
    _add_commands(next((word for word in sys.argv[1:] if not word.startswith("-")), ""))
    try:
        app()
    except AppError as error:
        typer.echo(f"coverslip: {error.message}", err=True)
        sys.exit(1)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"coverslip {metadata.version('coverslip')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """Coverslip: an open, self-hosted whole-slide image server and scoring platform."""


@app.command()
def serve(
    data: Data,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 1,
    log_level: Annotated[
        str, typer.Option(envvar="COVERSLIP_LOG_LEVEL", help="debug, info, warning or error.")
    ] = "info",
) -> None:
    """Serve the data folder; Ctrl-C stops it."""
    import uvicorn

    from server import bounded_http, logs

    if log_level not in {"debug", "info", "warning", "error"}:
        raise InputError(f"--log-level must be debug, info, warning or error, not {log_level!r}")
    _insist_on_free(host, port)
    with datafolder.made(data):
        pass  # the schema is upgraded once, before any worker reads it
    # Workers are new processes: they read their settings from the environment.
    os.environ["COVERSLIP_DATA"] = str(data.resolve())
    os.environ["COVERSLIP_LOG_LEVEL"] = log_level
    settings = Settings.from_env(os.environ)
    logs.set_up(level=log_level)
    bounded_http.allow_open_files()
    uvicorn.run(
        "server.app:app_from_env",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        http="server.bounded_http:BoundedHttpProtocol",
        log_level=log_level,
        access_log=False,
        limit_concurrency=settings.max_connections,
        proxy_headers=True,
        server_header=False,
        timeout_graceful_shutdown=10,
        # A worker that starts on a busy machine may be silent for longer than the usual 5 s, and
        # would be killed and started anew for ever.
        timeout_worker_healthcheck=60,
    )


@app.command()
def init(
    data: Data,
    admin: Annotated[
        str, typer.Option(envvar="COVERSLIP_ADMIN", help="E-mail address of the administrator.")
    ],
) -> None:
    """Make a data folder with an administrator, and say their password once."""
    from access import people

    email = people.normalise_email(admin)
    password = people.new_password()
    with datafolder.made(data) as database, database.writing() as session:
        if people.has_account(session, email):
            typer.echo(f"{data} has an account of {email} already.")
            return
        people.add_account(session, COMMAND_LINE, email=email, password=password, is_admin=True)
    typer.echo(f"Administrator: {email}")
    typer.echo(f"Password:      {password}")


@token_app.command("create")
def create_token(
    data: Data,
    name: Annotated[
        str, typer.Option(envvar="COVERSLIP_NAME", help="What the token is for, for your list.")
    ],
    rights: Annotated[
        str,
        typer.Option(
            envvar="COVERSLIP_RIGHTS", help="all, or names such as CanUpload,CanGetPixels."
        ),
    ] = "all",
    studies_: Annotated[
        str,
        typer.Option(
            "--studies", envvar="COVERSLIP_STUDIES", help="The only studies to read and modify."
        ),
    ] = "",
    read_studies: Annotated[
        str, typer.Option(envvar="COVERSLIP_READ_STUDIES", help="The only studies to read.")
    ] = "",
    modify_studies: Annotated[
        str, typer.Option(envvar="COVERSLIP_MODIFY_STUDIES", help="The only studies to modify.")
    ] = "",
    folders: Annotated[
        str, typer.Option(envvar="COVERSLIP_FOLDERS", help="The only folders to upload to.")
    ] = "",
    expires: Annotated[
        str, typer.Option(envvar="COVERSLIP_EXPIRES", help="Last day, as 2027-01-31.")
    ] = "",
) -> None:
    """Make an API token and print it, alone; lists are separated by semicolons.

    Reading and modifying are limited apart: --studies limits both.
    """
    from access import tokens

    if read_studies and not (modify_studies or studies_):
        typer.echo(
            "note: this token may modify every study; --studies or --modify-studies limits that",
            err=True,
        )
    wanted = tokens.NewApiToken(
        name=name,
        rights=parse_rights(rights),
        read_studies=parse_list(read_studies or studies_),
        modify_studies=parse_list(modify_studies or studies_),
        upload_folders=parse_list(folders),
        expires_at=_end_of_day(expires) if expires else None,
    )
    with datafolder.made(data) as database, database.writing() as session:
        text = tokens.issue_api_token(session, COMMAND_LINE, wanted)
    typer.echo(text)


@user_app.command("add")
def add_user(
    email: Annotated[str, typer.Argument(help="The person's e-mail address.")],
    data: Data,
    admin: Annotated[
        bool, typer.Option("--admin", envvar="COVERSLIP_ADMIN_FLAG", help="All rights everywhere.")
    ] = False,
    password_stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin",
            envvar="COVERSLIP_PASSWORD_STDIN",
            help="Read the password from standard input instead of making one.",
        ),
    ] = False,
) -> None:
    """Add an account, or give an existing one a new password, and print a password made here."""
    from access import people

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else people.new_password()
    with datafolder.made(data) as database, database.writing() as session:
        people.add_account(session, COMMAND_LINE, email=email, password=password, is_admin=admin)
    typer.echo(f"Account: {people.normalise_email(email)}")
    if not password_stdin:
        typer.echo(f"Password: {password}")


@app.command()
def reimport(
    study: Annotated[str, typer.Argument(help="The study's name, as its files have it.")],
    data: Data,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            envvar="COVERSLIP_DRY_RUN",
            help="Change nothing; print what would change, as a diff.",
        ),
    ] = False,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep",
            envvar="COVERSLIP_KEEP",
            help="Keep what people changed by hand since the last import; else the files win.",
        ),
    ] = False,
    ignore_image_errors: Annotated[
        bool,
        typer.Option(
            "--ignore-image-errors",
            envvar="COVERSLIP_IGNORE_IMAGE_ERRORS",
            help="Pass over slides that cannot be read.",
        ),
    ] = False,
) -> None:
    """Read a study's files again and apply what changed; prints the log."""
    from server import studies
    from studyconfig.reimport import Options

    wish = Options(ignore_image_errors=ignore_image_errors, dry_run=dry_run, keep_handwork=keep)
    with datafolder.opened(data) as database, slide_progress() as progress:
        result = studies.reimport(
            database, data, COMMAND_LINE, study, options=wish, progress=progress
        )
    typer.echo(result.log.rstrip())
    if dry_run and result.diff:
        typer.echo(f"\n{result.diff.rstrip()}")
    if not result.success:
        raise typer.Exit(1)


@app.command()
def sample(data: Data) -> None:
    """Make the sample slides and import the study "sample" through Reimport."""
    from server import quickstart, studies

    with datafolder.made(data) as database:
        result = studies.import_sample(database, data, COMMAND_LINE, admin_email=quickstart.ADMIN)
    typer.echo(result.log.rstrip())
    if not result.success:
        raise typer.Exit(1)


@app.command("quickstart")
def quick_start(
    data: Data,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 1,
) -> None:
    """Make everything a first look needs (login, token, sample study), say it, and serve."""
    from server import quickstart

    _insist_on_free(host, port)
    with datafolder.made(data) as database:
        welcome = quickstart.prepare(database, data, f"http://{host}:{port}")
    typer.echo(welcome)
    serve(data=data, host=host, port=port, workers=workers)


@app.command()
def probe(file: Annotated[Path, typer.Argument(help="A slide, or any of its files.")]) -> None:
    """Say what a slide file holds, and which reader opens it."""
    from tileserver import probe as slide_probe

    if not file.is_file():
        raise InputError(f"there is no file {file}")
    for label, value in slide_probe.describe(file).lines():
        typer.echo(f"{label + ':':<17}{value}")


def _insist_on_free(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on before anything is made, and in one line."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        raise ConflictError(
            f"{host}:{port} cannot be listened on: {reason}; --host and --port choose another"
        ) from error


def _end_of_day(text: str) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  (a date has no zone)
    except ValueError:
        raise InputError(f"--expires must be a date such as 2027-01-31, not {text!r}") from None
    return datetime.combine(day, time(23, 59, 59), UTC)


def _add_commands(named: str) -> None:
    """Add the commands of other modules: the one that is named, or all where none is known."""
    here = {
        info.name or info.callback.__name__ for info in app.registered_commands if info.callback
    }
    if named in here | {info.name for info in app.registered_groups}:
        return
    is_all = named not in {"agreement", "audit", "backup", "convert", "upload", "uploads"}
    if is_all or named == "agreement":
        from server import agreement_cli

        agreement_cli.register(app)
    if is_all or named == "audit":
        from server import audit_cli

        audit_cli.register(app)
    if is_all or named == "backup":
        from server import backup_cli

        backup_cli.register(app)
    if is_all or named == "convert":
        from server import convert_cli

        convert_cli.register(app)
    if is_all or named in {"upload", "uploads"}:
        from server import upload_cli

        upload_cli.register(app)
