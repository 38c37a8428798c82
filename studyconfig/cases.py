"""Cases behind the gate: look-up and right in one step, as ``access.gate`` does for slides."""

from __future__ import annotations

from sqlmodel import Session

from access import gate
from access.gate import OutOfReachError
from access.rights import Actor
from records.errors import NotFoundError
from records.tables import Case


def readable_case(session: Session, actor: Actor, case_id: int) -> Case:
    """Return a case whose study the actor may read.

    Raises
    ------
    RightsError
        The actor may not read the case's study.
    NotFoundError
        There is no such case.
    """
    case = _case(session, case_id, is_restricted=actor.is_person or bool(actor.read_studies))
    try:
        gate.readable_study(session, actor, case.study_id)
    except OutOfReachError:
        raise _out_of_reach(case_id) from None
    return case


def modifiable_case(session: Session, actor: Actor, case_id: int) -> Case:
    """Return a case whose study the actor may modify.

    Raises
    ------
    RightsError
        The actor may not modify the case's study.
    NotFoundError
        There is no such case.
    """
    case = _case(session, case_id, is_restricted=actor.is_person or bool(actor.modify_studies))
    try:
        gate.modifiable_study(session, actor, case.study_id)
    except OutOfReachError:
        raise _out_of_reach(case_id) from None
    return case


def _case(session: Session, case_id: int, *, is_restricted: bool) -> Case:
    case = session.get(Case, case_id)
    if case is None and is_restricted:
        raise _out_of_reach(case_id)
    if case is None:
        raise NotFoundError(f"there is no case {case_id}")
    return case


def _out_of_reach(case_id: int) -> OutOfReachError:
    return OutOfReachError(f"you may not see case {case_id}")
