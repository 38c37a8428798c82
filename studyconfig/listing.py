"""What a study is made of, as lists: studies, slides, cases, questions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from access import blinding, gate
from access.blinding import Blinding
from access.rights import Actor, Right
from records.tables import Answer, Case, Slide, Study, StudyMember, TmaMap
from studyconfig import cases, content
from studyconfig.formats.scores import QuestionLine

TAGS = ("organ", "disease", "stainings")
"""Settings by which people find a study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRights:
    """What the person who asks may do in a study."""

    can_score: bool
    can_edit: bool
    can_get_results: bool

    @classmethod
    def everything(cls) -> OwnRights:
        """Return an administrator's."""
        return cls(can_score=True, can_edit=True, can_get_results=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyEntry:
    """A study in the list of studies.

    Parameters
    ----------
    scored_slide_count
        On how many slides the person who asks has answered; None of a script.
    tags
        Organs, diseases and stainings, by the name of their setting.
    rights
        Of the person who asks; None of a script.
    """

    id: int
    name: str
    friendly_name: str
    folder: str
    published_at: datetime | None
    is_archived: bool = False
    slide_count: int = 0
    scored_slide_count: int | None = None
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rights: OwnRights | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideEntry:
    """A slide of a study. Sizes in bytes and level-0 pixels, mpp in µm per pixel."""

    id: int
    study_id: int
    name: str
    file_size: int
    width: int
    height: int
    mpp_x: float | None
    mpp_y: float | None
    objective_power: float | None
    rotation: int
    case_id: int | None
    case_name: str | None
    map_name: str | None
    is_out_of_focus: bool | None
    is_archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEntry:
    """A case of a study."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionEntry:
    """A question of a study; ``order`` counts from 0."""

    id: int
    order: int
    line: QuestionLine


def list_studies(session: Session, actor: Actor) -> list[StudyEntry]:
    """Return the studies that an actor may see, by name.

    Source: seed, Studies: unpublished ones are invisible without access to their administration.
    """
    rights: dict[int, OwnRights] = {}
    if not actor.is_person:
        kept = select(Study).where(col(Study.deleted_at).is_(None)).order_by(col(Study.name))
        shown = [row for row in session.exec(kept) if actor.may_read(row.name)]
        if actor.is_admin and actor.user_id is not None and actor.token_id is None:
            rights = dict.fromkeys(map(content.key, shown), OwnRights.everything())
    else:
        memberships = session.exec(
            select(Study, StudyMember)
            .join(StudyMember)
            .where(StudyMember.user_id == actor.user_id, col(Study.deleted_at).is_(None))
            .order_by(col(Study.name))
        ).all()
        shown = [study for study, member in memberships if study.published_at or member.can_edit]
        rights = {content.key(study): _rights_of(member) for study, member in memberships}
    slides = _slide_counts(session)
    scored = None if actor.user_id is None else _scored_counts(session, actor.user_id)
    entries = [_study_entry(row, slides, scored) for row in shown]
    return [replace(entry, rights=rights.get(entry.id)) for entry in entries]


def list_slides(session: Session, actor: Actor, *, study_id: int) -> list[SlideEntry]:
    """Return the slides of a study, in their order.

    Raises
    ------
    RightsError
        The actor may not read the study.
    NotFoundError
        There is no such study.
    """
    study = gate.readable_study(session, actor, study_id)
    hidden = blinding.find(session, actor, study)
    case_names = {
        row.id: row.name for row in session.exec(select(Case).where(Case.study_id == study_id))
    }
    map_names = {
        row.id: row.name for row in session.exec(select(TmaMap).where(TmaMap.study_id == study_id))
    }
    return [
        _blinded(_slide_entry(row, case_names, map_names), hidden)
        for row in content.find_slides(session, study_id)
    ]


def find_slide(session: Session, actor: Actor, *, slide_id: int) -> SlideEntry:
    """Return one slide.

    Raises
    ------
    RightsError
        The actor may not read its study.
    NotFoundError
        There is no such slide.
    """
    row = gate.readable_slide(session, actor, slide_id)
    case = session.get(Case, row.case_id) if row.case_id is not None else None
    tma_map = session.get(TmaMap, row.tma_map_id) if row.tma_map_id is not None else None
    study = gate.readable_study(session, actor, row.study_id)
    entry = _slide_entry(
        row,
        {case.id: case.name} if case else {},
        {tma_map.id: tma_map.name} if tma_map else {},
    )
    return _blinded(entry, blinding.find(session, actor, study))


def list_cases(session: Session, actor: Actor, *, study_id: int) -> list[CaseEntry]:
    """Return the cases of a study, by name.

    Raises
    ------
    RightsError
        The actor may not read the study.
    NotFoundError
        There is no such study.
    """
    gate.readable_study(session, actor, study_id)
    rows = session.exec(select(Case).where(Case.study_id == study_id).order_by(col(Case.name)))
    return [CaseEntry(id=content.key(row), name=row.name) for row in rows]


def list_questions(session: Session, actor: Actor, *, study_id: int) -> list[QuestionEntry]:
    """Return the questions of a study, in the order of the sheet.

    Raises
    ------
    RightsError
        The actor may not read the study.
    NotFoundError
        There is no such study.
    """
    gate.readable_study(session, actor, study_id)
    return question_entries(session, study_id)


def question_entries(session: Session, study_id: int) -> list[QuestionEntry]:
    """Return the questions of a study whose right was checked before."""
    return [
        QuestionEntry(id=content.key(row), order=order, line=content.question_line(row))
        for order, row in enumerate(content.find_questions(session, study_id))
    ]


def slide_description(session: Session, actor: Actor, *, slide_id: int) -> str:
    """Return the description of a slide, as cleaned HTML.

    Raises
    ------
    RightsError
        The actor may not read its study.
    NotFoundError
        There is no such slide.
    """
    return gate.readable_slide(session, actor, slide_id).description


def case_description(session: Session, actor: Actor, *, case_id: int) -> str:
    """Return the description of a case, as cleaned HTML.

    Raises
    ------
    RightsError
        The actor may not read its study.
    NotFoundError
        There is no such case.
    """
    return cases.readable_case(session, actor, case_id).description


def slide_path(session: Session, actor: Actor, *, slide_id: int) -> str:
    """Return the path of a slide's file, relative to the images root.

    Raises
    ------
    RightsError
        The actor may not read its study, or not handle paths.
    NotFoundError
        There is no such slide.
    """
    gate.require(actor, Right.CAN_HANDLE_PATHS)
    return gate.readable_slide(session, actor, slide_id).path


def _blinded(entry: SlideEntry, hidden: Blinding) -> SlideEntry:
    """Return a slide as it is told; the size of its file would tell which one it is."""
    if not hidden.slide_names:
        return entry
    return replace(entry, name=hidden.slide_name(entry.id, entry.name), file_size=0)


def _slide_counts(session: Session) -> dict[int, int]:
    query = select(Slide.study_id, func.count()).group_by(col(Slide.study_id))
    return dict(session.exec(query).all())


def _scored_counts(session: Session, user_id: int) -> dict[int, int]:
    """Return on how many slides somebody has answered, by study."""
    query = (
        select(Answer.study_id, func.count(func.distinct(Answer.slide_id)))
        .where(Answer.user_id == user_id, col(Answer.is_current))
        .group_by(col(Answer.study_id))
    )
    return dict(session.exec(query).all())


def _rights_of(member: StudyMember) -> OwnRights:
    return OwnRights(
        can_score=member.can_score,
        can_edit=member.can_edit,
        can_get_results=member.can_get_results,
    )


def _study_entry(
    row: Study, slides: Mapping[int, int], scored: Mapping[int, int] | None
) -> StudyEntry:
    study_id = content.key(row)
    settings = json.loads(row.settings)
    return StudyEntry(
        id=study_id,
        name=row.name,
        friendly_name=row.friendly_name,
        folder=row.folder,
        published_at=row.published_at,
        is_archived=row.archived_at is not None,
        slide_count=slides.get(study_id, 0),
        scored_slide_count=None if scored is None else scored.get(study_id, 0),
        tags={
            name: tuple(part.strip() for part in str(settings[name]).split(",") if part.strip())
            for name in TAGS
            if name in settings
        },
    )


def _slide_entry(
    row: Slide, case_names: Mapping[int | None, str], map_names: Mapping[int | None, str]
) -> SlideEntry:
    return SlideEntry(
        id=content.key(row),
        study_id=row.study_id,
        name=row.name,
        file_size=row.file_size,
        width=row.width,
        height=row.height,
        mpp_x=row.mpp_override or row.mpp_x,
        mpp_y=row.mpp_override or row.mpp_y,
        objective_power=row.objective_power,
        rotation=row.rotation,
        case_id=row.case_id,
        case_name=case_names.get(row.case_id),
        map_name=map_names.get(row.tma_map_id),
        is_out_of_focus=row.is_out_of_focus,
        is_archived=row.archived_at is not None,
    )
