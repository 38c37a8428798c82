"""Answers: results come in all or nothing, and go out as they came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import SQLColumnExpression, func, select
from sqlalchemy.orm import join
from sqlmodel import Session, col

from access import gate
from access.rights import Actor
from records.errors import RightsError
from records.tables import Answer, Case, Core, Question, Slide, Study, User
from scoring import authors, history
from scoring.directory import Directory
from scoring.formats.results_tsv import Layout, ResultRow
from scoring.rows import RowReader

_ROWS_AT_ONCE = 1000

_case_id = func.coalesce(col(Answer.case_id), col(Slide.case_id))

# Answers, joined to everything that they are about.
_SUBJECTS = (
    join(Answer, Question, col(Question.id) == col(Answer.question_id))
    .join(User, col(User.id) == col(Answer.user_id))
    .outerjoin(Slide, col(Slide.id) == col(Answer.slide_id))
    .outerjoin(Core, col(Core.id) == col(Answer.core_id))
    .outerjoin(Case, col(Case.id) == _case_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedResults:
    """What an upload of results did, with what its sender should know."""

    saved: history.Saved
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFilter:
    """Which answers of a study are wanted; None asks for all.

    Parameters
    ----------
    case_id
        Answers about the case, and about its slides.
    """

    question: str | None = None
    email: str | None = None
    slide_id: int | None = None
    case_id: int | None = None


@dataclass(frozen=True, slots=True)
class FoundAnswer:
    """A current answer: its number, what it says, and since when it stands."""

    id: int
    row: ResultRow
    modified_at: datetime


def save_results(
    session: Session,
    actor: Actor,
    *,
    study_id: int,
    rows: Sequence[ResultRow],
    now: datetime,
) -> SavedResults:
    """Keep the answers of an upload: all of them, or none when any row is wrong.

    People who are not known yet become members of the study who may score it (a choice). Slides
    are found by id; a name that does not fit the id is only noted. Of two rows that answer the same
    question about the same thing for the same person, the later one holds.

    Raises
    ------
    RightsError
        The actor may not upload answers to the study, or not those of others.
    NotFoundError
        There is no such study.
    InputError
        Rows are wrong; each with its line, its column, the value and the expected form.
    """
    study = authors.study_to_answer(session, actor, study_id)
    reader = RowReader(session, study, Directory(session, study_id))
    checked = [found for row in rows if (found := reader.read(row)) is not None]
    reader.problems.refuse_if_any()
    emails = {row.email for row in checked}
    authors.check_may_answer_for(session, actor, study, emails)
    user_ids = authors.members(session, study, emails)
    entries: dict[object, history.Entry] = {}
    lines: dict[object, int] = {}
    for row in checked:
        entry = history.Entry(
            question_id=row.question_id,
            user_id=user_ids[row.email],
            subject=row.subject,
            value=row.value,
            annotation_file_id=row.annotation_file_id,
        )
        if entries.get(entry.key, entry).value != entry.value:
            reader.note(f"line {lines[entry.key]} is replaced by line {row.line}")
        entries[entry.key] = entry
        lines[entry.key] = row.line
    saved = history.put(
        session, actor, study=study, entries=list(entries.values()), door="results", now=now
    )
    return SavedResults(saved=saved, notes=tuple(reader.notes))


def find_answers(
    session: Session, actor: Actor, *, study_id: int, wanted: AnswerFilter
) -> Iterator[FoundAnswer]:
    """Return the current answers of a study, oldest first, read from the database bit by bit.

    Raises
    ------
    RightsError
        The actor may not get the study's answers.
    NotFoundError
        There is no such study.
    """
    gate.study_with_scores(session, actor, study_id)
    query = (
        select(
            col(Answer.id),
            col(Answer.slide_id),
            col(Slide.name),
            col(Case.name),
            col(User.email),
            col(Core.row),
            col(Core.column),
            col(Core.sample),
            col(Question.name),
            col(Answer.value),
            col(Answer.created_at),
        )
        .select_from(_SUBJECTS)
        .where(*_conditions(study_id, wanted))
        .order_by(col(Answer.id))
    )
    rows = session.execute(query.execution_options(yield_per=_ROWS_AT_ONCE))
    return (
        FoundAnswer(
            row[0],
            ResultRow(
                slide_id=row[1],
                slide_name=row[2] or "",
                case_name=row[3],
                email=row[4],
                tma_row=row[5],
                tma_column=row[6],
                tma_sample=row[7],
                question=row[8],
                value=row[9],
            ),
            row[10],
        )
        for row in rows
    )


def results_layout(
    session: Session, actor: Actor, *, study_id: int, wanted: AnswerFilter
) -> Layout:
    """Return which columns a table of these answers needs.

    Raises
    ------
    RightsError
        The actor may not get the study's answers.
    NotFoundError
        There is no such study.
    """
    gate.study_with_scores(session, actor, study_id)
    query = (
        select(func.count(col(Case.id)), func.count(col(Core.id)))
        .select_from(_SUBJECTS)
        .where(*_conditions(study_id, wanted))
    )
    cases, cores = session.execute(query).one()
    return Layout(cases=cases > 0, cores=cores > 0)


def studies_updated_since(session: Session, actor: Actor, *, since: datetime) -> list[int]:
    """Return the ids of studies of which an answer came or changed at or after an instant.

    Only those whose answers the actor may get.
    """
    query = select(col(Study.id)).where(col(Study.answered_at) >= since).order_by(col(Study.id))
    return [
        study_id
        for study_id in session.scalars(query).all()
        if study_id is not None and _may_get_answers(session, actor, study_id)
    ]


def _may_get_answers(session: Session, actor: Actor, study_id: int) -> bool:
    try:
        gate.study_with_scores(session, actor, study_id)
    except RightsError:
        return False
    return True


def _conditions(study_id: int, wanted: AnswerFilter) -> list[SQLColumnExpression[bool]]:
    conditions: list[SQLColumnExpression[bool]] = [
        col(Answer.study_id) == study_id,
        col(Answer.is_current),
    ]
    if wanted.question is not None:
        conditions.append(col(Question.name) == wanted.question)
    if wanted.email is not None:
        conditions.append(col(User.email) == wanted.email.strip().lower())
    if wanted.slide_id is not None:
        conditions.append(col(Answer.slide_id) == wanted.slide_id)
    if wanted.case_id is not None:
        conditions.append(_case_id == wanted.case_id)
    return conditions
