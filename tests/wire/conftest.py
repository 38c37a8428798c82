"""A real server on loopback, started as an administrator would."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.wire.served import (
    COVERSLIP,
    Server,
    WiredStudy,
    free_port,
    make_study,
    wait_until_healthy,
)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start ``coverslip serve`` with two workers, and stop it by Ctrl-C."""
    folder = tmp_path_factory.mktemp("server")
    data, root, port = folder / "data", folder / "slide-files", free_port()
    root.mkdir()
    environ = {key: value for key, value in os.environ.items() if not key.startswith("COVERSLIP_")}
    environ["COVERSLIP_SLIDE_FILE_ROOTS"] = str(root)
    environ["COVERSLIP_TILE_RIGHTS_S"] = "1"

    def run(*words: str) -> str:
        return subprocess.run(
            [COVERSLIP, *words], capture_output=True, text=True, check=True, env=environ
        ).stdout

    run("init", "--data", str(data), "--admin", "admin@example.org")
    token = run("token", "create", "--data", str(data), "--name", "tests").strip()
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        [COVERSLIP, "serve", "--data", data, "--port", str(port), "--workers", "2"],
        stderr=log,
        env=environ,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(url, process)
        yield Server(url, token, data, root)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(60) in (0, -signal.SIGINT)
        finally:
            process.kill()
            log.close()
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture(scope="session")
def study(server: Server, tmp_path_factory: pytest.TempPathFactory) -> WiredStudy:
    """Give a study that tests only read, or add answers to under users of their own."""
    return make_study(server.client(), tmp_path_factory.mktemp("study"), "wire-2026-11-21_12-00")
