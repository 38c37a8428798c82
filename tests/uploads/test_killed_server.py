"""Clients that go on after the server was killed: tus-js-client, and our own command."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.wire.served import COVERSLIP, free_port, wait_until_healthy

NODE = Path(__file__).parent / "node"

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (NODE / "node_modules" / "tus-js-client").is_dir(),
    reason="needs Node and `npm ci` in tests/uploads/node",
)


@dataclass
class KillableServer:
    """A real server that a test kills and starts again on the same port and data."""

    folder: Path
    port: int
    token: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [COVERSLIP, "serve", "--data", self.folder / "data", "--port", str(self.port)],
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until_healthy(self.url, self.process)

    def kill(self) -> None:
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


@pytest.fixture
def server(tmp_path: Path) -> Iterator[KillableServer]:
    server = KillableServer(tmp_path, free_port())
    command = [COVERSLIP, "token", "create", "--name", "test", "--data", tmp_path / "data"]
    server.token = subprocess.run(
        command, capture_output=True, text=True, check=True
    ).stdout.strip()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.svs"
    path.write_bytes(secrets.token_bytes(20_000_000))
    return path


def node(server: KillableServer, ticket: str, source: Path, *more: str) -> subprocess.Popen[str]:
    command = ["node", NODE / "upload.mjs", server.url, server.token, ticket, source, *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@needs_node
def test_tus_js_client_goes_on_after_a_killed_server(server: KillableServer, source: Path):
    ticket = server.call("RequestUpload", filename="a.svs", folder="new")["token"]

    with node(server, ticket, source, "1") as client:
        assert client.stdout.readline() == "midway\n"
        server.kill()
        server.start()
        url = client.stdout.readline().strip()

    assert server.call("FinishUpload", id=url, token=ticket) == "OK"
    assert (server.folder / "data/images/new/a.svs").read_bytes() == source.read_bytes()


@needs_node
@pytest.mark.parametrize("how", [("3",), ("1", "deferred")], ids=["parallel", "deferred"])
def test_tus_js_client_sends_pieces_side_by_side_or_tells_the_length_late(
    server: KillableServer, source: Path, how: tuple[str, ...]
):
    ticket = server.call("RequestUpload", filename="a.svs", folder="new")["token"]

    with node(server, ticket, source, *how) as client:
        url = client.stdout.read().strip().splitlines()[-1]

    assert server.call("FinishUpload", id=url, token=ticket) == "OK"
    assert (server.folder / "data/images/new/a.svs").read_bytes() == source.read_bytes()


def test_upload_command_goes_on_after_it_and_the_server_were_killed(
    server: KillableServer, source: Path, tmp_path: Path
):
    environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    command = [COVERSLIP, "upload", source, "--server", server.url, "--token", server.token]
    parts = server.folder / "data" / "uploads"

    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) as client:
        while not any(path.suffix == ".part" and path.stat().st_size for path in _files(parts)):
            assert client.poll() is None
        server.kill()
        client.kill()
    server.start()
    again = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120)

    assert (server.folder / "data/images/a.svs").read_bytes() == source.read_bytes()
    # Random bytes are no slide, and the command says so.
    assert again.returncode == 1
    assert "cannot be read" in again.stdout
    assert _files(tmp_path / "state" / "coverslip" / "uploads") == []
    # What a killed server left half-made is swept later; no upload is left.
    assert [path for path in _files(parts) if path.suffix == ".info"] == []


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())
