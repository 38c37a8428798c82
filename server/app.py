"""The composition: one ASGI application out of all rooms, and the wiring between them."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import secrets
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

import scoring.annotation_routes
import scoring.qupath_routes
import uploads.routes
import uploads.tus_routes
from access.calls import ApiCall, Door
from access.invitations import SendLetter
from access.personlinks import PersonLinks
from access.replies import Voice, failure_reply
from records.columns import utc_now
from records.database import Database
from records.errors import AppError, BusyError
from records.filestore import FileStore
from scoring import annotation_files
from scoring.layer_keeper import LayerKeeper
from scoring.screenshot import Stores
from server import (
    accounts,
    audit_calls,
    logs,
    mail,
    openapi,
    own_account,
    pageframe,
    pages,
    password_pages,
    qupath_calls,
    score_calls,
    settings as settings_module,
    study_calls,
)
from server.bounded_http import INSTANT, Buffer
from server.passwords import PasswordDoor
from server.settings import Settings
from server.tile_parts import TileParts
from studyconfig.corework import OpenableSlides
from tileserver import readers
from tileserver.iiif_app import PREFIX
from tileserver.inspection import InspectionLimits
from tileserver.tileapp import TileApp
from uploads import tickets
from uploads.checker import Checker
from uploads.partstore import PartStore

PART_LIFETIME = timedelta(days=7)
SWEEP_EVERY_S = 3600
NOTE_TOKENS_EVERY_S = 60
CHECK_AGAIN_S = 10

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every room stands on."""

    settings: Settings
    database: Database
    door: Door
    images: FileStore
    clock: Callable[[], datetime]
    key: bytes


