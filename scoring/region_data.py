"""Data for region agreement: what readers drew in answer to one question, subject by subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from access.rights import Actor
from records import question_types
from records.errors import InputError, NotFoundError
from records.filestore import FileStore
from records.question_types import AnswerKind
from records.tables import AnnotationFile, Answer, Core, Question, Slide, User
from scoring import annotation_files, drawn_answers, reach
from scoring.agreement.resampling import Plan
from scoring.drawn_answers import DrawnAnswer
from scoring.problems import shown
from scoring.regions import drawings, report
from scoring.regions.report import Compared, DrawnSubject, RegionFinding, Rule

MAX_ANSWERS = 20_000
MAX_CHARS = 200_000_000
"""All answers together, as text: they are in memory at once."""

_COMPARABLE = frozenset({AnswerKind.POINTS, AnswerKind.SHAPES})


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectAnswers:
    """A subject, µm per pixel of its slide if known, and each reader's answer."""

    name: str
    mpp: tuple[float, float] | None
    answers: dict[str, DrawnAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnQuestion:
    """A drawn question with its answers."""

    study_id: int
    study_name: str
    question: str
    type_name: str
    draws_points: bool
    subjects: Sequence[SubjectAnswers]
    readers: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRegions:
    """How well readers agree about a drawn question.

    Parameters
    ----------
    answers
        Of each reader, how many.
    skipped
        Shapes that have no area, of all answers.
    unscaled
        Subjects whose slides tell no resolution.
    """

    question: DrawnQuestion
    rule: Rule
    plan: Plan
    answers: dict[str, int]
    skipped: int
    unscaled: int
    compared: Sequence[Compared]
    findings: Sequence[RegionFinding]


def is_comparable(type_name: str) -> bool:
    """Tell whether answers to a type of question are points or areas, which can be compared."""
    kind = question_types.by_name(type_name)
    return kind is not None and kind.kind in _COMPARABLE


def find_drawings(
    session: Session,
    actor: Actor,
    *,
    study_id: int,
    question: str,
    readers: Sequence[str] = (),
    store: FileStore,
) -> DrawnQuestion:
    """Return the current answers to a drawn question, by subject: a slide, or a core on it.

    Raises
    ------
    RightsError
        The actor may not see the study's answers compared.
    NotFoundError
        There is no such study or question, or a wanted reader has not answered.
    InputError
        The answers are too many or too large.
    """
    study = reach.comparable_study(session, actor, study_id)
    entry = session.execute(
        select(col(Question.id), col(Question.type_id)).where(
            col(Question.study_id) == study_id, col(Question.name) == question
        )
    ).first()
    if entry is None:
        raise NotFoundError(f"study {study.name} has no question {shown(question)}")
    kind = question_types.by_id(entry[1])
    wanted = {reader.strip().lower() for reader in readers}
    subjects, found = _subjects(session, study_id, entry[0], wanted, store)
    if wanted - found:
        raise NotFoundError(f"{shown(min(wanted - found))} has not answered this question")
    return DrawnQuestion(
        study_id=study_id,
        study_name=study.name,
        question=question,
        type_name=kind.name,
        draws_points=kind.kind is AnswerKind.POINTS,
        subjects=subjects,
        readers=sorted(found),
    )


def measure(question: DrawnQuestion, *, rule: Rule, plan: Plan) -> MeasuredRegions:
    """Compare what readers drew; takes seconds to minutes, and needs no database.

    Raises
    ------
    InputError
        An answer is too large to be compared, or the reference reader is none.
    SlideError
        An annotation file cannot be read.
    """
    if rule.reference is not None and rule.reference not in question.readers:
        raise InputError(f"the reference {shown(rule.reference)} has not answered this question")
    compared: list[Compared] = []
    skipped = 0
    for number, subject in enumerate(question.subjects):
        drawn = _drawn(subject)
        skipped += sum(drawing.skipped for drawing in drawn.drawings.values())
        compared += report.compare_subject(
            number, drawn, rule=rule, drawn_points=question.draws_points
        )
    return MeasuredRegions(
        question=question,
        rule=rule,
        plan=plan,
        answers={
            reader: sum(reader in subject.answers for subject in question.subjects)
            for reader in question.readers
        },
        skipped=skipped,
        unscaled=sum(subject.mpp is None for subject in question.subjects),
        compared=compared,
        findings=report.measure_regions(
            compared,
            readers=question.readers,
            subjects=len(question.subjects),
            rule=rule,
            plan=plan,
            drawn_points=question.draws_points,
        ),
    )


def _drawn(subject: SubjectAnswers) -> DrawnSubject:
    unit_x, unit_y = subject.mpp or (1.0, 1.0)
    found = {}
    for reader, answer in subject.answers.items():
        try:
            found[reader] = drawings.make_drawing(
                drawn_answers.load(answer), unit_x=unit_x, unit_y=unit_y
            )
        except InputError as error:
            raise InputError(f"{reader} about {subject.name}: {error.reason}") from None
    return DrawnSubject(name=subject.name, is_scaled=subject.mpp is not None, drawings=found)


def _subjects(
    session: Session, study_id: int, question_id: int, wanted: set[str], store: FileStore
) -> tuple[list[SubjectAnswers], set[str]]:
    conditions = [
        col(Answer.study_id) == study_id,
        col(Answer.question_id) == question_id,
        col(Answer.is_current),
        # An empty answer is one that was cleared; drawn about a case there is no slide.
        col(Answer.value) != "",
        col(Answer.slide_id).is_not(None),
    ]
    count, chars = session.execute(
        select(func.count(), func.sum(func.length(col(Answer.value)))).where(*conditions)
    ).one()
    if count > MAX_ANSWERS or (chars or 0) > MAX_CHARS:
        raise InputError(
            f"{count:,} answers of {chars or 0:,} characters are too many to compare at once; "
            f"{MAX_ANSWERS:,} of {MAX_CHARS:,} can be"
        )
    rows = session.execute(
        select(
            col(Answer.subject),
            col(User.email),
            col(Answer.value),
            col(AnnotationFile.uuid),
            col(Slide.name),
            col(Core.row),
            col(Core.column),
            func.coalesce(col(Slide.mpp_override), col(Slide.mpp_x)),
            func.coalesce(col(Slide.mpp_override), col(Slide.mpp_y)),
        )
        .join(User, col(User.id) == col(Answer.user_id))
        .join(Slide, col(Slide.id) == col(Answer.slide_id))
        .outerjoin(Core, col(Core.id) == col(Answer.core_id))
        .outerjoin(AnnotationFile, col(AnnotationFile.id) == col(Answer.annotation_file_id))
        .where(*conditions)
        .order_by(col(Slide.position), col(Slide.id), col(Core.row), col(Core.column))
    )
    subjects: dict[str, SubjectAnswers] = {}
    readers: set[str] = set()
    for key, email, value, uuid, slide, row, column, mpp_x, mpp_y in rows:
        if wanted and email not in wanted:
            continue
        readers.add(email)
        subject = subjects.setdefault(
            key,
            SubjectAnswers(
                name=slide if row is None else f"{slide} [{row},{column}]",
                mpp=(mpp_x, mpp_y) if mpp_x and mpp_y else None,
                answers={},
            ),
        )
        file = None if uuid is None else annotation_files.stored_path(store, uuid)
        subject.answers[email] = DrawnAnswer(question="", colour="", value=value, file=file)
    return list(subjects.values()), readers
