"""Uploads and downloads over HTTP: the Api calls, and attachments at /a."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Final, ParamSpec, TypeVar

import anyio
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from access.calls import ApiCall, Call, Door, Parameter
from access.replies import Voice, json_reply
from records.errors import InputError
from records.filestore import FileStore
from uploads import attachments, checks, commit, digests, download, status, tickets
from uploads.parts import PartLockedError, PartMissingError
from uploads.partstore import PartStore

P = ParamSpec("P")
T = TypeVar("T")

_BLOCK_BYTES: Final = 1024 * 1024
_SOME_UPLOADS: Final = 100
_FINISH_WAIT_S: Final = 25.0
"""How long FinishUpload waits for another that is at the same upload: proxies give up after 30 s or
more."""
_FINISH_LOOK_S: Final = 0.25
_RETRY_AFTER_S: Final = 5

_SAFE: Final = {
    # What was uploaded must never run as a page of ours.
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-cache",
}


class SlideResponse(FileResponse):
    """A slide's file, with Range and If-Range, in blocks that suit gigabytes."""

    chunk_size = _BLOCK_BYTES


class UploadEndpoints:
    """Answers the Api calls about files.

    Parameters
    ----------
    door
        Tells who asks and runs deeds.
    intake
        Which files are taken in, and where they go.
    parts
        Where bytes wait for the rest.
    attachment_files
        The root of attachments.
    new_attachment_secret
        Makes an unguessable text of letters and digits.
    read_annotation
        Decodes the file of an annotation, and returns what takes it in.
    threads
        How many requests of a worker may move files at once; they have threads of their own.
    """

    def __init__(
        self,
        *,
        door: Door,
        intake: tickets.Intake,
        parts: PartStore,
        attachment_files: FileStore,
        new_attachment_secret: Callable[[], str],
        read_annotation: commit.ReadAnnotation,
        threads: int = 8,
    ) -> None:
        self._door = door
        self._intake = intake
        self._parts = parts
        self._attachment_files = attachment_files
        self._new_attachment_secret = new_attachment_secret
        self._read_annotation = read_annotation
        self._disk = anyio.CapacityLimiter(threads)

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

    async def request_attachment(self, call: Call) -> Response:
        """Give a token for one attachment."""
        if call.opt_integer("studyId") is None and call.opt_integer("moduleId") is not None:
            raise InputError("there are no teaching modules here; give a studyId")
        leave = await call.write(
            attachments.request_attachment,
            study_id=call.integer("studyId"),
            filename=call.text("filename"),
            new_secret=self._new_attachment_secret,
            now=call.now,
        )
        return json_reply(
            {
                "success": True,
                "token": leave.token,
                "folder": leave.folder,
                "filename": leave.filename,
                "attId": leave.attachment_id,
            }
        )

    async def finish_upload(self, call: Call) -> Response:
        """Move an uploaded file into place, once; say so to whoever asks, however often.

        Who asks again while that goes on, because a proxy gave up, waits for its end.
        """
        until = time.monotonic() + _FINISH_WAIT_S
        while True:
            arrival = await self._arrival(call)
            if arrival.is_finished:
                return json_reply("OK")
            try:
                async with self._ending(arrival.part_id):
                    await self._finish(call)
            except PartMissingError:
                # Given up; or another, which was at it, came to its end since we looked.
                if not (await self._arrival(call)).is_finished:
                    raise
            except PartLockedError as busy:
                if time.monotonic() >= until:
                    return _busy(busy)
                await anyio.sleep(_FINISH_LOOK_S)

    async def _arrival(self, call: Call) -> commit.Arrival:
        return await call.read(
            commit.find_arrival,
            files=self._intake.files,
            ticket=call.text("token"),
            # Some clients send the whole Location.
            part_id=call.text("id").rpartition("/")[2],
        )

    @contextlib.asynccontextmanager
    async def _ending(self, part_id: str) -> AsyncIterator[None]:
        with contextlib.ExitStack() as stack:
            await self._on_disk(stack.enter_context, self._parts.ending(part_id))
            yield

    async def _finish(self, call: Call) -> None:
        # Only now, when nobody else is at it, what we find holds.
        arrival = await self._arrival(call)
        if arrival.is_finished:
            return
        if arrival.purpose == tickets.ANNOTATION:
            store = await self._on_disk(
                commit.read_annotation, self._parts, arrival, self._read_annotation
            )
            await call.write(
                commit.finish_annotation,
                arrival=arrival,
                parts=self._parts,
                store=store,
                now=call.now,
            )
        else:
            try:
                await self._place(call, arrival)
            except InputError as error:
                await call.write(commit.note_failure, arrival=arrival, problem=error.message)
                raise
        # Only now, when the record is on disk: a retry must still find the part or its trace.
        with contextlib.suppress(PartMissingError, PartLockedError):
            await self._on_disk(self._parts.discard, arrival.part_id)

    async def upload_status(self, call: Call) -> Response:
        """Tell how far uploads are."""
        found = await call.read(
            status.list_uploads,
            parts=self._parts,
            count=call.opt_integer("count") or _SOME_UPLOADS,
            now=call.now,
            ticket=call.opt_text("token"),
            upload_id=call.opt_text("id"),
        )
        return json_reply({"success": True, "uploads": [_wire_status(upload) for upload in found]})

    async def resume_upload(self, call: Call) -> Response:
        """Give another ticket for an upload that was begun, and say where its bytes go."""
        renewed = await call.write(
            tickets.renew_ticket, intake=self._intake, upload_id=call.text("id"), now=call.now
        )
        return json_reply({"success": True, "token": renewed.ticket, "partId": renewed.part_id})

    async def check_upload(self, call: Call) -> Response:
        """Let an upload be looked at once more."""
        await call.write(checks.check_again, upload_id=call.text("id"))
        return json_reply({"success": True})

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

    async def attachment(self, request: Request) -> Response:
        """Send an attachment, always to be saved, never to be shown."""
        actor = await self._door.actor(request)
        found = await self._door.reading(
            attachments.open_attachment,
            actor,
            files=self._attachment_files,
            attachment_id=request.path_params["attachment_id"],
            secret=request.path_params["secret"],
            filename=request.path_params["filename"],
        )
        disposition = {"Content-Disposition": download.content_disposition(found.filename)}
        return SlideResponse(
            found.members[0].path,
            headers=_SAFE | disposition,
            media_type="application/octet-stream",
        )

    async def _place(self, call: Call, arrival: commit.Arrival) -> None:
        suffixes = self._intake.slide_suffixes
        if told := call.opt_text("sha256"):
            sha256: str | None = digests.read_sha256(told)
        else:
            metadata = await self._on_disk(self._parts.metadata, arrival.part_id)
            sha256 = digests.announced_sha256(metadata)
        contents = await self._on_disk(commit.survey, self._parts, arrival, slide_suffixes=suffixes)
        if contents is not None:
            await call.read(commit.check_members, files=self._intake.files, contents=contents)
        is_attachment = arrival.purpose == tickets.ATTACHMENT
        placed = await self._on_disk(
            commit.place,
            self._parts,
            self._attachment_files if is_attachment else self._intake.files,
            arrival,
            contents=contents,
            sha256=sha256,
            slide_suffixes=suffixes,
        )
        await call.write(commit.finish_file, arrival=arrival, placed=placed, now=call.now)

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
            "RequestUploadAttachment",
            endpoints.request_attachment,
            "Leave to upload one file that a description links to",
            parameters=(
                Parameter("studyId", int),
                Parameter("filename", str),
                Parameter("moduleId", int, required=False, note="refused: no teaching modules"),
            ),
            right="CanUpload; study modifiable",
            source="slidescore.md 3.4",
            writes=True,
        ),
        ApiCall(
            "FinishUpload",
            endpoints.finish_upload,
            "Move an uploaded file into place; the zip of a slide is unpacked",
            parameters=(
                Parameter("id", str, note="the end of the upload's Location"),
                Parameter("token", str, note="from RequestUpload or CreateAnno2"),
                Parameter("sha256", str, required=False, note="hex or base64, checked"),
            ),
            right="the API token that asked for the upload; CanUpload for files",
            source="slidescore.md 3.4; sha256: choice",
            voice=Voice.QUOTED,
            writes=True,
        ),
        ApiCall(
            "UploadStatus",
            endpoints.upload_status,
            "How far uploads are, and what was found in them",
            parameters=(
                Parameter("token", str, required=False, note="an upload token"),
                Parameter("id", str, required=False, note="of the upload"),
                Parameter("count", int, required=False, note="newest; 100"),
            ),
            right="none; own uploads, an administrator's are all",
            source="choice",
        ),
        ApiCall(
            "ResumeUpload",
            endpoints.resume_upload,
            "A new upload token for an unfinished upload; the one before it ends",
            parameters=(Parameter("id", str, note="uploadId of UploadStatus"),),
            right="who asked for the upload, and may still put the file there",
            source="choice",
            writes=True,
        ),
        ApiCall(
            "CheckUpload",
            endpoints.check_upload,
            "Look at an uploaded slide once more, as after its file was mended where it lies",
            parameters=(Parameter("id", str, note="uploadId of UploadStatus"),),
            right="none; own uploads, an administrator's are all",
            source="choice",
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
    """Return the address of attachments. Source: slidescore.md 3.4."""
    path = "/a/{attachment_id:int}/{secret}/{filename}"
    return [Route(path, endpoints.attachment, methods=["GET"])]


def _busy(error: PartLockedError) -> Response:
    """Tell that another is at it. Not in the call's voice: that means for ever, this only now."""
    reply = json_reply(error.message, 503)
    reply.headers["Retry-After"] = str(_RETRY_AFTER_S)
    return reply


def _wire_status(upload: status.UploadStatus) -> dict[str, object]:
    fields = dataclasses.asdict(upload)
    fields["requested_on"] = _wire_instant(fields.pop("requested_at"))
    fields["finished_on"] = _wire_instant(fields.pop("finished_at"))
    slides = [_camel(slide) for slide in fields.pop("slides")]
    return {**_camel(fields), "slides": slides}


def _wire_instant(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _camel(fields: dict[str, object]) -> dict[str, object]:
    """Return fields with wire names: upload_id becomes uploadId."""
    return {
        first + "".join(word.capitalize() for word in rest): value
        for (first, *rest), value in ((key.split("_"), value) for key, value in fields.items())
    }
