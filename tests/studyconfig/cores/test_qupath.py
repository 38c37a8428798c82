"""TMAPositions.json, read back by the arithmetic of QuPath's extension for Slide Score."""

import json

import numpy as np
import pytest

from studyconfig.cores import layout, qupath
from studyconfig.formats.tma_map import TmaMap
from tests.studyconfig.cores import generated
from tests.studyconfig.cores.test_layout import found_on, numbered


def read_as_qupath(text, width, height):
    """Return the grid, row by row as QuPath shows it, and the cores' diameter in µm.

    SOURCE: slidescore.md 5: QuPath turns the map's order to the slide's, and scales tall slides.
    """
    told = json.loads(text)
    cores = told["cores"]
    rows = cores[-1]["row"] + 1
    columns = max(core["col"] for core in cores) + 1
    grid = np.array(range(len(cores))).reshape(rows, columns)
    grid = np.rot90(grid, k=told["rotate"] // 90)
    scale = 1000.0 * width / max(width, height)
    return [
        [
            (cores[i]["name"], cores[i]["x"] / scale, cores[i]["y"] / scale, cores[i]["x"] <= 0)
            for i in line
        ]
        for line in grid
    ], told["coreRadiusUM"]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize(("rows", "columns"), [(3, 7), (7, 3)])
def test_qupath_gets_each_core_at_its_pixel_in_rows_of_the_slide(rotation, rows, columns):
    missing = np.zeros((rows, columns), np.bool_)
    missing[1, 1] = True
    made = generated.make(
        np.random.default_rng(5), rows, columns, rotation=rotation, missing=missing, tilt=1
    )
    found = found_on(made, numbered(rows, columns))

    text = json.dumps(qupath.positions(found, size=made.size, mpp=2.0))
    grid, diameter = read_as_qupath(text, *made.size)

    assert diameter == pytest.approx(2 * found.diameter, abs=0.01)
    for line in grid:
        for name, x, y, is_missing in line:
            row, column = map(int, name.split("/"))
            assert is_missing is bool(missing[row, column])
            if not is_missing:
                assert np.hypot(*(made.centres[row, column] - (x, y))) < 3
    # In QuPath's grid, cores of a row stand from left to right, and rows from top to bottom.
    there = [[core for core in line if not core[3]] for line in grid]
    assert all([core[1] for core in line] == sorted(core[1] for core in line) for line in there)
    tops = [np.mean([core[2] for core in line]) for line in there if line]
    assert tops == sorted(tops)


def test_numbers_are_whole_and_what_is_not_known_is_zero():
    value = TmaMap(rows=(("a", ""),))
    found = layout.find_cores(np.full((60, 90, 3), 200, np.uint8), value, size=(900, 600))

    told = qupath.positions(found, size=(900, 600), mpp=None, hides_samples=True)

    assert told["coreRadiusUM"] == 0
    assert [(core["row"], core["col"]) for core in told["cores"]] == [(0, 0), (0, 1)]
    assert all(isinstance(core[axis], int) for core in told["cores"] for axis in "xy")
    assert [core["x"] > 0 for core in told["cores"]] == [True, False]
    assert [core["name"] for core in told["cores"]] == ["", ""]
    assert json.loads(json.dumps(dict(qupath.NO_CORES)))["cores"] == []
