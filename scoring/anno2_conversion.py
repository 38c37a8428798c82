"""Conversion of answers given as text into annotation files (anno2)."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from access import gate
from access.rights import Actor, Right
from records.errors import InputError, NotFoundError, RightsError
from records.filestore import FileStore
from records.tables import AnnotationFile, Answer, Study, User
from scoring import annotation_files, authors, history, jsontext
from scoring.annotation_files import AnnotationTarget, MadeFile
from scoring.directory import Subject
from scoring.formats import anno2, anno2_shapes, annoshapes
from scoring.marked import Losses, Marked
from scoring.shapes import FileLink, Points

DOOR = "anno2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Where annotation files are kept, and how they are named."""

    store: FileStore
    new_uuid: Callable[[], UUID]


def convert_answer(
    session: Session,
    actor: Actor,
    *,
    target: AnnotationTarget,
    metadata: str,
    keeping: Keeping,
    now: datetime,
) -> str:
    """Make the current answer to a question an annotation file, and return the file's UUID.

    Source: slidescore.md 3.9, ConvertAnnotationToAnno2. The text stays in the answer's history. An
    answer that is one already is left as it is.

    Parameters
    ----------
    metadata
        A JSON object that is kept in the file, or "".

    Raises
    ------
    RightsError
        The actor may not send answers to the study, or not that person's.
    NotFoundError
        There is no such study, or no answer.
    InputError
        The target or the metadata is wrong, or the answer holds no shapes.
    """
    said = read_metadata(metadata)
    study, entry = annotation_files.answer_target(session, actor, target)
    current = history.find_current(session, [entry.key]).get(entry.key)
    if current is None or not current.value:
        raise NotFoundError("there is no answer to this question by this person")
    return _converted(session, actor, study, entry, current, said, keeping, now)


def convert_score_value(
    session: Session,
    actor: Actor,
    *,
    answer_id: int,
    metadata: str,
    keeping: Keeping,
    now: datetime,
) -> str:
    """Make an answer, named by its id, an annotation file, and return the file's UUID.

    Source: slidescore.md 3.9, ConvertScoreValueToAnno2.

    Raises
    ------
    RightsError
        The actor may not send answers.
    NotFoundError
        There is no such answer, a newer one stands, or the actor may not send that person's.
    InputError
        The metadata is wrong, or the answer holds no shapes.
    """
    if not actor.is_person:
        gate.require(actor, Right.CAN_UPLOAD_SCORES)
    said = read_metadata(metadata)
    missing = NotFoundError(f"there is no current answer {answer_id}")
    answer = session.get(Answer, answer_id)
    if answer is None or not answer.is_current:
        raise missing
    try:
        study = authors.study_to_answer(session, actor, answer.study_id)
        user = session.get(User, answer.user_id)
        authors.check_may_answer_for(session, actor, study, {user.email if user else ""})
    except (NotFoundError, RightsError):
        # Whoever may not see it is not told that it is there, and whose it is.
        raise missing from None
    subject = Subject(slide_id=answer.slide_id, core_id=answer.core_id, case_id=answer.case_id)
    entry = history.Entry(
        question_id=answer.question_id, user_id=answer.user_id, subject=subject, value=""
    )
    current = history.Current(
        id=answer_id, value=answer.value, annotation_file_id=answer.annotation_file_id
    )
    return _converted(session, actor, study, entry, current, said, keeping, now)


def read_metadata(text: str) -> Mapping[str, object]:
    """Return what is to be kept in the file.

    Raises
    ------
    InputError
        The text is no JSON object.
    """
    if not text.strip():
        return {}
    try:
        return jsontext.read_object(text)
    except InputError as error:
        raise InputError(f"metadata {error.reason}") from None


def _converted(
    session: Session,
    actor: Actor,
    study: Study,
    entry: history.Entry,
    current: history.Current,
    said: Mapping[str, object],
    keeping: Keeping,
    now: datetime,
) -> str:
    if current.annotation_file_id is not None:
        file = session.get(AnnotationFile, current.annotation_file_id)
        if file is not None:
            return file.uuid
    made = _made(current.value, said, str(keeping.new_uuid()))
    answer = annotation_files.keep_file(
        session, actor, entry=entry, study=study, file=made, store=keeping.store, now=now
    )
    history.put(session, actor, study=study, entries=[answer], door=DOOR, now=now)
    return made.uuid


def _made(value: str, said: Mapping[str, object], uuid: str) -> MadeFile:
    """Return the file of an answer: a zip, or gzipped JSON of what a zip cannot hold."""
    try:
        drawn = annoshapes.parse(value)
    except InputError as error:
        raise InputError(f"the answer holds no annotations: {error.reason}") from None
    found = [Marked(shape=shape) for shape in drawn if not isinstance(shape, FileLink)]
    if not found:
        raise InputError("the answer holds no shapes")
    losses = Losses()
    contents = anno2_shapes.gather(found, losses)
    if any(" left out" in line for line in losses.lines()):
        data = gzip.compress(value.encode(), mtime=0)
        points = all(isinstance(single.shape, Points) for single in found)
        count = sum(len(s.shape.places) if isinstance(s.shape, Points) else 1 for s in found)
        return MadeFile(
            uuid=uuid, data=data, kind="points" if points else "shapes", item_count=count
        )
    contents.user_metadata = said
    kind = contents.kind
    count = len(contents.counts) or sum(map(len, contents.points)) or 1
    return MadeFile(uuid=uuid, data=anno2.write(contents), kind=kind, item_count=count)
