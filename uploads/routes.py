"""Uploads and downloads over HTTP: three Api calls, and tus at /files."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, ParamSpec, TypeVar

import anyio
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from access import tokens
from access.calls import ApiCall, Call, Door, Parameter
from access.replies import Voice, json_reply
from access.rights import Actor
from records.errors import AppError, RightsError
from uploads import commit, cors, download, tickets, tus
from uploads.parts import (
    DiskFullError,
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
_TUS_METHODS: Final = ["OPTIONS", "POST", "HEAD", "PATCH", "DELETE"]


class SlideResponse(FileResponse):
    """A slide's file, with Range and If-Range, in blocks that suit gigabytes."""

    chunk_size = _BLOCK_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """What one upload may take.

    Parameters
    ----------
    max_bytes
        Size of the largest file.
    idle_timeout_s
        How long a request may send nothing before it is taken for dead and lets its upload go:
        a choice, longer than a lost packet and shorter than a client's patience.
    threads
        How many requests of a worker may write to disk at once. They have threads of their own, so
        that a slow disk does not hold up tiles.
    origins
        Origins whose pages may upload from a browser.
    """

    max_bytes: int
    idle_timeout_s: float = 30
    threads: int = 8
    origins: tuple[str, ...] = ()


class UploadEndpoints:
    """Answers the Api calls about files, and the tus protocol.

    Parameters
    ----------
    door
        Tells who asks and runs deeds.
    intake
        Which files are taken in, and where they go.
    parts
        Where bytes wait for the rest.
    new_part_id
        Makes 32 random hexadecimal digits.
    on_annotation
        Takes in the file of an annotation.
    limits
        What one upload may take.
    """

    def __init__(
        self,
        *,
        door: Door,
        intake: tickets.Intake,
        parts: PartStore,
        new_part_id: Callable[[], str],
        on_annotation: commit.OnAnnotation,
        limits: UploadLimits,
    ) -> None:
        self._door = door
        self._intake = intake
        self._parts = parts
        self._new_part_id = new_part_id
        self._on_annotation = on_annotation
        self._limits = limits
        self._disk = anyio.CapacityLimiter(limits.threads)

    async def request_upload(self, call: Call) -> Response:
        """Give a ticket for one file."""
        token = await call.write(
            tickets.request_upload,
            intake=self._intake,
            filename=call.text("filename"),
            folder=call.opt_text("folder") or "",
            study_id=call.opt_integer("studyId"),
            now=call.now,
        )
        return json_reply({"token": token})

    async def finish_upload(self, call: Call) -> Response:
        """Move an uploaded file into place."""
        arrival = await call.read(
            commit.find_arrival,
            files=self._intake.files,
            ticket=call.text("token"),
            # Some clients send the whole Location.
            part_id=call.text("id").rpartition("/")[2],
        )
        if arrival.is_finished:
            return json_reply("OK")
        if arrival.target is None:
            await call.write(
                commit.finish_annotation,
                arrival=arrival,
                parts=self._parts,
                on_annotation=self._on_annotation,
                now=call.now,
            )
        else:
            placed = await self._on_disk(
                commit.place, self._parts, self._intake.files, arrival.part_id, arrival.target
            )
            await call.write(commit.finish_file, arrival=arrival, placed=placed, now=call.now)
        # Only now, when the record is on disk: a retry must still find the part or its trace.
        await self._discard(arrival.part_id)
        return json_reply("OK")

    async def download_slide(self, call: Call) -> Response:
        """Send a slide's file, or all its files as a zip."""
        found = await call.write(
            download.open_download,
            files=self._intake.files,
            study_id=call.opt_integer("studyId"),
            slide_id=call.integer("imageId"),
            now=call.now,
        )
        headers = {"Content-Disposition": download.content_disposition(found.filename)}
        if found.is_zip:
            return StreamingResponse(
                download.stream_zip(found.members), headers=headers, media_type="application/zip"
            )
        return SlideResponse(
            found.members[0].path, headers=headers, media_type="application/octet-stream"
        )

    async def resumable(self, request: Request) -> Response:
        """Answer one request of the tus protocol."""
        part_id = request.path_params.get("part_id")
        decision = tus.decide(
            request.method,
            request.headers,
            names_upload=part_id is not None,
            max_bytes=self._limits.max_bytes,
        )
        try:
            reply = await self._act(request, part_id or "", decision)
        except AppError as error:
            reply = tus.refused(error)
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
            case tus.Append(offset, body):
                state, is_whole = await self._receive(request, part_id, offset, body)
                return tus.appended(state) if is_whole else tus.interrupted()
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
        part_id = self._new_part_id()
        actor = await self._uploader(request, wanted)
        admission = await self._door.in_database(
            tickets.admit,
            actor,
            ticket=ticket,
            part_id=part_id,
            byte_count=wanted.length,
            now=self._door.clock(),
        )
        state = await self._on_disk(
            self._parts.create,
            part_id,
            length=wanted.length,
            metadata=wanted.public_metadata,
            owner=actor.label,
            now=self._door.clock(),
        )
        if admission.replaced_part is not None:
            await self._discard(admission.replaced_part)
        if wanted.body is not None:
            state, _ = await self._receive(request, part_id, 0, wanted.body)
        return tus.created(_prefix(request) + f"/files/{part_id}", state)

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
        self, request: Request, part_id: str, offset: int, body: tus.Body
    ) -> tuple[PartState, bool]:
        """Add a request's bytes to a part; also tell whether the request came to its end."""
        writer = await self._on_disk(
            self._parts.writer,
            part_id,
            self._door.clock(),
            offset=offset,
            checksum=body.checksum,
        )
        try:
            tus.check_room(body, writer.state)
            is_whole = await self._pour(request, writer)
            end = writer.commit if is_whole else writer.keep
            return await self._on_disk(end, self._door.clock()), is_whole
        except PartOverflowError:
            await self._on_disk(writer.revert)
            raise
        except DiskFullError:
            await self._on_disk(writer.keep, self._door.clock())
            raise
        finally:
            with anyio.CancelScope(shield=True):
                await self._on_disk(writer.close)

    async def _pour(self, request: Request, writer: PartWriter) -> bool:
        """Write what arrives, a block at a time; tell whether all arrived."""
        block = bytearray()
        async with contextlib.aclosing(request.stream()) as chunks:
            while True:
                try:
                    with anyio.fail_after(self._limits.idle_timeout_s):
                        chunk = await anext(chunks, None)
                except (ClientDisconnect, TimeoutError):
                    await self._on_disk(writer.write, block)
                    return False
                if chunk is None:
                    await self._on_disk(writer.write, block)
                    return True
                block += chunk
                if len(block) >= _BLOCK_BYTES:
                    await self._on_disk(writer.write, block)
                    block = bytearray()

    async def _state(self, part_id: str) -> PartState:
        return await self._on_disk(self._parts.state, part_id, self._door.clock())

    async def _discard(self, part_id: str) -> None:
        with contextlib.suppress(PartMissingError, PartLockedError):
            await self._on_disk(self._parts.discard, part_id)

    async def _on_disk(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await anyio.to_thread.run_sync(
            functools.partial(function, *args, **kwargs), limiter=self._disk
        )


def calls(endpoints: UploadEndpoints) -> list[ApiCall]:
    """Return the Api calls of this room."""
    return [
        ApiCall(
            "RequestUpload",
            endpoints.request_upload,
            "Leave to upload one file",
            parameters=(
                Parameter("filename", str),
                Parameter("folder", str, required=False, note="empty: the study's, or the root"),
                Parameter("studyId", int, required=False),
            ),
            right="CanUpload; the folder and study in reach; CanCreateUploadFolders for a new one",
            source="slidescore.md 3.4",
            voice=Voice.QUOTED,
            writes=True,
        ),
        ApiCall(
            "FinishUpload",
            endpoints.finish_upload,
            "Move an uploaded file into place",
            parameters=(
                Parameter("id", str, note="the end of the upload's Location"),
                Parameter("token", str, note="from RequestUpload or CreateAnno2"),
            ),
            right="the API token that asked for the upload; CanUpload for files",
            source="slidescore.md 3.4",
            voice=Voice.QUOTED,
            writes=True,
        ),
        ApiCall(
            "DownloadSlide",
            endpoints.download_slide,
            "A slide's file, or its files as a zip",
            parameters=(Parameter("studyId", int, required=False), Parameter("imageId", int)),
            right="CanDownloadSlides; study readable",
            source="slidescore.md 3.8",
            voice=Voice.STATUS,
        ),
    ]


def routes(endpoints: UploadEndpoints) -> list[BaseRoute]:
    """Return the tus routes. Source: slidescore.md 3.4: with and without the last slash."""
    return [
        Route(path, endpoints.resumable, methods=_TUS_METHODS)
        for path in ("/files", "/files/", "/files/{part_id}")
    ]


def _prefix(request: Request) -> str:
    """Return the path under which a proxy shows the server, as settings or the proxy say."""
    root_path: str = request.scope.get("root_path", "").rstrip("/")
    told = request.headers.get("x-forwarded-prefix", "").rstrip("/")
    return root_path or (told if _PREFIX.fullmatch(told) else "")
