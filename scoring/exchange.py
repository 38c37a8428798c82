"""Exchange with ASAP: colours of annotations become questions, and questions groups."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from access import gate, people
from access.rights import Actor
from records import audit, question_types
from records.errors import InputError
from records.filestore import FileStore
from records.question_types import AnswerKind
from records.tables import Question, Study
from scoring import answer_types, authors, drawn_answers, history
from scoring.answer_types import Sheet
from scoring.directory import Directory, QuestionEntry, Subject
from scoring.formats import annoshapes, asap
from scoring.formats.asap_xml import AsapAnnotation, AsapFile
from scoring.marked import Losses, Marked, Traits
from scoring.problems import shown
from scoring.shapes import Ellipse, Points, Polyline, Shape

NEW_QUESTION = "Imported annotation"
"""Source: seed, UploadASAPAnnotations: new questions are called "Imported annotation #"."""

POINT_RADIUS_PX = 10
"""Source: slidescore.md 5: QuPath sends a point among shapes as an ellipse of this radius."""

DOOR = "asap"

MAX_QUESTION = 400
"""What the column of a question's name holds."""


@dataclass(frozen=True, slots=True)
class ImportedAsap:
    """What an import did, line by line."""

    log: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """What annotations answer: a question by name, or else the new one of a colour and type."""

    name: str | None = None
    colour: str = ""
    type_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """An annotation with the shape it stands for."""

    annotation: AsapAnnotation
    shape: Shape


def import_asap(
    session: Session,
    actor: Actor,
    *,
    slide_id: int,
    email: str,
    file: AsapFile,
    questions: Mapping[str, str],
    new_question: str | None,
    now: datetime,
) -> ImportedAsap:
    """Make annotations of ASAP somebody's current answers about a slide.

    Parameters
    ----------
    questions
        Colour ``#rrggbb`` -> name of the question it answers. An annotation whose own colour is not
        named is looked up by its group's. Others answer a new question each colour, or the one that
        an earlier import made for the same colour.
    new_question
        What new questions are called instead of ``NEW_QUESTION``; a number follows.

    Raises
    ------
    RightsError
        The actor may not send answers to the slide's study, or not that person's.
    NotFoundError
        There is no such slide.
    InputError
        The map names a question that is not there, or that does not take these annotations.
    """
    slide = authors.slide_to_answer(session, actor, slide_id)
    study = authors.study_to_answer(session, actor, slide.study_id)
    email = people.normalise_email(email)
    authors.check_may_answer_for(session, actor, study, {email})
    targets = _sorted(file, questions)
    asked = _questions(session, actor, study, targets, new_question or NEW_QUESTION, now)
    drawn: dict[QuestionEntry, list[_Drawn]] = {}
    for target, found in targets.items():
        # A mapped colour and an earlier import's may lead to the same question.
        drawn.setdefault(asked[target], []).extend(found)
    user_id = authors.members(session, study, {email})[email]
    entries = [
        history.Entry(
            question_id=question.id,
            user_id=user_id,
            subject=Subject(slide_id=slide_id),
            value=_value(question, found),
        )
        for question, found in drawn.items()
    ]
    history.put(session, actor, study=study, entries=entries, door=DOOR, now=now)
    return ImportedAsap(
        log=tuple(_told(target, asked[target], len(found)) for target, found in targets.items())
        or ("the file holds no annotations",)
    )


def export_asap(
    session: Session,
    actor: Actor,
    *,
    store: FileStore,
    slide_id: int,
    email: str,
    question: str | None,
) -> Iterator[bytes]:
    """Return what somebody drew on a slide as XML that ASAP loads, piece by piece.

    Parameters
    ----------
    store
        Where annotation files are kept.
    question
        The only question wanted; None for all that are drawn.

    Raises
    ------
    RightsError
        The actor may not get the study's answers.
    NotFoundError
        There is no such slide, person or question.
    InputError
        The question is not drawn.
    """
    slide = gate.slide_with_scores(session, actor, slide_id)
    answers = drawn_answers.find_drawn(
        session,
        store=store,
        study_id=slide.study_id,
        slide_id=slide_id,
        email=email,
        questions=[question] if question else [],
    )
    pieces = (
        Marked(shape=shape, traits=Traits(group=found.question, colour=found.colour))
        for found in answers
        for shape in drawn_answers.load(found)
    )
    return asap.write(pieces, Losses())


def _sorted(file: AsapFile, questions: Mapping[str, str]) -> dict[_Target, list[_Drawn]]:
    """Return the annotations by what they answer."""
    group_colours = {group.name: group.colour for group in file.groups}
    targets: dict[_Target, list[_Drawn]] = {}
    for annotation in file.annotations:
        shape = asap.to_shape(annotation)
        group_colour = group_colours.get(annotation.group or "", "")
        name = questions.get(annotation.colour) or questions.get(group_colour)
        if name is not None:
            target = _Target(name=name)
        else:
            type_name = "AnnoPoints" if isinstance(shape, Points) else "AnnoShapes"
            target = _Target(colour=annotation.colour, type_name=type_name)
        targets.setdefault(target, []).append(_Drawn(annotation=annotation, shape=shape))
    return targets


