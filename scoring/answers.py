"""Answers: results come in all or nothing, and go out as they came."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from access import blinding, gate
from access.rights import Actor
from records.errors import NotFoundError, RightsError
from records.tables import Answer, Case, Core, Study
from scoring import authors, finding, history, reach
from scoring.directory import Directory
from scoring.finding import AnswerFilter
from scoring.formats.results_tsv import Layout, ResultRow
from scoring.problems import Problems
from scoring.rows import CheckedRow, RowReader

_ROWS_AT_ONCE = 5000
"""Rows of an upload that are in memory at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedResults:
    """What an upload of results did, with what its sender should know."""

    saved: history.Saved
    notes: tuple[str, ...]


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
    rows: Iterable[ResultRow],
    now: datetime,
    problems: Problems | None = None,
) -> SavedResults:
    """Keep the answers of an upload: all of them, or none when any row is wrong.

    Rows are taken some thousands at a time; when one is wrong, the error rolls back what the
    transaction holds of those before it. People who are not known yet become members of the study
    who may score it (a choice). Slides are found by id; a name that does not fit the id is only
    noted. Of two rows that answer the same question about the same thing for the same person, the
    later one holds.

    Parameters
    ----------
    problems
        What the source of the rows finds wrong while it is read.

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
    hidden = blinding.find(session, actor, study)
    reader = RowReader(session, study, Directory(session, study_id), problems, hidden)
    writer = history.Writer(session, actor, study=study, door="results", now=now)
    user_ids: dict[str, int] = {}
    rest = iter(rows)
    while batch := list(itertools.islice(rest, _ROWS_AT_ONCE)):
        checked = [found for row in batch if (found := reader.read(row)) is not None]
        if reader.problems:
            continue  # the rest is read only to tell what else is wrong
        emails = {row.email for row in checked} - user_ids.keys()
        authors.check_may_answer_for(session, actor, study, emails)
        if emails:
            user_ids |= authors.members(session, study, emails)
        entries, lines = _entries(reader, checked, user_ids)
        for again in writer.put(entries):
            reader.note(f"line {lines[again.key]} replaces an earlier line")
    reader.problems.refuse_if_any()
    return SavedResults(saved=writer.finish(), notes=tuple(reader.notes))


def find_answers(
    session: Session, actor: Actor, *, study_id: int, wanted: AnswerFilter
) -> Iterator[FoundAnswer]:
    """Return the current answers of a study, oldest first, read from the database bit by bit.

    Somebody who scores, and may not get the results, gets their own; names that the study hides
    are left out.

    Raises
    ------
    RightsError
        The actor may not get the study's answers.
    NotFoundError
        There is no such study.
    """
    only = reach.only_user_in_reach(session, actor, study_id)
    hidden = blinding.find_by_id(session, actor, study_id)
    query = (
        select(col(Answer.id), col(Answer.created_at), *finding.ROW)
        .select_from(finding.SUBJECTS)
        .where(col(Answer.is_current), *finding.conditions(study_id, wanted, only_user_id=only))
        .order_by(col(Answer.id))
    )
    rows = session.execute(query.execution_options(yield_per=finding.ROWS_AT_ONCE))
    return (
        FoundAnswer(row[0], finding.hidden_row(hidden, finding.to_row(row[2:])), row[1])
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
    only = reach.only_user_in_reach(session, actor, study_id)
    query = (
        select(func.count(col(Case.id)), func.count(col(Core.id)))
        .select_from(finding.SUBJECTS)
        .where(col(Answer.is_current), *finding.conditions(study_id, wanted, only_user_id=only))
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
    except (NotFoundError, RightsError):
        return False
    return True


def _entries(
    reader: RowReader, rows: Iterable[CheckedRow], user_ids: dict[str, int]
) -> tuple[list[history.Entry], dict[object, int]]:
    """Return the answers that rows give, the last of each key, with their lines."""
    entries: dict[object, history.Entry] = {}
    lines: dict[object, int] = {}
    for row in rows:
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
    return list(entries.values()), lines
