"""Reach: whose answers of a study an actor may see, and whether given ones may be changed."""

from __future__ import annotations

import json

from sqlmodel import Session

from access import gate
from access.rights import Actor, Right
from records.errors import ConflictError, RightsError
from records.tables import Study

_TRUE = frozenset({"true", "yes", "1", "on"})
_FALSE = frozenset({"false", "no", "0", "off"})


class RewritingError(ConflictError):
    """The study keeps answers as they were first given."""


def only_user_in_reach(session: Session, actor: Actor, study_id: int) -> int | None:
    """Return the id of the only person whose answers the actor may see; None means everybody's.

    Somebody who scores sees their own answers, and others' too when the study's setting
    ``showotherpeoplesscores`` is on (a choice: no source tells more than its name).

    Raises
    ------
    RightsError
        The actor may see no answers of the study.
    NotFoundError
        There is no such study.
    """
    if not actor.is_person:
        gate.study_with_scores(session, actor, study_id)
        return None
    try:
        gate.study_with_scores(session, actor, study_id)
    except RightsError:
        study = gate.readable_study(session, actor, study_id, right=Right.CAN_UPLOAD_SCORES)
        return None if is_on(study, "showotherpeoplesscores") else actor.user_id
    return None


def may_see_what_stands(session: Session, actor: Actor, study_id: int) -> bool:
    """Tell whether the actor may see the answers in whose place they may send others.

    People may: they send their own, or edit the study. To scripts, getting answers is another right
    than sending them.
    """
    if actor.is_person:
        return True
    try:
        gate.study_with_scores(session, actor, study_id)
    except RightsError:
        return False
    return True


def comparable_study(session: Session, actor: Actor, study_id: int) -> Study:
    """Return a study whose readers' answers the actor may see compared.

    Who may get the results may; with ``allowresultscomparisonforeveryone``, every person who may
    read the study (a choice: no source tells more than the setting's name).

    Raises
    ------
    RightsError
        The actor may not.
    NotFoundError
        There is no such study.
    """
    try:
        return gate.study_with_scores(session, actor, study_id)
    except RightsError:
        if not actor.is_person:
            raise
        study = gate.readable_study(session, actor, study_id)
        if is_on(study, "allowresultscomparisonforeveryone"):
            return study
        raise


def check_may_rewrite(session: Session, actor: Actor, study: Study) -> None:
    """Insist that answers which stand already may be changed.

    Source: seed, the names of the settings; that ``allowchangingscores`` outweighs
    ``disallowrewritingscores``, and that neither binds who may edit the study, is our choice.

    Raises
    ------
    RewritingError
        The study's settings forbid it to people who may not edit the study.
    """
    if not actor.is_person or not is_on(study, "disallowrewritingscores"):
        return
    if is_on(study, "allowchangingscores"):
        return
    try:
        gate.modifiable_study(session, actor, study.id or 0)
    except RightsError:
        raise RewritingError(
            f"study {study.name} keeps answers as they were first given; "
            "only who may edit the study can change them"
        ) from None


def is_on(study: Study, setting: str) -> bool:
    """Tell whether a setting of the study says yes."""
    return _said(study, setting) in _TRUE


def is_off(study: Study, setting: str) -> bool:
    """Tell whether a setting of the study says no; one that is not there says nothing."""
    return _said(study, setting) in _FALSE


def _said(study: Study, setting: str) -> str:
    return str(json.loads(study.settings).get(setting, "")).strip().lower()
