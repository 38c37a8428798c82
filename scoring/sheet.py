"""The sheet: what somebody may do with a study's questions, and by which rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from access import blinding, gate
from access.rights import Actor, Right
from records.errors import RightsError
from records.tables import Study
from scoring import reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What somebody may do in a study.

    Parameters
    ----------
    email
        Whose answers the sheet keeps; None for a script, which has to say.
    can_compare
        How readers agree may be seen.
    is_final
        Answers that were given cannot be changed by this person.
    is_one_way
        Slides are scored in their order, and none is looked at twice.
    shows_thumbnails
        Lists of slides show pictures of them.
    sees_others
        Answers of other people may be seen.
    hides_names
        Slides are called by their ids.
    cores_at_once
        Cores of a microarray are scored several at once.
    shows_labels
        Labels of slides, which name the patient, may be seen.
    shares_slides
        Slides may be shown to people without an account, by a link.
    records_sessions
        Pages note where in a slide the reader looks, and say so.
    """

    study_id: int
    study_name: str
    label: str
    email: str | None
    can_score: bool
    can_edit: bool
    can_get_results: bool
    can_compare: bool
    is_final: bool
    is_one_way: bool
    shows_thumbnails: bool
    sees_others: bool
    hides_names: bool
    cores_at_once: bool
    shows_labels: bool
    shares_slides: bool
    records_sessions: bool


def find_sheet(session: Session, actor: Actor, *, study_id: int) -> Sheet:
    """Return what the actor may do in a study that it may read.

    Source: the names of the settings are the seed's, Study Settings; what ``disallownavigation``
    means is our choice.

    Raises
    ------
    RightsError
        The actor may not read the study.
    NotFoundError
        There is no such study.
    """
    study = gate.readable_study(session, actor, study_id)
    can_edit = _may(gate.modifiable_study, session, actor, study_id)
    is_final = reach.is_on(study, "disallowrewritingscores") and not (
        can_edit or reach.is_on(study, "allowchangingscores")
    )
    can_get_results = _may(gate.study_with_scores, session, actor, study_id)
    return Sheet(
        study_id=study_id,
        study_name=study.name,
        label=study.friendly_name or study.name,
        email=actor.email,
        can_score=_may(
            gate.readable_study, session, actor, study_id, right=Right.CAN_UPLOAD_SCORES
        ),
        can_edit=can_edit,
        can_get_results=can_get_results,
        can_compare=_may(reach.comparable_study, session, actor, study_id),
        is_final=is_final,
        is_one_way=reach.is_on(study, "disallownavigation") and not can_edit,
        shows_thumbnails=can_edit or not reach.is_off(study, "showthumbnails"),
        sees_others=can_get_results or reach.is_on(study, "showotherpeoplesscores"),
        hides_names=blinding.find(session, actor, study).slide_names,
        cores_at_once=reach.is_on(study, "scoretmacoresatonce"),
        shows_labels=can_edit or reach.is_on(study, "showlabels"),
        shares_slides=study.published_at is not None
        and reach.is_on(study, "allowsharingslidesanonymously"),
        records_sessions=actor.user_id is not None
        and actor.token_id is None
        and reach.is_on(study, "recordsessions"),
    )


def _may(
    check: Callable[..., Study], session: Session, actor: Actor, study_id: int, **named: Right
) -> bool:
    """Tell whether a check of rights is passed."""
    try:
        check(session, actor, study_id, **named)
    except RightsError:
        return False
    return True
