"""The calls of study configuration, with what they need of the other rooms."""

from __future__ import annotations

from collections.abc import Callable

from access.calls import ApiCall
from access.invitations import SendLetter
from records.database import Database
from records.filestore import FileStore
from studyconfig import (
    case_routes,
    core_routes,
    routes,
    search_routes,
    setup_routes,
    sheet_routes,
    structure_routes,
    study_routes,
)
from studyconfig.corework import OpenableSlides
from studyconfig.slides import NoteSums
from tileserver.pool import SlidePool
from uploads import checks


def calls(
    database: Database,
    images: FileStore,
    *,
    forget: Callable[[int], None],
    send: SendLetter | None,
    public_url: str,
    pool: SlidePool,
    note_sums: NoteSums = checks.note_known_sums,
) -> list[ApiCall]:
    """Return every call of study configuration.

    Parameters
    ----------
    forget
        Drops what is remembered of a slide by its id.
    send
        Sends letters; None where no mail server is set.
    public_url
        Where people reach the server; empty: not known.
    pool
        Opens slides to be looked at.
    note_sums
        Keeps, with new slides of a study, what is known of their files.
    """
    studies = routes.StudyEndpoints(database, images, forget=forget, note_sums=note_sums)
    structure = structure_routes.StructureEndpoints(
        images, forget=forget, note_sums=note_sums, pool=pool
    )
    return [
        *routes.calls(studies),
        *structure_routes.calls(structure),
        *setup_routes.calls(setup_routes.SetupEndpoints(images, forget=forget)),
        *case_routes.calls(),
        *sheet_routes.calls(),
        *search_routes.calls(),
        *core_routes.calls(core_routes.CoreEndpoints(database, OpenableSlides(images, pool))),
        *study_routes.calls(study_routes.WholeStudyEndpoints(send, public_url)),
    ]
