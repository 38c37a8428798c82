"""Choosing a password: the first one, or another for one that was lost."""

from __future__ import annotations

import structlog

from access import invitations
from access.calls import Door
from access.invitations import Letter, SendLetter
from access.personlinks import PersonLinks
from records.errors import AppError, InputError
from server.letters import password_letter

log = structlog.get_logger(__name__)


class PasswordDoor:
    """What the pages of forgotten and first passwords do.

    Parameters
    ----------
    door
        Runs deeds.
    links
        Makes and checks links.
    send
        Sends letters; None where no mail server is set.
    public_url
        Where people reach the server; without it no letters are sent.
    may_register
        Whether strangers may make themselves an account.
    """

    def __init__(
        self,
        door: Door,
        links: PersonLinks,
        send: SendLetter | None,
        public_url: str,
        *,
        may_register: bool,
    ) -> None:
        self._door = door
        self._links = links
        self._send = send
        self._public_url = public_url.rstrip("/")
        self._may_register = may_register

    @property
    def sends_letters(self) -> bool:
        """Whether a lost password can be replaced by mail."""
        return self._send is not None and bool(self._public_url)

    async def ask(self, email: str, network: str) -> Letter | None:
        """Return the letter for an address that has an account; None when it has none.

        Raises
        ------
        InputError
            The text is no e-mail address, or no letters are sent here.
        TooManyTriesError
            It was asked for too often.
        """
        if not self.sends_letters:
            raise InputError("this server sends no mail; ask an administrator for a new password")
        await self._door.count_try(f"letter to {email}", network)
        link = await self._door.in_database(
            invitations.ask_for_link,
            self._links,
            email=email,
            may_register=self._may_register,
            now=self._door.clock(),
        )
        if link is None:
            return None
        return password_letter(link, f"{self._public_url}/Account/Password/{link.secret}")

    async def send(self, letter: Letter | None) -> None:
        """Send a letter, after the page was answered: how long it takes tells nobody anything."""
        if letter is None or self._send is None:
            return
        try:
            await self._door.in_thread(self._send, letter)
        except AppError as error:
            log.warning("letter not sent", reason=error.message)

    async def whose(self, secret: str) -> str:
        """Return the address that a password link is for, or raise LinkError."""
        return await self._door.reading(
            invitations.whose_link, self._links, secret, now=self._door.clock()
        )

    async def choose(self, secret: str, password: str) -> str:
        """Set the password of a link's person; returns the secret of a new session."""
        await self.whose(secret)
        return await self._door.in_database(
            invitations.choose_password,
            self._links,
            secret=secret,
            password_hash=await self._door.hash_password(password),
            now=self._door.clock(),
        )

    async def enter(self, secret: str) -> str:
        """Follow a login link; returns the secret of a new session."""
        return await self._door.in_database(
            invitations.follow_login_link, self._links, secret=secret, now=self._door.clock()
        )
