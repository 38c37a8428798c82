"""Cores to score: the places of microarrays that a reader has to answer for, slide by slide."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from access.blinding import Blinding
from records.tables import Core, CoreLayout, Slide, TmaMap
from scoring.directory import CoreEntry

IS_SCORED = (
    (col(Core.sample) != "") & col(Core.is_control).is_(False) & col(Core.is_ignored).is_(False)
)
"""Cores that hold a sample, are no controls and not to be passed over."""

ScoredCore = tuple[int, int, CoreEntry]
"""Row and column, from 0, and the core."""


@dataclass(frozen=True, slots=True)
class CoresToScore:
    """The cores of a study's microarrays that are to be scored.

    Parameters
    ----------
    of_maps
        By id of the map: its cores, row by row.
    missing
        By id of the slide: ids of cores that are not on it.
    """

    of_maps: Mapping[int, tuple[ScoredCore, ...]]
    missing: Mapping[int, frozenset[int]]

    def on(self, slide_id: int, map_id: int) -> tuple[ScoredCore, ...]:
        """Return the cores to score on one slide, row by row."""
        cores, missing = self.of_maps.get(map_id, ()), self.missing.get(slide_id, frozenset())
        return tuple(core for core in cores if core[2].id not in missing)


def find(session: Session, study_id: int, hidden: Blinding) -> CoresToScore:
    """Return the cores of a study that are to be scored.

    Missing are those that were not found on the slide when it was looked at last, or that somebody
    said are not there: what the viewer passes over, too.
    """
    cores: dict[int, list[ScoredCore]] = {}
    of_study = select(col(TmaMap.id)).where(col(TmaMap.study_id) == study_id)
    query = (
        select(
            col(Core.tma_map_id), col(Core.row), col(Core.column), col(Core.id), col(Core.sample)
        )
        .where(col(Core.tma_map_id).in_(of_study), IS_SCORED)
        .order_by(col(Core.row), col(Core.column))
    )
    for map_id, row, column, core_id, sample in session.execute(query):
        entry = CoreEntry(core_id, hidden.sample(sample))
        cores.setdefault(map_id, []).append((row, column, entry))
    of_maps = {map_id: tuple(found) for map_id, found in cores.items()}
    return CoresToScore(of_maps, _missing(session, study_id, of_maps))


def _missing(
    session: Session, study_id: int, of_maps: Mapping[int, tuple[ScoredCore, ...]]
) -> dict[int, frozenset[int]]:
    layouts = session.execute(
        select(
            col(CoreLayout.slide_id),
            col(TmaMap.id),
            col(TmaMap.row_count),
            col(TmaMap.column_count),
            col(CoreLayout.places),
        )
        .join(Slide, col(Slide.id) == col(CoreLayout.slide_id))
        .join(TmaMap, col(TmaMap.id) == col(Slide.tma_map_id))
        .where(col(Slide.study_id) == study_id)
    )
    missing = {}
    for slide_id, map_id, row_count, column_count, places in layouts:
        marks = json.loads(places)
        # With another number of places they were found by another map.
        if len(marks) == row_count * column_count:
            missing[slide_id] = frozenset(
                core.id
                for row, column, core in of_maps.get(map_id, ())
                if marks[row * column_count + column][3]
            )
    return {slide_id: ids for slide_id, ids in missing.items() if ids}
