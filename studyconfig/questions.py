"""The scoring sheet of a study, changed one question at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from access import gate
from access.rights import Actor
from records import audit
from records.errors import ConflictError, InputError, NotFoundError
from records.tables import AnnotationFile, Question
from studyconfig import content
from studyconfig.formats import scores
from studyconfig.formats.scores import QuestionLine

_SOURCE = "questionSpec"
_SHEET = "scores"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetChange:
    """How many questions of a sheet came, changed and went, and whether others moved."""

    added: int
    changed: int
    removed: int
    is_reordered: bool


def add_question(session: Session, actor: Actor, *, study_id: int, spec: str) -> int:
    """Add a question at the end of the sheet.

    Parameters
    ----------
    spec
        A line as in a ``.scores`` file.

    Returns
    -------
    int
        The question's id.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such study.
    InputError
        It is not one line of the form of a ``.scores`` file.
    ConflictError
        The study has a question of that name.
    """
    gate.modifiable_study(session, actor, study_id)
    rows = content.find_questions(session, study_id)
    line = _parsed(spec, above=[row.name for row in rows])
    _check_name(line, rows)
    row, _ = _set(session, actor, study_id, None, line)
    _number([*rows, row])
    return content.key(row)


def update_question(
    session: Session,
    actor: Actor,
    *,
    study_id: int,
    question_id: int,
    order: int | None,
    spec: str,
) -> int:
    """Change a question and its place on the sheet.

    Parameters
    ----------
    order
        Its place afterwards, counted from 0; beyond the end is the end; None: as it is.
    spec
        A line as in a ``.scores`` file.

    Returns
    -------
    int
        The question's id, which stays.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such question in the study.
    InputError
        It is not one line of the form of a ``.scores`` file, or the place is negative.
    ConflictError
        Another question has the name, answers are of another kind, or a question would stand above
        the one it depends on.
    """
    row, rows = _find(session, actor, study_id, question_id)
    if order is not None and order < 0:
        raise InputError(f"order counts from 0; {order} is no place")
    others = [other for other in rows if other is not row]
    place = rows.index(row) if order is None else min(order, len(others))
    line = _parsed(spec, above=[other.name for other in others[:place]])
    _check_name(line, others)
    before = content.question_line(row)
    content.set_question(session, row, line)
    for other in others:
        _follow_rename(session, other, before.name, line.name)
    ordered = [*others[:place], row, *others[place:]]
    _check_conditions(ordered)
    _number(ordered)
    session.flush()
    _record(session, actor, "question.update", row, before=_spec(before), after=_spec(line))
    return question_id


def remove_question(session: Session, actor: Actor, *, study_id: int, question_id: int) -> None:
    """Take a question off the sheet.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such question in the study.
    ConflictError
        It has answers, which are kept for ever, or another question depends on it.
    """
    row, rows = _find(session, actor, study_id, question_id)
    others = [other for other in rows if other is not row]
    _check_conditions(others)
    _remove(session, actor, row)
    session.flush()
    _number(others)


def set_sheet(session: Session, actor: Actor, *, study_id: int, text: str) -> SheetChange:
    """Make the sheet of a study what a ``.scores`` file says: what is not named there goes.

    Parameters
    ----------
    text
        Of the file; questions are known by their names.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such study.
    InputError
        It is no text of a ``.scores`` file.
    ConflictError
        A question that is not named has answers, or one would get answers of another kind.
    """
    gate.modifiable_study(session, actor, study_id)
    lines = scores.parse(text, source=_SHEET).questions
    rows = {row.name: row for row in content.find_questions(session, study_id)}
    wanted = {line.name for line in lines}
    gone = [row for name, row in rows.items() if name not in wanted]
    for row in gone:
        _remove(session, actor, row)
    session.flush()
    ordered = [_set(session, actor, study_id, rows.get(line.name), line) for line in lines]
    is_reordered = [line.name for line in lines if line.name in rows] != [
        name for name in rows if name in wanted
    ]
    _number([row for row, _ in ordered])
    if is_reordered:
        audit.record(
            session,
            actor=actor.label,
            deed="study.order-questions",
            subject=f"study:{study_id}",
            detail={"after": [line.name for line in lines]},
        )
    added = len(wanted - rows.keys())
    return SheetChange(
        added=added,
        changed=sum(is_changed for _, is_changed in ordered) - added,
        removed=len(gone),
        is_reordered=is_reordered,
    )


def _set(
    session: Session, actor: Actor, study_id: int, row: Question | None, line: QuestionLine
) -> tuple[Question, bool]:
    """Make a question what its line says; return it, and whether anything is other than before."""
    if row is None:
        row = Question(study_id=study_id, name=line.name, type_id=line.type.id)
        content.set_question(session, row, line)
        session.flush()
        _record(session, actor, "question.add", row, after=_spec(line))
        return row, True
    before = content.question_line(row)
    if before == line:
        return row, False
    content.set_question(session, row, line)
    _record(session, actor, "question.update", row, before=_spec(before), after=_spec(line))
    return row, True


def _remove(session: Session, actor: Actor, row: Question) -> None:
    """Take a question without answers off the sheet."""
    count = content.count_answers(session, question_id=content.key(row))
    if count:
        raise ConflictError(f"the question {row.name!r} has {count} answers; it cannot be removed")
    annotations = session.exec(
        select(AnnotationFile.id).where(col(AnnotationFile.question_id) == row.id)
    ).first()
    if annotations is not None:
        raise ConflictError(f"the question {row.name!r} has annotations; it cannot be removed")
    _record(session, actor, "question.remove", row, before=_spec(content.question_line(row)))
    session.delete(row)


def _find(
    session: Session, actor: Actor, study_id: int, question_id: int
) -> tuple[Question, list[Question]]:
    gate.modifiable_study(session, actor, study_id)
    rows = list(content.find_questions(session, study_id))
    for row in rows:
        if row.id == question_id:
            return row, rows
    raise NotFoundError(f"there is no question {question_id} in study {study_id}")


def _parsed(spec: str, *, above: Sequence[str]) -> QuestionLine:
    found = scores.parse(spec, source=_SOURCE, above=above).questions
    if len(found) != 1:
        raise InputError(
            f"expected one question, name<TAB>type<TAB>values, not {len(found)}", source=_SOURCE
        )
    return found[0]


def _spec(line: QuestionLine) -> str:
    return scores.write(scores.ScoreSheet((line,))).rstrip("\n")


def _check_name(line: QuestionLine, others: Sequence[Question]) -> None:
    if any(other.name == line.name for other in others):
        raise ConflictError(f"the study has another question {line.name!r}")


def _follow_rename(session: Session, row: Question, before: str, after: str) -> None:
    line = content.question_line(row)
    if before != after and line.condition is not None and line.condition.question == before:
        condition = dataclasses.replace(line.condition, question=after)
        content.set_question(session, row, dataclasses.replace(line, condition=condition))


def _check_conditions(rows: Sequence[Question]) -> None:
    above: set[str] = set()
    for row in rows:
        condition = content.question_line(row).condition
        if condition is not None and condition.question not in above:
            raise ConflictError(
                f"the question {row.name!r} depends on {condition.question!r}, "
                "which must stand above it"
            )
        above.add(row.name)


def _number(rows: Sequence[Question]) -> None:
    for position, row in enumerate(rows):
        row.position = position


def _record(session: Session, actor: Actor, deed: str, row: Question, **detail: object) -> None:
    audit.record(
        session,
        actor=actor.label,
        deed=deed,
        subject=f"question:{row.id}",
        detail={"study": row.study_id, "name": row.name, **detail},
    )
