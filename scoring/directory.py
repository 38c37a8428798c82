"""The directory of a study: what the rows of an upload may name, found by id or name."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from sqlmodel import Session, col, select

from records import question_types
from records.tables import Case, Core, Question, Slide
from scoring.answer_types import Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an answer is about: a slide, a core on it, or a case."""

    slide_id: int | None = None
    core_id: int | None = None
    case_id: int | None = None

    @property
    def key(self) -> str:
        """The text that is unique among current answers: ``slide:7/core:3``, ``case:2``."""
        if self.slide_id is None:
            return f"case:{self.case_id}"
        core = "" if self.core_id is None else f"/core:{self.core_id}"
        return f"slide:{self.slide_id}{core}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideEntry:
    """A slide of the study."""

    id: int
    name: str
    case_id: int | None
    tma_map_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionEntry:
    """A question of the study, with what its answers must be."""

    id: int
    name: str
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class CoreEntry:
    """A core of a microarray, with the sample it holds."""

    id: int
    sample: str


class Directory:
    """Slides, cases, cores and questions of one study, each read from the database once.

    Parameters
    ----------
    session
        Where they are read, when first asked for.
    study_id
        The study; what belongs to others is not found.
    """

    def __init__(self, session: Session, study_id: int) -> None:
        self._session = session
        self._study_id = study_id
        self._cores: dict[int, dict[tuple[int, int], CoreEntry]] = {}

    @functools.cached_property
    def slides(self) -> dict[int, SlideEntry]:
        """Slides by id."""
        query = select(Slide.id, Slide.name, Slide.case_id, Slide.tma_map_id).where(
            Slide.study_id == self._study_id
        )
        return {
            slide_id: SlideEntry(id=slide_id, name=name, case_id=case_id, tma_map_id=tma_map_id)
            for slide_id, name, case_id, tma_map_id in self._session.exec(query)
            if slide_id is not None
        }

    @functools.cached_property
    def case_ids(self) -> dict[str, int]:
        """Ids of cases by name."""
        query = select(Case.name, Case.id).where(Case.study_id == self._study_id)
        return {name: case_id for name, case_id in self._session.exec(query) if case_id is not None}

    @functools.cached_property
    def case_names(self) -> dict[int, str]:
        """Names of cases by id."""
        return {case_id: name for name, case_id in self.case_ids.items()}

    @functools.cached_property
    def questions(self) -> dict[str, QuestionEntry]:
        """Questions by name, in the order of the sheet."""
        query = (
            select(Question)
            .where(Question.study_id == self._study_id)
            .order_by(col(Question.position), col(Question.id))
        )
        return {
            row.name: QuestionEntry(
                id=row.id,
                name=row.name,
                sheet=Sheet(type=question_types.by_id(row.type_id), values=row.values_allowed),
            )
            for row in self._session.exec(query)
            if row.id is not None
        }

    def core(self, tma_map_id: int, row: int, column: int) -> CoreEntry | None:
        """Return the core at a place of a map, counted from 0, or None."""
        if tma_map_id not in self._cores:
            query = select(Core.row, Core.column, Core.id, Core.sample).where(
                Core.tma_map_id == tma_map_id
            )
            self._cores[tma_map_id] = {
                (core_row, core_column): CoreEntry(core_id, sample)
                for core_row, core_column, core_id, sample in self._session.exec(query)
                if core_id is not None
            }
        return self._cores[tma_map_id].get((row, column))
