"""TMA maps between the database and their value."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from records import tables
from records.tables import Core
from studyconfig.formats.tma_map import TmaMap


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMap:
    """A TMA map of a study, with its id."""

    id: int
    name: str
    value: TmaMap


def find_maps(session: Session, study_id: int) -> list[StoredMap]:
    """Return the TMA maps of a study, in the order in which they came."""
    rows = session.exec(
        select(tables.TmaMap)
        .where(tables.TmaMap.study_id == study_id)
        .order_by(col(tables.TmaMap.id))
    ).all()
    cores: dict[int, list[Core]] = {}
    for core in session.exec(
        select(Core).join(tables.TmaMap).where(tables.TmaMap.study_id == study_id)
    ):
        cores.setdefault(core.tma_map_id, []).append(core)
    return [
        StoredMap(id=row.id, name=row.name, value=_value(row, cores.get(row.id, [])))
        for row in rows
        if row.id is not None
    ]


def save_map(session: Session, study_id: int, name: str, value: TmaMap) -> int:
    """Add or update a TMA map and its cores; cores are kept, for answers may stand on them.

    Returns
    -------
    int
        The map's id.
    """
    row = session.exec(
        select(tables.TmaMap).where(tables.TmaMap.study_id == study_id, tables.TmaMap.name == name)
    ).first()
    if row is None:
        row = tables.TmaMap(study_id=study_id, name=name)
    row.header = json.dumps(value.header, ensure_ascii=False)
    row.row_count = len(value.rows)
    row.column_count = value.column_count
    session.add(row)
    session.flush()
    map_id = row.id
    if map_id is None:
        raise AssertionError("a flushed row has an id")
    _save_cores(session, map_id, value)
    return map_id


def _save_cores(session: Session, map_id: int, value: TmaMap) -> None:
    known = {
        (core.row, core.column): core
        for core in session.exec(select(Core).where(Core.tma_map_id == map_id))
    }
    for row, samples in enumerate(value.rows):
        for column, sample in enumerate(samples):
            core = known.get((row, column))
            if core is None and not sample:
                continue
            core = core or Core(tma_map_id=map_id, row=row, column=column)
            core.sample = sample
            core.is_control = value.is_control(sample)
            core.is_ignored = value.is_ignored(sample)
            session.add(core)
    session.flush()


def _value(row: tables.TmaMap, cores: Sequence[Core]) -> TmaMap:
    grid = [[""] * row.column_count for _ in range(row.row_count)]
    for core in cores:
        grid[core.row][core.column] = core.sample
    return TmaMap.of(json.loads(row.header), tuple(tuple(line) for line in grid))
