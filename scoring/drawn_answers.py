"""Drawn answers: what one person drew on one slide, question by question."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session, col

from records import question_types
from records.errors import InputError, NotFoundError, SlideError
from records.filestore import FileStore
from records.tables import AnnotationFile, Answer, Question
from scoring import annotation_files, authors
from scoring.formats import anno2, annoshapes
from scoring.formats.questions_map import normal_colour
from scoring.shapes import FileLink, Pack, Shape

COLOURS = (
    "#ffd60a",
    "#1fd3ff",
    "#62f05c",
    "#ff9f1c",
    "#f2f2f2",
    "#c8ff2e",
    "#8fb4ff",
    "#19e6b3",
)
"""Colours of questions that name none, in the order of the sheet; the viewer uses the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnAnswer:
    """An answer that is drawn on the slide.

    Parameters
    ----------
    colour
        ``#rrggbb``.
    value
        The answer's text.
    file
        The annotation file that holds the shapes instead of the text, or None.
    """

    question: str
    colour: str
    value: str
    file: Path | None


def find_drawn(
    session: Session,
    *,
    store: FileStore,
    study_id: int,
    slide_id: int,
    email: str,
    questions: Collection[str] = (),
    question_ids: Collection[int] = (),
) -> list[DrawnAnswer]:
    """Return what a person drew on a slide, in the order of the sheet.

    The caller has checked that the actor may get the study's answers.

    Parameters
    ----------
    store
        Where annotation files are kept.
    questions, question_ids
        Names or ids of the only questions wanted; nothing means all that are drawn.

    Raises
    ------
    NotFoundError
        The person, or a question asked for, is not in the study.
    InputError
        A question asked for is not drawn.
    """
    user_id = authors.find_user_id(session, email)
    if user_id is None:
        raise NotFoundError(f"nobody has the address {email.strip()}")
    colours = _wanted(session, study_id, questions, question_ids)
    rows = session.execute(
        select(col(Answer.question_id), col(Answer.value), col(AnnotationFile.uuid))
        .select_from(Answer)
        .outerjoin(AnnotationFile, col(AnnotationFile.id) == col(Answer.annotation_file_id))
        .where(
            col(Answer.study_id) == study_id,
            col(Answer.slide_id) == slide_id,
            col(Answer.user_id) == user_id,
            col(Answer.question_id).in_(colours),
            col(Answer.is_current),
        )
        .order_by(col(Answer.id))
    )
    found = [
        (
            question_id,
            DrawnAnswer(
                question=colours[question_id].name,
                colour=colours[question_id].colour,
                value=value,
                file=None if uuid is None else annotation_files.stored_path(store, uuid),
            ),
        )
        for question_id, value, uuid in rows
    ]
    order = {question_id: place for place, question_id in enumerate(colours)}
    return [answer for _, answer in sorted(found, key=lambda entry: order[entry[0]])]


def load(answer: DrawnAnswer) -> tuple[Shape | Pack, ...]:
    """Return the shapes of an answer; reads its annotation file when it has one.

    Raises
    ------
    SlideError
        The annotation file is gone, or damaged.
    """
    if answer.file is not None:
        try:
            with answer.file.open("rb") as stream:
                return anno2.parse(stream).drawn
        except (OSError, InputError) as error:
            raise SlideError(f"the annotation file of {answer.question} cannot be read") from error
    try:
        drawn = annoshapes.parse(answer.value) if answer.value else ()
    except InputError:
        # Given before the question became one of annotations: nothing to draw.
        return ()
    return tuple(entry for entry in drawn if not isinstance(entry, FileLink))


@dataclass(frozen=True, slots=True)
class _Wanted:
    name: str
    colour: str


def _wanted(
    session: Session, study_id: int, questions: Collection[str], question_ids: Collection[int]
) -> dict[int, _Wanted]:
    """Return name and colour by id of the drawn questions that are wanted, in their order."""
    rows = session.execute(
        select(
            col(Question.id),
            col(Question.name),
            col(Question.type_id),
            col(Question.values_allowed),
        )
        .where(col(Question.study_id) == study_id)
        .order_by(col(Question.position), col(Question.id))
    ).all()
    unknown = {*questions, *question_ids} - {row[0] for row in rows} - {row[1] for row in rows}
    if unknown:
        raise NotFoundError(f"there is no question {unknown.pop()!r} in this study")
    found: dict[int, _Wanted] = {}
    for place, (question_id, name, type_id, values) in enumerate(rows):
        if (questions or question_ids) and not (name in questions or question_id in question_ids):
            continue
        kind = question_types.by_id(type_id)
        if kind.is_annotation:
            colour = question_types.colour(kind, values) or COLOURS[place % len(COLOURS)]
            found[question_id] = _Wanted(name, normal_colour(colour))
        elif questions or question_ids:
            raise InputError(f"question {name!r} is of type {kind.name}, which is not drawn")
    return found
