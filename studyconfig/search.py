"""Search: slides and cores by their names, in all studies that somebody may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from access import blinding
from access.blinding import Blinding
from access.rights import Actor
from records.errors import InputError
from records.tables import Case, Core, Slide, Study
from studyconfig import listing

MOST_FOUND = 20
"""Slides, and cores, that are told; whoever looks for one names it more exactly."""

MOST_WORDS = 8
_MOST_LETTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSlide:
    """A slide whose name or case fits."""

    study_id: int
    slide_id: int
    name: str
    case_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCore:
    """A core whose sample fits; row and column count from 0."""

    study_id: int
    slide_id: int
    slide_name: str
    sample: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Found:
    """What fits; at most ``MOST_FOUND`` of each."""

    slides: Sequence[FoundSlide]
    cores: Sequence[FoundCore]


def find(session: Session, actor: Actor, *, text: str) -> Found:
    """Return slides in whose name or case, and cores in whose sample, every word is found.

    What a study hides from this person is not searched: finding it would tell it.

    Raises
    ------
    InputError
        The text is empty or too long.
    """
    words = text.casefold().split()
    if not words or len(words) > MOST_WORDS or len(text) > _MOST_LETTERS:
        raise InputError(
            f"text must hold 1 to {MOST_WORDS} words of at most {_MOST_LETTERS} characters in all"
        )
    hidden = {
        study.id: blinding.find(session, actor, session.get_one(Study, study.id))
        for study in listing.list_studies(session, actor)
    }
    return Found(_slides(session, words, hidden), _cores(session, words, hidden))


def _slides(
    session: Session, words: Sequence[str], hidden: dict[int, Blinding]
) -> list[FoundSlide]:
    named = [study_id for study_id, kept in hidden.items() if not kept.slide_names]
    text = func.coalesce(col(Slide.name), "") + " " + func.coalesce(col(Case.name), "")
    query = (
        select(col(Slide.study_id), col(Slide.id), col(Slide.name), col(Case.name))
        .outerjoin(Case, col(Case.id) == col(Slide.case_id))
        .where(col(Slide.study_id).in_(named), *_holds(text, words))
        .order_by(col(Slide.name), col(Slide.id))
        .limit(MOST_FOUND)
    )
    return [
        FoundSlide(study_id=study_id, slide_id=slide_id or 0, name=name, case_name=case or "")
        for study_id, slide_id, name, case in session.execute(query)
    ]


def _cores(session: Session, words: Sequence[str], hidden: dict[int, Blinding]) -> list[FoundCore]:
    told = [study_id for study_id, kept in hidden.items() if not kept.samples]
    query = (
        select(
            col(Slide.study_id),
            col(Slide.id),
            col(Slide.name),
            col(Core.sample),
            col(Core.row),
            col(Core.column),
        )
        .join(Core, col(Core.tma_map_id) == col(Slide.tma_map_id))
        .where(col(Slide.study_id).in_(told), *_holds(func.coalesce(col(Core.sample), ""), words))
        .order_by(col(Core.sample), col(Slide.name), col(Core.row), col(Core.column))
        .limit(MOST_FOUND)
    )
    return [
        FoundCore(
            study_id=study_id,
            slide_id=slide_id or 0,
            slide_name=hidden[study_id].slide_name(slide_id or 0, name),
            sample=sample,
            row=row,
            column=column,
        )
        for study_id, slide_id, name, sample, row, column in session.execute(query)
    ]


def _holds(text: ColumnElement[str], words: Sequence[str]) -> list[ColumnElement[bool]]:
    """Ask that a text holds every word, in any case; signs of patterns stand for themselves."""
    return [func.lower(text).contains(word, autoescape=True) for word in words]
