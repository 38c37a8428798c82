"""Versions: all answers that ever stood; one is kept unless another came between, or restored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from access import blinding
from access.rights import Actor
from records.errors import ConflictError, InputError, NotFoundError, RightsError
from records.tables import Answer, ApiToken, Question, Study, User
from scoring import answer_types, authors, finding, history, reach
from scoring.directory import Directory, Subject
from scoring.finding import AnswerFilter
from scoring.formats.results_tsv import ResultRow
from scoring.rows import RowReader

SHEET_DOOR = "sheet"
RESTORE_DOOR = "restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An answer as it once was given.

    Parameters
    ----------
    previous_id, previous_value
        The answer that it replaced; None for the first.
    door
        By which call it came.
    actor, actor_name
        Who sent it: ``token:3`` or ``user:7``, and the token's name or the person's address.
    """

    id: int
    row: ResultRow
    previous_id: int | None
    previous_value: str | None
    is_current: bool
    door: str
    actor: str
    actor_name: str
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The answer that stands: its number, text, sender and instant."""

    id: int
    value: str
    actor: str
    actor_name: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Clash:
    """Another answer came between, and nothing was kept; None when there is no answer at all."""

    current: Standing | None


def find_versions(
    session: Session, actor: Actor, *, study_id: int, wanted: AnswerFilter
) -> Iterator[Version]:
    """Return every answer that was ever given, oldest first, read from the database bit by bit.

    Raises
    ------
    RightsError
        The actor may see no answers of the study.
    NotFoundError
        There is no such study.
    """
    only = reach.only_user_in_reach(session, actor, study_id)
    hidden = blinding.find_by_id(session, actor, study_id)
    # Over ids alone: annotations of megabytes are not to be sorted.
    key = [col(Answer.question_id), col(Answer.user_id), col(Answer.subject)]
    chain = (
        select(
            col(Answer.id).label("id"),
            func.lag(col(Answer.id))
            .over(partition_by=key, order_by=col(Answer.id))
            .label("before"),
        )
        .where(*finding.whole_chains(study_id, wanted, only_user_id=only))
        .subquery()
    )
    previous = aliased(Answer)
    query = (
        select(
            col(Answer.id),
            col(previous.id),
            col(previous.value),
            col(Answer.is_current),
            col(Answer.door),
            col(Answer.actor),
            col(Answer.created_at),
            *finding.ROW,
        )
        .select_from(
            finding.SUBJECTS.join(chain, chain.c.id == col(Answer.id)).outerjoin(
                previous, col(previous.id) == chain.c.before
            )
        )
        .where(*finding.conditions(study_id, wanted, only_user_id=only))
        .order_by(col(Answer.id))
    )
    names = _Names(session)
    rows = session.execute(query.execution_options(yield_per=finding.ROWS_AT_ONCE))
    return (
        Version(
            id=row[0],
            previous_id=row[1],
            previous_value=row[2],
            is_current=row[3],
            door=row[4],
            actor=row[5],
            actor_name=names.of(row[5]),
            given_at=row[6],
            row=finding.hidden_row(hidden, finding.to_row(row[7:])),
        )
        for row in rows
    )


def save_answer(
    session: Session,
    actor: Actor,
    *,
    study_id: int,
    row: ResultRow,
    case_id: int | None,
    version: int | None,
    now: datetime,
) -> Standing | Clash:
    """Keep one answer if it replaces the one its sender saw.

    Parameters
    ----------
    row
        With a slide, or with neither slide nor case name when ``case_id`` is given.
    version
        Id of the answer that its sender saw standing; None when there was none. What stands there
        already is never a clash, so that sending again after a lost reply is harmless.

    Raises
    ------
    RightsError
        The actor may not send answers to the study, or not that person's.
    NotFoundError
        There is no such study or case.
    InputError
        The answer is none to the question, or what it is about is not in the study.
    RewritingError
        The study's settings forbid the actor to change an answer.
    """
    study = authors.study_to_answer(session, actor, study_id)
    directory = Directory(session, study_id)
    if row.slide_id is None:
        row = _about_case(directory, row, case_id)
    reader = RowReader(session, study, directory)
    checked = reader.read(row)
    reader.problems.refuse_if_any()
    if checked is None:
        raise InputError("the answer could not be read")
    authors.check_may_answer_for(session, actor, study, {checked.email})
    entry = history.Entry(
        question_id=checked.question_id,
        user_id=authors.members(session, study, {checked.email})[checked.email],
        subject=checked.subject,
        value=checked.value,
        annotation_file_id=checked.annotation_file_id,
    )
    return _put(session, actor, study, entry, version=version, door=SHEET_DOOR, now=now)


def restore_answer(
    session: Session,
    actor: Actor,
    *,
    study_id: int,
    answer_id: int,
    version: int | None,
    now: datetime,
) -> Standing | Clash:
    """Make an older answer the current one again, as a new row.

    Parameters
    ----------
    version
        Id of the answer that is to be replaced; None for whichever stands.

    Raises
    ------
    RightsError
        The actor may not send answers to the study, or not that person's.
    NotFoundError
        The study has no such answer.
    InputError
        The question does not take that answer any more.
    RewritingError
        The study's settings forbid the actor to change an answer.
    """
    study = authors.study_to_answer(session, actor, study_id)
    missing = NotFoundError(f"study {study_id} has no answer {answer_id}")
    old = session.get(Answer, answer_id)
    if old is None or old.study_id != study_id:
        raise missing
    if not reach.may_see_what_stands(session, actor, study_id):
        raise RightsError(f"restoring answers of study {study_id} needs the right to get them")
    author = session.get_one(User, old.user_id)
    try:
        authors.check_may_answer_for(session, actor, study, {author.email})
    except RightsError:
        # Whose answers there are is not told to who may see only their own.
        raise missing from None
    question = session.get_one(Question, old.question_id)
    sheet = Directory(session, study_id).questions[question.name].sheet
    complaint = answer_types.complaint(sheet, old.value)
    if complaint is not None:
        raise InputError(f"answer {answer_id} to {question.name}: {complaint}")
    entry = history.Entry(
        question_id=old.question_id,
        user_id=old.user_id,
        subject=Subject(slide_id=old.slide_id, core_id=old.core_id, case_id=old.case_id),
        value=old.value,
        annotation_file_id=old.annotation_file_id,
    )
    if version is None:
        standing = history.find_current(session, [entry.key]).get(entry.key)
        version = standing.id if standing else None
    return _put(session, actor, study, entry, version=version, door=RESTORE_DOOR, now=now)


def _put(
    session: Session,
    actor: Actor,
    study: Study,
    entry: history.Entry,
    *,
    version: int | None,
    door: str,
    now: datetime,
) -> Standing | Clash:
    current = history.find_current(session, [entry.key]).get(entry.key)
    if current is not None and current.says(entry):
        return _standing(session, current.id)
    if (current.id if current else None) != version:
        if not reach.may_see_what_stands(session, actor, study.id or 0):
            raise ConflictError(
                "another answer stands there, or none; it is told to who may get answers"
            )
        return Clash(_standing(session, current.id) if current else None)
    history.put(session, actor, study=study, entries=[entry], door=door, now=now)
    return _standing(session, history.find_current(session, [entry.key])[entry.key].id)


def _about_case(directory: Directory, row: ResultRow, case_id: int | None) -> ResultRow:
    if case_id is None:
        raise InputError("imageId and caseId are both missing; expected what the answer is about")
    name = directory.case_names.get(case_id)
    if name is None:
        raise NotFoundError(f"there is no case {case_id} in the study")
    return ResultRow(
        slide_id=None, case_name=name, email=row.email, question=row.question, value=row.value
    )


def _standing(session: Session, answer_id: int) -> Standing:
    answer = session.get_one(Answer, answer_id)
    return Standing(
        id=answer_id,
        value=answer.value,
        actor=answer.actor,
        actor_name=_Names(session).of(answer.actor),
        given_at=answer.created_at,
    )


class _Names:
    """Names of those who sent answers, each looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, str] = {}

    def of(self, actor: str) -> str:
        """Return the name behind a label such as ``token:3``."""
        if actor not in self._known:
            kind, _, digits = actor.partition(":")
            number = int(digits or 0)
            query = {
                "user": select(col(User.email)).where(col(User.id) == number),
                "token": select(col(ApiToken.name)).where(col(ApiToken.id) == number),
            }.get(kind)
            found = None if query is None else self._session.scalar(query)
            self._known[actor] = found or actor
        return self._known[actor]
