"""Exchange of annotations in any format: what somebody drew on a slide, out and in."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from access import gate, people
from access.rights import Actor
from records.errors import InputError, SlideError
from records.filestore import FileStore
from records.question_types import AnswerKind
from scoring import (
    annotation_files,
    answer_types,
    authors,
    conversion,
    drawn_answers,
    exchange,
    history,
)
from scoring.annotation_files import MadeFile
from scoring.conversion import Format, Setting
from scoring.directory import Directory, QuestionEntry, Subject
from scoring.drawn_answers import DrawnAnswer
from scoring.formats import anno1, anno2, anno2_shapes
from scoring.formats.answer_tsv import Author
from scoring.formats.coco import Picture
from scoring.marked import PLAIN, Carrier, Losses, Marked, Piece, Traits, singly
from scoring.problems import shown
from scoring.shapes import Points, Polyline

DOOR = "import"

TEXT_CHARS = 2_000_000
"""Answers up to which an import is kept as text; larger ones become annotation files (anno2)."""

POINTS_SUFFIX = " (points)"
"""What a class's question of points is called where one of its name takes shapes."""


_MOST_NAME = 380


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be exported.

    Parameters
    ----------
    questions
        Names of the only questions; none for all that are drawn.
    """

    slide_id: int
    email: str
    questions: tuple[str, ...]
    form: Format


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file on its way out: its blocks, to be taken before the transaction ends."""

    file_name: str
    blocks: Iterator[bytes]
    losses: Losses


def export_annotations(
    session: Session, actor: Actor, *, wanted: Wanted, store: FileStore
) -> Export:
    """Return what somebody drew on a slide as a file; the question is the class of its shapes.

    Raises
    ------
    RightsError
        The actor may not get the study's answers.
    NotFoundError
        There is no such slide, person or question.
    InputError
        The question is not drawn.
    """
    slide = gate.slide_with_scores(session, actor, wanted.slide_id)
    answers = drawn_answers.find_drawn(
        session,
        store=store,
        study_id=slide.study_id,
        slide_id=wanted.slide_id,
        email=wanted.email,
        questions=wanted.questions,
    )
    pieces = (piece for found in answers for piece in _pieces(found))
    losses = Losses()
    setting = Setting(
        picture=Picture(file_name=slide.name, width=slide.width, height=slide.height),
        mpp=slide.mpp_override or slide.mpp_x,
        author=Author(slide_id=wanted.slide_id, slide_name=slide.name, email=wanted.email),
    )
    return Export(
        file_name=f"{slide.name}{wanted.form.endings[0]}",
        blocks=wanted.form.write(pieces, losses, setting),
        losses=losses,
    )


def _pieces(found: DrawnAnswer) -> Iterator[Piece]:
    """Return the shapes of an answer; what its file says of single ones outweighs the question."""
    plain = Traits(group=found.question, colour=found.colour)
    if found.file is None:
        yield from (Marked(shape=shape, traits=plain) for shape in drawn_answers.load(found))
        return
    joined: dict[Traits, Traits] = {PLAIN: plain}
    try:
        with found.file.open("rb") as stream:
            pieces = list(anno2_shapes.pieces(anno2.parse(stream)))
    except (OSError, InputError) as error:
        raise SlideError(f"the annotation file of {found.question} cannot be read") from error
    for piece in pieces:
        if isinstance(piece, Marked):
            yield dataclasses.replace(piece, traits=_joined(piece.traits, plain, joined))
        else:
            traits = [_joined(each, plain, joined) for each in piece.traits]
            yield dataclasses.replace(piece, traits=traits)


def _joined(traits: Traits, plain: Traits, known: dict[Traits, Traits]) -> Traits:
    found = known.get(traits)
    if found is None:
        group, colour = traits.group or plain.group, traits.colour or plain.colour
        found = known[traits] = dataclasses.replace(traits, group=group, colour=colour)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The shapes of one class, or its points, made ready to be kept.

    Parameters
    ----------
    value
        The answer's text, or "" where there is a file.
    data
        The annotation file's bytes.
    only_lines
        Whether they are lines only, which measure.
    """

    group: str
    colour: str
    is_points: bool
    only_lines: bool
    count: int
    value: str = ""
    data: bytes = b""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """What a file holds, made ready, and what is lost of it."""

    parts: tuple[Prepared, ...]
    losses: Losses


def prepare(data: bytes, form: Format | None, *, question: str | None = None) -> Import:
    """Read a file and make its answers ready, which takes no database.

    Parameters
    ----------
    form
        Its format; None to tell it by its bytes.
    question
        The question that all shapes answer; None for one for each class.

    Raises
    ------
    InputError
        The file is not of its format.
    """
    losses = Losses()
    groups: dict[tuple[str, bool], list[Marked]] = {}
    for single in singly(conversion.read(io.BytesIO(data), losses, form)):
        group = single.traits.group if question is None else question
        key = (group, isinstance(single.shape, Points))
        groups.setdefault(key, []).append(single)
    parts = [
        _prepared(group, is_points, found, losses) for (group, is_points), found in groups.items()
    ]
    return Import(tuple(parts), losses)


def _prepared(group: str, is_points: bool, found: list[Marked], losses: Losses) -> Prepared:
    colour = next((single.traits.colour for single in found if single.traits.colour), "")
    carrier = Carrier("an answer", ("group", "colour", "label"), losses)
    items: list[bytes] = []
    size = 0
    for single in found:
        carrier.note(single)
        fresh = list(anno1.items(single, carrier))
        size += sum(map(len, fresh))
        if size <= TEXT_CHARS:
            items += fresh
    is_text = size <= TEXT_CHARS
    data, kind = b"", ""
    if not is_text:
        contents = anno2_shapes.gather(found, losses)
        data, kind = anno2.write(contents), contents.kind
    return Prepared(
        group=group,
        colour=colour,
        is_points=is_points,
        only_lines=all(isinstance(single.shape, Polyline) for single in found),
        count=len(found),
        value="[" + b",".join(items).decode() + "]" if is_text else "",
        data=data,
        kind=kind,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an import answers.

    Parameters
    ----------
    question
        The question that all shapes answer; None for the one that is called as their class is.
    """

    slide_id: int
    email: str
    question: str | None = None


