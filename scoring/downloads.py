"""Downloads: answers of a study as a table, long (a row each) or wide (a row for each thing)."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlmodel import Session, col

from access import blinding, gate
from access.blinding import Blinding
from access.rights import Actor
from records import question_types
from records.errors import InputError
from records.question_types import AnswerKind
from records.tables import Answer, Case, Core, Question, Slide, User
from scoring import answers, finding, spreadsheets, wire
from scoring.finding import AnswerFilter
from scoring.formats.results_tsv import NAMES
from scoring.spreadsheets import Cell, Format

MAX_WIDE_COLUMNS = 20_000
"""Columns of a wide table; a row of it is in memory at once."""

_NUMERIC = frozenset(
    {AnswerKind.INTEGER, AnswerKind.REAL, AnswerKind.PERCENTAGE, AnswerKind.H_SCORE}
)
_ABOUT = ("case_name", "slide_id", "slide_name", "tma_row", "tma_column", "tma_sample")


class Shape(StrEnum):
    """What a row of a table is: an answer, or everything said about a slide, core or case."""

    LONG = "long"
    WIDE = "wide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table whose rows, the header first, are read from the database bit by bit."""

    study_name: str
    columns: int
    rows: Iterator[Sequence[Cell]]


def make_table(
    session: Session, actor: Actor, *, study_id: int, shape: Shape, form: Format
) -> Table:
    """Return the current answers of a study as a table.

    Parameters
    ----------
    form
        Only a spreadsheet (XLSX) gets the answers to numeric questions as numbers.

    Raises
    ------
    RightsError
        The actor may not get the study's answers.
    NotFoundError
        There is no such study.
    InputError
        A wide table would have too many columns.
    """
    study = gate.study_with_scores(session, actor, study_id)
    numeric = _numeric_questions(session, study_id) if form is Format.XLSX else frozenset()
    if shape is Shape.LONG:
        columns, rows = _long(session, actor, study_id, numeric)
    else:
        hidden = blinding.find(session, actor, study)
        columns, rows = _wide(session, study_id, numeric, hidden)
    return Table(study_name=study.name, columns=columns, rows=rows)


def _numeric_questions(session: Session, study_id: int) -> frozenset[str]:
    query = select(col(Question.name), col(Question.type_id)).where(
        col(Question.study_id) == study_id
    )
    return frozenset(
        name
        for name, type_id in session.execute(query)
        if question_types.by_id(type_id).kind in _NUMERIC
    )


def _long(
    session: Session, actor: Actor, study_id: int, numeric: frozenset[str]
) -> tuple[int, Iterator[Sequence[Cell]]]:
    wanted = AnswerFilter()
    layout = answers.results_layout(session, actor, study_id=study_id, wanted=wanted)
    found = answers.find_answers(session, actor, study_id=study_id, wanted=wanted)

    def rows() -> Iterator[Sequence[Cell]]:
        yield [NAMES[column] for column in layout.columns]
        for answer in found:
            row = dataclasses.replace(answer.row, modified_on=wire.wire_instant(answer.modified_at))
            cells: list[Cell] = [getattr(row, column) for column in layout.columns]
            if row.question in numeric:
                cells[layout.columns.index("value")] = spreadsheets.number_of(row.value)
            yield cells

    return len(layout.columns), rows()


def _wide(
    session: Session, study_id: int, numeric: frozenset[str], hidden: Blinding
) -> tuple[int, Iterator[Sequence[Cell]]]:
    places = _places(session, study_id)
    columns = len(_ABOUT) + len(places)
    if columns > MAX_WIDE_COLUMNS:
        raise InputError(
            f"the wide table would have {columns:,} columns, more than {MAX_WIDE_COLUMNS:,}; "
            "take shape=long"
        )
    query = (
        select(col(Answer.subject), *finding.ROW)
        .select_from(finding.SUBJECTS)
        .where(
            col(Answer.is_current), *finding.conditions(study_id, AnswerFilter(), only_user_id=None)
        )
        .order_by(
            col(Case.name),
            # Their order would tell something of hidden names.
            *(() if hidden.slide_names else (col(Slide.name),)),
            col(Slide.id),
            col(Core.row),
            col(Core.column),
            col(Answer.subject),
        )
    )
    found = session.execute(query.execution_options(yield_per=finding.ROWS_AT_ONCE))

    def rows() -> Iterator[Sequence[Cell]]:
        yield [
            *(NAMES[column] for column in _ABOUT),
            *(f"{question} | {email}" for question, email in places),
        ]
        for _, group in itertools.groupby(found, key=lambda cells: cells[0]):
            said: list[Cell] = [None] * len(places)
            for cells in group:
                row = finding.hidden_row(hidden, finding.to_row(cells[1:]))
                value = spreadsheets.number_of(row.value) if row.question in numeric else row.value
                said[places[row.question, row.email]] = value
            yield [*(getattr(row, column) for column in _ABOUT), *said]

    return columns, rows()


def _places(session: Session, study_id: int) -> dict[tuple[str, str], int]:
    """Return the column of each question and reader, in the order of the sheet."""
    query = (
        select(col(Question.name), col(User.email))
        .select_from(finding.SUBJECTS)
        .where(col(Answer.study_id) == study_id, col(Answer.is_current))
        .group_by(col(Question.id), col(Question.name), col(Question.position), col(User.email))
        .order_by(col(Question.position), col(Question.id), col(User.email))
    )
    return {(name, email): at for at, (name, email) in enumerate(session.execute(query))}
