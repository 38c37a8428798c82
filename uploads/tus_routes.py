"""The tus protocol over HTTP: requests at /files, answered from the parts on disk."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import functools
import re
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Final, ParamSpec, TypeVar

import anyio
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from access import tokens
from access.calls import Door
from access.rights import Actor
from records.errors import AppError, RightsError
from uploads import cors, joining, tickets, tus
from uploads.parts import (
    DiskFullError,
    PartExpiredError,
    PartLockedError,
    PartMissingError,
    PartOverflowError,
    PartState,
)
from uploads.partstore import PartStore
from uploads.partwriter import PartWriter

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_BLOCK_BYTES: Final = 1024 * 1024
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_METHODS: Final = ["OPTIONS", "POST", "HEAD", "PATCH", "DELETE", "GET", "PUT"]
"""Those that are never allowed, too: the protocol's own words refuse them."""
_TELLS_NOTHING: Final = frozenset({401, 404, 410, 412})
_LOOK_S: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """What one upload may take.

    Parameters
    ----------
    idle_timeout_s
        How long a request may send nothing before it is taken for dead and lets its upload go:
        a choice, longer than a lost packet and shorter than a client's patience.
    takeover_after_s
        The same while another request waits for the upload: who comes back after a lost connection
        should not wait for the dead one. That request waits a little longer than this.
    threads
        How many requests of a worker may write to disk at once. They have threads of their own, so
        that a slow disk does not hold up tiles.
    origins
        Origins whose pages may upload from a browser.
    """

    idle_timeout_s: float = 30
    takeover_after_s: float = 5
    threads: int = 8
    origins: tuple[str, ...] = ()


class Ending(enum.Enum):
    """How the bytes of a request came to their end."""

    WHOLE = enum.auto()
    CUT = enum.auto()
    TAKEN_OVER = enum.auto()


