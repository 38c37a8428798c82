"""The calls of scoring, with what they need of the other rooms."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import anyio
from sqlmodel import Session

from access.calls import ApiCall, Door
from access.rights import Actor
from records.filestore import FileStore
from scoring import (
    agreement_routes,
    annotation_file_routes,
    annotation_files,
    annotation_layers,
    annotation_routes,
    download_routes,
    layer_routes,
    progress_routes,
    routes,
    sheet_routes,
    version_routes,
    viewing_routes,
)
from scoring.anno2_conversion import Keeping
from scoring.annotation_file_routes import AnnotationFileEndpoints
from scoring.annotation_layers import LayerShelf
from scoring.annotation_routes import AnnotationEndpoints
from scoring.layer_keeper import LayerKeeper
from scoring.region_replies import RegionReplies
from tileserver.stored.cachefolder import CacheFolder
from uploads import commit


@dataclass(frozen=True, slots=True)
class Layers:
    """What the layers of annotations are made and kept by.

    Parameters
    ----------
    keeper
        Makes them ahead.
    """

    shelf: LayerShelf
    keeper: LayerKeeper
    builders: anyio.CapacityLimiter


def layers(data: Path, door: Door, annotations: FileStore) -> Layers:
    """Return what makes and keeps layers, below the data folder's cache."""
    folder = CacheFolder(
        data / "cache" / "annotations", capacity_bytes=annotation_layers.CAPACITY_BYTES
    )
    shelf = LayerShelf(folder)
    # One at a time: a layer of millions of shapes takes a core and a GiB.
    builders = anyio.CapacityLimiter(1)
    keeper = LayerKeeper(
        door=door, store=annotations, shelf=shelf, lock=data / "layers.lock", limiter=builders
    )
    return Layers(shelf, keeper, builders)


def annotation_reader(store: FileStore, clock: Callable[[], datetime]) -> commit.ReadAnnotation:
    """Return what decodes an uploaded annotation file, and then takes it in."""

    def read_annotation(part: Path) -> commit.StoreAnnotation:
        decoded = annotation_files.read_anno2(part)

        def store_annotation(
            session: Session, actor: Actor, annotation_file_id: int, part: Path
        ) -> None:
            annotation_files.store_anno2(
                session,
                actor,
                annotation_file_id=annotation_file_id,
                part=part,
                decoded=decoded,
                store=store,
                now=clock(),
            )

        return store_annotation

    return read_annotation


def calls(
    annotations: AnnotationEndpoints, kept: Layers, annotation_store: FileStore
) -> list[ApiCall]:
    """Return every call of scoring.

    Parameters
    ----------
    annotation_store
        Where annotation files lie.
    """
    keeping = Keeping(store=annotation_store, new_uuid=uuid.uuid4)
    by_box = layer_routes.LayerEndpoints(kept.shelf, annotation_store, kept.builders)
    return [
        *routes.calls(routes.ScoreEndpoints()),
        *download_routes.calls(download_routes.DownloadEndpoints()),
        *viewing_routes.calls(viewing_routes.ViewingEndpoints()),
        *progress_routes.calls(progress_routes.ProgressEndpoints()),
        *sheet_routes.calls(sheet_routes.SheetEndpoints()),
        *version_routes.calls(version_routes.VersionEndpoints()),
        *annotation_routes.calls(annotations),
        *annotation_file_routes.calls(AnnotationFileEndpoints(keeping)),
        *layer_routes.calls(by_box),
        *agreement_routes.calls(
            agreement_routes.AgreementEndpoints(RegionReplies(annotation_store))
        ),
    ]
