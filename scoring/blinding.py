"""Blinding: which names a study keeps from the people who score it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from sqlmodel import Session

from access import gate
from access.rights import Actor
from records.errors import RightsError
from records.tables import Study
from scoring import reach
from scoring.formats.results_tsv import ResultRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Blinding:
    """What somebody is not told.

    Parameters
    ----------
    slide_names
        Slides are called by their ids.
    samples
        The sample that a core holds is left empty.
    """

    slide_names: bool = False
    samples: bool = False

    def slide_name(self, slide_id: int, name: str) -> str:
        """Return what a slide is called."""
        return f"Slide {slide_id}" if self.slide_names else name

    def sample(self, sample: str | None) -> str | None:
        """Return what a core is said to hold."""
        return "" if self.samples and sample is not None else sample

    def row(self, row: ResultRow) -> ResultRow:
        """Return an answer as it is told."""
        if not (self.slide_names or self.samples) or row.slide_id is None:
            return row
        return dataclasses.replace(
            row,
            slide_name=self.slide_name(row.slide_id, row.slide_name),
            tma_sample=self.sample(row.tma_sample),
        )


OPEN = Blinding()
"""Nothing is kept back."""


def find(session: Session, actor: Actor, study: Study) -> Blinding:
    """Return what an actor is not told of a study.

    Source: slidescore.md 9.5: names of slides can be hidden, and who may edit the study always sees
    the real ones; the settings' names are the seed's. That scripts see them too, for the study's
    owner made them, and that ``showslidenames: false`` means the same as ``hideslidenames: true``,
    is our choice.
    """
    if not actor.is_person:
        return OPEN
    hidden = Blinding(
        slide_names=reach.is_on(study, "hideslidenames") or reach.is_off(study, "showslidenames"),
        samples=reach.is_off(study, "showtmasampleids"),
    )
    if hidden == OPEN:
        return OPEN
    try:
        gate.modifiable_study(session, actor, study.id or 0)
    except RightsError:
        return hidden
    return OPEN


def find_by_id(session: Session, actor: Actor, study_id: int) -> Blinding:
    """Return what an actor is not told of a study, whose id was checked already."""
    return find(session, actor, session.get_one(Study, study_id))
