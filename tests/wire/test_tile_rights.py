"""Tiles end with the right of who asked for them, in every worker, whatever the token says."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import requests

from tests.wire.served import Server, WiredStudy, make_study

READER = "tiles@example.org"
BOSS = "tile-boss@example.org"
SETTINGS = "allowsharingslidesanonymously: {}\nhideslidenames: true"
WAIT_S = 20
IN_A_ROW = 8


@pytest.fixture(scope="module")
def trial(server: Server, tmp_path_factory: pytest.TempPathFactory) -> WiredStudy:
    """Make a published study that lets slides be shared, and hides their names from readers."""
    made = make_study(server.client(), tmp_path_factory.mktemp("trial"), "rights-to-tiles")
    do(server, "UpdateStudy", studyId=made.id, config=SETTINGS.format("true"))
    do(server, "Publish", studyId=made.id)
    do(server, "AddUser", studyId=made.id, email=READER, rights="viewonly")
    return made


def do(server: Server, call: str, **parameters: object) -> dict[str, object]:
    told: dict[str, object] = server.call(call, verb="POST", **parameters).json()
    assert told["success"] is True, told
    return told


class Browser(requests.Session):
    """A browser, with the passwords of two people."""

    def __init__(self, server: Server, passwords: dict[str, str]) -> None:
        super().__init__()
        self.server = server
        self.passwords = passwords
        self.headers["Sec-Fetch-Site"] = "same-origin"

    def sign_in(self, email: str) -> None:
        form = {"email": email, "password": self.passwords[email]}
        self.post(f"{self.server.url}/Account/Login", data=form, timeout=30)

    def call(self, call: str, **form: object) -> dict[str, object]:
        told: dict[str, object] = self.post(
            f"{self.server.url}/Api/{call}", data=form, timeout=30
        ).json()
        return told


@dataclass(frozen=True)
class Asked:
    """What GetTileServer gave, as addresses that need nothing but the cookie."""

    slide_url: str
    iiif: str
    cookie: str

    @property
    def urls(self) -> list[str]:
        tile, metadata = f"{self.slide_url}/i_files/8/0_0.jpeg", f"{self.slide_url}/metadata.json"
        return [tile, metadata, f"{self.iiif}/info.json"]

    def get(self, url: str) -> requests.Response:
        """Ask on a new connection, so that either worker may answer."""
        return requests.get(url, cookies={"t": self.cookie}, timeout=30)


def asked_by(server: Server, told: dict[str, object], study: WiredStudy) -> Asked:
    root = f"{server.url}/i/{study.slide_id}/{told['urlPart']}"
    asked = Asked(root, f"{server.url}{told['iiif']}", str(told["cookiePart"]))
    assert [asked.get(url).status_code for url in asked.urls * 3] == [200] * 9
    return asked


def wait_for_refusals(ask: Callable[[], requests.Response], status: int = 401) -> str:
    """Wait until every worker refuses, and return what they say."""
    deadline, in_a_row = time.monotonic() + WAIT_S, 0
    while in_a_row < IN_A_ROW:
        assert time.monotonic() < deadline, "a right that was lost did not end"
        reply = ask()
        in_a_row = in_a_row + 1 if reply.status_code == status else 0
    return reply.text


@pytest.fixture(scope="module")
def passwords(server: Server) -> dict[str, str]:
    """Make accounts of a reader and of an administrator."""
    said = {
        READER: server.coverslip("user", "add", READER),
        BOSS: server.coverslip("user", "add", BOSS, "--admin"),
    }
    return {email: text.split("Password:")[1].strip() for email, text in said.items()}


@pytest.fixture
def browser(server: Server, passwords: dict[str, str]) -> Browser:
    return Browser(server, passwords)


@pytest.fixture(scope="module")
def boss(server: Server, passwords: dict[str, str]) -> Browser:
    browser = Browser(server, passwords)
    browser.sign_in(BOSS)
    return browser


Deed = Callable[[Server, Browser, Browser, int], object]

LOSSES: dict[str, tuple[Deed, Deed, str]] = {
    "signed out": (
        lambda server, _boss, reader, _id: reader.post(f"{server.url}/Account/Logout", timeout=30),
        lambda *_: None,
        "not signed in",
    ),
    "no member": (
        lambda server, _boss, _reader, study_id: do(
            server, "RemoveUser", studyId=study_id, email=READER
        ),
        lambda server, _boss, _reader, study_id: do(
            server, "AddUser", studyId=study_id, email=READER, rights="viewonly"
        ),
        "you may not see slide",
    ),
    "unpublished": (
        lambda server, _boss, _reader, study_id: do(server, "Unpublish", studyId=study_id),
        lambda server, _boss, _reader, study_id: do(server, "Publish", studyId=study_id),
        "you may not see slide",
    ),
    "study deleted": (
        lambda server, _boss, _reader, study_id: do(server, "DeleteStudy", studyId=study_id),
        lambda server, _boss, _reader, study_id: do(server, "UndeleteStudy", studyId=study_id),
        "you may not see slide",
    ),
    "account closed": (
        lambda _server, boss, *_: boss.call("ChangePerson", email=READER, isActive="false"),
        lambda _server, boss, *_: boss.call("ChangePerson", email=READER, isActive="true"),
        "not signed in",
    ),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_persons_tiles_end_with_the_right(
    server: Server, trial: WiredStudy, boss: Browser, browser: Browser, loss: str
) -> None:
    lose, restore, told = LOSSES[loss]
    browser.sign_in(READER)
    asked = asked_by(server, browser.call("GetTileServer", imageId=trial.slide_id), trial)

    lose(server, boss, browser, trial.id)
    try:
        texts = [wait_for_refusals(lambda url=url: asked.get(url)) for url in asked.urls]
    finally:
        restore(server, boss, browser, trial.id)

    assert [told in text for text in texts] == [True] * 3


def test_a_scripts_tiles_end_with_its_token(server: Server, trial: WiredStudy) -> None:
    bearer = server.make_token(rights="CanGetPixels", studies=trial.name)
    reply = server.call("GetTileServer", bearer=bearer, imageId=trial.slide_id)
    asked = asked_by(server, reply.json(), trial)

    server.call("GiveUpToken", verb="POST", bearer=bearer)

    texts = [wait_for_refusals(lambda url=url: asked.get(url)) for url in asked.urls]
    assert ["this API token was given up" in text for text in texts] == [True] * 3


def test_a_guests_tiles_end_when_the_study_shares_no_more(
    server: Server, trial: WiredStudy
) -> None:
    link = str(do(server, "ShareSlide", imageId=trial.slide_id)["link"]).rpartition("/")[2]
    urls = [
        f"{server.url}/i/0/{link}/i_files/8/0_0.jpeg",
        f"{server.url}/iiif/3/0~{link}/info.json",
    ]
    assert [requests.get(url, timeout=30).status_code for url in urls * 4] == [200] * 8

    do(server, "UpdateStudy", studyId=trial.id, config=SETTINGS.format("false"))
    try:
        texts = [wait_for_refusals(lambda url=url: requests.get(url, timeout=30)) for url in urls]
    finally:
        do(server, "UpdateStudy", studyId=trial.id, config=SETTINGS.format("true"))

    assert ["without an account" in text for text in texts] == [True] * 2


def test_each_holder_is_told_the_name_that_they_may_know(
    server: Server, trial: WiredStudy, browser: Browser
) -> None:
    browser.sign_in(READER)
    names = [
        asked.get(asked.urls[1]).json()["metadata"]["fileName"]
        for told in (
            browser.call("GetTileServer", imageId=trial.slide_id),
            server.call("GetTileServer", imageId=trial.slide_id).json(),
        )
        for asked in [asked_by(server, told, trial)]
    ]

    assert names == [f"Slide {trial.slide_id}", trial.slide_name]


def test_who_signs_in_next_gets_a_cookie_of_their_own(trial: WiredStudy, browser: Browser) -> None:
    cookies = []
    for email in (READER, BOSS, BOSS):
        browser.sign_in(email)
        cookies += [browser.call("GetTileServer", imageId=trial.slide_id)["cookiePart"]]
        assert browser.cookies["t"] == cookies[-1]
        assert browser.call("GetTileServer", imageId=trial.slide_id)["cookiePart"] == cookies[-1]

    assert len(set(cookies)) == 3
