"""Drawn answers in both databases: found for layers, made ready, and compared between readers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlmodel import Session

from records.database import Database
from records.errors import InputError, NotFoundError
from records.filestore import FileStore
from records.tables import Slide
from scoring import annotation_layers, region_data
from scoring.annotation_layers import LayerFilter, LayerShelf
from scoring.layers import query
from tests.scoring import builders
from tests.scoring.builders import READER, TOKEN, MadeStudy, row, save
from tileserver.stored.cachefolder import CacheFolder

OTHER = "other@example.org"
LARGE = annotation_layers.SMALL_CHARS // 10


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


def square(x: int, side: int) -> dict[str, object]:
    corners = [(x, 0), (x + side, 0), (x + side, side), (x, side)]
    return {"type": "polygon", "points": [{"x": a, "y": b} for a, b in corners]}


def make_drawn(session: Session) -> MadeStudy:
    """Make a study with a small drawing, a large one, and one of a core."""
    study = builders.make_study(session)
    for slide_id in (study.slide_id, study.tma_id):
        slide = session.get(Slide, slide_id)
        slide.width, slide.height = 4000, 3000
    save(
        session,
        study,
        row(study.slide_id, "Regions", json.dumps([square(0, 100), square(500, 100)])),
        row(study.slide_id, "Regions", json.dumps([square(50, 100)]), email=OTHER),
        row(study.slide_id, "Cells", json.dumps([{"x": x % 3000, "y": 7} for x in range(LARGE)])),
        row(
            study.tma_id,
            "Regions",
            json.dumps([square(9, 30)]),
            tma_row=1,
            tma_column=2,
            tma_sample="S12",
        ),
    )
    return study


def test_drawn_answers_are_listed_with_their_cores(database):
    with database.writing() as session:
        study = make_drawn(session)
        asked = {"study_id": study.id, "wanted": LayerFilter()}
        of_slide = annotation_layers.find_drawn_entries(
            session, TOKEN, slide_id=study.slide_id, **asked
        )
        of_cores = annotation_layers.find_drawn_entries(
            session, TOKEN, slide_id=study.tma_id, **asked
        )

    told = [(entry.question, entry.email, entry.tma_row, entry.tma_column) for entry in of_slide]
    assert told == [
        ("Cells", READER, None, None),
        ("Regions", READER, None, None),
        ("Regions", OTHER, None, None),
    ]
    assert [(entry.tma_row, entry.tma_column) for entry in of_cores] == [(1, 2)]
    assert [entry.source.is_small for entry in of_slide] == [False, True, True]


def test_one_answer_is_found_and_several_are_told(database):
    with database.writing() as session:
        study = make_drawn(session)

        def find(**wanted: object) -> annotation_layers.LayerSource:
            return annotation_layers.find_layer_source(
                session,
                TOKEN,
                study_id=study.id,
                slide_id=study.slide_id,
                wanted=LayerFilter(**wanted),
            )

        only = find(question="Regions", email=OTHER.upper())
        assert find(answer_id=only.answer_id) == only
        with pytest.raises(InputError, match="2 drawn answers are meant"):
            find(question="Regions")
        with pytest.raises(NotFoundError):
            find(core_id=99)


def test_large_answers_are_found_to_be_made_ahead_and_then_shown(database, tmp_path: Path):
    shelf = LayerShelf(CacheFolder(tmp_path, capacity_bytes=2**28))
    with database.writing() as session:
        make_drawn(session)
        [source], last = annotation_layers.find_large(session, after=0)
        answer = annotation_layers.read_answer(session, source=source, store=FileStore(tmp_path))
        assert annotation_layers.find_large(session, after=last) == ([], last)

    made = shelf.make(source, answer)

    assert query.find(made, (0, 0, 4000, 3000), 1).total == LARGE
    again = LayerShelf(CacheFolder(tmp_path, capacity_bytes=2**28)).ready(source)
    assert again is not None
    assert query.find(again, (0, 0, 10, 10), 1).total == query.find(made, (0, 0, 10, 10), 1).total


def test_drawings_of_readers_are_compared_by_subject(database, tmp_path: Path):
    with database.writing() as session:
        study = make_drawn(session)
        asked = {"study_id": study.id, "question": "Regions", "store": FileStore(tmp_path)}
        found = region_data.find_drawings(session, TOKEN, **asked)
        with pytest.raises(NotFoundError, match="has not answered"):
            region_data.find_drawings(session, TOKEN, readers=["nobody@example.org"], **asked)

    assert sorted(found.readers) == [OTHER, READER]
    assert [sorted(subject.answers) for subject in found.subjects] == [[OTHER, READER], [READER]]
    assert [subject.mpp for subject in found.subjects] == [(0.5, 0.5), None]
