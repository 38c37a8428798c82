"""Finding: which answers of a study are wanted, as parts of a database query."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from sqlalchemy import SQLColumnExpression, func
from sqlalchemy.orm import join
from sqlmodel import col

from access.blinding import OPEN, Blinding
from records.tables import Answer, Case, Core, Question, Slide, User
from scoring.formats.results_tsv import ResultRow

ROWS_AT_ONCE = 1000
"""Rows that a query holds in memory while its answers are written."""

_case_id = func.coalesce(col(Answer.case_id), col(Slide.case_id))

SUBJECTS = (
    join(Answer, Question, col(Question.id) == col(Answer.question_id))
    .join(User, col(User.id) == col(Answer.user_id))
    .outerjoin(Slide, col(Slide.id) == col(Answer.slide_id))
    .outerjoin(Core, col(Core.id) == col(Answer.core_id))
    .outerjoin(Case, col(Case.id) == _case_id)
)
"""Answers, joined to everything that they are about."""

ROW = (
    col(Answer.slide_id),
    col(Slide.name),
    col(Case.name),
    col(User.email),
    col(Core.row),
    col(Core.column),
    col(Core.sample),
    col(Question.name),
    col(Answer.value),
)
"""What ``to_row`` reads."""

Cells = tuple[int | None, str | None, str | None, str, int | None, int | None, str | None, str, str]


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


def conditions(
    study_id: int, wanted: AnswerFilter, *, only_user_id: int | None
) -> list[SQLColumnExpression[bool]]:
    """Return what holds of the wanted answers, current and older ones.

    Parameters
    ----------
    only_user_id
        The only person whose answers may be seen; None for everybody's.
    """
    found: list[SQLColumnExpression[bool]] = [col(Answer.study_id) == study_id]
    if wanted.question is not None:
        found.append(col(Question.name) == wanted.question)
    if wanted.email is not None:
        found.append(col(User.email) == wanted.email.strip().lower())
    if wanted.slide_id is not None:
        found.append(col(Answer.slide_id) == wanted.slide_id)
    if wanted.case_id is not None:
        found.append(_case_id == wanted.case_id)
    if only_user_id is not None:
        found.append(col(Answer.user_id) == only_user_id)
    return found


def whole_chains(
    study_id: int, wanted: AnswerFilter, *, only_user_id: int | None
) -> list[SQLColumnExpression[bool]]:
    """Return what holds of all versions of the wanted answers, without looking at other tables.

    Which version came before which is found among them alone, not in the whole study.
    """
    found: list[SQLColumnExpression[bool]] = [col(Answer.study_id) == study_id]
    if wanted.slide_id is not None:
        found.append(col(Answer.slide_id) == wanted.slide_id)
    if only_user_id is not None:
        found.append(col(Answer.user_id) == only_user_id)
    return found


def to_row(cells: Cells) -> ResultRow:
    """Return the row that the columns ``ROW`` tell."""
    slide_id, slide, case, email, row, column, sample, question, value = cells
    return ResultRow(
        slide_id=slide_id,
        slide_name=slide or "",
        case_name=case,
        email=email,
        tma_row=row,
        tma_column=column,
        tma_sample=sample,
        question=question,
        value=value,
    )


def hidden_row(hidden: Blinding, row: ResultRow) -> ResultRow:
    """Return an answer as it is told to who may not know every name."""
    if hidden == OPEN or row.slide_id is None:
        return row
    return dataclasses.replace(
        row,
        slide_name=hidden.slide_name(row.slide_id, row.slide_name),
        tma_sample=None if row.tma_sample is None else hidden.sample(row.tma_sample),
    )
