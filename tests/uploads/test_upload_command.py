"""``coverslip upload``: what it says when something is wrong, and how it is stopped."""

from __future__ import annotations

import http.server
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from server import upload_cli
from tests.wire.served import COVERSLIP, free_port


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "a.svs").write_bytes(b"no slide")
    return tmp_path / "a.svs"


@pytest.fixture
def other_server() -> Iterator[str]:
    """Give the address of a server of another kind."""

    class Pages(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200 if self.path.startswith("/pages/") else 404)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def upload(*words: object) -> tuple[int, str]:
    app = typer.Typer()
    upload_cli.register(app)
    result = CliRunner().invoke(app, ["upload", *map(str, words)])
    error = getattr(result.exception, "message", "")
    return result.exit_code, result.output + error


def test_wrong_token_is_told_in_the_server_s_words(site, source):
    code, said = upload(source, "--server", site.url, "--token", "nonsense")

    assert code == 1
    assert "the server refuses the token" in said
    assert "{" not in said


@pytest.mark.parametrize("path", ["", "/pages"])
def test_server_of_another_kind_is_told_at_once(other_server, source, path):
    code, said = upload(source, "--server", other_server + path, "--token", "t")

    assert code == 1
    assert f"{other_server}{path} does not take slides" in said


def test_server_that_does_not_answer_is_waited_for_and_said_so(source):
    url = f"http://127.0.0.1:{free_port()}"

    code, said = upload(source, "--server", url, "--token", "t", "--patience", "0.1")

    assert code == 1
    assert f"waiting  a.svs: no answer from {url}; trying again for up to 0.1 s" in said
    assert "given up after 0.1 s" in said
    assert "the same command goes on" in said


@pytest.mark.parametrize("url", ["slides.example.org", "ftp://slides.example.org"])
def test_address_without_http_is_refused(source, url):
    code, said = upload(source, "--server", url, "--token", "t")

    assert code == 1
    assert f"must begin with http:// or https://, not be '{url}'" in said


def test_nothing_to_send_is_told(tmp_path):
    code, said = upload(tmp_path, "--server", "http://127.0.0.1:1", "--token", "t")

    assert code == 1
    assert "there is no file to send" in said


def test_ctrl_c_stops_at_once_and_says_how_to_go_on(source):
    url = f"http://127.0.0.1:{free_port()}"
    command = [COVERSLIP, "upload", source, "--server", url, "--token", "t"]

    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as client:
        assert client.stdout.readline().startswith("waiting")
        client.send_signal(signal.SIGINT)
        said = client.stdout.read()

    assert client.returncode == 130
    assert said == "stopped; the same command goes on where this one ended\n"