class TusEndpoints:
    """Answers the tus protocol.

    Parameters
    ----------
    door
        Tells who asks and runs deeds.
    parts
        Where bytes wait for the rest.
    new_part_id
        Makes 32 random hexadecimal digits.
    limits
        What one upload may take.
    """

    def __init__(
        self,
        *,
        door: Door,
        parts: PartStore,
        new_part_id: Callable[[], str],
        limits: UploadLimits,
    ) -> None:
        self._door = door
        self._parts = parts
        self._new_part_id = new_part_id
        self._limits = limits
        self._disk = anyio.CapacityLimiter(limits.threads)

    async def resumable(self, request: Request) -> Response:
        """Answer one request of the protocol."""
        part_id = request.path_params.get("part_id")
        decision = tus.decide(
            request.method,
            request.headers,
            names_upload=part_id is not None,
            max_bytes=self._parts.max_bytes,
        )
        try:
            reply = await self._act(request, part_id or "", decision)
        except AppError as error:
            reply = tus.refused(error)
        if reply.status >= 400 and tus.method_of(request.method, request.headers) == "PATCH":
            reply = await self._with_expiry(reply, part_id)
        if reply.status >= 400:
            log.info("refused", call="tus", method=request.method, status=reply.status)
        headers = dict(reply.headers) | cors.cors_headers(
            request.headers,
            origins=self._limits.origins,
            is_options=request.method == "OPTIONS",
        )
        if not reply.message:
            return Response(status_code=reply.status, headers=headers)
        return Response(reply.message, reply.status, headers, media_type="text/plain")

    async def _act(self, request: Request, part_id: str, decision: tus.Decision) -> tus.Reply:
        match decision:
            case tus.Reply():
                return decision
            case tus.Create():
                return await self._create(request, decision)
        await self._check_sender(request, part_id)
        match decision:
            case tus.Append():
                state, ending = await self._receive(request, part_id, decision)
                return tus.appended(state) if ending is Ending.WHOLE else tus.interrupted()
            case tus.Report():
                return tus.reported(await self._state(part_id))
            case tus.Terminate():
                await self._on_disk(self._parts.discard, part_id)
                return tus.terminated()

    async def _create(self, request: Request, wanted: tus.Create) -> tus.Reply:
        """Begin an upload for the holder of a ticket; until that is known, nothing is read."""
        ticket = wanted.text("uploadtoken")
        if not ticket:
            raise RightsError("the upload needs the metadata uploadtoken, from RequestUpload")
        actor = await self._uploader(request, wanted)
        concat = request.headers.get("upload-concat", "").strip()
        if wanted.pieces and (joined := await self._joined(actor, ticket, concat)):
            return tus.created(_prefix(request) + f"/files/{joined.part_id}", joined)
        part_id = self._new_part_id()
        admission = await self._door.in_database(
            tickets.admit,
            actor,
            ticket=ticket,
            part_id=None if wanted.is_partial else part_id,
            byte_count=wanted.length,
            now=self._door.clock(),
        )
        make = (
            functools.partial(joining.join, self._parts, part_id, pieces=wanted.pieces)
            if wanted.pieces
            else functools.partial(self._parts.create, part_id, length=wanted.length)
        )
        state = await self._on_disk(
            make,
            concat=concat,
            metadata=wanted.public_metadata,
            owner=actor.label,
            now=self._door.clock(),
        )
        if admission.replaced_part is not None:
            await self._discard(admission.replaced_part)
        if wanted.body is not None:
            state, _ = await self._receive(request, part_id, tus.Append(0, wanted.body))
        return tus.created(_prefix(request) + f"/files/{part_id}", state)

    async def _joined(self, actor: Actor, ticket: str, concat: str) -> PartState | None:
        """Return what the same pieces were joined into, when the client never heard of it."""
        part_id = await self._door.reading(tickets.begun_part, actor, ticket)
        if part_id is None:
            return None
        with contextlib.suppress(PartMissingError):
            state = await self._state(part_id)
            if state.is_complete and state.concat == concat:
                return state
        return None

    async def _uploader(self, request: Request, wanted: tus.Create) -> Actor:
        """Return who uploads. Source: slidescore.md 3.4: clients say it in the metadata alone."""
        api_token = wanted.text("apitoken")
        if api_token is None:
            return await self._door.actor(request)
        return await self._door.reading(tokens.verify_api_token, api_token, self._door.clock())

    async def _check_sender(self, request: Request, part_id: str) -> None:
        """Refuse another token's bearer; clients that send none are known by the upload's id."""
        if request.headers.get("authorization", "")[:7].lower() != "bearer ":
            return
        actor = await self._door.actor(request)
        if actor.label != (await self._state(part_id)).owner:
            raise RightsError("this upload belongs to another API token")

    async def _receive(
        self, request: Request, part_id: str, wanted: tus.Append
    ) -> tuple[PartState, Ending]:
        """Add a request's bytes to a part; also tell how they came to their end."""
        writer = await self._writer(part_id, wanted)
        try:
            tus.check_append(wanted.body, writer.state, self._parts.max_bytes)
            ending = await self._pour(request, writer)
            end = writer.commit if ending is Ending.WHOLE else writer.keep
            return await self._on_disk(end, self._door.clock()), ending
        except PartOverflowError:
            await self._on_disk(writer.revert)
            raise
        except DiskFullError:
            await self._on_disk(writer.keep, self._door.clock())
            raise
        finally:
            with anyio.CancelScope(shield=True):
                await self._on_disk(writer.close)

    async def _writer(self, part_id: str, wanted: tus.Append) -> PartWriter:
        """Become the writer of a part; a request that holds it and is silent has to let it go."""
        until = time.monotonic() + self._limits.takeover_after_s + 8 * _LOOK_S
        is_waiting = False
        try:
            while True:
                try:
                    return await self._on_disk(
                        self._parts.writer,
                        part_id,
                        self._door.clock(),
                        offset=wanted.offset,
                        length=wanted.length,
                        checksum=wanted.body.checksum,
                    )
                except PartLockedError:
                    if time.monotonic() >= until:
                        raise
                is_waiting = True
                # Again each time: another request that waited may have ended.
                await self._on_disk(self._parts.want, part_id)
                await anyio.sleep(_LOOK_S)
        finally:
            if is_waiting:
                self._parts.unwant(part_id)

    async def _pour(self, request: Request, writer: PartWriter) -> Ending:
        """Write what arrives, a block at a time, while the next one comes; tell how it ended."""
        behind = _Behind(lambda block: self._on_disk(writer.write, block))
        block = bytearray()
        heard_at = time.monotonic()
        while True:
            length = len(block)
            ending = await _fill(request, block)
            if len(block) > length:
                heard_at = time.monotonic()
            if ending is None and len(block) < _BLOCK_BYTES:
                ending = await self._silence(writer.state.part_id, time.monotonic() - heard_at)
                if ending is None:
                    continue
            if ending is not Ending.TAKEN_OVER:
                # Else: what is not written yet was never told to anybody, and is sent again.
                await behind.write(block)
            if ending is not None:
                await behind.wait()
                return ending
            block = bytearray()

    async def _silence(self, part_id: str, silent_s: float) -> Ending | None:
        """Tell whether a client that is silent for so long is taken for dead."""
        if silent_s >= self._limits.idle_timeout_s:
            return Ending.CUT
        if silent_s >= self._limits.takeover_after_s and await self._on_disk(
            self._parts.is_wanted, part_id
        ):
            return Ending.TAKEN_OVER
        return None

    async def _with_expiry(self, reply: tus.Reply, part_id: str | None) -> tus.Reply:
        """Also tell when the upload expires; to strangers, say nothing of it."""
        if part_id is None or reply.status in _TELLS_NOTHING:
            return reply
        with contextlib.suppress(PartMissingError, PartExpiredError):
            state = await self._on_disk(self._parts.glance, part_id, self._door.clock())
            return tus.with_expiry(reply, state)
        return reply

    async def _state(self, part_id: str) -> PartState:
        return await self._on_disk(self._parts.state, part_id, self._door.clock())

    async def _discard(self, part_id: str) -> None:
        with contextlib.suppress(PartMissingError, PartLockedError):
            await self._on_disk(self._parts.discard, part_id)

    async def _on_disk(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await anyio.to_thread.run_sync(
            functools.partial(function, *args, **kwargs), limiter=self._disk
        )


class _Behind:
    """Writes a block in a thread while the next one arrives: one at a time, in their order."""

    def __init__(self, write: Callable[[bytearray], Coroutine[None, None, None]]) -> None:
        self._write = write
        self._last: asyncio.Task[None] | None = None

    async def write(self, block: bytearray) -> None:
        """Begin to write a block, once the one before is written; raises what went wrong there."""
        await self.wait()
        self._last = asyncio.create_task(self._write(block))

    async def wait(self) -> None:
        """Wait until every block is written."""
        last, self._last = self._last, None
        if last is not None:
            await last


def routes(endpoints: TusEndpoints) -> list[BaseRoute]:
    """Return the tus routes. Source: slidescore.md 3.4: with and without the last slash."""
    return [
        Route(path, endpoints.resumable, methods=_METHODS)
        for path in ("/files", "/files/", "/files/{part_id}")
    ]


async def _fill(request: Request, block: bytearray) -> Ending | None:
    """Add to a block what arrives, for a moment or until it is full; tell whether it ended."""
    with anyio.move_on_after(_LOOK_S):
        while len(block) < _BLOCK_BYTES:
            message = await request.receive()
            if message["type"] != "http.request":
                return Ending.CUT
            block += message.get("body", b"")
            if not message.get("more_body", False):
                return Ending.WHOLE
    return None


def _prefix(request: Request) -> str:
    """Return the path under which a proxy shows the server, as settings or the proxy say."""
    root_path: str = request.scope.get("root_path", "").rstrip("/")
    told = request.headers.get("x-forwarded-prefix", "").rstrip("/")
    return root_path or (told if _PREFIX.fullmatch(told) else "")
