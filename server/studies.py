"""Reimport without HTTP: what the command line and the first look call."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from access.rights import Actor
from records.database import Database
from records.filestore import FileStore
from slides_sample import samples, study as sample_study
from studyconfig.probing import Progress, say_nothing
from studyconfig.reimport import Options, ReimportResult, reimport as reimport_study
from uploads import checks


def reimport(
    database: Database,
    data: Path,
    actor: Actor,
    study_name: str,
    *,
    options: Options = Options(),  # noqa: B008  (frozen)
    progress: Progress = say_nothing,
) -> ReimportResult:
    """Read a study's files in the data folder again and apply what changed."""
    result = reimport_study(
        database,
        FileStore(data / "images"),
        actor,
        study_name=study_name,
        options=options,
        now=datetime.now(UTC),
        progress=progress,
    )
    if result.success and result.study_id is not None and not options.dry_run:
        with database.writing() as session:
            checks.note_known_sums(session, actor, study_id=result.study_id)
    return result


def import_sample(
    database: Database, data: Path, actor: Actor, *, admin_email: str
) -> ReimportResult:
    """Make the sample slides and files that are missing, and import them like any study."""
    images = data / "images"
    samples.make_sample_slides(images / sample_study.STUDY_NAME)
    sample_study.write_sample_study(images, admin_email)
    return reimport(database, data, actor, sample_study.STUDY_NAME)