def import_annotations(
    session: Session,
    actor: Actor,
    *,
    target: Target,
    ready: Import,
    store: FileStore,
    new_uuid: Callable[[], UUID],
    now: datetime,
) -> tuple[str, ...]:
    """Make the shapes of a file somebody's current answers about a slide.

    Each class answers the question of its name; one that is not there is added. All is kept, or
    nothing is.

    Returns
    -------
    tuple of str
        What was done, line by line.

    Raises
    ------
    RightsError
        The actor may not send answers to the slide's study, or not that person's.
    NotFoundError
        There is no such slide.
    InputError
        A question does not take the shapes.
    """
    slide = authors.slide_to_answer(session, actor, target.slide_id)
    study = authors.study_to_answer(session, actor, slide.study_id)
    email = people.normalise_email(target.email)
    authors.check_may_answer_for(session, actor, study, {email})
    user_id = authors.members(session, study, {email})[email]
    known = dict(Directory(session, study.id or 0).questions)
    answers: dict[int, Prepared] = {}
    log: list[str] = []
    for part in ready.parts:
        name = target.question or _question_name(part, known)
        if name not in known and target.question is None:
            known[name] = exchange.add_question(
                session,
                actor,
                study,
                name=name,
                type_name="AnnoPoints" if part.is_points else "AnnoShapes",
                colour=part.colour,
                door=DOOR,
                now=now,
            )
        question = _checked(known.get(name), name, part, study.name)
        if answers.setdefault(question.id, part) is not part:
            raise InputError(f"question {shown(name)} would be answered twice; name none instead")
        log.append(f"{part.count:,} shapes imported into {shown(name)}")
    entries: list[history.Entry] = []
    for question_id, part in answers.items():
        entry = history.Entry(
            question_id=question_id,
            user_id=user_id,
            subject=Subject(slide_id=target.slide_id),
            value=part.value,
        )
        if part.data:
            file = MadeFile(
                uuid=str(new_uuid()), data=part.data, kind=part.kind, item_count=part.count
            )
            entry = annotation_files.keep_file(
                session, actor, entry=entry, study=study, file=file, store=store, now=now
            )
        entries.append(entry)
    history.put(session, actor, study=study, entries=entries, door=DOOR, now=now)
    return (*log, *(f"warning: {line}" for line in ready.losses.lines())) or ("no shapes",)


def _question_name(part: Prepared, known: Mapping[str, QuestionEntry]) -> str:
    """Return the name of the question that a class answers when none is asked for."""
    plain = re.sub(r"[;\t\r\n]+", " ", part.group).strip()[:_MOST_NAME]
    name = plain or exchange.NEW_QUESTION
    question = known.get(name)
    if question is None or not part.is_points:
        return name
    return name if question.sheet.type.kind is AnswerKind.POINTS else name + POINTS_SUFFIX


def _checked(
    question: QuestionEntry | None, name: str, part: Prepared, study_name: str
) -> QuestionEntry:
    """Return the question when it takes the shapes."""
    if question is None:
        raise InputError(f"study {study_name} has no question {shown(name)}")
    kind = question.sheet.type.kind
    fits = {
        AnswerKind.POINTS: part.is_points,
        AnswerKind.LINES: part.only_lines,
        AnswerKind.SHAPES: not part.is_points,
    }.get(kind, False)
    if not fits:
        given = "points" if part.is_points else "shapes"
        raise InputError(
            f"question {shown(name)} is of type {question.sheet.type.name}; it takes no {given}"
        )
    complaint = answer_types.complaint(question.sheet, part.value)
    if complaint is not None:
        raise InputError(f"question {shown(name)}: {complaint}")
    return question