def create_app(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Application:
    """Build the application for one data folder.

    Parameters
    ----------
    settings
        What the server is told.
    clock
        Gives the present instant, aware and in UTC.
    """
    database = Database(settings.effective_database_url)
    ground = _Ground(
        settings,
        database,
        Door(database, clock),
        FileStore(settings.data / "images"),
        clock,
        settings_module.secret_key(settings.data),
    )
    pixels = TileParts.build(
        settings, database, ground.door, ground.images, clock=clock, key=ground.key
    )
    pool = pixels.pool
    parts = PartStore(
        settings.data / "uploads",
        lifetime=PART_LIFETIME,
        reserve_bytes=settings.upload_reserve_bytes,
        max_bytes=settings.max_upload_bytes,
    )
    stores = Stores(images=ground.images, annotations=FileStore(settings.data / "annotations"))
    files = _upload_endpoints(ground, parts, stores.annotations)
    annotations = scoring.annotation_routes.AnnotationEndpoints(
        stores, pool, _annotation_intake(ground)
    )
    links, send, public_url = _letters(ground)
    layers = score_calls.layers(settings.data, ground.door, stores.annotations)
    qupath = _qupath(ground, pixels, parts, stores.annotations)
    calls = [
        *pixels.calls,
        *uploads.routes.calls(files),
        *study_calls.calls(
            database,
            ground.images,
            forget=pixels.grants.forget,
            send=send,
            public_url=public_url,
            pool=pool,
            note_sums=pixels.note_added,
        ),
        *score_calls.calls(annotations, layers, stores.annotations),
        *scoring.qupath_routes.calls(qupath),
        *accounts.calls(accounts.AccountEndpoints(links, send, public_url)),
        *own_account.calls(own_account.OwnAccountEndpoints(ground.door)),
        *audit_calls.calls(audit_calls.AuditEndpoints()),
    ]
    router = Starlette(
        routes=[
            Route("/healthz", functools.partial(_health, ground.door), methods=["GET"]),
            *_api_routes(ground, calls),
            *uploads.routes.routes(files),
            *uploads.tus_routes.routes(_tus_endpoints(ground, parts)),
            *scoring.qupath_routes.routes(qupath),
            *_pages(ground, lambda link: pixels.slide_files.title(link, clock())),
        ],
        exception_handlers={AppError: _refused},
        lifespan=_lifespan(ground, pixels, parts, layers.keeper),
    )
    return Application(pixels.tile_app, pixels.iiif_app, router, settings.root_path, calls)


def app_from_env() -> ASGIApp:
    """Build the application from the environment, in a worker process."""
    logs.set_up(level=os.environ.get("COVERSLIP_LOG_LEVEL", "info"))
    return create_app(Settings.from_env(os.environ))


class Application:
    """Sends tiles on the shortest way and everything else through the router.

    Parameters
    ----------
    tiles
        Answers below ``/i/``.
    iiif
        Answers below ``/iiif/3/``.
    router
        Answers the rest.
    root_path
        Path prefix under which a proxy shows the server; it may strip the prefix or not.
    calls
        The Api calls that the router answers, for whoever describes them.
    """

    def __init__(
        self,
        tiles: TileApp,
        iiif: ASGIApp,
        router: ASGIApp,
        root_path: str,
        calls: Sequence[ApiCall],
    ) -> None:
        self.calls = tuple(calls)
        self._tiles = tiles
        self._iiif = iiif
        self._router = router
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's start and end."""
        if scope["type"] == "lifespan" and "state" in scope:
            scope["state"][INSTANT] = self._instant
        if scope["type"] == "http":
            if self._root_path:
                scope["root_path"] = self._root_path
                scope["path"] = scope["path"].removeprefix(self._root_path)
            path = scope["path"]
            if path[:3].lower() == "/i/" and not scoring.qupath_routes.is_qupath(path):
                await self._tiles(scope, receive, send)
                return
            if path.startswith(PREFIX):
                await self._iiif(scope, receive, send)
                return
        await self._router(scope, receive, send)

    def _instant(self, path: bytes, cookies: tuple[bytes, ...]) -> Sequence[Buffer] | None:
        return self._tiles.instant(path.removeprefix(self._root_path.encode()), cookies)


def _upload_endpoints(
    ground: _Ground, parts: PartStore, annotations: FileStore
) -> uploads.routes.UploadEndpoints:
    return uploads.routes.UploadEndpoints(
        door=ground.door,
        intake=_intake(ground),
        parts=parts,
        attachment_files=FileStore(ground.settings.data / "attachments"),
        new_attachment_secret=lambda: secrets.token_hex(16),
        read_annotation=score_calls.annotation_reader(annotations, ground.clock),
    )


def _qupath(
    ground: _Ground, pixels: TileParts, parts: PartStore, annotations: FileStore
) -> scoring.qupath_routes.QupathEndpoints:
    rooms = qupath_calls.Rooms(
        database=ground.database,
        door=ground.door,
        service=pixels.service,
        slides=OpenableSlides(ground.images, pixels.pool),
        annotations=annotations,
        parts=parts,
        intake=_annotation_intake(ground),
        read_annotation=score_calls.annotation_reader(annotations, ground.clock),
        clock=ground.clock,
    )
    return qupath_calls.endpoints(rooms, key=ground.key, public_url=ground.settings.public_url)


def _tus_endpoints(ground: _Ground, parts: PartStore) -> uploads.tus_routes.TusEndpoints:
    return uploads.tus_routes.TusEndpoints(
        door=ground.door,
        parts=parts,
        new_part_id=lambda: secrets.token_hex(16),
        limits=uploads.tus_routes.UploadLimits(origins=ground.settings.upload_origins),
    )


def _letters(ground: _Ground) -> tuple[PersonLinks, SendLetter | None, str]:
    return PersonLinks(ground.key), mail.sender(ground.settings), ground.settings.public_url


def _pages(ground: _Ground, slide_file_name: Callable[[str], str]) -> list[BaseRoute]:
    frame = pageframe.PageFrame(_web_folder())
    passwords = PasswordDoor(
        ground.door, *_letters(ground), may_register=ground.settings.registration
    )
    return [
        *pages.routes(pages.PageEndpoints(frame, ground.door, slide_file_name)),
        *password_pages.routes(password_pages.PasswordPages(frame, ground.door, passwords)),
    ]


def _annotation_intake(ground: _Ground) -> annotation_files.Intake:
    return annotation_files.Intake(
        request_ticket=functools.partial(tickets.request_annotation_upload, intake=_intake(ground)),
        new_uuid=uuid.uuid4,
    )


def _intake(ground: _Ground) -> tickets.Intake:
    return tickets.Intake(
        files=ground.images,
        slide_suffixes=readers.SLIDE_SUFFIXES,
        new_secret=lambda: secrets.token_urlsafe(32),
    )


def _api_routes(ground: _Ground, calls: list[ApiCall]) -> list[BaseRoute]:
    version, root_path = metadata.version("coverslip"), ground.settings.root_path
    return [
        *(call.route(ground.door) for call in calls),
        *openapi.routes(calls, version=version, root_path=root_path),
    ]


def _lifespan(
    ground: _Ground,
    pixels: TileParts,
    parts: PartStore,
    keeper: LayerKeeper,
) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(_sweep(ground, parts)),
            asyncio.create_task(_check(ground)),
            asyncio.create_task(keeper.run()),
            asyncio.create_task(_note_tokens(ground)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            pixels.close()
            ground.database.close()

    return lifespan


async def _sweep(ground: _Ground, parts: PartStore) -> None:
    """Remove parts of uploads that nobody came back for, now and then."""
    while True:
        try:
            removed = await ground.door.in_thread(parts.sweep, ground.clock())
        except Exception:
            # Whatever it was, the next sweep may go well; without sweeps the disk fills up.
            log.exception("sweep failed")
        else:
            if removed:
                log.info("swept", parts=removed)
        await asyncio.sleep(SWEEP_EVERY_S)


async def _note_tokens(ground: _Ground) -> None:
    """Write down when tokens were last used, now and then."""
    while True:
        await asyncio.sleep(NOTE_TOKENS_EVERY_S)
        try:
            await ground.door.note_token_uses()
        except (SQLAlchemyError, BusyError):
            log.exception("token uses not noted")


async def _check(ground: _Ground) -> None:
    """Look at files that arrived; when the database or disk fails, try again later."""
    checker = Checker(
        door=ground.door,
        files=ground.images,
        lock=ground.settings.data / "checker.lock",
        limits=InspectionLimits(),
    )
    while True:
        try:
            await checker.run()
        except (OSError, SQLAlchemyError, BusyError):
            log.exception("checker failed")
        await asyncio.sleep(CHECK_AGAIN_S)


async def _health(door: Door, request: Request) -> Response:
    """Answer 200 when the database answers."""

    def ask(session: Session) -> None:
        session.connection().execute(text("SELECT 1"))

    try:
        await door.reading(ask)
    except (SQLAlchemyError, BusyError):
        log.exception("unhealthy")
        return PlainTextResponse("the database does not answer\n", 503)
    return PlainTextResponse("ok\n")


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, AppError):
        raise error
    return failure_reply(error, Voice.STATUS)


def _web_folder() -> Path:
    """Return where the built pages lie: in the installed package, or beside it in a checkout."""
    packed = Path(__file__).parent / "web"
    return packed if packed.is_dir() else Path(__file__).parents[1] / "web" / "dist"
