"""The content of a study between the database and its value: loaded, and changes applied to it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import func
from sqlmodel import Session, col, select

from records import question_types, tables
from records.errors import ConflictError
from records.tables import Answer, Question, Slide, Study, StudyMember, User
from studyconfig import maps
from studyconfig.formats.emails import Member
from studyconfig.formats.scores import Comparison, Condition, QuestionLine
from studyconfig.plan import Change, Changes, Deed, SlideFile, StudyContent, StudySlide

# Settings that are columns of their own, because lists of studies show them.
_COLUMNS = {"friendlyname": "friendly_name", "folder": "folder"}


def load(session: Session, study: Study) -> StudyContent:
    """Return what a study holds, as its configuration files say it."""
    study_id = key(study)
    stored_maps = maps.find_maps(session, study_id)
    map_names = {stored.id: stored.name for stored in stored_maps}
    columns = {name: getattr(study, column) for name, column in _COLUMNS.items()}
    members = session.exec(
        select(StudyMember, User)
        .join(User)
        .where(StudyMember.study_id == study_id)
        .order_by(col(StudyMember.id))
    )
    return StudyContent(
        settings={name: text for name, text in columns.items() if text}
        | json.loads(study.settings),
        members=tuple(_member(member, user) for member, user in members),
        questions=tuple(question_line(row) for row in find_questions(session, study_id)),
        maps={stored.name: stored.value for stored in stored_maps},
        slides=tuple(
            _slide(row, map_names.get(row.tma_map_id or 0))
            for row in find_slides(session, study_id)
        ),
    )


def apply(session: Session, study: Study, changes: Changes) -> tuple[int, ...]:
    """Make a study hold what the changes say.

    Returns
    -------
    tuple of int
        Ids of slides that were there and whose file is another one now.

    Raises
    ------
    ConflictError
        Answers stand in the way (a question would get answers of another kind, a slide with
        answered cores another map), or a known slide was deleted since the files were read.
    """
    study_id = key(study)
    _apply_settings(session, study, changes.settings)
    _apply_members(session, study_id, changes.members)
    _apply_questions(session, study_id, changes)
    for change in changes.maps:
        if change.deed is not Deed.KEEP:
            maps.save_map(session, study_id, change.key, change.after)
    replaced = _apply_slides(session, study_id, changes.slides)
    session.flush()
    return replaced


def find_questions(session: Session, study_id: int) -> Sequence[Question]:
    """Return the rows of a study's questions, in the order of the sheet."""
    return session.exec(
        select(Question)
        .where(Question.study_id == study_id)
        .order_by(col(Question.position), col(Question.id))
    ).all()


def find_slides(session: Session, study_id: int) -> Sequence[Slide]:
    """Return the rows of a study's slides, in their order."""
    return session.exec(
        select(Slide).where(Slide.study_id == study_id).order_by(col(Slide.position), col(Slide.id))
    ).all()


def question_line(row: Question) -> QuestionLine:
    """Return a question as its line says it."""
    flags = json.loads(row.flags)
    condition = flags.get("condition")
    return QuestionLine(
        name=row.name,
        type=question_types.by_id(row.type_id),
        values=row.values_allowed,
        mandatory=bool(flags.get("mandatory")),
        per_case=bool(flags.get("per_case")),
        condition=None
        if condition is None
        else Condition(
            question=condition["question"],
            comparison=Comparison(condition["comparison"]),
            answer=condition["answer"],
        ),
    )


def set_question(session: Session, row: Question, line: QuestionLine) -> None:
    """Make a question's row say what its line says; the position stays.

    Raises
    ------
    ConflictError
        It has answers, and they are no answers to a question of the new type.
    """
    if row.id is not None:
        before = question_types.by_id(row.type_id)
        if before.kind is not line.type.kind:
            count = count_answers(session, question_id=row.id)
            if count:
                raise ConflictError(
                    f"the question {row.name!r} has {count} answers as {before.name}, which do not "
                    f"answer a {line.type.name}; add a question with another name instead"
                )
    row.name = line.name
    row.type_id = line.type.id
    row.values_allowed = line.values
    flags: dict[str, object] = {}
    if line.mandatory:
        flags["mandatory"] = True
    if line.per_case:
        flags["per_case"] = True
    if line.condition is not None:
        flags["condition"] = {
            "question": line.condition.question,
            "comparison": line.condition.comparison.value,
            "answer": line.condition.answer,
        }
    row.flags = json.dumps(flags, ensure_ascii=False)
    session.add(row)


def set_map(session: Session, row: Slide, map_id: int | None) -> None:
    """Give a slide a TMA map, or none.

    Raises
    ------
    ConflictError
        Cores of its present map have answers.
    """
    if row.tma_map_id == map_id:
        return
    if row.id is not None and row.tma_map_id is not None:
        count = count_answers(session, slide_id=row.id, on_cores=True)
        if count:
            raise ConflictError(
                f"the slide {row.name!r} has {count} answers on cores of its TMA map; "
                "it cannot get another map"
            )
    row.tma_map_id = map_id
    session.add(row)


