import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, strategies as st
from openslide.deepzoom import DeepZoomGenerator

from tileserver.deepzoom import DeepZoomPyramid, TileOutsideLevelError
from tileserver.geometry import Region, Size

SIDES = st.one_of(st.integers(1, 5000), st.integers(1, 300_000), st.sampled_from([1, 2, 255, 256]))


class BareSlide:
    """As much of a slide as OpenSlide's generator looks at before it reads pixels."""

    def __init__(self, width, height):
        self.level_dimensions = ((width, height),)
        self.level_downsamples = (1.0,)
        self.properties = {}
        self.color_profile = None

    def get_best_level_for_downsample(self, downsample):
        return 0


@given(width=SIDES, height=SIDES, tile_size=st.integers(1, 1100))
def test_levels_and_grids_are_those_of_openslides_generator(width, height, tile_size):
    pyramid = DeepZoomPyramid(Size(width, height), tile_size)

    oracle = DeepZoomGenerator(BareSlide(width, height), tile_size, overlap=0)

    levels = range(pyramid.level_count)
    assert pyramid.level_count == oracle.level_count
    assert [(s.width, s.height) for s in map(pyramid.level_size, levels)] == list(
        oracle.level_dimensions
    )
    assert [(s.width, s.height) for s in map(pyramid.tile_grid, levels)] == list(oracle.level_tiles)


@given(width=SIDES, height=SIDES, tile_size=st.integers(64, 1100), data=st.data())
def test_tile_sizes_are_those_of_openslides_generator(width, height, tile_size, data):
    pyramid = DeepZoomPyramid(Size(width, height), tile_size)
    oracle = DeepZoomGenerator(BareSlide(width, height), tile_size, overlap=0)
    dz_level = data.draw(st.integers(0, pyramid.max_level))
    grid = pyramid.tile_grid(dz_level)
    column = data.draw(st.integers(0, grid.width - 1))
    row = data.draw(st.integers(0, grid.height - 1))

    region = pyramid.tile_region(dz_level, column, row)

    assert (region.width, region.height) == oracle.get_tile_dimensions(dz_level, (column, row))


@given(width=st.integers(1, 700), height=st.integers(1, 700), tile_size=st.integers(16, 300))
def test_tiles_cover_every_pixel_of_a_level_once(width, height, tile_size):
    pyramid = DeepZoomPyramid(Size(width, height), tile_size)

    for dz_level in range(pyramid.level_count):
        grid = pyramid.tile_grid(dz_level)
        rows = [pyramid.tile_region(dz_level, 0, row) for row in range(grid.height)]
        columns = [pyramid.tile_region(dz_level, column, 0) for column in range(grid.width)]
        assert [r.y for r in rows] == [sum(q.height for q in rows[:i]) for i in range(len(rows))]
        assert [c.x for c in columns] == [
            sum(q.width for q in columns[:i]) for i in range(len(columns))
        ]
        level = pyramid.level_size(dz_level)
        assert sum(r.height for r in rows) == level.height
        assert sum(c.width for c in columns) == level.width


def test_4096_pixels_make_levels_0_to_12():
    pyramid = DeepZoomPyramid(Size(4096, 4096), 256)

    assert pyramid.max_level == 12
    assert pyramid.level_size(0) == Size(1, 1)
    assert pyramid.tile_grid(12) == Size(16, 16)


def test_last_tile_is_cut_at_the_edge():
    pyramid = DeepZoomPyramid(Size(501, 465), 128)

    assert pyramid.tile_region(9, 3, 3) == Region(384, 384, 117, 81)


@pytest.mark.parametrize(
    ("dz_level", "column", "row"), [(9, 4, 0), (9, 0, 4), (9, -1, 0), (10, 0, 0), (-1, 0, 0)]
)
def test_tile_past_the_last_column_row_or_level_is_not_found(dz_level, column, row):
    pyramid = DeepZoomPyramid(Size(501, 465), 128)

    with pytest.raises(TileOutsideLevelError, match="there is no"):
        pyramid.tile_region(dz_level, column, row)


def test_descriptor_is_deep_zoom_xml():
    root = ElementTree.fromstring(DeepZoomPyramid(Size(501, 465), 128).descriptor())

    namespace = "{http://schemas.microsoft.com/deepzoom/2008}"
    assert root.tag == f"{namespace}Image"
    assert root.attrib == {"Format": "jpeg", "Overlap": "0", "TileSize": "128"}
    assert root.find(f"{namespace}Size").attrib == {"Width": "501", "Height": "465"}
