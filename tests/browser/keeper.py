"""A server that a walk through the pages may kill and start again, and the walk itself."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.browser.conftest import Browser
from tests.wire.served import COVERSLIP, wait_until_healthy


@dataclass
class Keeper:
    """A server that can be killed and started again, and what it holds."""

    data: Path
    port: int
    token: str = ""
    studies: dict[str, dict[str, Any]] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def coverslip(self, *words: str, text: str | None = None) -> str:
        return subprocess.run(
            [COVERSLIP, *words, "--data", self.data],
            input=text,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def init(self, admin: str) -> str:
        """Make the data folder and an administrator, and return their password."""
        made = re.search(r"Password:\s+(\S+)", self.coverslip("init", "--admin", admin))
        assert made is not None
        self.token = self.coverslip("token", "create", "--name", "tests").strip()
        return made[1]

    def start(self) -> None:
        with (self.data.parent / "log").open("a") as log:
            self.process = subprocess.Popen(
                [COVERSLIP, "serve", "--data", self.data, "--port", str(self.port)], stderr=log
            )
        wait_until_healthy(self.url, self.process)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(20)

    def call(self, name: str, **parameters: object) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        reply = requests.post(f"{self.url}/Api/{name}", parameters, headers=headers, timeout=60)
        reply.raise_for_status()
        return reply.json()

    def export(self, slide_id: int, email: str, form: str) -> str:
        """Return somebody's annotations of a slide as the text of a file."""
        headers = {"Authorization": f"Bearer {self.token}"}
        given = {"imageId": slide_id, "user": email, "format": form}
        address = f"{self.url}/Api/ExportAnnotations"
        reply = requests.get(address, given, headers=headers, timeout=60)
        reply.raise_for_status()
        return reply.text

    def make_study(self, name: str, **texts: str) -> dict[str, Any]:
        """Import a study of the texts by the kind of their files, and give its slides."""
        root = self.data / "images"
        for extension, text in texts.items():
            (root / f"study.{name}.{extension}").write_text(text)
        made = self.call("Reimport", studyName=name)
        assert made["success"], made
        slides = sorted(self.call("Images", studyId=made["id"]), key=lambda slide: slide["name"])
        return {"id": made["id"], "slides": [slide["id"] for slide in slides]}

    def walk(self, browser: Browser, script: str, given: dict[str, Any]) -> dict[str, Any]:
        """Run a walk, killing and starting the server when it asks for that."""
        with browser.start_walk(script, {"base": self.url, **given}) as walk:
            assert walk.stdin is not None
            assert walk.stdout is not None
            for line in walk.stdout:
                if line.startswith("{"):
                    return json.loads(line)
                {"kill": self.kill, "start": self.start}[line.strip()]()
                walk.stdin.write("done\n")
                walk.stdin.flush()
        raise AssertionError("the walk ended early")