def _questions(
    session: Session,
    actor: Actor,
    study: Study,
    targets: Iterable[_Target],
    new_name: str,
    now: datetime,
) -> dict[_Target, QuestionEntry]:
    """Return the question of each target; makes those that are new and not there yet."""
    known = dict(Directory(session, study.id or 0).questions)
    found: dict[_Target, QuestionEntry] = {}
    for target in targets:
        question = _find(known, target, new_name, study.name)
        if question is None:
            question = add_question(
                session,
                actor,
                study,
                name=_free_name(known, new_name),
                type_name=target.type_name,
                colour=target.colour,
                door=DOOR,
                now=now,
            )
            known[question.name] = question
        found[target] = question
    return found


def _find(
    known: Mapping[str, QuestionEntry], target: _Target, new_name: str, study_name: str
) -> QuestionEntry | None:
    """Return the question that a target names, or that an earlier import made for its colour."""
    if target.name is None:
        numbered = re.compile(re.escape(new_name) + " [0-9]+")
        wanted = (target.type_name, target.colour)
        return next(
            (
                question
                for name, question in known.items()
                if numbered.fullmatch(name)
                and (question.sheet.type.name, question.sheet.values) == wanted
            ),
            None,
        )
    question = known.get(target.name)
    if question is None:
        raise InputError(f"questionsMap: study {study_name} has no question {shown(target.name)}")
    if not question.sheet.type.is_annotation:
        raise InputError(
            f"questionsMap: question {shown(target.name)} is of type {question.sheet.type.name}; "
            "expected AnnoShapes or AnnoPoints"
        )
    return question


def _free_name(known: Collection[str], new_name: str) -> str:
    return next(
        name for number in itertools.count(1) if (name := f"{new_name} {number}") not in known
    )


def add_question(
    session: Session,
    actor: Actor,
    study: Study,
    *,
    name: str,
    type_name: str,
    colour: str,
    door: str,
    now: datetime,
) -> QuestionEntry:
    """Add a question that takes annotations, behind the others.

    Parameters
    ----------
    type_name
        ``AnnoShapes``, ``AnnoPoints`` or ``AnnoMeasure``.
    colour
        ``#rrggbb``, or "" for one by its place.
    door
        The call that adds it, for the audit trail.

    Raises
    ------
    RightsError
        A person who may not edit the study adds it.
    InputError
        The name cannot be a question's.
    """
    kind = question_types.by_name(type_name)
    if actor.is_person:
        gate.modifiable_study(session, actor, study.id or 0)
    if kind is None or len(name) > MAX_QUESTION or any(char in name for char in ";\t\r\n"):
        raise InputError(f"{shown(name)} cannot be a question's name")
    last = session.scalar(
        select(func.max(col(Question.position))).where(col(Question.study_id) == study.id)
    )
    row = Question(
        study_id=study.id or 0,
        position=0 if last is None else last + 1,
        name=name,
        type_id=kind.id,
        values_allowed=colour,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor=actor.label,
        deed="question.add",
        subject=f"study:{study.id}",
        detail={"question": name, "type": kind.name, "door": door},
        now=now,
    )
    return QuestionEntry(
        id=row.id or 0, name=name, sheet=Sheet(type=kind, values=row.values_allowed)
    )


def _value(question: QuestionEntry, found: Sequence[_Drawn]) -> str:
    """Return the answer's text: all points as one, or all shapes."""
    kind = question.sheet.type.kind
    for drawn in found:
        fits = {
            AnswerKind.POINTS: isinstance(drawn.shape, Points),
            AnswerKind.LINES: isinstance(drawn.shape, Polyline),
        }.get(kind, True)
        if not fits:
            raise InputError(
                f"{shown(drawn.annotation.name)} is a {drawn.annotation.kind}; "
                f"question {shown(question.name)} takes {kind.value}"
            )
    if kind is AnswerKind.POINTS:
        value = annoshapes.write([drawn.shape for drawn in found])
    else:
        shapes = [shape for drawn in found for shape in _without_points(drawn.shape)]
        value = annoshapes.write(shapes)
    complaint = answer_types.complaint(question.sheet, value)
    if complaint is not None:
        raise InputError(f"question {shown(question.name)}: {complaint}")
    return value


def _without_points(shape: Shape) -> Iterator[Shape]:
    if not isinstance(shape, Points):
        yield shape
        return
    for x, y in shape.places.array.tolist():
        yield Ellipse(x=x, y=y, radius_x=POINT_RADIUS_PX, radius_y=POINT_RADIUS_PX)


def _told(target: _Target, question: QuestionEntry, count: int) -> str:
    annotations = "1 annotation" if count == 1 else f"{count} annotations"
    source = f" of colour {target.colour}" if target.name is None else ""
    return f"{annotations}{source} imported into {shown(question.name)}"
