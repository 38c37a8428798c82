"""The room of scoring with a real database, a real slide and real HTTP messages."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
import tifffile
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from access import rights, tokens
from access.calls import Door
from access.tokens import NewApiToken
from records.database import Database
from records.filestore import FileStore
from records.tables import AnnotationFile
from scoring import (
    annotation_file_routes,
    annotation_files,
    annotation_routes,
    download_routes,
    routes,
    version_routes,
)
from scoring.anno2_conversion import Keeping
from scoring.annotation_file_routes import AnnotationFileEndpoints
from scoring.annotation_files import Intake
from scoring.annotation_routes import AnnotationEndpoints
from scoring.download_routes import DownloadEndpoints
from scoring.routes import ScoreEndpoints
from scoring.screenshot import Stores
from scoring.version_routes import VersionEndpoints
from tests.scoring import builders
from tests.scoring.builders import NOW, TOKEN, MadeStudy
from tileserver import readers
from tileserver.pool import SlidePool

WIDTH, HEIGHT, MPP = 600, 400, 0.5


@dataclass(frozen=True, kw_only=True)
class Room:
    """The room, a study in it, and the means to call it as clients do."""

    database: Database
    study: MadeStudy
    stores: Stores
    client: TestClient
    token: str

    def call(self, name, *, verb="POST", accept="application/json", token=None, **parameters):
        """Send a call with a form body, as the SDK does on every verb."""
        return self.client.request(
            verb,
            f"/Api/{name}",
            data={key: value for key, value in parameters.items() if value is not None},
            headers={"Authorization": f"Bearer {token or self.token}", "Accept": accept},
        )

    def make_token(self, granted: str, **restrictions: tuple[str, ...]) -> str:
        """Make another token with some rights."""
        with self.database.writing() as session:
            return tokens.issue_api_token(
                session,
                rights.COMMAND_LINE,
                NewApiToken(name="other", rights=rights.parse_rights(granted), **restrictions),
            )

    def arrive(self, uuid: str, data: bytes, folder: Path) -> None:
        """Hand in an uploaded annotation file, as the uploads room does."""
        part = folder / "part"
        part.write_bytes(data)
        with self.database.writing() as session:
            file_id = session.exec(
                select(AnnotationFile.id).where(AnnotationFile.uuid == uuid)
            ).one()
            annotation_files.store_anno2(
                session,
                TOKEN,
                annotation_file_id=file_id,
                part=part,
                decoded=annotation_files.read_anno2(part),
                store=self.stores.annotations,
                now=NOW,
            )


def write_slide(path: Path) -> None:
    """Write a white slide of 600 x 400 pixels with a known resolution."""
    path.parent.mkdir(parents=True, exist_ok=True)
    per_cm = 10_000 / MPP
    tifffile.imwrite(
        path,
        np.full((HEIGHT, WIDTH, 3), 255, dtype=np.uint8),
        tile=(128, 128),
        compression="jpeg",
        photometric="rgb",
        resolution=(per_cm, per_cm),
        resolutionunit="CENTIMETER",
    )


@pytest.fixture
def room(database: Database, tmp_path: Path) -> Iterator[Room]:
    """Give the room with a study whose first slide has a file."""
    stores = Stores(
        images=FileStore(tmp_path / "images"), annotations=FileStore(tmp_path / "annotations")
    )
    write_slide(tmp_path / "images" / "study" / "one.svs")
    with database.writing() as session:
        study = builders.make_study(session)
        token = tokens.issue_api_token(
            session, rights.COMMAND_LINE, NewApiToken(name="all", rights=rights.ALL_RIGHTS)
        )
    numbers = itertools.count(1)
    pool = SlidePool(readers.open_slide)
    endpoints = AnnotationEndpoints(
        stores,
        pool,
        Intake(
            request_ticket=lambda _session, _actor, *, annotation_file_id, now: (
                f"ticket-{annotation_file_id}"
            ),
            new_uuid=lambda: UUID(int=next(numbers)),
        ),
    )
    keeping = Keeping(store=stores.annotations, new_uuid=uuid4)
    door = Door(database, lambda: NOW)
    calls = [
        *routes.calls(ScoreEndpoints()),
        *download_routes.calls(DownloadEndpoints()),
        *version_routes.calls(VersionEndpoints()),
        *annotation_routes.calls(endpoints),
        *annotation_file_routes.calls(AnnotationFileEndpoints(keeping)),
    ]
    app = Starlette(routes=[call.route(door) for call in calls])
    with TestClient(app) as client:
        yield Room(database=database, study=study, stores=stores, client=client, token=token)
    pool.close()
