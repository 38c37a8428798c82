from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from access import people
from access.calls import Door
from access.rights import COMMAND_LINE
from access.tokens import TileTokenError
from records.database import Database
from server import pages
from server.pageframe import PageFrame
from server.webbuild import PAGES

EMAIL, PASSWORD = "m.vos@example.org", "Glass-and-1-slide"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}

TEMPLATES = {
    "edit": "edit __root__ __email__ __admin__",
    "site": "site __root__ __email__ __admin__",
    "study": "study __root__ __email__ __admin__",
    "home": "home __root__ __email__ __admin__",
    "forgot": "forgot __root__ email=__email__ __invalid__ problem=__problem__ said=__said__",
    "password": "password __root__ __secret__ email=__email__ __invalid__ problem=__problem__",
    "login": "login __root__ return=__return__ email=__email__ __invalid__ problem=__problem__",
    "viewer": "viewer openseadragon __root__ __email__ __admin__ link=__link__ name=__name__",
}


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    for page in PAGES:
        (folder / f"{page}.html").write_text(TEMPLATES[page])
    (folder / "assets" / "home-Ab1.js").write_text("let a = 1;\n" * 100)
    return folder


def slide_file_name(link: str) -> str:
    if link != "good.link":
        raise TileTokenError("this link has expired")
    return 'case "7".svs'


def make_client(
    assets: Path, database: Database, clock: Clock, *, base: str = "http://test", root: str = ""
) -> TestClient:
    with database.writing() as session:
        if not people.has_account(session, EMAIL):
            people.add_account(session, COMMAND_LINE, email=EMAIL, password=PASSWORD, is_admin=True)
    endpoints = pages.PageEndpoints(PageFrame(assets), Door(database, clock), slide_file_name)
    app = Starlette(routes=pages.routes(endpoints))
    return TestClient(app, base_url=base, root_path=root, follow_redirects=False)


@pytest.fixture
def client(assets: Path, database: Database, clock: Clock) -> Iterator[TestClient]:
    with make_client(assets, database, clock) as client:
        yield client


def sign_in(client: TestClient, return_url: str = "/", password: str = PASSWORD) -> object:
    form = {"email": EMAIL, "password": password, "returnUrl": return_url}
    return client.post("/Account/Login", data=form, headers=SAME_SITE)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/Image/Details?imageId=7&studyId=3",
        "/image/DETAILS",
        "/Study/Details?studyId=3",
        "/Study/Edit?studyId=3&tab=users",
        "/Questions/Edit?f=A%09FreeText",
        "/Admin/Tokens",
        "/Admin/Users",
        "/Admin/Audit",
        "/Studies/RenewProject",
    ],
)
def test_pages_send_strangers_to_sign_in_and_back(client: TestClient, path: str) -> None:
    reply = client.get(path)

    assert reply.status_code == 303
    target = reply.headers["location"]
    assert target.startswith("/Account/Login?returnUrl=%2F")
    assert f"return={path.replace('&', '&amp;')} " in client.get(target).text


def test_signing_in_sets_a_cookie_and_goes_on(client: TestClient) -> None:
    reply = sign_in(client, "/Image/Details?imageId=7")

    assert reply.status_code == 303
    assert reply.headers["location"] == "/Image/Details?imageId=7"
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("coverslip_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    assert client.get("/").text == f"home  {EMAIL} true"


def test_the_cookie_is_for_encrypted_connections_where_there_are_any(
    assets: Path, database: Database, clock: Clock
) -> None:
    with make_client(assets, database, clock, base="https://test") as client:
        assert "Secure" in sign_in(client).headers["set-cookie"]


def test_a_wrong_password_is_told_on_the_form(client: TestClient) -> None:
    reply = sign_in(client, "/?q=x", password="Something-else-1")

    assert reply.status_code == 401
    assert f"return=/?q=x email={EMAIL} true problem=" in reply.text
    assert "do not belong together." in reply.text
    assert "set-cookie" not in reply.headers
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    "away",
    [
        "https://elsewhere.org/",
        "//elsewhere.org/",
        "/\\elsewhere.org",
        "\\\\elsewhere.org",
        "/\t/elsewhere.org",
        "javascript:alert(1)",
        "//[",
        "elsewhere",
        "/" + "a" * 3000,
        "",
    ],
)
def test_signing_in_never_leads_to_another_site(client: TestClient, away: str) -> None:
    assert pages.local_path(away) == "/"
    assert sign_in(client, away).headers["location"] == "/"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.org"},
        {},
    ],
)
def test_another_site_cannot_sign_anybody_in_or_out(
    client: TestClient, headers: dict[str, str]
) -> None:
    form = {"email": EMAIL, "password": PASSWORD}

    assert client.post("/Account/Login", data=form, headers=headers).status_code == 401
    sign_in(client)
    assert client.post("/Account/Logout", headers=headers).status_code == 401
    assert client.get("/").status_code == 200


