"""A real server that tests kill, and start again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from concurrent import futures
from dataclasses import dataclass, field
from pathlib import Path

import requests

from access import tokens
from access.rights import ALL_RIGHTS, COMMAND_LINE
from tests import databases
from tests.wire.served import COVERSLIP, free_port, wait_until_healthy


@dataclass
class KillableServer:
    """A real server that a test kills and starts again on the same port and data."""

    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    token: str = ""
    process: subprocess.Popen[bytes] | None = None

    @contextlib.contextmanager
    def started(self) -> Iterator[KillableServer]:
        """Make its data and a token, start it, and kill it in the end."""
        (self.folder / "data").mkdir()
        with databases.sqlite(self.folder / "data") as database, database.writing() as session:
            wanted = tokens.NewApiToken(name="test", rights=ALL_RIGHTS)
            self.token = tokens.issue_api_token(session, COMMAND_LINE, wanted)
        self.start()
        try:
            yield self
        finally:
            self.kill()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def parts(self) -> Path:
        return self.folder / "data" / "uploads"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [COVERSLIP, "serve", "--data", self.folder / "data", "--port", str(self.port)],
            env={**os.environ, **self.environ},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until_healthy(self.url, self.process)

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def call(self, name: str, **fields: str) -> object:
        answer = requests.post(
            f"{self.url}/Api/{name}",
            data=fields,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        )
        assert answer.status_code == 200
        return answer.json()


def kill_midway(server: KillableServer, client: subprocess.Popen[bytes] | futures.Future) -> None:
    """Kill the server as soon as bytes of an upload have arrived."""
    is_over = (
        client.done if isinstance(client, futures.Future) else lambda: client.poll() is not None
    )
    # What is written before it takes its name begins with a dot.
    while not any(path.stat().st_size for path in server.parts.glob("[!.]*.part")):
        assert not is_over()
    server.kill()
