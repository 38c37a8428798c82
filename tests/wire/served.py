"""A running server and a study on it, as clients meet them."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import requests
from slidescore import APIClient

from slides_sample import gradient
from tests.command import COVERSLIP

START_S = 90


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, and a token with every right."""

    url: str
    token: str
    data: Path
    slide_file_root: Path

    def coverslip(self, *arguments: str) -> str:
        """Run a command on the server's data folder and return what it prints."""
        return subprocess.run(
            [COVERSLIP, *arguments, "--data", self.data],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    def make_token(self, **options: str) -> str:
        """Return a new API token made by the command line."""
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return self.coverslip("token", "create", "--name", "test", *words).strip()

    def client(self, token: str | None = None) -> APIClient:
        """Return the vendor's official client."""
        return APIClient(self.url, token or self.token)

    def call(
        self, name: str, *, verb: str = "GET", bearer: str | None = None, **parameters: object
    ) -> requests.Response:
        """Make a call as the official client does: a form body, also on GET."""
        return requests.request(
            verb,
            f"{self.url}/Api/{name}",
            data=parameters,
            headers={
                "Authorization": f"Bearer {self.token if bearer is None else bearer}",
                "Accept": "application/json",
            },
            timeout=30,
        )


# Below those that the system hands out by itself, and apart from those of another run of tests, so
# that nobody takes one before the server that it is meant for listens.
_PORTS = itertools.count(10_000 + os.getpid() % 200 * 100)


def free_port() -> int:
    """Return a port that nobody listens on, another one each time."""
    return next(filter(_is_free, _PORTS))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended at once"
        try:
            if requests.get(f"{url}/healthz", timeout=2).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(f"no health within {START_S} s")


@dataclass(frozen=True)
class WiredStudy:
    """A study that the official client made: one gradient slide, four questions."""

    id: int
    name: str
    slide_id: int
    slide_name: str


QUESTIONS = (
    "Remark\tFreeText\n"
    "Grade\tClickFriendlyPollOnly\tLow;;High\n"
    "Tumour\tAnnoShapes\t#e6194b\n"
    "Mitoses\tAnnoPoints\t#3cb44b"
)
READER = "reader@example.org"
SLIDE_SIZE = (501, 465)


def make_study(client: APIClient, folder: Path, name: str) -> WiredStudy:
    """Make a study as the vendor's examples do: upload files, Reimport, list."""
    slide = folder / "test-image.TiFF"
    gradient.write_gradient_slide(
        slide, width=SLIDE_SIZE[0], height=SLIDE_SIZE[1], tile=128, downsamples=(1, 2, 4)
    )
    (folder / "emails").write_text(f"{READER};canscore,canedit,cangetresults\n")
    (folder / "scores").write_text(QUESTIONS)
    client.upload_file(str(folder / "emails"), "", f"study.{name}.emails")
    client.upload_file(str(folder / "scores"), "", f"study.{name}.scores")
    client.upload_file(str(slide), name)
    study_id = client.reimport(name)["id"]
    [slide_row] = client.get_images(study_id)
    return WiredStudy(study_id, name, slide_row["id"], slide_row["name"])
