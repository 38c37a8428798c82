"""The configuration of a study back: as one value, and as the text of its files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from access import gate
from access.rights import Actor, Right
from studyconfig import content, listing, texts
from studyconfig.formats.config import Settings
from studyconfig.listing import QuestionEntry
from studyconfig.plan import StudyContent


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyConfig:
    """All that is configured of a study; ``slide_ids`` are in the order of ``content.slides``."""

    id: int
    name: str
    description: str
    published_at: datetime | None
    settings: Settings
    questions: tuple[QuestionEntry, ...]
    slide_ids: tuple[int, ...]
    content: StudyContent


def study_config(session: Session, actor: Actor, *, study_id: int) -> StudyConfig:
    """Return the configuration of a study.

    Raises
    ------
    RightsError
        The actor may not read the study, or not get its configuration.
    NotFoundError
        There is no such study.
    """
    study = gate.readable_study(session, actor, study_id, right=Right.CAN_GET_CONFIG)
    held = content.load(session, study)
    return StudyConfig(
        id=study_id,
        name=study.name,
        description=study.description,
        published_at=study.published_at,
        settings=texts.settings(held),
        questions=tuple(listing.question_entries(session, study_id)),
        slide_ids=tuple(content.key(row) for row in content.find_slides(session, study_id)),
        content=held,
    )


def config_files(session: Session, actor: Actor, *, study_id: int) -> dict[str, str]:
    """Return the text of each configuration file of a study, by file name.

    The texts are made from the database, so Reimport of them changes nothing. Paths of slides do
    not depend on the study's name, so renamed they make a clone.

    Raises
    ------
    RightsError
        The actor may not read the study, or not get its configuration.
    NotFoundError
        There is no such study.
    """
    study = gate.readable_study(session, actor, study_id, right=Right.CAN_GET_CONFIG)
    return texts.write(study.name, content.load(session, study))
