"""A throw-away PostgreSQL server on a Unix socket, for tests that must hold on both databases."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Start a server, yield its libpq connection string, stop it; skips when none is installed."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("no PostgreSQL server is installed")
    binaries = programs[-1].parent
    # initdb refuses to run as root; Debian's package brings the account postgres.
    owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="coverslip-pg-", dir="/tmp"))
    cluster = folder / "cluster"
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)

    def run(program: str, *words: str | Path) -> None:
        subprocess.run(
            [binaries / program, *words],
            check=True,
            capture_output=True,
            timeout=60,
            cwd=folder,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
        )

    try:
        run("initdb", "-D", cluster, "-A", "trust", "-U", "tests", "--no-sync", "-E", "UTF8")
        # No TCP port; nothing outside this machine's file system can reach it.
        options = f"-c listen_addresses='' -c fsync=off -k {folder}"
        run("pg_ctl", "-D", cluster, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"host={folder} user=tests"
        finally:
            run("pg_ctl", "-D", cluster, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: str, *, template: str = "template1") -> str:
    """Make a database like a template that nobody is connected to, and return its name."""
    name = f"t{uuid.uuid4().hex}"
    _execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def drop_database(server: str, name: str) -> None:
    _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def url(server: str, name: str) -> str:
    """Return the SQLAlchemy URL of a database."""
    host = server.split()[0].removeprefix("host=")
    return f"postgresql+psycopg://tests@/{name}?host={host}"


def _execute(server: str, statement: str) -> None:
    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]
