"""A server with the sample study, and one walk of a headless browser through its pages."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from scripts import build_web
from slides_sample import samples
from tests.wire.served import COVERSLIP, free_port, wait_until_healthy

ADMIN = "admin@example.org"
READER = "reader@example.org"
READER_PASSWORD = "Reader-2026"
WALK_S = 600


@dataclass(frozen=True)
class Site:
    """A running server with the sample study, and what its administrator knows."""

    url: str
    password: str
    token: str
    slide_file: Path

    def call(self, name: str, **parameters: object) -> Any:
        """Ask a call of the Api."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        reply = requests.post(f"{self.url}/Api/{name}", parameters, headers=headers, timeout=30)
        reply.raise_for_status()
        return reply.json()


@dataclass(frozen=True)
class Browser:
    """Chromium, driven by the walks that ``web/e2e`` holds."""

    chromium: str
    node: Path

    def start_walk(self, script: str, given: dict[str, Any]) -> subprocess.Popen[str]:
        """Begin a walk that is given what it needs to know, the browser among it."""
        return subprocess.Popen(
            [self.node, f"e2e/{script}", json.dumps({**given, "chromium": self.chromium})],
            cwd=build_web.WEB,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def walk_to_end(self, script: str, given: dict[str, Any], *, timeout_s: float) -> Any:
        """Give what a walk tells in its last line, or nothing where it tells nothing."""
        with self.start_walk(script, given) as walk:
            try:
                told, _ = walk.communicate(timeout=timeout_s)
            except BaseException:
                walk.kill()
                raise
        assert walk.returncode == 0, "the walk failed, and its standard error says why"
        return json.loads(told.splitlines()[-1]) if told else None


@pytest.fixture(scope="session")
def browser() -> Browser:
    """Give the machine's Chromium."""
    chromium = build_web.find_chromium()
    if chromium is None:
        pytest.skip("Chromium is not installed; scripts/install_test_tools.sh installs it")
    node = build_web.find_node(bundled_node=False)
    build_web.install_packages(node)
    return Browser(chromium, node.node)


@pytest.fixture(scope="module")
def site(sample_slides: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start ``coverslip serve`` with the sample study and an account that may see nothing."""
    folder = tmp_path_factory.mktemp("site")
    data, port = folder / "data", free_port()
    environ = {key: value for key, value in os.environ.items() if not key.startswith("COVERSLIP_")}
    environ["COVERSLIP_SLIDE_FILE_ROOTS"] = str(data / "images")
    # What is taken away is so at once, not in half a minute.
    environ["COVERSLIP_TILE_RIGHTS_S"] = "1"

    def coverslip(*words: str, text: str | None = None) -> str:
        return subprocess.run(
            [COVERSLIP, *words, "--data", str(data)],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            env=environ,
        ).stdout

    made = re.search(r"Password:\s+(\S+)", coverslip("init", "--admin", ADMIN))
    assert made is not None
    shutil.copytree(sample_slides, data / "images" / sample_slides.name)
    coverslip("sample")
    coverslip("user", "add", READER, "--password-stdin", text=READER_PASSWORD)
    token = coverslip("token", "create", "--name", "tests").strip()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [COVERSLIP, "serve", "--data", data, "--port", str(port)], stderr=log, env=environ
        )
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until_healthy(url, process)
            yield Site(url, made[1], token, data / "images" / "sample" / samples.HE_NAME)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            finally:
                process.kill()
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture(scope="module")
def slides(site: Site) -> dict[str, int]:
    """Give the ids of the sample slides by the names of their files."""
    [study] = site.call("Studies")
    found = {slide["name"]: slide["id"] for slide in site.call("Images", studyId=study["id"])}
    names = (samples.HE_NAME, samples.GRADIENT_NAME)
    return {"study": study["id"], **{name: found[Path(name).stem] for name in names}}


@pytest.fixture(scope="module")
def walk(
    browser: Browser, site: Site, slides: dict[str, int], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """Walk through every page once, and give what was seen there."""
    given = {
        "base": site.url,
        "email": ADMIN,
        "password": site.password,
        "readerEmail": READER,
        "readerPassword": READER_PASSWORD,
        "studyId": slides["study"],
        "slideId": slides[samples.HE_NAME],
        "gradientId": slides[samples.GRADIENT_NAME],
        "link": site.call("GenerateSlideFileURL", filename=str(site.slide_file))["link"],
        "pictures": str(tmp_path_factory.mktemp("pictures")),
    }
    return browser.walk_to_end("run.mjs", given, timeout_s=WALK_S)
