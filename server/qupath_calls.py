"""QuPath's requests, with what they need of uploads, tiles and study configuration."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from access import tokens
from access.calls import Door
from access.rights import Actor
from access.slidelinks import SlideLinks
from records.database import Database
from records.filestore import FileStore
from scoring.annotation_files import Intake
from scoring.qupath_routes import Means, QupathEndpoints
from studyconfig import corework
from studyconfig.corework import OpenableSlides
from tileserver.service import TileService
from uploads import commit
from uploads.parts import PartLockedError, PartMissingError
from uploads.partstore import PartStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """What the other rooms give; see ``scoring.qupath_routes.Means``."""

    database: Database
    door: Door
    service: TileService
    slides: OpenableSlides
    annotations: FileStore
    parts: PartStore
    intake: Intake
    read_annotation: commit.ReadAnnotation
    clock: Callable[[], datetime]


def endpoints(rooms: Rooms, *, key: bytes, public_url: str) -> QupathEndpoints:
    """Return what answers QuPath.

    Parameters
    ----------
    key
        The server's secret key, which signs links.
    public_url
        Where people reach the server; empty: as each request says.
    """

    def positions(actor: Actor, slide_id: int) -> Mapping[str, object]:
        return corework.qupath_positions(rooms.database, rooms.slides, actor, slide_id=slide_id)

    return QupathEndpoints(
        Means(
            door=rooms.door,
            service=rooms.service,
            links=SlideLinks(key),
            images=rooms.slides.root,
            annotations=rooms.annotations,
            intake=rooms.intake,
            positions=positions,
            finish=_Finisher(rooms).finish,
            public_url=public_url,
        )
    )


class _Finisher:
    """Brings uploads of annotations to their end: sent by a token, answered by a person."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def finish(
        self,
        actor: Actor,
        api_token: str,
        upload_token: str,
        upload_id: str,
        check: Callable[[Session, Actor, int], None],
    ) -> None:
        rooms = self._rooms
        now = rooms.clock()
        sender = await rooms.door.reading(tokens.verify_api_token, api_token, now)
        arrival = await rooms.door.reading(
            commit.find_arrival,
            sender,
            files=rooms.slides.root,
            ticket=upload_token,
            part_id=upload_id,
        )
        if arrival.is_finished:
            return
        store = await rooms.door.in_thread(
            commit.read_annotation, rooms.parts, arrival, rooms.read_annotation
        )

        def checked(session: Session, actor: Actor, annotation_file_id: int, part: Path) -> None:
            check(session, actor, annotation_file_id)
            store(session, actor, annotation_file_id, part)

        def deed(session: Session) -> None:
            commit.finish_annotation(
                session, actor, arrival=arrival, parts=rooms.parts, store=checked, now=now
            )
            tokens.give_up_api_token(session, sender, now=now)

        await rooms.door.in_database(deed)
        with contextlib.suppress(PartMissingError, PartLockedError):
            await rooms.door.in_thread(rooms.parts.discard, arrival.part_id)
