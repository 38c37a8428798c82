"""Progress: how much of a study each reader has answered, and what one has to answer next."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Integer, Select, case, cast, func, or_, select
from sqlmodel import Session, col

from access import blinding, gate
from access.blinding import Blinding
from access.rights import Actor, Right
from records import question_types
from records.errors import InputError, NotFoundError
from records.question_types import AnswerKind
from records.tables import Answer, Case, Core, Question, Slide, Study, StudyMember, User
from scoring import authors, cores_to_score, reach
from scoring.cores_to_score import IS_SCORED, CoresToScore, ScoredCore
from scoring.directory import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as far as progress depends on it.

    Parameters
    ----------
    is_needed
        Whether somebody is done only when it is answered.
    """

    id: int
    name: str
    per_case: bool
    is_needed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A slide of the study, in its order, with the cores that are to be scored."""

    slide_id: int
    slide_name: str
    case_id: int | None
    case_name: str | None
    cores: tuple[ScoredCore, ...] | None

    @property
    def subjects(self) -> Iterator[tuple[Subject, ScoredCore | None]]:
        """What is answered there: the slide, or each of its cores, by row and column."""
        if self.cores is None:
            yield Subject(slide_id=self.slide_id), None
        for core in self.cores or ():
            yield Subject(slide_id=self.slide_id, core_id=core[2].id), core


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A slide, or a case with questions of its own, and how far each reader is with it.

    Parameters
    ----------
    slide_id, case_id
        One of them; a slide's case is only named.
    needed
        Answers that somebody must give to be done: of a microarray, for all its cores.
    answered, done
        Of each reader, in the order of the readers: answers, and those of them that are needed.
    """

    slide_id: int | None
    slide_name: str
    case_id: int | None
    case_name: str | None
    cores: int | None
    needed: int
    answered: tuple[int, ...]
    done: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A study's readers, its questions, and a row for each slide and case."""

    study_id: int
    readers: tuple[tuple[int, str, bool], ...]
    questions: tuple[Asked, ...]
    rows: Iterator[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What somebody has to answer next; about a case when ``is_case``."""

    place: Place
    core: ScoredCore | None
    is_case: bool
    question: str


def find_progress(session: Session, actor: Actor, *, study_id: int) -> Progress:
    """Return how far everybody is whose answers the actor may see.

    Readers are the members who may score, and whoever has answered. Needed are the questions that
    are mandatory, else all; not those that depend on another answer, and no explanations (a
    choice: no source tells).

    Raises
    ------
    RightsError
        The actor may see no answers of the study.
    NotFoundError
        There is no such study.
    """
    only = reach.only_user_in_reach(session, actor, study_id)
    hidden = blinding.find_by_id(session, actor, study_id)
    asked = _questions(session, study_id)
    cores = cores_to_score.find(session, study_id, hidden)
    counts = _counts(session, study_id, asked, only, cores.missing)
    readers = _readers(session, study_id, {user for _, user in counts}, only)
    places = _places(session, study_id, hidden, cores)
    return Progress(
        study_id=study_id,
        readers=readers,
        questions=asked,
        rows=_rows(places, asked, counts, [one[0] for one in readers]),
    )


def find_next(
    session: Session, actor: Actor, *, study_id: int, email: str | None, after: int | None
) -> tuple[Next | None, int]:
    """Return what a reader has to answer next, and of how many slides something is missing.

    Parameters
    ----------
    email
        The reader; None for the person who asks.
    after
        Id of the slide after which to look first; what is missing before it comes last.

    Raises
    ------
    RightsError
        The actor may not send that person's answers.
    NotFoundError
        There is no such study, slide or person.
    InputError
        A script asks, and names nobody.
    """
    study, user_id = _reader(session, actor, study_id, email)
    asked = [question for question in _questions(session, study_id) if question.is_needed]
    hidden = blinding.find(session, actor, study)
    places = _places(session, study_id, hidden, cores_to_score.find(session, study_id, hidden))
    if after is not None:
        at = next((at for at, place in enumerate(places) if place.slide_id == after), None)
        if at is None:
            raise NotFoundError(f"study {study_id} has no slide {after}")
        places = places[at + 1 :] + places[: at + 1]
    given = _given(session, asked, user_id)
    missing = [found for place in places if (found := _missing(place, asked, given))]
    return (missing[0] if missing else None), len(missing)


def _reader(
    session: Session, actor: Actor, study_id: int, email: str | None
) -> tuple[Study, int | None]:
    """Return the study and the person; None for one who is not known yet."""
    study = gate.readable_study(session, actor, study_id, right=Right.CAN_UPLOAD_SCORES)
    if email is None:
        if actor.user_id is None or actor.token_id is not None:
            raise InputError("the parameter email is missing; expected whose next slide it is")
        return study, actor.user_id
    if not actor.is_person:
        gate.study_with_scores(session, actor, study_id)
    authors.check_may_answer_for(session, actor, study, {email.strip().lower()})
    return study, authors.find_user_id(session, email)


def _questions(session: Session, study_id: int) -> tuple[Asked, ...]:
    query = (
        select(col(Question.id), col(Question.name), col(Question.type_id), col(Question.flags))
        .where(col(Question.study_id) == study_id)
        .order_by(col(Question.position), col(Question.id))
    )
    rows = [
        (question_id, name, json.loads(flags))
        for question_id, name, type_id, flags in session.execute(query)
        if question_types.by_id(type_id).kind is not AnswerKind.NONE
    ]
    some_mandatory = any(flags.get("mandatory") for *_, flags in rows)
    return tuple(
        Asked(
            id=question_id,
            name=name,
            per_case=bool(flags.get("per_case")),
            is_needed=not flags.get("condition")
            and (not some_mandatory or bool(flags.get("mandatory"))),
        )
        for question_id, name, flags in rows
    )


def _places(session: Session, study_id: int, hidden: Blinding, cores: CoresToScore) -> list[Place]:
    slides = (
        select(
            col(Slide.id),
            col(Slide.name),
            col(Slide.case_id),
            col(Case.name),
            col(Slide.tma_map_id),
        )
        .outerjoin(Case, col(Case.id) == col(Slide.case_id))
        .where(col(Slide.study_id) == study_id)
        .order_by(col(Slide.position), col(Slide.id))
    )
    return [
        Place(
            slide_id=slide_id,
            slide_name=hidden.slide_name(slide_id, name),
            case_id=case_id,
            case_name=case_name,
            cores=None if map_id is None else cores.on(slide_id, map_id),
        )
        for slide_id, name, case_id, case_name, map_id in session.execute(slides)
    ]


_Key = tuple[tuple[int | None, int | None, bool], int]
"""Slide or case, whether about cores, and the person."""

_Counts = Mapping[_Key, tuple[int, int]]


def _counts(
    session: Session,
    study_id: int,
    asked: Collection[Asked],
    only: int | None,
    missing: Mapping[int, frozenset[int]],
) -> _Counts:
    """Return answers, and needed ones, to what is to be scored."""
    about_core = col(Answer.core_id).is_not(None)
    needed = [question.id for question in asked if question.is_needed]
    is_needed = case((col(Answer.question_id).in_(needed), 1), else_=0)
    query = (
        select(
            col(Answer.slide_id),
            col(Answer.case_id),
            about_core,
            col(Answer.user_id),
            func.count(),
            cast(func.sum(is_needed), Integer),
        )
        .outerjoin(Core, col(Core.id) == col(Answer.core_id))
        .where(
            col(Answer.study_id) == study_id,
            col(Answer.is_current),
            # An empty answer is one that was cleared.
            col(Answer.value) != "",
            or_(~about_core, IS_SCORED),
        )
        .group_by(col(Answer.slide_id), col(Answer.case_id), about_core, col(Answer.user_id))
    )
    if only is not None:
        query = query.where(col(Answer.user_id) == only)
    counts: dict[_Key, tuple[int, int]] = {
        ((slide_id, case_id, bool(core)), user_id): (answered, done)
        for slide_id, case_id, core, user_id, answered, done in session.execute(query)
    }
    for lost_slide_id, core_ids in missing.items():
        # Answers to cores that turned out not to be there stay, but count for nothing.
        lost = query.where(col(Answer.slide_id) == lost_slide_id, col(Answer.core_id).in_(core_ids))
        for slide_id, case_id, core, user_id, answered, done in session.execute(lost):
            key = ((slide_id, case_id, bool(core)), user_id)
            counts[key] = (counts[key][0] - answered, counts[key][1] - done)
    return counts


def _readers(
    session: Session, study_id: int, answering: Collection[int], only: int | None
) -> tuple[tuple[int, str, bool], ...]:
    """Return id and e-mail of readers, and whether they may score, by e-mail."""
    query = select(col(User.id), col(User.email), col(StudyMember.can_score)).outerjoin(
        StudyMember,
        (col(StudyMember.user_id) == col(User.id)) & (col(StudyMember.study_id) == study_id),
    )
    # A study has few readers beside its members: their ids fit one statement.
    wanted = or_(col(StudyMember.can_score).is_(True), col(User.id).in_(sorted(answering)))
    query = query.where(wanted if only is None else col(User.id) == only)
    return tuple(
        (user_id, email, bool(can_score))
        for user_id, email, can_score in session.execute(query.order_by(col(User.email)))
    )


def _rows(
    places: Collection[Place], asked: Collection[Asked], counts: _Counts, readers: Collection[int]
) -> Iterator[Row]:
    """Return slides in their order, then the cases whose questions they share."""
    of_slide = sum(question.is_needed and not question.per_case for question in asked)
    of_case = sum(question.is_needed and question.per_case for question in asked)
    cases: dict[int, str | None] = {}
    for place in places:
        if place.case_id is not None:
            cases[place.case_id] = place.case_name
        key = (place.slide_id, None, place.cores is not None)
        cells = [counts.get((key, user), (0, 0)) for user in readers]
        cores = None if place.cores is None else len(place.cores)
        yield Row(
            slide_id=place.slide_id,
            slide_name=place.slide_name,
            case_id=None,
            case_name=place.case_name,
            cores=cores,
            needed=of_slide * (1 if cores is None else cores),
            answered=tuple(answered for answered, _ in cells),
            done=tuple(done for _, done in cells),
        )
    if not any(question.per_case for question in asked):
        return
    for case_id, name in cases.items():
        cells = [counts.get(((None, case_id, False), user), (0, 0)) for user in readers]
        yield Row(
            slide_id=None,
            slide_name="",
            case_id=case_id,
            case_name=name,
            cores=None,
            needed=of_case,
            answered=tuple(answered for answered, _ in cells),
            done=tuple(done for _, done in cells),
        )


def _given(session: Session, asked: Collection[Asked], user_id: int | None) -> set[tuple[str, int]]:
    """Return subjects and questions that a person has answered, found by the index."""
    query: Select[str, int] = select(col(Answer.subject), col(Answer.question_id)).where(
        col(Answer.question_id).in_([question.id for question in asked]),
        col(Answer.user_id) == user_id,
        col(Answer.is_current),
        col(Answer.value) != "",
    )
    return {(subject, question_id) for subject, question_id in session.execute(query)}


def _missing(
    place: Place, asked: Collection[Asked], given: Collection[tuple[str, int]]
) -> Next | None:
    """Return the first thing that is not answered at a slide, its case last."""
    for subject, core in place.subjects:
        for question in asked:
            if not question.per_case and (subject.key, question.id) not in given:
                return Next(place=place, core=core, is_case=False, question=question.name)
    if place.case_id is None:
        return None
    key = Subject(case_id=place.case_id).key
    for question in asked:
        if question.per_case and (key, question.id) not in given:
            return Next(place=place, core=None, is_case=True, question=question.name)
    return None
