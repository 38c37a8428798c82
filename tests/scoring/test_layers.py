"""Layers: what a box and zoom show, held against all shapes looked at one by one."""

from __future__ import annotations

import io
import json
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings, strategies as st

from scoring import grey_png, shapes
from scoring.layers import density, flat as flats, layerfile, making, query, wire
from scoring.layers.flat import Kind
from scoring.layers.making import SlideSize
from scoring.layers.query import Coarser
from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    Heatmap,
    Label,
    Levels,
    MaskPack,
    Points,
    Polygon,
    PolygonPack,
    Polyline,
    Rect,
)
from tests.scoring.packed import unpack

SIZE = SlideSize(width=40_000, height=30_000)
WHOLE = (0.0, 0.0, 40_000.0, 30_000.0)


def make_pack(count: int, *, seed: int = 0, side: int = 30_000, corners: int = 12) -> PolygonPack:
    rng = np.random.default_rng(seed)
    middles = rng.uniform(100, side, (count, 1, 2))
    radii = rng.uniform(4, 40, (count, 1, 1))
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    rings = middles + radii * np.stack((np.cos(angles), np.sin(angles)), axis=-1)
    return PolygonPack(
        corners=np.rint(rings).astype(np.int32).reshape(-1, 2),
        starts=np.arange(count + 1, dtype=np.int64) * corners,
        holes={},
    )


def bounds_of(pack: PolygonPack) -> np.ndarray:
    rings = pack.corners.reshape(len(pack), -1, 2)
    return np.hstack((rings.min(axis=1), rings.max(axis=1)))


def rings_of(found: query.Found) -> dict[int, list[np.ndarray]]:
    """Return the rings of each outline, in level-0 pixels, by its place in the answer."""
    outlines, rings = found.outlines, {}
    parts = np.split(outlines.corners * outlines.unit_px, np.cumsum(outlines.lengths)[:-1])
    ends = np.cumsum(outlines.ring_counts)
    for index, end, count in zip(outlines.indices, ends, outlines.ring_counts, strict=True):
        rings[int(index)] = parts[end - count : end]
    return rings


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 1000),
    st.tuples(st.floats(0, 30_000), st.floats(0, 30_000), st.floats(1, 9000), st.floats(1, 9000)),
)
def test_a_box_finds_exactly_what_reaches_into_it(seed, place):
    pack = make_pack(700, seed=seed)
    box = (place[0], place[1], place[0] + place[2], place[1] + place[3])

    found = query.find(making.make_layer([pack], SIZE), box, 1)

    bounds = bounds_of(pack)
    touching = (bounds[:, :2] <= box[2:]).all(axis=1) & (bounds[:, 2:] >= box[:2]).all(axis=1)
    rings = rings_of(found)
    assert sorted(rings) == np.flatnonzero(touching).tolist()
    assert found.total == touching.sum()
    assert found.coarser == 0
    for index, [ring] in rings.items():
        assert (ring == pack.corners.reshape(len(pack), -1, 2)[index]).all()


@pytest.mark.parametrize("downsample", [2, 4, 8, 16])
def test_coarse_outlines_are_off_by_less_than_half_a_pixel_of_the_zoom(downsample):
    pack = make_pack(3000)
    layer = making.make_layer([pack], SIZE)

    found = query.find(layer, WHOLE, downsample)

    rings = rings_of(found)
    large = np.flatnonzero((bounds_of(pack)[:, 2:] - bounds_of(pack)[:, :2]).max(axis=1) >= 64)
    assert set(large.tolist()) <= set(rings)
    assert found.total == len(rings) + len(found.dots) == 3000
    for index in large.tolist():
        true = shapely.LinearRing(pack.corners.reshape(len(pack), -1, 2)[index])
        told = shapely.LinearRing(rings[index][0])
        assert shapely.hausdorff_distance(true, told) <= downsample / 2


def test_coarser_copies_hold_fewer_corners():
    angles = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    ring = 10_000 + 8000 * np.column_stack((np.cos(angles), np.sin(angles)))
    layer = making.make_layer([Polygon(outline=Coordinates(ring))], SIZE)

    counts = [
        len(query.find(layer, WHOLE, downsample).outlines.corners)
        for downsample in (1, 8, 32, 128, 512)
    ]

    assert counts[0] == 20_000
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < 300


