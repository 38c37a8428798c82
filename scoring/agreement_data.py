"""Data for agreement: a study's current answers to one question, as ratings of readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlmodel import Session, col

from access import blinding
from access.blinding import Blinding
from access.rights import Actor
from records.errors import InputError, NotFoundError
from records.tables import Answer, Case, Core, Slide, Study, User
from scoring import agreement_scales, reach
from scoring.agreement.ratings import Ratings, Scale
from scoring.agreement_scales import GivenAnswer
from scoring.directory import Directory, QuestionEntry
from scoring.problems import shown

MAX_ANSWERS = 300_000
"""Answers to one question that are taken into memory at once, at about 500 bytes each."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RatedQuestion:
    """A question with its answers as ratings, or why there are none.

    Parameters
    ----------
    type_name
        As ``.scores`` files name it.
    ratings
        None when agreement about such questions is not measured.
    set_aside
        Answers that count as missing because the scale cannot use them.
    reason
        Why there are no ratings.
    """

    study_id: int
    study_name: str
    question: str
    type_name: str
    ratings: Ratings | None
    set_aside: int = 0
    reason: str | None = None


def study_id_of(session: Session, name: str) -> int:
    """Return the id of the study with a name.

    Raises
    ------
    NotFoundError
        There is none.
    """
    study_id = session.scalar(select(col(Study.id)).where(col(Study.name) == name))
    if study_id is None:
        raise NotFoundError(f"there is no study {shown(name)}")
    return study_id


def question_names(session: Session, actor: Actor, *, study_id: int) -> list[str]:
    """Return the names of a study's questions, in the order of the sheet.

    Raises
    ------
    RightsError
        The actor may not see the study's answers compared.
    NotFoundError
        There is no such study.
    """
    reach.comparable_study(session, actor, study_id)
    return list(Directory(session, study_id).questions)


def find_ratings(
    session: Session,
    actor: Actor,
    *,
    study_id: int,
    question: str,
    scale: Scale | None = None,
    readers: Sequence[str] = (),
) -> RatedQuestion:
    """Return the current answers to a question: subjects (slide, core or case) by readers.

    A reader is who has answered the question about anything; a subject is what anybody answered.

    Parameters
    ----------
    scale
        What the answers are, if not what the question's type says.
    readers
        E-mail addresses of the only readers wanted; empty for all.

    Raises
    ------
    RightsError
        The actor may not see the study's answers compared.
    NotFoundError
        There is no such study or question, or a wanted reader has not answered.
    InputError
        The answers do not have what the scale asks for, or are too many.
    """
    study = reach.comparable_study(session, actor, study_id)
    entry = Directory(session, study_id).questions.get(question)
    if entry is None:
        raise NotFoundError(f"study {study.name} has no question {shown(question)}")
    why_none = agreement_scales.why_none(entry.sheet.type)
    if why_none is None:
        hidden = blinding.find(session, actor, study)
        ratings, set_aside = _rated(session, study_id, entry, hidden, scale=scale, readers=readers)
        reason = None
    else:
        ratings, set_aside = None, 0
        reason = f"agreement about {shown(question)} is not measured: {why_none}"
    return RatedQuestion(
        study_id=study_id,
        study_name=study.name,
        question=question,
        type_name=entry.sheet.type.name,
        ratings=ratings,
        set_aside=set_aside,
        reason=reason,
    )


def _rated(
    session: Session,
    study_id: int,
    entry: QuestionEntry,
    hidden: Blinding,
    *,
    scale: Scale | None,
    readers: Sequence[str],
) -> tuple[Ratings | None, int]:
    """Return the ratings, and how many answers were set aside."""
    names, subjects, given = _given_answers(session, study_id, entry, hidden)
    if readers:
        names, given = _only(readers, names, given)
    chosen = scale or agreement_scales.default_scale(entry.sheet)
    try:
        return agreement_scales.make_ratings(
            entry.sheet, chosen, given, readers=names, subjects=subjects
        )
    except InputError as error:
        raise InputError(error.reason, source=f"question {shown(entry.name)}") from None


def _given_answers(
    session: Session, study_id: int, entry: QuestionEntry, hidden: Blinding
) -> tuple[list[str], list[str], list[GivenAnswer]]:
    """Return readers by e-mail, subjects in the study's order, and who said what of which."""
    readers: dict[str, int] = {}
    subjects: dict[str, int] = {}
    labels: list[str] = []
    given: list[GivenAnswer] = []
    for key, email, value, *place in session.execute(_answers(study_id, entry.id)):
        if len(given) == MAX_ANSWERS:
            raise InputError(f"more than {MAX_ANSWERS:,} answers are too many to measure at once")
        if key not in subjects:
            subjects[key] = len(subjects)
            labels.append(_label(hidden, *place))
        reader = readers.setdefault(email, len(readers))
        given.append(GivenAnswer(subjects[key], reader, value))
    emails = sorted(readers)
    columns = {readers[email]: column for column, email in enumerate(emails)}
    ordered = [GivenAnswer(one.subject, columns[one.reader], one.value) for one in given]
    return emails, labels, ordered


def _answers(
    study_id: int, question_id: int
) -> Select[str, str, str, int | None, str, int, int, str, str]:
    """Ask for subject, reader and answer of a question, with what the subject is called."""
    return (
        select(
            col(Answer.subject),
            col(User.email),
            col(Answer.value),
            col(Slide.id),
            col(Slide.name),
            col(Core.row),
            col(Core.column),
            col(Core.sample),
            col(Case.name),
        )
        .join(User, col(User.id) == col(Answer.user_id))
        .outerjoin(Slide, col(Slide.id) == col(Answer.slide_id))
        .outerjoin(Core, col(Core.id) == col(Answer.core_id))
        .outerjoin(Case, col(Case.id) == col(Answer.case_id))
        .where(
            col(Answer.study_id) == study_id,
            col(Answer.is_current),
            col(Answer.question_id) == question_id,
            # An empty answer is one that was cleared.
            col(Answer.value) != "",
        )
        .order_by(
            # Slides before cases; databases differ in where they sort what is absent.
            col(Answer.case_id).is_not(None),
            col(Case.name),
            col(Slide.position),
            col(Slide.id),
            col(Answer.core_id).is_not(None),
            col(Core.row),
            col(Core.column),
            col(User.email),
        )
        .limit(MAX_ANSWERS + 1)
    )


def _only(
    wanted: Sequence[str], names: Sequence[str], given: Sequence[GivenAnswer]
) -> tuple[list[str], list[GivenAnswer]]:
    """Return the wanted readers, in the order of all, and what they answered."""
    emails = {email.strip().lower() for email in wanted}
    unknown = emails.difference(names)
    if unknown:
        raise NotFoundError(f"{shown(min(unknown))} has not answered this question")
    kept = [column for column, name in enumerate(names) if name in emails]
    columns = {column: place for place, column in enumerate(kept)}
    return [names[column] for column in kept], [
        GivenAnswer(one.subject, columns[one.reader], one.value)
        for one in given
        if one.reader in columns
    ]


def _label(
    hidden: Blinding,
    slide_id: int | None,
    slide: str | None,
    row: int | None,
    column: int | None,
    sample: str | None,
    case: str | None,
) -> str:
    """Return what people call a subject: a slide, a core on it (counted from 0), or a case."""
    if slide_id is None or slide is None:
        return f"case {case}"
    name = hidden.slide_name(slide_id, slide)
    if row is None:
        return name
    return f"{name} [{row},{column}] {hidden.sample(sample or '')}".rstrip()
