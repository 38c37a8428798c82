"""People and their tokens, as a browser and a script meet them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.wire.served import Server

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "Glass-and-1-slide"
SOON = (datetime.now(UTC) + timedelta(days=30)).isoformat()


def _sign_in(server: Server, email: str, password: str) -> requests.Response:
    browser = requests.Session()
    browser.headers.update(SAME_SITE)
    reply = browser.post(
        f"{server.url}/Account/Login",
        data={"email": email, "password": password},
        allow_redirects=False,
        timeout=30,
    )
    return browser, reply


@pytest.fixture(scope="module")
def admin(server: Server) -> requests.Session:
    said = server.coverslip("user", "add", "boss@example.org", "--admin")
    password = said.split("Password:")[1].strip()
    browser, reply = _sign_in(server, "boss@example.org", password)
    assert reply.status_code == 303
    return browser


def _post(browser: requests.Session, server: Server, call: str, **form: object):
    return browser.post(f"{server.url}/Api/{call}", data=form, timeout=30).json()


def test_an_invited_person_chooses_a_password_and_signs_in(server: Server, admin) -> None:
    invited = _post(admin, server, "InvitePerson", email="New.Reader@example.org")
    assert invited["success"]
    assert not invited["mailed"]

    form = requests.get(invited["link"], timeout=30)
    chosen = requests.post(
        invited["link"],
        data={"password": PASSWORD},
        headers=SAME_SITE,
        allow_redirects=False,
        timeout=30,
    )

    assert "new.reader@example.org" in form.text
    assert chosen.status_code == 303
    _, reply = _sign_in(server, "new.reader@example.org", PASSWORD)
    assert reply.status_code == 303
    people = {row["email"]: row for row in admin.get(f"{server.url}/Api/People").json()}
    assert people["new.reader@example.org"]["hasPassword"]
    assert people["new.reader@example.org"]["signedInOn"] is not None


def test_guessing_passwords_has_to_wait_on_every_worker(server: Server) -> None:
    server.coverslip("user", "add", "victim@example.org")

    statuses = [
        _sign_in(server, "victim@example.org", f"Wrong-{number}")[1].status_code
        for number in range(8)
    ]

    assert statuses == [401] * 5 + [429] * 3


def test_a_token_is_made_used_listed_and_revoked(server: Server, admin) -> None:
    made = _post(admin, server, "CreateToken", name="model", rights="CanGetPixels", expiresOn=SOON)

    assert server.call("Studies", bearer=made["token"]).status_code == 200
    [row] = [row for row in admin.get(f"{server.url}/Api/Tokens").json() if row["name"] == "model"]
    assert row["rights"] == ["CanGetPixels"]
    assert row["owner"] == "boss@example.org"
    assert made["token"] not in str(row)
    assert _post(admin, server, "RevokeToken", id=row["id"]) == {"success": True}
    assert server.call("Studies", bearer=made["token"]).status_code == 401


def test_tokens_handle_no_accounts(server: Server) -> None:
    for call in ("InvitePerson", "ResetPassword", "ChangePerson"):
        reply = server.call(call, verb="POST", email="boss@example.org")
        assert reply.status_code == 401, call
    for call in ("People", "Tokens"):
        assert server.call(call).status_code == 401, call
    reply = server.call("CreateToken", verb="POST", Name="x", rights="all", expiresOn=SOON)
    assert reply.status_code == 401
    assert server.call("RevokeToken", verb="POST", id=1).status_code == 401


def test_another_site_makes_no_token_with_our_cookie(server: Server, admin) -> None:
    reply = admin.post(
        f"{server.url}/Api/CreateToken",
        data={"name": "x", "rights": "all", "expiresOn": SOON},
        headers={"Sec-Fetch-Site": "cross-site"},
        timeout=30,
    )

    assert reply.status_code == 401


def test_an_editor_gets_no_link_to_an_account_that_opens_more(server: Server, admin) -> None:
    ids = [
        _post(admin, server, "CreateStudy", studyName=f"invited {kind}")["id"]
        for kind in ("edited", "other")
    ]
    for study_id, email, rights in (
        (ids[0], "invites@example.org", "canedit"),
        (ids[0], "both@example.org", "canscore"),
        (ids[1], "both@example.org", "cangetresults"),
    ):
        _post(admin, server, "AddUser", studyId=study_id, email=email, rights=rights)
    link = _post(admin, server, "InvitePerson", email="invites@example.org")["link"]
    requests.post(link, data={"password": PASSWORD}, headers=SAME_SITE, timeout=30)
    editor, _ = _sign_in(server, "invites@example.org", PASSWORD)

    told = _post(editor, server, "InvitePerson", email="both@example.org", studyId=ids[0])

    assert told["success"] is False
    assert "ask an administrator" in told["error"]
    assert "link" not in told


def test_a_login_link_opens_the_door_for_a_student(server: Server, admin) -> None:
    _post(admin, server, "InvitePerson", email="student@example.org")

    made = server.call(
        "GenerateLoginLink", verb="POST", username="student@example.org", expiresOn=SOON
    ).json()
    browser = requests.Session()
    browser.get(made["link"], timeout=30)

    assert browser.get(f"{server.url}/Account/Session", timeout=30).json() == {
        "email": "student@example.org",
        "isAdmin": False,
    }
    refused = server.call(
        "GenerateLoginLink", verb="POST", username="boss@example.org", expiresOn=SOON
    )
    assert refused.status_code == 401


def test_the_audit_trail_names_who_did_what_newest_first(server: Server, admin) -> None:
    _post(admin, server, "InvitePerson", email="audited@example.org")
    _post(admin, server, "ChangePerson", email="audited@example.org", name="A. Udited")

    events = _post(admin, server, "Audit", deed="user", count=2)["events"]
    older = _post(admin, server, "Audit", deed="user.invite", beforeId=events[0]["id"])["events"]

    assert [event["deed"] for event in events] == ["user.change", "user.invite"]
    assert events[0]["actorName"] == "boss@example.org"
    assert events[0]["detail"]["before"]["name"] == ""
    assert events[0]["detail"]["after"]["name"] == "A. Udited"
    assert older[0]["id"] == events[1]["id"]
    assert older[0]["subject"] == events[0]["subject"]
    assert events[0]["subjectName"] == "audited@example.org"
    by_address = _post(admin, server, "Audit", actor="Boss@example.org", count=1)["events"]
    assert by_address[0]["id"] == events[0]["id"]
    assert _post(admin, server, "Audit", actor="nobody@example.org")["events"] == []
    assert server.call("Audit").status_code == 401
    assert not _post(admin, server, "Audit", count=501)["success"]


def test_people_change_their_password_and_sign_out_elsewhere(server: Server) -> None:
    said = server.coverslip("user", "add", "mover@example.org")
    password = said.split("Password:")[1].strip()
    here, _ = _sign_in(server, "mover@example.org", password)
    _sign_in(server, "mover@example.org", password)
    there, _ = _sign_in(server, "mover@example.org", password)

    listed = here.get(f"{server.url}/Api/OwnSessions", timeout=30).json()
    assert [row["isThis"] for row in listed] == [False, False, True]
    assert _post(here, server, "SignOutElsewhere") == {"success": True, "count": 2}
    assert there.get(f"{server.url}/Account/Session", timeout=30).status_code == 401

    other, _ = _sign_in(server, "mover@example.org", password)
    wrong = _post(here, server, "ChangePassword", password="Wrong-1", newPassword=PASSWORD)
    weak = _post(here, server, "ChangePassword", password=password, newPassword="weak")
    changed = _post(here, server, "ChangePassword", password=password, newPassword=PASSWORD)

    assert wrong["error"] == "this is not your password"
    assert "8 to 256 characters" in weak["error"]
    assert changed == {"success": True}
    assert here.get(f"{server.url}/Account/Session", timeout=30).status_code == 200
    assert other.get(f"{server.url}/Account/Session", timeout=30).status_code == 401
    assert _sign_in(server, "mover@example.org", password)[1].status_code == 401
    assert _sign_in(server, "mover@example.org", PASSWORD)[1].status_code == 303


def test_scripts_have_no_sessions_and_no_password(server: Server) -> None:
    assert server.call("OwnSessions").status_code == 401
    for call in ("SignOutElsewhere", "ChangePassword"):
        reply = server.call(call, verb="POST", password="x", newPassword=PASSWORD)
        assert reply.status_code == 401, call