def test_too_many_outlines_become_dots_and_too_many_dots_cells(monkeypatch):
    pack = make_pack(20_000)
    layer = making.make_layer([pack], SIZE)
    monkeypatch.setattr(query, "MAX_OUTLINES", 1000)
    dotted = query.find(layer, WHOLE, 1)
    monkeypatch.setattr(query, "MAX_DOTS", 1000)

    crowded = query.find(layer, WHOLE, 1)

    assert (len(dotted.dots), len(dotted.outlines.indices)) == (20_000, 0)
    assert dotted.coarser == Coarser.OUTLINES
    assert sorted(dotted.dot_indices.tolist()) == list(range(20_000))
    assert crowded.coarser == Coarser.OUTLINES | Coarser.DOTS
    assert crowded.density.counts.sum() == 20_000
    assert max(crowded.density.counts.shape) <= density.MAX_SIDE + 1


@pytest.mark.parametrize("box", [WHOLE, (5000.0, 7000.0, 15_000.0, 14_000.0)])
def test_cells_counted_beforehand_are_those_counted_now(box, monkeypatch):
    pack = make_pack(30_000)
    layer = making.make_layer([pack], SIZE)
    monkeypatch.setattr(query, "MAX_DOTS", 10)
    monkeypatch.setattr(query, "MAX_OUTLINES", 10)
    beforehand = query.find(layer, box, 1).density
    bare = {name: array for name, array in layer.arrays.items() if "density" not in name}

    now = query.find(layerfile.Layer(arrays=bare, facts=layer.facts), box, 1).density

    assert any("density" in name for name in layer.arrays)
    # At the edges of a box whole cells are counted beforehand, and now what reaches into it.
    inner = (slice(1, -1), slice(1, -1))
    assert (beforehand.x, beforehand.cell_px) == (now.x, now.cell_px)
    assert (beforehand.counts[inner] == now.counts[inner]).all()
    assert now.counts[inner].sum() > 1000


def every_kind() -> list:
    square = [[100, 100], [300, 100], [300, 300], [100, 300]]
    hole = [[150, 150], [200, 150], [200, 200], [150, 200]]
    return [
        Points(places=Coordinates([[5, 6], [math.nan, 1], [7.5, 8]])),
        Polygon(outline=Coordinates(square), labels=(Label(text="Tumour", x=110, y=120),)),
        Polyline(line=Coordinates([[10.25, 20], [30, 40.5], [50, 60]])),
        Ellipse(x=500, y=400, radius_x=60, radius_y=-30),
        Rect(x=600, y=600, width=-50, height=80),
        Brush(positive=(Coordinates(square),), negative=(Coordinates(hole),)),
        Polygon(outline=Coordinates([[1, 1], [2, math.nan], [3, 3]])),
        Heatmap(levels=Levels([[0, 10], [20, 255]]), x=1000, y=2000, downscale=100),
    ]


def test_every_kind_is_told_with_its_place_in_the_answer():
    found = query.find(making.make_layer(every_kind(), SIZE), WHOLE, 1)

    assert dict(
        zip(found.outlines.indices.tolist(), found.outlines.kinds.tolist(), strict=True)
    ) == {
        3: Kind.POLYGON,
        4: Kind.POLYLINE,
        5: Kind.ELLIPSE,
        6: Kind.RECT,
        7: Kind.BRUSH,
    }
    assert (found.dots / flats.UNITS_PER_PX).tolist() == [[5, 6], [7.5, 8]]
    assert found.dot_indices.tolist() == [0, 2]
    rings = rings_of(found)
    assert rings[4][0].tolist() == [[10.25, 20], [30, 40.5], [50, 60]]
    assert rings[5][0].tolist() == [[500, 400], [60, 30]]
    assert len(rings[7]) == 2
    assert found.labels == [["Tumour", 110, 120, True, 0, 3]]
    [raster] = found.rasters
    assert (raster.index, raster.x, raster.y, raster.cell_width) == (9, 1000, 2000, 100)
    assert raster.values.tolist() == [[0, 10], [20, 255]]


def test_what_has_no_geometry_is_counted_and_not_told():
    layer = making.make_layer(every_kind(), SIZE)

    assert layer.facts["skipped"] == 2
    assert layer.facts["items"] == 7


def test_binary_form_holds_what_was_found():
    found = query.find(making.make_layer(every_kind(), SIZE), WHOLE, 1)

    told = unpack(wire.pack(found))

    assert told.total == 7
    assert told.kinds == found.outlines.kinds.tolist()
    assert told.indices == found.outlines.indices.tolist()
    assert [ring.tolist() for item in told.rings for ring in item] == [
        ring.tolist() for item in rings_of(found).values() for ring in item
    ]
    assert told.dots == [[5, 6], [7.5, 8]]
    assert told.rasters[0]["values"] == [[0, 10], [20, 255]]
    assert told.labels == [["Tumour", 110, 120, True, 0, 3]]


