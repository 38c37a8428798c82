"""A study as who sets it up sees it: slides, questions and people, with what hangs on each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from sqlalchemy import func
from sqlmodel import Session, col, select

from access import gate
from access.rights import Actor, Right
from records import question_types
from records.errors import NotFoundError
from records.tables import Answer, Case, Question, Slide, Study, StudyMember, TmaMap, User
from studyconfig import content, listing
from studyconfig.listing import QuestionEntry

MAX_ANSWER_COUNTS = 200
"""How many different answers to a question are told, the most frequent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideSetup:
    """A slide. Sizes in bytes and level-0 pixels, mpp in µm per pixel.

    Parameters
    ----------
    format
        The ending of its file, in lower case, without the dot.
    mpp
        As people see it; None: neither the file nor anybody says.
    is_mpp_by_hand
        Whether somebody set it instead of the file.
    """

    id: int
    name: str
    format: str
    file_size: int
    width: int
    height: int
    mpp: float | None
    is_mpp_by_hand: bool
    objective_power: float | None
    rotation: int
    case_id: int | None
    case_name: str | None
    map_name: str | None
    is_out_of_focus: bool | None
    answer_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSetup:
    """Somebody of the study: their rights, and whether they came.

    Parameters
    ----------
    has_account
        Whether they chose a password.
    """

    email: str
    can_score: bool
    can_edit: bool
    can_get_results: bool
    has_account: bool
    signed_in_at: datetime | None
    answer_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySetup:
    """A study as its editors see it; ``question_answers`` is by the questions' ids."""

    id: int
    name: str
    description: str
    created_at: datetime
    published_at: datetime | None
    is_archived: bool
    settings: Mapping[str, str]
    slides: tuple[SlideSetup, ...]
    questions: tuple[QuestionEntry, ...]
    question_answers: Mapping[int, int]
    members: tuple[MemberSetup, ...]
    cases: Mapping[int, str]
    maps: tuple[str, ...]


def find_setup(session: Session, actor: Actor, *, study_id: int) -> StudySetup:
    """Return a study as who sets it up sees it.

    Raises
    ------
    RightsError
        The actor may not modify the study, or not get its configuration.
    NotFoundError
        There is no such study.
    """
    study = gate.modifiable_study(session, actor, study_id, right=Right.CAN_GET_CONFIG)
    cases = {
        content.key(row): row.name
        for row in session.exec(
            select(Case).where(Case.study_id == study_id).order_by(col(Case.name))
        )
    }
    maps = {
        row.id: row.name
        for row in session.exec(
            select(TmaMap).where(TmaMap.study_id == study_id).order_by(col(TmaMap.name))
        )
    }
    answered = _counts(session, study_id, col(Answer.slide_id))
    return StudySetup(
        id=study_id,
        name=study.name,
        description=study.description,
        created_at=study.created_at,
        published_at=study.published_at,
        is_archived=study.archived_at is not None,
        settings=_settings(session, study),
        slides=tuple(
            _slide(row, cases, maps, answered.get(content.key(row), 0))
            for row in content.find_slides(session, study_id)
        ),
        questions=tuple(listing.question_entries(session, study_id)),
        question_answers=_counts(session, study_id, col(Answer.question_id)),
        members=_members(session, study_id),
        cases=cases,
        maps=tuple(maps.values()),
    )


def answer_counts(
    session: Session, actor: Actor, *, study_id: int, question_id: int
) -> list[tuple[str, int]]:
    """Return how often each answer to a question counts now, the most frequent first.

    Answers that are drawn are none that could be told apart; they have no counts.

    Raises
    ------
    RightsError
        The actor may not modify the study, or not get its answers.
    NotFoundError
        There is no such question in the study.
    """
    gate.modifiable_study(session, actor, study_id)
    gate.study_with_scores(session, actor, study_id)
    question = session.get(Question, question_id)
    if question is None or question.study_id != study_id:
        raise NotFoundError(f"there is no question {question_id} in study {study_id}")
    if question_types.by_id(question.type_id).is_annotation:
        return []
    count = func.count()
    rows = session.exec(
        select(Answer.value, count)
        .where(Answer.question_id == question_id, col(Answer.is_current), col(Answer.value) != "")
        .group_by(Answer.value)
        .order_by(count.desc(), Answer.value)
        .limit(MAX_ANSWER_COUNTS)
    )
    return [(value, number) for value, number in rows]


def _settings(session: Session, study: Study) -> dict[str, str]:
    return dict(content.load(session, study).settings)


def _slide(
    row: Slide, cases: Mapping[int, str], maps: Mapping[int | None, str], answer_count: int
) -> SlideSetup:
    return SlideSetup(
        id=content.key(row),
        name=row.name,
        format=PurePosixPath(row.path).suffix.lower().lstrip("."),
        file_size=row.file_size,
        width=row.width,
        height=row.height,
        mpp=row.mpp_override or row.mpp_x,
        is_mpp_by_hand=row.mpp_override is not None,
        objective_power=row.objective_power,
        rotation=row.rotation,
        case_id=row.case_id,
        case_name=cases.get(row.case_id) if row.case_id is not None else None,
        map_name=maps.get(row.tma_map_id),
        is_out_of_focus=row.is_out_of_focus,
        answer_count=answer_count,
    )


def _members(session: Session, study_id: int) -> tuple[MemberSetup, ...]:
    answered = _counts(session, study_id, col(Answer.user_id))
    rows = session.exec(
        select(User, StudyMember)
        .join(StudyMember)
        .where(StudyMember.study_id == study_id)
        .order_by(col(User.email))
    )
    return tuple(
        MemberSetup(
            email=user.email,
            can_score=member.can_score,
            can_edit=member.can_edit,
            can_get_results=member.can_get_results,
            has_account=user.password_hash is not None,
            signed_in_at=user.signed_in_at,
            answer_count=answered.get(content.key(user), 0),
        )
        for user, member in rows
    )


def _counts(session: Session, study_id: int, by: object) -> dict[int, int]:
    """Return how many answers count now, by one of their columns."""
    query = (
        select(by, func.count())  # type: ignore[call-overload]
        .where(Answer.study_id == study_id, col(Answer.is_current), Answer.value != "")
        .group_by(by)
    )
    return {key: count for key, count in session.exec(query) if key is not None}
