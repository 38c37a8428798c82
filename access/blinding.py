"""Blinding: what a study keeps from the people who score it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlmodel import Session

from access import gate
from access.rights import Actor
from records.errors import RightsError
from records.tables import Study

_TRUE = frozenset({"true", "yes", "1", "on"})
_FALSE = frozenset({"false", "no", "0", "off"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Blinding:
    """What somebody is not told.

    Parameters
    ----------
    slide_names
        Slides are called by their ids, their files' sizes are not told, and search does not find
        them. Names of cases and descriptions, which editors write for readers, are told.
    samples
        The sample that a core holds is left empty.
    """

    slide_names: bool = False
    samples: bool = False

    def slide_name(self, slide_id: int, name: str) -> str:
        """Return what a slide is called."""
        return f"Slide {slide_id}" if self.slide_names else name

    def sample(self, sample: str) -> str:
        """Return what a core is said to hold."""
        return "" if self.samples else sample


OPEN = Blinding()
"""Nothing is kept back."""


def find(session: Session, actor: Actor, study: Study) -> Blinding:
    """Return what an actor is not told of a study that they may read.

    Source: slidescore.md 9.5: names of slides can be hidden, and who may edit the study always sees
    the real ones; the settings' names are the seed's. That scripts see them too, and that
    ``showslidenames: false`` means the same as ``hideslidenames: true``, is our choice.
    """
    hidden = of_readers(study)
    if hidden == OPEN or not actor.is_person:
        return OPEN
    try:
        gate.modifiable_study(session, actor, study.id or 0)
    except RightsError:
        return hidden
    return OPEN


def of_readers(study: Study) -> Blinding:
    """Return what a study keeps from everybody who may not edit it."""
    return Blinding(
        slide_names=_is(study, "hideslidenames", _TRUE) or _is(study, "showslidenames", _FALSE),
        samples=_is(study, "showtmasampleids", _FALSE),
    )


def find_by_id(session: Session, actor: Actor, study_id: int) -> Blinding:
    """Return what an actor is not told of a study, whose id was checked already."""
    return find(session, actor, session.get_one(Study, study_id))


def _is(study: Study, setting: str, words: frozenset[str]) -> bool:
    return str(json.loads(study.settings).get(setting, "")).strip().lower() in words
