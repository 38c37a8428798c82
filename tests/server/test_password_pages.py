from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from access import invitations, people
from access.calls import Door
from access.invitations import Letter
from access.personlinks import PersonLinks
from access.rights import ALL_RIGHTS, Actor
from records.database import Database
from records.errors import BusyError
from server import pages, password_pages
from server.pageframe import PageFrame
from server.passwords import PasswordDoor
from server.webbuild import PAGES

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LINKS = PersonLinks(b"k" * 32)
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
EMAIL = "m.vos@example.org"
URL = "https://slides.example.org"


@dataclass
class Postbox:
    """Keeps letters, or fails as a mail server that is down."""

    letters: list[Letter] = field(default_factory=list)
    is_down: bool = False

    def __call__(self, letter: Letter) -> None:
        if self.is_down:
            raise BusyError("the mail server does not answer")
        self.letters.append(letter)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


def _client(tmp_path: Path, database: Database, postbox: Postbox | None, **options) -> TestClient:
    (tmp_path / "assets").mkdir()
    for page in PAGES:
        slots = "__email__ said=__said__ problem=__problem__" if page == "forgot" else "__email__"
        if page == "password":
            slots = "__email__ __secret__ problem=__problem__"
        (tmp_path / f"{page}.html").write_text(f"{page} {slots}")
    frame, door = PageFrame(tmp_path), Door(database, lambda: NOW)
    options = {"may_register": False, **options}
    passwords = PasswordDoor(door, LINKS, postbox, URL, **options)
    app = Starlette(
        routes=[
            *pages.routes(pages.PageEndpoints(frame, door, str)),
            *password_pages.routes(password_pages.PasswordPages(frame, door, passwords)),
        ]
    )
    return TestClient(app, follow_redirects=False)


@pytest.fixture
def client(tmp_path: Path, database: Database, postbox: Postbox) -> Iterator[TestClient]:
    with database.writing() as session:
        people.find_or_add_user(session, EMAIL)
    with _client(tmp_path, database, postbox) as client:
        yield client


def _ask(client: TestClient, email: str = EMAIL, headers: dict[str, str] = SAME_SITE):
    return client.post("/Account/Forgot", data={"email": email}, headers=headers)


def _link_in(letter: Letter) -> str:
    [line] = [line.strip() for line in letter.text.splitlines() if URL in line]
    return line.removeprefix(URL)


def test_the_letter_brings_a_link_to_choose_a_password_and_sign_in(client, postbox):
    assert "on its way" in _ask(client).text
    [letter] = postbox.letters
    path = _link_in(letter)

    form = client.get(path)
    reply = client.post(path, data={"password": "Glass-and-1-slide"}, headers=SAME_SITE)

    assert letter.to == EMAIL
    assert form.text.startswith(f"password {EMAIL} p.")
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    assert client.get("/Account/Session").json()["email"] == EMAIL
    assert client.get(path).status_code == 404


def test_an_address_without_account_gets_the_same_answer_and_no_letter(client, postbox):
    known, unknown = _ask(client), _ask(client, "nobody@example.org")

    assert known.text.replace(EMAIL, "") == unknown.text.replace("nobody@example.org", "")
    assert len(postbox.letters) == 1


def test_asking_again_and_again_must_wait(client, postbox):
    replies = [_ask(client).status_code for _ in range(7)]

    assert replies == [200] * 5 + [429] * 2
    assert len(postbox.letters) == 5


def test_a_weak_password_is_refused_and_the_link_still_holds(client, postbox):
    _ask(client)
    path = _link_in(postbox.letters[0])

    weak = client.post(path, data={"password": "short"}, headers=SAME_SITE)

    assert weak.status_code == 400
    assert "8 to 256 characters." in weak.text
    assert client.get(path).status_code == 200


def test_another_site_chooses_no_password_and_asks_for_no_letter(client, postbox):
    _ask(client)
    path = _link_in(postbox.letters[0])
    elsewhere = {"Sec-Fetch-Site": "cross-site"}

    reply = client.post(path, data={"password": "Glass-and-1-slide"}, headers=elsewhere)

    assert reply.status_code == 401
    assert _ask(client, headers=elsewhere).status_code == 401
    assert len(postbox.letters) == 1


def test_a_mail_server_that_is_down_tells_strangers_nothing(client, postbox):
    postbox.is_down = True

    assert _ask(client).status_code == 200


def test_without_mail_the_page_says_whom_to_ask(tmp_path, database):
    with _client(tmp_path, database, None) as client:
        assert "ask an administrator" in client.get("/Account/Forgot").text
        assert _ask(client).status_code == 400


def test_strangers_register_where_the_server_allows_it(tmp_path, database, postbox):
    with _client(tmp_path, database, postbox, may_register=True) as client:
        _ask(client, "New@Example.org")

    assert [letter.to for letter in postbox.letters] == ["new@example.org"]
    assert "account on Coverslip waits" in postbox.letters[0].text


def test_a_login_link_signs_in(client, database):
    actor = Actor(label="cli", rights=ALL_RIGHTS)
    with database.writing() as session:
        secret = invitations.login_link(
            session, actor, LINKS, email=EMAIL, expires_at=NOW.replace(month=12), now=NOW
        )

    assert client.get("/Account/Enter/" + secret).status_code == 303
    assert client.get("/Account/Session").json() == {"email": EMAIL, "isAdmin": False}
    assert client.get("/Account/Enter/" + secret[:-1]).status_code == 404
