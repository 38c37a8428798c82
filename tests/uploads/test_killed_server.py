"""Clients that go on after a killed server: the official SDK, tuspy, tus-js-client, our command."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

import pytest
import requests
import slidescore
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.uploader import Uploader

from tests.uploads.killable import KillableServer, kill_midway
from tests.wire.served import COVERSLIP

# The SDK leaves files open.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

NODE = Path(__file__).parent / "node"

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (NODE / "node_modules" / "tus-js-client").is_dir(),
    reason="needs Node and `npm ci` in tests/uploads/node",
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[KillableServer]:
    with KillableServer(tmp_path).started() as server:
        yield server


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.svs"
    path.write_bytes(secrets.token_bytes(40_000_000))
    return path


@pytest.mark.parametrize("how", ["resumed by tuspy", "the same call again"])
def test_official_sdk_s_upload_is_brought_to_its_end_after_a_killed_server(
    server: KillableServer, source: Path, how: str
):
    client = slidescore.APIClient(server.url, server.token)
    ticket = client.request_upload("new", "a.svs", None)

    # The SDK sends 10 MB at a time; its own call has no second try, so the loss is seen.
    with futures.ThreadPoolExecutor(1) as pool:
        sdk = pool.submit(client.upload_using_token, str(source), ticket)
        kill_midway(server, sdk)
        with pytest.raises((TusCommunicationError, TusUploadFailed, requests.RequestException)):
            sdk.result()
    server.start()
    if how == "resumed by tuspy":
        status = client.perform_request("UploadStatus", {"token": ticket}).json()["uploads"][0]
        url = f"{server.url}/files/{status['partId']}"
        with source.open("rb") as stream:
            uploader = Uploader(file_stream=stream, url=url, chunk_size=10_000_000)
            assert 0 < uploader.offset < source.stat().st_size
            uploader.upload()
        client.finish_upload(ticket, url)
    else:
        client.upload_using_token(str(source), ticket)

    assert (server.folder / "data/images/new/a.svs").read_bytes() == source.read_bytes()


def test_tuspy_s_own_tries_outlive_a_killed_server(server: KillableServer, source: Path):
    ticket = server.call("RequestUpload", filename="a.svs", folder="new")["token"]
    metadata = {"uploadtoken": ticket, "apitoken": server.token}

    with source.open("rb") as stream, futures.ThreadPoolExecutor(1) as pool:
        uploader = TusClient(f"{server.url}/files/").uploader(
            file_stream=stream,
            chunk_size=2_000_000,
            metadata=metadata,
            retries=600,
            retry_delay=0.1,
        )
        upload = pool.submit(uploader.upload)
        kill_midway(server, upload)
        server.start()
        upload.result()

    assert server.call("FinishUpload", id=uploader.url, token=ticket) == "OK"
    assert (server.folder / "data/images/new/a.svs").read_bytes() == source.read_bytes()


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
        kill_midway(server, client)
        client.kill()
    # What nobody came back for since 1970 is swept as soon as the server is there again.
    stale = parts / f"{'0' * 32}.mark"
    stale.touch()
    os.utime(stale, (0, 0))
    server.start()
    again = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120)

    assert (server.folder / "data/images/a.svs").read_bytes() == source.read_bytes()
    # Random bytes are no slide, and the command says so.
    assert again.returncode == 1
    assert "cannot be read" in again.stdout
    assert _files(tmp_path / "state" / "coverslip" / "uploads") == []
    assert not stale.exists()
    # What a killed server left half-made is swept later; no upload is left.
    assert [path for path in _files(parts) if path.suffix == ".info"] == []


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())
