"""Api calls as declared values, and the door that every request passes."""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import urlsplit

import anyio
import structlog
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from access import people, throttle, tokens
from access.params import Bodies, Count, Params
from access.replies import Voice, failure_reply, json_reply
from access.rights import Actor
from records.database import Database
from records.errors import AppError, BusyError, RightsError

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

WRITERS = 4
"""Threads that may wait to write: there is one writer at a time, the others queue."""

PASSWORDS = 1
"""Passwords checked at once, each for some 50 ms of a core."""

MAX_WAITING = 20

_REPLY_HEADERS = {
    # Answers hold texts of strangers: no browser is to guess that one is a page.
    "X-Content-Type-Options": "nosniff",
    # What a person may see is no cache's to keep, where the call does not say otherwise.
    "Cache-Control": "private, no-cache",
}

NOBODY = Actor(label="nobody", rights=frozenset())


class Door:
    """Tells who asks, and runs deeds in worker threads, each in one transaction.

    Parameters
    ----------
    database
        Where actors are looked up and deeds run.
    clock
        Gives the present instant, aware and in UTC.
    threads
        How many deeds may run at once.
    """

    def __init__(
        self, database: Database, clock: Callable[[], datetime], *, threads: int = 16
    ) -> None:
        self.clock = clock
        self.bodies = Bodies()
        self._database = database
        self._limiter = anyio.CapacityLimiter(threads)
        # Apart, so that those who wait to write, or strangers who guess, hold up nobody else.
        self._writers = anyio.CapacityLimiter(WRITERS)
        self._passwords = anyio.CapacityLimiter(PASSWORDS)
        self._token_uses: dict[int, datetime] = {}

    async def in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run blocking work without a database."""
        return await anyio.to_thread.run_sync(
            functools.partial(function, *args, **kwargs), limiter=self._limiter
        )

    async def reading(
        self,
        function: Callable[Concatenate[Session, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run ``function(session, …)`` in one reading transaction."""

        def deed() -> T:
            with self._database.reading() as session:
                return function(session, *args, **kwargs)

        return await self.in_thread(deed)

    async def in_database(
        self,
        function: Callable[Concatenate[Session, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run ``function(session, …)`` in one writing transaction."""

        def deed() -> T:
            with self._database.writing() as session:
                return function(session, *args, **kwargs)

        return await anyio.to_thread.run_sync(deed, limiter=self._writers)

    async def sign_in(self, *, email: str, password: str, network: str) -> str:
        """Return the secret of a new session, for the cookie.

        Parameters
        ----------
        email, password
            As typed.
        network
            The client's address: failures are counted for it too.

        Raises
        ------
        RightsError
            Address and password do not belong together; which of them is wrong is not told.
        TooManyTriesError
            Signing in failed too often lately.
        BusyError
            Too many wait to sign in.
        """
        if self._passwords.statistics().tasks_waiting >= MAX_WAITING:
            raise BusyError("many are signing in just now; try again in a minute")
        tries = throttle.tries_of(email, network)
        await self.reading(throttle.check, tries, self.clock())
        credentials = await self.reading(people.find_credentials, email)
        proven = await anyio.to_thread.run_sync(
            people.are_proven, credentials, password, limiter=self._passwords
        )
        if not proven or credentials.user_id is None:
            log.info("sign-in refused")
            await self.in_database(throttle.count_failure, tries, self.clock())
            raise RightsError("this address and password do not belong together")
        await self.in_database(throttle.forgive, tries)
        return await self.in_database(
            people.start_session, user_id=credentials.user_id, now=self.clock()
        )

    async def actor(self, request: Request) -> Actor:
        """Return who asks: by bearer token, else by the session of a browser.

        Raises
        ------
        RightsError
            Neither is there, or not valid, or a browser is led to write from another site.
        """
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            bearer = await self.reading(tokens.verify_api_token, credentials, self.clock())
            if bearer.token_id is not None:
                self._token_uses[bearer.token_id] = self.clock()
            return bearer
        secret = request.cookies.get(people.SESSION_COOKIE)
        if secret is None:
            raise RightsError("this needs an API token: Authorization: Bearer <token>")
        if request.method not in {"GET", "HEAD"}:
            self.check_same_origin(request)
        return await self.reading(people.verify_session, secret, self.clock())

    async def count_try(self, what: str, network: str) -> None:
        """Count a deed that strangers may do now and then, and refuse it when it comes too often.

        Raises
        ------
        TooManyTriesError
            It was done too often lately.
        """
        tries = throttle.tries_of(what, network)
        await self.reading(throttle.check, tries, self.clock())
        await self.in_database(throttle.count_failure, tries, self.clock())

    async def note_token_uses(self) -> None:
        """Write down when tokens were last used: now and then, for a call must not wait for it."""
        uses, self._token_uses = self._token_uses, {}
        if uses:
            await self.in_database(tokens.note_uses, uses)

    async def hash_password(self, password: str) -> str:
        """Return the hash of a new password, made one at a time.

        Raises
        ------
        InputError
            The password is too weak.
        """
        return await anyio.to_thread.run_sync(
            people.hash_password, password, limiter=self._passwords
        )

    async def page_actor(self, request: Request) -> Actor | None:
        """Return who looks at a page, or None when nobody is signed in."""
        secret = request.cookies.get(people.SESSION_COOKIE)
        if secret is None:
            return None
        try:
            return await self.reading(people.verify_session, secret, self.clock())
        except RightsError:
            return None

    def check_same_origin(self, request: Request) -> None:
        """Refuse what another site made a browser send with our cookie.

        Raises
        ------
        RightsError
            The browser says that the request comes from elsewhere, or does not say.
        """
        site = request.headers.get("sec-fetch-site")
        if site in {"same-origin", "none"}:
            return
        if site is None and _host(request.headers.get("origin", "")) == request.url.netloc:
            return
        raise RightsError("this was sent from another site")


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


class Call:
    """One Api request: who asks, with which parameters, and the means to act.

    Parameters are read with ``integer``, ``text`` and so on; see ``access.params.Params``.
    """

    def __init__(self, *, request: Request, actor: Actor, params: Params, door: Door) -> None:
        self.request = request
        self.actor = actor
        self.now = door.clock()
        self._door = door
        self.text = params.text
        self.opt_text = params.opt_text
        self.integer = params.integer
        self.opt_integer = params.opt_integer
        self.number = params.number
        self.opt_number = params.opt_number
        self.boolean = params.boolean
        self.opt_boolean = params.opt_boolean
        self.instant = params.instant
        self.opt_instant = params.opt_instant

    async def read(
        self,
        function: Callable[Concatenate[Session, Actor, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run ``function(session, actor, …)`` in a worker thread, in one reading transaction."""
        return await self._door.reading(function, self.actor, *args, **kwargs)

    async def write(
        self,
        function: Callable[Concatenate[Session, Actor, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run ``function(session, actor, …)`` in a worker thread, in one writing transaction."""
        return await self._door.in_database(function, self.actor, *args, **kwargs)

    async def in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run blocking work in a worker thread, without a database."""
        return await self._door.in_thread(function, *args, **kwargs)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a call, as its documentation shows it."""

    name: str
    type: type
    required: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call of the wire API, declared: what routes, Swagger and docs/api.md are made from.

    Parameters
    ----------
    name
        The name after ``/Api/``.
    endpoint
        Answers the call.
    summary
        One line for the documentation.
    parameters
        What it reads.
    right
        What the caller needs, in words.
    source
        Where the fact comes from.
    voice
        How failures are told.
    writes
        Whether it changes something: then only POST is answered. Reads answer GET and POST, for
        one client posts everything (slidescore.md 1 #6).
    public
        Whether no token is needed.
    """

    name: str
    endpoint: Callable[[Call], Awaitable[Response]]
    summary: str
    _: KW_ONLY
    right: str
    source: str
    parameters: tuple[Parameter, ...] = ()
    voice: Voice = Voice.SUCCESS
    writes: bool = False
    public: bool = False

    def route(self, door: Door) -> Route:
        """Return the route that answers the call behind the door."""

        async def answer(request: Request) -> Response:
            with door.bodies.counting() as count:
                reply = await told(request, count)
            for name, value in _REPLY_HEADERS.items():
                reply.headers.setdefault(name, value)
            return reply

        async def told(request: Request, count: Count) -> Response:
            try:
                actor = NOBODY if self.public else await door.actor(request)
                params = await Params.read(request, count)
                call = Call(request=request, actor=actor, params=params, door=door)
                return await self.endpoint(call)
            except AppError as error:
                log.info("refused", call=self.name, reason=type(error).__name__)
                return failure_reply(error, self.voice)
            except Exception:
                # Whatever it was, a client reads why in the form of every other answer, and the log
                # tells the rest.
                log.exception("failed", call=self.name)
                return json_reply(
                    {"success": False, "error": "the server failed; its log says why"}, 500
                )

        methods = ["POST"] if self.writes else ["GET", "POST"]
        return CaseInsensitiveRoute(f"/Api/{self.name}", answer, methods=methods, name=self.name)


class CaseInsensitiveRoute(Route):
    """A route whose path matches in any case, as the vendor's server does (slidescore.md 3)."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[[Request], Awaitable[Response]],
        *,
        methods: list[str] | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(path, endpoint, methods=methods, name=name)
        self.path_regex = re.compile(self.path_regex.pattern, re.IGNORECASE)
