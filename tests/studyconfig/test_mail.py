"""SendEmail, to a mail server that is one."""

import email
import json
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from starlette.applications import Starlette
from starlette.testclient import TestClient

from access.calls import Door
from access.invitations import Letter
from records.errors import BusyError, InputError
from records.tables import AuditEvent
from server.mail import MailServer
from server.settings import Settings
from server.study_calls import calls as study_calls
from tests.studyconfig.conftest import NOW
from tests.wire.served import free_port
from tileserver import readers
from tileserver.pool import SlidePool


class Mailbox:
    """What arrived at a mail server."""

    is_gone = False

    def __init__(self):
        self.letters = []
        self.envelopes = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == "d@e.f":
            return "550 no such\tuser here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if "full@b.c" in envelope.rcpt_tos:
            return "552 mailbox full"
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.letters.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 taken"


@pytest.fixture
def mailbox():
    box = Mailbox()

    def known(server, session, envelope, mechanism, data):
        is_right = (data.login, data.password) == (b"us", b"p@ss")
        return AuthResult(success=is_right, handled=False)

    box.port = free_port()
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=box.port,
        authenticator=known,
        auth_require_tls=False,
    )
    box.controller = controller
    controller.start()
    yield box
    if not box.is_gone:
        controller.stop()


@pytest.fixture
def mail_server(mailbox):
    url = f"smtp://us:p%40ss@127.0.0.1:{mailbox.port}"
    return MailServer.parse(url, "Slides <info@slides.example>")


@pytest.fixture
def mailing_site(site, mail_server):
    """Give the site with a mail server that is one."""
    site.sent = None
    door = Door(site.database, lambda: NOW)
    declared = study_calls(
        site.database,
        site.files,
        forget=print,
        send=mail_server.send,
        public_url="https://slides.example/s",
        pool=SlidePool(readers.open_slide),
    )
    site.client = TestClient(Starlette(routes=[call.route(door) for call in declared]))
    return site


def test_a_letter_that_is_refused_keeps_no_other_from_being_sent(mailing_site, study, mailbox):
    mailing_site.ok("AddUser", studyId=study, email="d@e.f")
    letter = {"subject": "s", "body": "b"}

    reply = mailing_site.call("SendEmail", studyId=study, to="d@e.f;a@b.c;reader@b.c", **letter)

    reason = (
        "the letter to d@e.f was not sent: the mail server 127.0.0.1 says 550 no such user here"
    )
    assert reply.json()["unsent"] == [{"email": "d@e.f", "reason": reason}]
    assert reply.json()["success"] is False
    assert reply.json()["error"] == f"2 of 3 letters were sent\nd@e.f: {reason}"
    assert [to for _, to in mailbox.envelopes] == [["a@b.c"], ["reader@b.c"]]
    last = mailing_site.rows(AuditEvent)[-1]
    assert (last.deed, json.loads(last.detail)) == ("study.email-unsent", {"d@e.f": reason})


def test_a_mail_server_that_is_gone_is_not_tried_for_each(mailing_site, study, mailbox):
    mailbox.controller.stop()
    mailbox.is_gone = True

    letter = {"to": "a@b.c;reader@b.c", "subject": "s", "body": "b"}
    reply = mailing_site.call("SendEmail", studyId=study, **letter)

    first, second = reply.json()["unsent"]
    assert first["reason"].startswith("the letter to a@b.c was not sent: ConnectionRefusedError")
    assert second["reason"] == f"not tried, for {first['reason']}"


def test_a_letter_goes_to_each_with_its_link(mailing_site, study, mailbox):
    reply = mailing_site.call(
        "SendEmail",
        studyId=study,
        to="reader@b.c; A@b.c",
        subject="Bitte bewerten: Ki‑67",
        body="Please begin:\n<LINK:Start Scoring>\n.\nThanks äöü",
    )

    # SOURCE: seed, SendEmail: an empty JSON object.
    assert reply.json() == {}
    assert mailbox.envelopes == [
        ("info@slides.example", ["reader@b.c"]),
        ("info@slides.example", ["a@b.c"]),
    ]
    first = mailbox.letters[0]
    assert first["From"] == "Slides <info@slides.example>"
    assert (first["To"], first["Subject"]) == ("reader@b.c", "Bitte bewerten: Ki‑67")
    assert first.get_content().replace("\r\n", "\n") == (
        f"Please begin:\nhttps://slides.example/s/Image/Details?studyId={study}\n.\nThanks äöü\n"
    )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"to": "stranger@b.c;reader@b.c"}, "stranger@b.c: nobody of study ex"),
        ({"to": " ; "}, "addresses of people of the study"),
        ({"subject": "a\r\nBcc: x@y.z"}, "one line"),
        ({"subject": "s" * 401}, "1 to 400"),
        ({"body": "b" * 100_001}, "at most 100000"),
    ],
)
def test_what_is_no_letter_is_refused_and_nothing_is_sent(site, study, wrong, words):
    letter = {"to": "reader@b.c", "subject": "s", "body": "b"}

    assert words in site.refused("SendEmail", studyId=study, **letter | wrong)
    assert site.sent == []


def test_a_letter_needs_the_right_to_the_configuration(site, study):
    letter = {"studyId": study, "to": "reader@b.c", "subject": "s", "body": "b"}

    assert site.call("SendEmail", token=site.token("CanUpload"), **letter).status_code == 401
    assert site.signed_in("reader@b.c")("SendEmail", **letter).status_code == 401
    assert site.sent == []
    site.call("SendEmail", token=site.token("CanGetConfig"), **letter)
    assert [sent.to for sent in site.sent] == ["reader@b.c"]


def test_a_server_that_does_not_take_it_is_told_without_its_password(mailbox, mail_server):
    with pytest.raises(BusyError, match=r"the letter to full@b\.c was not sent"):
        mail_server.send(Letter(to="full@b.c", subject="s", text="t"))
    wrong = MailServer.parse(f"smtp://us:secret@127.0.0.1:{mailbox.port}", "a@b.c")
    with pytest.raises(BusyError) as refused:
        wrong.send(Letter(to="x@b.c", subject="s", text="t"))
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(wrong)
    # This server offers no encryption: with starttls nothing is sent in the clear.
    careful = MailServer.parse(f"starttls://us:p%40ss@127.0.0.1:{mailbox.port}", "a@b.c")
    with pytest.raises(BusyError):
        careful.send(Letter(to="x@b.c", subject="s", text="t"))
    assert mailbox.letters == []


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("mail.example.org", "a@b.c"),
        ("http://mail.example.org", "a@b.c"),
        ("smtp://mail.example.org:port", "a@b.c"),
        ("smtp://", "a@b.c"),
        ("smtp://mail.example.org", ""),
        ("smtp://mail.example.org", "a@b.c\nBcc: x@y.z"),
    ],
)
def test_settings_of_another_form_are_refused_at_the_start(url, sender):
    with pytest.raises(InputError, match="COVERSLIP_"):
        MailServer.parse(url, sender)


def test_the_settings_are_read(tmp_path):
    environ = {
        "COVERSLIP_DATA": str(tmp_path),
        "COVERSLIP_SMTP_URL": "smtps://mail.example.org",
        "COVERSLIP_MAIL_FROM": "a@b.c",
    }
    settings = Settings.from_env(environ)
    server = MailServer.parse(settings.smtp_url, settings.mail_from)

    assert (server.way, server.host, server.port, server.user) == (
        "smtps",
        "mail.example.org",
        465,
        "",
    )
