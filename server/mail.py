"""Mail: letters handed to a mail server (SMTP)."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

from access.invitations import Letter, RefusedLetterError, SendLetter
from records.errors import BusyError, InputError
from server.settings import Settings

PORTS = {"smtp": 25, "starttls": 587, "smtps": 465}
"""Ways to speak to a mail server and their usual ports. ``smtp`` is not encrypted: for one on the
same machine or network."""

TIMEOUT_S = 20

MAX_REASON_LENGTH = 200


def sender(settings: Settings) -> SendLetter | None:
    """Return what sends letters, None where no mail server is set.

    Raises
    ------
    InputError
        The mail server or the sender's address is of another form.
    """
    if not settings.smtp_url:
        return None
    return MailServer.parse(settings.smtp_url, settings.mail_from).send


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A mail server, and in whose name letters are sent.

    Parameters
    ----------
    way
        ``smtp``, ``starttls`` or ``smtps``.
    sender
        Address that letters come from.
    """

    way: str
    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str, sender: str) -> MailServer:
        """Read ``starttls://user:password@mail.example.org:587`` and a sender's address.

        Raises
        ------
        InputError
            The address or the sender is of another form.
        """
        form = "COVERSLIP_SMTP_URL must be like starttls://user:password@mail.example.org:587"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise InputError(form) from None
        if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/"):
            raise InputError(f"{form}; there are {', '.join(PORTS)}")
        name, address = parseaddr(sender)
        if "@" not in address.strip("@") or any(break_ in sender for break_ in "\r\n"):
            raise InputError(
                f"COVERSLIP_MAIL_FROM must be an address such as slides@example.org, not {sender!r}"
            )
        return cls(
            way=parts.scheme,
            host=parts.hostname,
            port=port or PORTS[parts.scheme],
            sender=str(Address(name, addr_spec=address)) if name else address,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )

    def send(self, letter: Letter) -> None:
        """Hand one letter to the server.

        Raises
        ------
        RefusedLetterError
            The server does not take this letter.
        BusyError
            The server cannot be reached, or takes no letter of ours.
        """
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=parseaddr(self.sender)[1].rpartition("@")[2])
        message.set_content(letter.text)
        try:
            with self._connected() as server:
                server.send_message(message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            raise RefusedLetterError(
                f"the letter to {letter.to} was not sent: the mail server {self.host} says "
                f"{_said(error)}"
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            # The reason may hold what the server said about our password; its kind is enough.
            raise BusyError(
                f"the letter to {letter.to} was not sent: {type(error).__name__} from the mail "
                f"server {self.host}"
            ) from error

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.way == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT_S, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        try:
            if self.way == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def _said(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> str:
    """Return what a mail server said about a letter, as one short line."""
    code: int
    reason: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, reason)] = error.recipients.values()
    else:
        code, reason = error.smtp_code, error.smtp_error
    words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    line = " ".join(f"{code} {words}".split())
    return "".join(letter for letter in line if letter.isprintable())[:MAX_REASON_LENGTH]