@pytest.mark.parametrize("reach", [1000, 1_000_000])
def test_steps_take_as_few_bytes_as_hold_them(reach):
    ring = Coordinates([[0, 0], [reach, 0], [reach, reach]])
    found = query.find(making.make_layer([Polygon(outline=ring)], SIZE), (0, 0, 9, 9), 1)

    told = unpack(wire.pack(found))

    assert told.step_bytes == (2 if reach == 1000 else 4)
    assert told.rings[0][0].tolist() == ring.array.tolist()


def test_geojson_is_read_by_shapely_with_its_areas():
    drawn = every_kind()
    found = query.find(making.make_layer(drawn, SIZE), WHOLE, 1)

    told = json.loads(json.dumps(wire.geojson(found)))

    areas = {
        feature["properties"]["index"]: shapely.from_geojson(json.dumps(feature["geometry"])).area
        for feature in told["features"]
        if feature["properties"]["kind"] not in {"dot", "heatmap"}
    }
    expected = {3: drawn[1], 4: drawn[2], 5: drawn[3], 6: drawn[4], 7: drawn[5]}
    assert areas == {
        index: pytest.approx(shapes.area_px2(shape), rel=1e-3) for index, shape in expected.items()
    }
    assert told["total"] == 7


def test_a_file_says_what_memory_says(tmp_path):
    drawn = [*every_kind(), make_pack(2000)]
    path = tmp_path / "a.layer"
    with path.open("wb") as stream:
        making.write_layer(drawn, SIZE, stream)

    for box, zoom in ((WHOLE, 16), ((0, 0, 900, 900), 1), ((9000, 9000, 9900, 9900), 4)):
        mapped = wire.pack(query.find(layerfile.open_layer(path), box, zoom))
        assert mapped == wire.pack(query.find(making.make_layer(drawn, SIZE), box, zoom))


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"X" + data[1:]])
def test_damaged_file_is_told(tmp_path, damage):
    stream = io.BytesIO()
    making.write_layer([make_pack(10)], SIZE, stream)
    path = tmp_path / "a.layer"
    path.write_bytes(damage(stream.getvalue()))

    with pytest.raises(layerfile.DamagedLayerError):
        layerfile.open_layer(path)


def test_holes_of_a_collection_stay_with_their_outline():
    pack = PolygonPack(
        corners=np.array(
            [[0, 0], [9, 0], [9, 9], [0, 9], [2, 2], [4, 2], [4, 4], [20, 20], [30, 20], [30, 30]],
            dtype=np.int32,
        ),
        starts=np.array([0, 4, 7, 10]),
        holes={0: (1,)},
    )

    rings = rings_of(query.find(making.make_layer([pack], SIZE), WHOLE, 1))

    assert {index: len(parts) for index, parts in rings.items()} == {0: 2, 2: 1}
    assert rings[0][1].tolist() == [[2, 2], [4, 2], [4, 4]]


def test_an_answer_of_nothing_has_an_empty_layer():
    found = query.find(making.make_layer([], SIZE), WHOLE, 1)

    assert (found.total, len(found.dots), found.rasters) == (0, 0, [])
    assert unpack(wire.pack(found)).total == 0


@pytest.mark.parametrize("downsample", [1, 4, 32])
def test_a_mask_covers_what_is_marked(downsample):
    tile = np.zeros((256, 256), dtype=np.uint8)
    tile[64:128, 32:96] = 255
    mask = MaskPack(
        tile_px=256,
        tiles={(3, 2): grey_png.encode(tile), (4, 2): grey_png.encode(tile)},
        pixel_count=2 * 64 * 64,
    )

    [raster] = query.find(making.make_layer([mask], SIZE), WHOLE, downsample).rasters

    assert raster.cell_width <= max(8, downsample)
    cells = raster.values / 255 * raster.cell_width * raster.cell_height
    assert cells.sum() == pytest.approx(2 * 64 * 64)
    rows, columns = np.nonzero(raster.values)
    assert raster.x + columns.min() * raster.cell_width == 3 * 256 + 32
    assert raster.y + rows.min() * raster.cell_height == 2 * 256 + 64
