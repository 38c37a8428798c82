"""Cores of microarrays found on their slides, from the map's place to the pixel and back."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image

from studyconfig.cores import layout
from studyconfig.formats.tma_map import TmaMap
from tests.studyconfig.cores import generated

ROTATIONS = [0, 90, 180, 270]


def numbered(rows, columns, **header):
    samples = tuple(tuple(f"{r}/{c}" for c in range(columns)) for r in range(rows))
    return TmaMap(rows=samples, **header)


def found_on(made, value, **options):
    """Find cores as the server does: in a small picture of the whole slide."""
    side = layout.overview_side(value)
    scale = side / max(made.size)
    picture = Image.fromarray(made.pixels).resize(
        tuple(round(length * scale) for length in made.size), Image.Resampling.BOX
    )
    return layout.find_cores(
        np.asarray(picture), value, size=made.size, rotation=made.rotation, **options
    )


def errors(made, found):
    """Return how far off each core that is there was found, in diameters."""
    return [
        float(np.hypot(*(made.centres[place.row, place.column] - (place.x, place.y))))
        / generated.DIAMETER
        for place in found.places
        if not made.missing[place.row, place.column]
    ]


@pytest.mark.parametrize("rotation", ROTATIONS)
@pytest.mark.parametrize(
    ("tilt", "shake", "gap", "missing", "dark"),
    [
        (0, 0, 1.26, 0.0, False),
        (3, 0.08, 1.26, 0.1, False),
        (-5, 0.05, 1.15, 0.05, False),
        (2, 0.1, 2.2, 0.25, False),
        (1, 0.05, 1.4, 0.1, True),
    ],
)
def test_cores_are_found_where_they_lie(rotation, tilt, shake, gap, missing, dark):
    rng = np.random.default_rng(rotation)
    made = generated.make(
        rng, 6, 9, rotation=rotation, tilt=tilt, shake=shake, gap=gap, missing=missing, dark=dark
    )

    found = found_on(made, numbered(6, 9))

    assert found.is_sure
    assert max(errors(made, found)) < 0.1
    assert np.median(errors(made, found)) < 0.03
    assert found.diameter == pytest.approx(0.93 * generated.DIAMETER, rel=0.12)
    assert [place.is_missing for place in found.places] == made.missing.ravel().tolist()
    assert [place.is_seen for place in found.places] == (~made.missing).ravel().tolist()


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(3, 10),
    columns=st.integers(3, 10),
    rotation=st.sampled_from(ROTATIONS),
    missing=st.sampled_from([0.0, 0.1, 0.2]),
)
def test_a_core_that_is_called_sure_is_the_one(seed, rows, columns, rotation, missing):
    rng = np.random.default_rng(seed)
    made = generated.make(
        rng, rows, columns, rotation=rotation, tilt=2, shake=0.06, missing=missing
    )

    found = found_on(made, numbered(rows, columns))

    if found.is_sure:
        assert max(errors(made, found), default=0) < 0.2
        for place in found.places:
            core = found.core_at(*made.centres[place.row, place.column])
            assert core == place


def test_the_map_tells_which_places_may_be_empty():
    value = TmaMap(
        rows=(("a", "a", "c", ""), ("b", "empty", "b", "b"), ("c", "c", "ctrl", "0")),
        controls=("ctrl",),
        ignore=("empty", "0"),
    )
    missing = np.zeros((3, 4), np.bool_)
    missing[0, 3] = missing[1, 1] = missing[2, 0] = True
    made = generated.make(np.random.default_rng(1), 3, 4, missing=missing)

    found = found_on(made, value)

    assert found.is_sure
    marks = {(place.row, place.column): place for place in found.places}
    assert marks[2, 2].is_control
    assert marks[1, 1].is_ignored
    assert marks[2, 3].is_ignored
    assert marks[2, 3].is_seen
    assert [key for key, place in marks.items() if place.is_missing] == [(1, 1), (2, 0)]
    assert not marks[0, 3].is_seen
    assert found.core_at(marks[0, 3].x, marks[0, 3].y) is None


@pytest.mark.parametrize("picture", ["glass", "one section", "noise"])
def test_where_detection_is_unsure_cores_lie_on_an_even_grid(picture):
    rng = np.random.default_rng(0)
    pixels = np.full((400, 600, 3), 244, np.uint8)
    if picture == "one section":
        pixels[100:300, 200:500] = (180, 90, 150)
    if picture == "noise":
        pixels = rng.integers(0, 256, pixels.shape, np.uint8)

    found = layout.find_cores(pixels, numbered(2, 3), size=(6000, 4000))

    assert not found.is_sure
    assert not any(place.is_seen or place.is_missing for place in found.places)
    box = (2000, 1000, 5000, 3000) if picture == "one section" else None
    if box:
        left, top, right, bottom = box
        assert found.place(0, 0).x == pytest.approx(left + (right - left) / 6, abs=15)
        assert found.place(1, 2).y == pytest.approx(bottom - (bottom - top) / 4, abs=15)
        assert found.diameter == pytest.approx(0.7 * 1000, rel=0.02)
    columns = [found.place(0, column).x for column in range(3)]
    assert columns[2] - columns[1] == pytest.approx(columns[1] - columns[0], abs=0.2)


def test_a_lost_outer_row_that_fits_in_two_ways_is_not_sure():
    missing = np.zeros((4, 5), np.bool_)
    missing[0] = True
    made = generated.make(np.random.default_rng(2), 4, 5, missing=missing)

    assert not found_on(made, numbered(4, 5)).is_sure


def test_a_size_that_a_person_set_is_kept():
    made = generated.make(np.random.default_rng(4), 4, 5, shake=0.05)

    found = found_on(made, numbered(4, 5), diameter=55.0)

    assert found.is_sure
    assert found.diameter == 55.0


@given(
    rows=st.integers(1, 30),
    columns=st.integers(1, 30),
    rotation=st.sampled_from(ROTATIONS),
    data=st.data(),
)
def test_places_on_the_slide_are_the_maps_turned_back(rows, columns, rotation, data):
    grid = np.arange(rows * columns).reshape(rows, columns)
    # The slide, shown turned clockwise, lies as the map; so the map turned back lies as the slide.
    slide = np.rot90(grid, k=rotation // 90)
    row = data.draw(st.integers(0, rows - 1))
    column = data.draw(st.integers(0, columns - 1))

    address = layout.on_slide(row, column, rows=rows, columns=columns, rotation=rotation)

    assert slide[address] == grid[row, column]


def test_a_place_outside_the_map_is_told():
    found = layout.find_cores(np.full((60, 60, 3), 200, np.uint8), numbered(2, 3), size=(60, 60))

    with pytest.raises(IndexError, match="2 rows and 3 columns"):
        found.place(2, 0)
    assert found.core_at(-1000, -1000) is None
    assert found.core_at(-1e308, 1e308) is None


def test_a_size_that_finds_no_room_takes_no_more_than_the_picture(monkeypatch):
    tried = []
    monkeypatch.setattr(
        layout.tissue, "find_spots", lambda *_, diameters, **__: tried.append(diameters)
    )

    found = layout.find_cores(
        np.full((60, 90, 3), 200, np.uint8), numbered(2, 3), size=(900, 600), diameter=8e7
    )

    assert found.diameter == 8e7
    assert max(tried[0]) <= 1.25 * 30
