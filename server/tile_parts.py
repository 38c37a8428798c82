"""The tile server's parts, put together: what opens slides, makes pictures and answers for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlmodel import Session

import tileserver.routes
from access import holders
from access.calls import ApiCall, Door
from access.guestlinks import GuestLinks
from access.rights import Actor
from access.tokens import SlideFileLinks, TileTokens
from records.database import Database
from records.filestore import FileStore
from server.settings import Settings
from tileserver import ahead as levels_ahead, guest_routes, guests, inspection, sources
from tileserver.ahead import LevelsAhead
from tileserver.grants import Grants, LookUp
from tileserver.guests import GuestSlides
from tileserver.iiif_app import IiifApp
from tileserver.opening import SlideOpener
from tileserver.pool import SlidePool
from tileserver.service import TileService
from tileserver.shelf import Shelf
from tileserver.sources import SLIDE_FILE, SlideFiles, SlideSource
from tileserver.stored.cachefolder import CacheFolder
from tileserver.tileapp import TileApp
from tileserver.views import Views
from uploads import checks


@dataclass(frozen=True, slots=True, kw_only=True)
class TileParts:
    """Everything about pixels that the application is made of.

    Parameters
    ----------
    pool
        Lends readers, also to rooms that draw over pixels.
    service
        Makes tiles.
    grants
        Know who may see which slides.
    slide_files
        Checks links to slide files.
    calls
        The Api calls about pixels.
    tile_app, iiif_app
        Answer below ``/i/`` and ``/iiif/3/``.
    """

    pool: SlidePool
    service: TileService
    grants: Grants
    slide_files: SlideFiles
    calls: Sequence[ApiCall]
    tile_app: TileApp
    iiif_app: IiifApp
    _images: FileStore
    _ahead: LevelsAhead
    _opener: SlideOpener
    _views: Views

    @classmethod
    def build(
        cls,
        settings: Settings,
        database: Database,
        door: Door,
        images: FileStore,
        *,
        clock: Callable[[], datetime],
        key: bytes,
    ) -> Self:
        """Put the parts together for one data folder; for the parameters see ``server.app``."""
        root = settings.data / "cache" / "tiles"
        cache = CacheFolder(root, capacity_bytes=settings.cache_bytes)
        quality, capacity = settings.tile_quality, settings.open_slides
        opener = SlideOpener.over(cache, quality=quality)
        pool = SlidePool(opener.open_reader, capacity=capacity)
        shelf = Shelf(opener.open_stored, capacity=capacity, is_settled=opener.is_settled)
        service = TileService(pool, shelf, threads=settings.tile_threads, quality=quality)
        views = Views(service, pool, shelf, quality=quality)
        tokens = TileTokens(key)
        shared = _guest_slides(database, images, key)
        slide_files = SlideFiles(settings.slide_file_roots, SlideFileLinks(key), shared)
        look_up = _look_up(database, images, slide_files, clock)
        grants = Grants(look_up, remember_s=settings.tile_rights_s)
        endpoints = tileserver.routes.TileEndpoints(
            service,
            grants,
            tokens,
            slide_files,
            images,
            views=views,
            viewer_icc=settings.viewer_icc,
        )
        return cls(
            pool=pool,
            service=service,
            grants=grants,
            slide_files=slide_files,
            calls=[
                *tileserver.routes.calls(endpoints),
                *guest_routes.calls(guest_routes.GuestEndpoints(shared)),
            ],
            tile_app=TileApp(service, grants, tokens, clock),
            iiif_app=IiifApp(views, service, door, grants, tokens, images),
            _images=images,
            _ahead=_levels_ahead(settings, root),
            _opener=opener,
            _views=views,
        )

    def note_added(
        self, session: Session, actor: Actor, *, study_id: int, slide_id: int | None = None
    ) -> None:
        """Note what is known of slides that were added, one or any, and have their levels made."""
        checks.note_known_sums(session, actor, study_id=study_id, slide_id=slide_id)
        names = levels_ahead.names_of_study(session, study_id=study_id, slide_id=slide_id)
        self._ahead.add(levels_ahead.paths_of(names, self._images))

    def close(self) -> None:
        """Wait for work under way, then close every slide."""
        self._ahead.close()
        self._opener.close()
        self._views.close()
        self.service.close()


def _levels_ahead(settings: Settings, root: Path) -> LevelsAhead:
    return LevelsAhead(
        inspection.shared,
        root,
        capacity_bytes=settings.cache_bytes,
        quality=settings.tile_quality,
        with_large=settings.large_levels_ahead,
    )


def _guest_slides(database: Database, images: FileStore, key: bytes) -> GuestSlides:
    def find(slide_ulid: str) -> SlideSource:
        with database.reading() as session:
            return guests.find_shared_source(session, files=images, slide_ulid=slide_ulid)

    return GuestSlides(GuestLinks(key), find)


def _look_up(
    database: Database, images: FileStore, slide_files: SlideFiles, clock: Callable[[], datetime]
) -> LookUp:
    def look_up(slide_id: int, holder: str) -> SlideSource:
        if slide_id == SLIDE_FILE:
            return slide_files.source(holder, clock())
        with database.reading() as session:
            actor = holders.find_actor(session, holder, clock())
            return sources.find_source(session, actor, files=images, slide_id=slide_id)

    return look_up
