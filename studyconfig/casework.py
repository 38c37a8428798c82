"""Cases of a study: made, taken away, and slides put into them."""

from __future__ import annotations

from sqlmodel import Session, col, func, or_, select

from access import gate
from access.rights import Actor
from records import audit
from records.errors import ConflictError, NotFoundError
from records.tables import AnnotationFile, Answer, Case, Slide, Visit
from studyconfig import content, editing


def add_case(session: Session, actor: Actor, *, study_id: int, name: str) -> int:
    """Add a case to a study.

    Returns
    -------
    int
        The case's id.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such study.
    ConflictError
        The study has a case of that name.
    InputError
        It is no name.
    """
    gate.modifiable_study(session, actor, study_id)
    name = editing.checked_name(name)
    same = session.exec(select(Case).where(Case.study_id == study_id, Case.name == name)).first()
    if same is not None:
        raise ConflictError(f"the study has a case named {name!r} already; its id is {same.id}")
    case = Case(study_id=study_id, name=name)
    session.add(case)
    session.flush()
    case_id = content.key(case)
    audit.record(
        session,
        actor=actor.label,
        deed="case.add",
        subject=f"case:{case_id}",
        detail={"study": study_id, "name": name},
    )
    return case_id


def set_slide_case(
    session: Session, actor: Actor, *, study_id: int, slide_id: int, case_id: int | None
) -> None:
    """Put a slide into a case of its study, or into none.

    A visit that the slide belonged to is one of its former case, so the slide leaves it as well.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such slide or case in the study.
    """
    slide = editing.study_slide(session, actor, study_id=study_id, slide_id=slide_id)
    after = None if case_id is None else _study_case(session, study_id, case_id)
    if slide.case_id == case_id:
        return
    before = None if slide.case_id is None else _study_case(session, study_id, slide.case_id)
    slide.case_id, slide.visit_id = case_id, None
    session.add(slide)
    audit.record(
        session,
        actor=actor.label,
        deed="slide.case",
        subject=f"slide:{slide_id}",
        # By name: the number of a case that is removed is given again.
        detail={"before": before and before.name, "after": after and after.name},
    )


def remove_case(session: Session, actor: Actor, *, study_id: int, case_id: int) -> None:
    """Take a case out of a study; its slides stay, without a case.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such case in the study.
    ConflictError
        There are answers or annotations about the case: those are kept for ever (choice).
    """
    gate.modifiable_study(session, actor, study_id)
    case = _study_case(session, study_id, case_id)
    answers = session.exec(
        select(func.count()).select_from(Answer).where(Answer.case_id == case_id)
    ).one()
    if answers:
        raise ConflictError(f"the case {case.name!r} has {answers} answers; it cannot be removed")
    annotations = session.exec(
        select(AnnotationFile.id).where(col(AnnotationFile.case_id) == case_id)
    ).first()
    if annotations is not None:
        raise ConflictError(f"the case {case.name!r} has annotations; it cannot be removed")
    visits = session.exec(select(Visit).where(Visit.case_id == case_id)).all()
    in_case = or_(
        col(Slide.case_id) == case_id, col(Slide.visit_id).in_([visit.id for visit in visits])
    )
    slides = session.exec(select(Slide).where(in_case)).all()
    for slide in slides:
        slide.case_id = slide.visit_id = None
        session.add(slide)
    session.flush()
    for visit in visits:
        session.delete(visit)
    session.flush()
    session.delete(case)
    audit.record(
        session,
        actor=actor.label,
        deed="case.remove",
        subject=f"case:{case_id}",
        detail={
            "study": study_id,
            "name": case.name,
            "description": case.description,
            "slides": [slide.id for slide in slides],
        },
    )


def _study_case(session: Session, study_id: int, case_id: int) -> Case:
    case = session.get(Case, case_id)
    if case is None or case.study_id != study_id:
        raise NotFoundError(f"there is no case {case_id} in study {study_id}")
    return case
