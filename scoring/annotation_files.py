"""Annotation files: answers too large for a text, asked for, taken in and read again."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from sqlmodel import Session

from access import gate, people
from access.rights import Actor, Right
from records import audit, filestore
from records.errors import ConflictError, InputError, NotFoundError
from records.filestore import FileStore
from records.tables import AnnotationFile, Core, Study
from scoring import authors, history
from scoring.directory import Directory, QuestionEntry, Subject
from scoring.formats import anno2, annoshapes
from scoring.problems import shown
from scoring.shapes import FileLink

DOOR = "anno2"


class RequestTicket(Protocol):
    """Gives a ticket for the upload of one annotation file."""

    def __call__(
        self, session: Session, actor: Actor, *, annotation_file_id: int, now: datetime
    ) -> str:
        """Return the upload token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What asking for an annotation file needs besides the database.

    Parameters
    ----------
    request_ticket
        Gives upload tokens.
    new_uuid
        Makes names of annotation files.
    """

    request_ticket: RequestTicket
    new_uuid: Callable[[], UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationTarget:
    """What an annotation file will answer.

    Parameters
    ----------
    question, question_id
        One of them, or both for the same question.
    slide_id
        None for an answer about a case.
    """

    study_id: int
    email: str
    slide_id: int | None = None
    case_id: int | None = None
    core_id: int | None = None
    question: str | None = None
    question_id: int | None = None


@dataclass(frozen=True, slots=True)
class AwaitedFile:
    """An annotation file that may be uploaded now."""

    uuid: str
    upload_token: str


def create_anno2(
    session: Session, actor: Actor, *, target: AnnotationTarget, intake: Intake, now: datetime
) -> AwaitedFile:
    """Ask for an annotation file that will be somebody's answer to a question.

    Source: slidescore.md 3.9, CreateAnno2.

    Raises
    ------
    RightsError
        The actor may not send answers to the study, or not that person's.
    NotFoundError
        There is no such study.
    InputError
        The slide, case, core or question is not in the study, or takes no annotations.
    """
    study, answer = answer_target(session, actor, target)
    file = _row(str(intake.new_uuid()), study, answer, created_at=now)
    return _awaited(session, actor, file, intake, now)


def create_orphan_anno2(
    session: Session, actor: Actor, *, intake: Intake, now: datetime
) -> AwaitedFile:
    """Ask for an annotation file that is nobody's answer, as analyses return them.

    Raises
    ------
    RightsError
        The actor may not upload answers.
    """
    gate.require(actor, Right.CAN_UPLOAD_SCORES)
    file = AnnotationFile(uuid=str(intake.new_uuid()), created_at=now)
    return _awaited(session, actor, file, intake, now)


def read_anno2(part: Path) -> anno2.Annotation:
    """Decode an annotation file that was uploaded; of a million outlines that takes seconds.

    Raises
    ------
    InputError
        The bytes are no annotation file.
    """
    with part.open("rb") as stream:
        return anno2.parse(stream)


def store_anno2(
    session: Session,
    actor: Actor,
    *,
    annotation_file_id: int,
    part: Path,
    decoded: anno2.Annotation,
    store: FileStore,
    now: datetime,
) -> None:
    """Take in an annotation file that was uploaded, and make it the current answer.

    The answer's text refers to the file: ``[{"type":"anno2","annoUUID":"…"}]``. That form is our
    choice (slidescore.md 11); it is JSON, for clients parse every answer that begins with ``[{``.

    Parameters
    ----------
    part
        The uploaded bytes; they are copied.
    decoded
        What they say: decoded before, for nobody else can write to the database meanwhile.
    store
        Where annotation files are kept.

    Raises
    ------
    NotFoundError
        Nobody asked for this file.
    ConflictError
        It arrived already.
    RightsError
        The actor may no longer send answers to the study.
    """
    file = session.get(AnnotationFile, annotation_file_id)
    if file is None:
        raise NotFoundError(f"there is no annotation file {annotation_file_id}")
    if file.arrived_at is not None:
        raise ConflictError(f"annotation file {file.uuid} was uploaded already")
    study = None
    if file.study_id is not None:
        study = authors.study_to_answer(session, actor, file.study_id)
    with filestore.atomic_path(stored_path(store, file.uuid)) as copy:
        shutil.copyfile(part, copy)
    file.kind = decoded.kind
    file.item_count = decoded.item_count
    file.byte_count = part.stat().st_size
    file.arrived_at = now
    _store(session, actor, file, now)
    if study is not None:
        _answer(session, actor, study, file, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFile:
    """An annotation file that was made here.

    Parameters
    ----------
    data
        Its bytes.
    kind, item_count
        As ``anno2.Annotation`` tells them.
    """

    uuid: str
    data: bytes
    kind: str
    item_count: int


def keep_file(
    session: Session,
    actor: Actor,
    *,
    entry: history.Entry,
    study: Study,
    file: MadeFile,
    store: FileStore,
    now: datetime,
) -> history.Entry:
    """Keep an annotation file that was made here, and return the answer that refers to it.

    Parameters
    ----------
    entry
        The answer; its text is replaced.
    store
        Where annotation files are kept.
    """
    with filestore.atomic_path(stored_path(store, file.uuid)) as copy:
        copy.write_bytes(file.data)
    row = _row(file.uuid, study, entry, created_at=now)
    row.kind, row.item_count = file.kind, file.item_count
    row.byte_count, row.arrived_at = len(file.data), now
    _store(session, actor, row, now)
    return dataclasses.replace(
        entry, value=annoshapes.write([FileLink(row.uuid)]), annotation_file_id=row.id
    )


def answer_target(
    session: Session, actor: Actor, target: AnnotationTarget
) -> tuple[Study, history.Entry]:
    """Return the study, and the empty answer that a target names.

    Raises
    ------
    RightsError
        The actor may not send answers to the study, or not that person's.
    NotFoundError
        There is no such study.
    InputError
        The slide, case, core or question is not in the study, or takes no annotations.
    """
    study = authors.study_to_answer(session, actor, target.study_id)
    email = people.normalise_email(target.email)
    authors.check_may_answer_for(session, actor, study, {email})
    directory = Directory(session, target.study_id)
    return study, history.Entry(
        question_id=_question(directory, target).id,
        user_id=authors.members(session, study, {email})[email],
        subject=_subject(session, directory, target),
        value="",
    )


def _row(uuid: str, study: Study, answer: history.Entry, *, created_at: datetime) -> AnnotationFile:
    """Return the row of a file that is, or will be, somebody's answer."""
    return AnnotationFile(
        uuid=uuid,
        study_id=study.id,
        slide_id=answer.subject.slide_id,
        case_id=answer.subject.case_id,
        core_id=answer.subject.core_id,
        question_id=answer.question_id,
        user_id=answer.user_id,
        created_at=created_at,
    )


def _store(session: Session, actor: Actor, file: AnnotationFile, now: datetime) -> None:
    """Keep the row of a file that is there, and tell the audit trail."""
    session.add(file)
    session.flush()
    audit.record(
        session,
        actor=actor.label,
        deed="annotation_file.store",
        subject=f"annotation_file:{file.id}",
        detail={"uuid": file.uuid, "kind": file.kind, "items": file.item_count},
        now=now,
    )


def stored_path(store: FileStore, uuid: str) -> Path:
    """Return where an annotation file lies; which of the two forms it has, its bytes tell."""
    return store.resolve(f"{uuid[:2]}/{uuid}.anno2")


def _answer(
    session: Session, actor: Actor, study: Study, file: AnnotationFile, now: datetime
) -> None:
    if file.question_id is None or file.user_id is None:
        return
    subject = Subject(slide_id=file.slide_id, core_id=file.core_id, case_id=file.case_id)
    entry = history.Entry(
        question_id=file.question_id,
        user_id=file.user_id,
        subject=subject,
        value=annoshapes.write([FileLink(file.uuid)]),
        annotation_file_id=file.id,
    )
    history.put(session, actor, study=study, entries=[entry], door=DOOR, now=now)


def _awaited(
    session: Session, actor: Actor, file: AnnotationFile, intake: Intake, now: datetime
) -> AwaitedFile:
    session.add(file)
    session.flush()
    if file.id is None:
        raise AssertionError("a flushed row has an id")
    token = intake.request_ticket(session, actor, annotation_file_id=file.id, now=now)
    audit.record(
        session,
        actor=actor.label,
        deed="annotation_file.request",
        subject=f"annotation_file:{file.id}",
        detail={"uuid": file.uuid, "study": file.study_id, "question": file.question_id},
        now=now,
    )
    return AwaitedFile(uuid=file.uuid, upload_token=token)


def _question(directory: Directory, target: AnnotationTarget) -> QuestionEntry:
    if target.question is None and target.question_id is None:
        raise InputError("question or scoreId is missing; expected a question of the study")
    found = [
        question
        for question in directory.questions.values()
        if target.question in {None, question.name} and target.question_id in {None, question.id}
    ]
    name = shown(target.question or str(target.question_id))
    if not found:
        raise InputError(f"there is no question {name} in study {target.study_id}")
    if not found[0].sheet.type.is_annotation:
        raise InputError(
            f"question {name} is of type {found[0].sheet.type.name}; expected a type of "
            "annotation, such as AnnoShapes"
        )
    return found[0]


def _subject(session: Session, directory: Directory, target: AnnotationTarget) -> Subject:
    if target.slide_id is None:
        if target.case_id not in directory.case_names:
            raise InputError("expected the imageId of a slide, or the caseId of a case, of it")
        return Subject(case_id=target.case_id)
    slide = directory.slides.get(target.slide_id)
    if slide is None:
        raise InputError(f"imageId {target.slide_id} is no slide of study {target.study_id}")
    if target.core_id is None:
        return Subject(slide_id=slide.id)
    core = session.get(Core, target.core_id)
    if core is None or core.tma_map_id != slide.tma_map_id:
        raise InputError(f"tmaCoreId {target.core_id} is no core of slide {slide.id}")
    return Subject(slide_id=slide.id, core_id=core.id)
