"""Builders of studies, tokens and rows for the tests of scoring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, select

from access.rights import ALL_RIGHTS, Actor
from records import question_types
from records.tables import (
    Answer,
    AuditEvent,
    Case,
    Core,
    Question,
    Slide,
    Study,
    StudyMember,
    TmaMap,
    User,
)
from scoring import answers
from scoring.answers import FoundAnswer, SavedResults
from scoring.finding import AnswerFilter
from scoring.formats.results_tsv import ResultRow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
TOKEN = Actor(label="token:1", token_id=1, rights=ALL_RIGHTS)
READER = "reader@example.org"


@dataclass(frozen=True, kw_only=True)
class MadeStudy:
    """Ids of what ``make_study`` made."""

    id: int
    slide_id: int
    second_slide_id: int
    tma_id: int
    case_id: int


def make_study(
    session: Session, *, name: str = "study", questions: dict[str, tuple[str, str]] | None = None
) -> MadeStudy:
    """Make a study of two slides, of which one is of a case, and a microarray of 2 x 3 cores."""
    study = Study(name=name, created_at=NOW)
    session.add(study)
    session.flush()
    case = Case(study_id=study.id, name="C1")
    tma_map = TmaMap(study_id=study.id, name="map", row_count=2, column_count=3)
    session.add_all([case, tma_map])
    session.flush()
    for row in range(2):
        for column in range(3):
            session.add(
                Core(tma_map_id=tma_map.id, row=row, column=column, sample=f"S{row}{column}")
            )
    slides = [
        Slide(study_id=study.id, name="one", path=f"{name}/one.svs", mpp_x=0.5, mpp_y=0.5),
        Slide(study_id=study.id, name="two", path=f"{name}/two.svs", case_id=case.id),
        Slide(study_id=study.id, name="tma", path=f"{name}/tma.svs", tma_map_id=tma_map.id),
    ]
    session.add_all(slides)
    for position, (question, (kind, values)) in enumerate((questions or SHEET).items()):
        session.add(
            Question(
                study_id=study.id,
                position=position,
                name=question,
                type_id=question_types.by_name(kind).id,
                values_allowed=values,
            )
        )
    session.flush()
    return MadeStudy(
        id=study.id,
        slide_id=slides[0].id,
        second_slide_id=slides[1].id,
        tma_id=slides[2].id,
        case_id=case.id,
    )


SHEET = {
    "Remarks": ("FreeText", ""),
    "Tumour": ("Percentage", ""),
    "Grade": ("ClickFriendlyPollOnly", "Low;;Middle;;High"),
    "Cells": ("AnnoPoints", "#e6194b"),
    "Regions": ("AnnoShapes", "#3cb44b"),
}


def row(slide_id: int | None, question: str, value: str, **more: object) -> ResultRow:
    """Make a row of results by the reader."""
    return ResultRow(
        **{
            "slide_id": slide_id,
            "question": question,
            "value": value,
            "email": READER,
            "line": 2,
            **more,
        }
    )


def kept(session: Session) -> list[tuple[str, str, bool]]:
    """Return subject, value and currency of every answer, in the order they came."""
    rows = session.exec(select(Answer).order_by(Answer.id))
    return [(answer.subject, answer.value, answer.is_current) for answer in rows]


def deeds(session: Session) -> list[str]:
    """Return what the audit trail tells."""
    return [event.deed for event in session.exec(select(AuditEvent).order_by(AuditEvent.id))]


def member(session: Session, study: MadeStudy, *, email: str = READER, **rights: bool) -> Actor:
    """Make somebody a member of a study, and return them signed in."""
    user = User(email=email)
    session.add(user)
    session.flush()
    session.add(StudyMember(study_id=study.id, user_id=user.id, **rights))
    session.get(Study, study.id).published_at = NOW
    session.flush()
    return Actor(label=f"user:{user.id}", user_id=user.id, email=email, rights=frozenset())


def save(
    session: Session,
    study: MadeStudy,
    *rows: ResultRow,
    actor: Actor = TOKEN,
    now: datetime = NOW,
) -> SavedResults:
    """Save rows of results, as the token with all rights unless told otherwise."""
    return answers.save_results(session, actor, study_id=study.id, rows=rows, now=now)


def found(
    session: Session, study: MadeStudy, actor: Actor = TOKEN, **wanted: object
) -> list[FoundAnswer]:
    """Return the answers that somebody finds by a filter."""
    return list(
        answers.find_answers(session, actor, study_id=study.id, wanted=AnswerFilter(**wanted))
    )


def found_rows(session: Session, study: MadeStudy, **wanted: object) -> list[ResultRow]:
    """Return the answers that the token finds by a filter, as rows of results."""
    return [entry.row for entry in found(session, study, **wanted)]