def test_a_browser_that_sends_only_its_origin_is_believed(client: TestClient) -> None:
    form = {"email": EMAIL, "password": PASSWORD}

    reply = client.post("/Account/Login", data=form, headers={"Origin": "http://test"})

    assert reply.status_code == 303


def test_a_form_that_is_too_long_or_broken_is_refused(client: TestClient) -> None:
    long = client.post("/Account/Login", data={"email": "a" * 20_000}, headers=SAME_SITE)
    broken = client.post("/Account/Login", content=b"email=\xff", headers=SAME_SITE)

    assert long.status_code == 400
    assert "at most 16384 bytes" in long.text
    assert broken.status_code == 400


def test_signing_out_ends_the_session_on_the_server(client: TestClient) -> None:
    sign_in(client)
    secret = client.cookies["coverslip_session"]

    reply = client.post("/Account/Logout", headers=SAME_SITE)

    assert reply.headers["location"] == "/Account/Login"
    client.cookies.set("coverslip_session", secret)
    assert client.get("/").status_code == 303


def test_a_session_ends_after_its_time(client: TestClient, clock: Clock) -> None:
    sign_in(client)
    assert client.get("/Account/Session").json() == {"email": EMAIL, "isAdmin": True}

    clock.now += people.SESSION_LIFETIME + timedelta(seconds=1)

    assert client.get("/Account/Session").status_code == 401
    assert client.get("/").status_code == 303


def test_who_is_signed_in_is_not_asked_again(client: TestClient) -> None:
    sign_in(client)

    reply = client.get("/Account/Login?returnUrl=/Image/Details")

    assert (reply.status_code, reply.headers["location"]) == (303, "/Image/Details")


def test_a_link_shows_its_file_without_an_account(client: TestClient) -> None:
    reply = client.get("/Slide/File/good.link")

    assert reply.status_code == 200
    assert reply.text.endswith("link=good.link name=case &quot;7&quot;.svs")
    assert "openseadragon" in reply.text


def test_a_link_that_does_not_hold_says_why(client: TestClient) -> None:
    reply = client.get("/Slide/File/bad.link")

    assert reply.status_code == 503
    assert reply.text == "This link has expired.\n"


def test_pages_allow_only_what_comes_from_here(client: TestClient) -> None:
    headers = client.get("/Account/Login").headers

    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "private, no-cache"


def test_files_are_kept_by_browsers_and_packed_for_them(client: TestClient) -> None:
    packed = client.get("/assets/home-Ab1.js", headers={"Accept-Encoding": "br, gzip"})
    plain = client.get("/assets/home-Ab1.js", headers={"Accept-Encoding": "identity"})

    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert packed.text == plain.text == "let a = 1;\n" * 100
    assert client.get("/assets/home-ab1.js").status_code == 404
    assert client.get("/assets/%2e%2e/home.html").status_code == 404


def test_under_a_path_prefix_every_address_has_it(
    assets: Path, database: Database, clock: Clock
) -> None:
    with make_client(assets, database, clock, root="/slides") as client:
        asked = client.get("/slides/Image/Details?imageId=7")
        signed = sign_in_under(client, "/slides", "/Image/Details?imageId=7")

        assert asked.headers["location"] == (
            "/slides/Account/Login?returnUrl=%2FImage%2FDetails%3FimageId%3D7"
        )
        assert signed.headers["location"] == "/slides/Image/Details?imageId=7"
        assert "Path=/slides" in signed.headers["set-cookie"]
        assert client.get("/slides/").text == f"home /slides {EMAIL} true"


def sign_in_under(client: TestClient, root: str, return_url: str) -> object:
    form = {"email": EMAIL, "password": PASSWORD, "returnUrl": return_url}
    return client.post(f"{root}/Account/Login", data=form, headers=SAME_SITE)


def test_without_built_pages_it_is_said_how_to_build_them(
    tmp_path: Path, database: Database, clock: Clock
) -> None:
    with make_client(tmp_path / "none", database, clock) as client:
        for path in ("/Account/Login", "/assets/x.js", "/Slide/File/good.link"):
            reply = client.get(path)

            assert reply.status_code == 503
            assert "make install" in reply.text