def set_file(session: Session, row: Slide, file: SlideFile) -> None:
    """Make a slide's row say what its file is.

    Raises
    ------
    ConflictError
        The slide has answers, and the file is of another size: drawings would lie elsewhere.
    """
    if row.id is not None and (row.width, row.height) != (file.width, file.height):
        count = count_answers(session, slide_id=row.id)
        if count:
            raise ConflictError(
                f"the slide {row.name!r} has {count} answers on {row.width} x {row.height} pixels, "
                f"but {row.path} has {file.width} x {file.height} now; put the former file back, "
                "or add this one under another name"
            )
    row.file_size = file.size
    row.file_mtime_ns = file.mtime_ns
    row.sha256 = None
    row.reader = file.reader
    row.width = file.width
    row.height = file.height
    row.level_count = file.level_count
    row.mpp_x = file.mpp_x
    row.mpp_y = file.mpp_y
    row.objective_power = file.objective_power
    row.is_out_of_focus = None
    session.add(row)


def count_answers(
    session: Session,
    *,
    question_id: int | None = None,
    slide_id: int | None = None,
    on_cores: bool = False,
) -> int:
    """Return how many answers there are, current or replaced, to a question or on a slide."""
    query = select(func.count()).select_from(Answer)
    if question_id is not None:
        query = query.where(Answer.question_id == question_id)
    if slide_id is not None:
        query = query.where(Answer.slide_id == slide_id)
    if on_cores:
        query = query.where(col(Answer.core_id).is_not(None))
    return session.exec(query).one()


def key(row: Study | Slide | Question | tables.Case | User) -> int:
    """Return the id of a row that is in the database."""
    if row.id is None:
        raise AssertionError("a row that was read or flushed has an id")
    return row.id


def _member(member: StudyMember, user: User) -> Member:
    return Member(
        email=user.email,
        can_score=member.can_score,
        can_edit=member.can_edit,
        can_get_results=member.can_get_results,
    )


def _slide(row: Slide, map_name: str | None) -> StudySlide:
    return StudySlide(
        path=row.path,
        name=row.name,
        rotation=row.rotation,
        map_name=map_name,
        file=SlideFile(
            size=row.file_size,
            mtime_ns=row.file_mtime_ns,
            reader=row.reader,
            width=row.width,
            height=row.height,
            level_count=row.level_count,
            mpp_x=row.mpp_x,
            mpp_y=row.mpp_y,
            objective_power=row.objective_power,
        ),
    )


def _apply_settings(session: Session, study: Study, changes: Sequence[Change[str]]) -> None:
    settings = json.loads(study.settings)
    for change in changes:
        if change.key in _COLUMNS:
            setattr(study, _COLUMNS[change.key], change.after)
        else:
            settings[change.key] = change.after
    study.settings = json.dumps(settings, ensure_ascii=False)
    session.add(study)


def _apply_members(session: Session, study_id: int, changes: Sequence[Change[Member]]) -> None:
    wanted = {change.key: change.after for change in changes if change.deed is not Deed.KEEP}
    if not wanted:
        return
    rows = {
        row.user_id: row
        for row in session.exec(select(StudyMember).where(StudyMember.study_id == study_id))
    }
    for email, member in wanted.items():
        user_id = _user_id(session, email)
        row = rows.get(user_id) or StudyMember(study_id=study_id, user_id=user_id)
        row.can_score = member.can_score
        row.can_edit = member.can_edit
        row.can_get_results = member.can_get_results
        session.add(row)


def _user_id(session: Session, email: str) -> int:
    """Return the account of an address, made when missing: rights come before registration."""
    user = session.exec(select(User).where(User.email == email)).first()
    if user is None:
        user = User(email=email)
        session.add(user)
        session.flush()
    return key(user)


def _apply_questions(session: Session, study_id: int, changes: Changes) -> None:
    rows = {row.name: row for row in find_questions(session, study_id)}
    for change in changes.questions:
        if change.deed is Deed.KEEP:
            continue
        row = rows.setdefault(
            change.key, Question(study_id=study_id, name=change.key, type_id=change.after.type.id)
        )
        set_question(session, row, change.after)
    for position, name in enumerate(changes.question_order):
        if rows[name].position != position:
            rows[name].position = position
            session.add(rows[name])


def _apply_slides(
    session: Session, study_id: int, changes: Sequence[Change[StudySlide]]
) -> tuple[int, ...]:
    map_ids = {stored.name: stored.id for stored in maps.find_maps(session, study_id)}
    rows = {row.path: row for row in find_slides(session, study_id)}
    position = max((row.position for row in rows.values()), default=-1)
    replaced = []
    for change in changes:
        slide = change.after
        if change.deed is Deed.KEEP:
            continue
        row = rows.get(slide.path)
        if row is None:
            if slide.file is None:
                # It was known and unchanged when the files were read, so it was not opened.
                raise ConflictError(f"{slide.path} was deleted from the study meanwhile; try again")
            position += 1
            row = Slide(study_id=study_id, path=slide.path, name="", position=position)
        row.name = slide.name or row.name
        row.rotation = slide.rotation or 0
        set_map(session, row, map_ids[slide.map_name] if slide.map_name else None)
        if slide.file is not None and (change.before is None or change.before.file != slide.file):
            set_file(session, row, slide.file)
            if row.id is not None:
                replaced.append(row.id)
        session.add(row)
    return tuple(replaced)
