"""Annotation files as they are written: read by the vendor's decoder, and by ourselves."""

from __future__ import annotations

import array
import io
import json
import zipfile

import brotli
import msgpack
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image
from slidescore.lib.Decoder import Decoder

from records.errors import InputError
from scoring import elias_omega
from scoring.formats import anno2, anno2_packing, anno2_shapes, anno2_tiles
from scoring.marked import Losses, Marked, MarkedPack, Piece, Traits, singly, starts_of
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
    Polyline,
)
from tests.scoring import anno2_files


def write(*pieces: Piece, losses: Losses | None = None, **more: object) -> bytes:
    found = Losses() if losses is None else losses
    return b"".join(anno2_shapes.write(pieces, found, **more))


def parse(data: bytes) -> list[Marked]:
    return list(singly(anno2_shapes.parse(io.BytesIO(data), Losses())))


def decoded(data: bytes):
    decoder = Decoder(zipfile.ZipFile(io.BytesIO(data)))
    decoder.decode()
    return decoder.items


def ring(*places: tuple[int, int]) -> Coordinates:
    return Coordinates(places)


WHOLE = st.integers(0, 200_000)
RINGS = st.lists(st.tuples(WHOLE, WHOLE), min_size=3, max_size=12).map(Coordinates)
SIDES = st.integers(10, 5000)


@st.composite
def _areas(draw: st.DrawFn) -> Polygon | Brush:
    if draw(st.booleans()):
        return Polygon(outline=draw(RINGS))
    x, y, side = draw(WHOLE), draw(WHOLE), draw(SIDES)
    outline = ring((x, y), (x + 4 * side, y), (x + 4 * side, y + 4 * side), (x, y + 4 * side))
    hole = ring((x + side, y + side), (x + 2 * side, y + side), (x + side, y + 2 * side))
    return Brush(positive=(outline,), negative=(hole,))


TRAITS = st.builds(Traits, group=st.sampled_from(["", "Tumor", "Stroma: x"]), name=st.text("ab"))
AREAS = st.builds(Marked, shape=_areas(), traits=TRAITS, id=st.sampled_from(["", "id-1"]))


@given(st.lists(AREAS, min_size=1, max_size=6))
@settings(deadline=None, max_examples=40)
def test_areas_are_read_back_and_by_the_vendors_decoder(marked):
    losses = Losses()

    data = write(*marked, losses=losses)

    assert parse(data) == marked
    outlines = [
        places
        for single in marked
        for places in (
            (single.shape.outline,)
            if isinstance(single.shape, Polygon)
            else single.shape.positive + single.shape.negative
        )
    ]
    items = decoded(data)
    expected = [
        [tuple(place) for place in places.array.astype(int).tolist()] for places in outlines
    ]
    assert [items[index]["positiveVertices"] for index in range(len(items))] == expected
    assert losses.lines() == []


@given(st.lists(st.tuples(WHOLE, WHOLE), min_size=1, max_size=30))
@settings(deadline=None, max_examples=30)
def test_points_are_read_back_and_by_the_vendors_decoder(places):
    data = write(Marked(shape=Points(places=Coordinates(places))))

    assert parse(data) == [Marked(shape=Points(places=Coordinates(places)))]
    assert [tuple(point) for point in decoded(data)] == places


def test_a_million_points_are_packed_like_a_mask_and_the_vendor_reads_them():
    # Source: SDK, Encoder: from half a million points on, 30 or more in a tile.
    places = np.stack(np.meshgrid(np.arange(1000), np.arange(1000)), axis=-1).reshape(-1, 2)

    data = write(Marked(shape=Points(places=Coordinates(places))))

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        assert {"masks.tar.gz", "lookup-tables/density_32px.png"} < set(names)
        density = np.asarray(Image.open(io.BytesIO(archive.read("lookup-tables/density_32px.png"))))
        assert density.shape == (32, 32)
        assert density[0, 0] == 255
    (ours,) = parse(data)
    assert len(ours.shape.places) == 1_000_000
    vendors = np.array(decoded(data).flattened_points).reshape(-1, 2)
    assert {*map(tuple, vendors[::997].tolist())} <= {*map(tuple, places.tolist())}
    assert len(np.unique(vendors, axis=0)) == 1_000_000


def test_heat_maps_of_both_kinds_are_read_back_and_by_the_vendor():
    heatmap = Heatmap(levels=Levels([[0, 255, 7], [1, 2, 3]]), x=250, y=125, downscale=16)
    binary = Heatmap(levels=Levels([[0, 255], [255, 0]]), x=1, y=2, downscale=4)
    traits = Traits(metadata=((anno2_shapes.KIND, "binary-heatmap"),))

    data, binary_data = write(Marked(shape=heatmap)), write(Marked(shape=binary, traits=traits))

    assert parse(data) == [Marked(shape=heatmap)]
    assert parse(binary_data) == [Marked(shape=binary, traits=traits)]
    items = decoded(data)
    assert [list(row) for row in items.matrix] == [[0, 255, 7], [1, 2, 3]]
    assert (items.x_offset, items.y_offset, items.size_per_pixel) == (250, 125, 16)
    assert [list(row) for row in decoded(binary_data).matrix] == [[0, 255], [255, 0]]


def test_masks_are_read_back_and_by_the_vendor(tmp_path):
    vendors = anno2_files.Points([(300, 5), (301, 5), (255, 255), (256, 256)])
    vendors.name = "mask"
    (mask,) = parse(anno2_files.encoded(vendors, tmp_path).read_bytes())

    data = write(mask)

    (again,) = parse(data)
    assert isinstance(again.shape, MaskPack)
    assert again.shape.tiles == mask.shape.tiles
    assert {tuple(point) for point in decoded(data)} == {(300, 5), (301, 5), (255, 255), (256, 256)}


def test_labels_metadata_and_what_is_said_of_single_shapes_are_kept():
    label = Label(text="T", x=1, y=2, font_size=12)
    first = Polygon(outline=ring((0, 0), (9, 0), (9, 9)))
    second = Polygon(outline=ring((20, 0), (29, 0), (29, 9)), labels=(label,))
    said = Traits(group="Tumor", colour="#ff0000", measurements=(("Area", 40.5),))
    marked = [Marked(shape=first, traits=said, id="a"), Marked(shape=second)]

    data = write(*marked, user_metadata={"model": "v1"})

    assert parse(data) == marked
    assert anno2.parse(io.BytesIO(data)).user_metadata == {"model": "v1"}


def test_what_the_sdks_converter_says_of_polygons_is_read(tmp_path):
    # Source: SDK, lib/utils.py, read_geo_json: the properties of each feature.
    polygons = anno2_files.Polygons()
    polygons.addPolygon([1, 1, 90, 1, 90, 90])
    polygons.metadata = {0: {"classification": {"name": "T", "color": [1, 2, 3]}, "score": 3}}

    (marked,) = parse(anno2_files.encoded(polygons, tmp_path).read_bytes())

    assert (marked.traits.group, marked.traits.colour) == ("T", "#010203")
    assert marked.traits.metadata == (("score", "3"),)


def test_tiles_hold_the_polygons_that_the_vendors_encoder_puts_there(tmp_path):
    random = np.random.default_rng(3)
    polygons = anno2_files.Polygons()
    pieces = []
    for _ in range(60):
        x, y, side = (*random.integers(0, 5000, 2).tolist(), int(random.integers(2, 400)))
        corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
        polygons.addPolygon([number for corner in corners for number in corner])
        pieces.append(Marked(shape=Polygon(outline=Coordinates(corners))))
    vendors = zipfile.ZipFile(anno2_files.encoded(polygons, tmp_path))
    ours = zipfile.ZipFile(io.BytesIO(write(*pieces)))

    for name in ("tile_polygons_i", "big_tile_polygons_i"):
        entry = f"polygon_container/{name}.msgpack.br"
        found = [
            {
                (row, column): array.array("I", tile["bytes"]).tolist()
                for row, tiles in msgpack.unpackb(
                    brotli.decompress(archive.read(entry)), strict_map_key=False
                ).items()
                for column, tile in tiles.items()
                if tile
            }
            for archive in (vendors, ours)
        ]
        assert found[0] == found[1]
    for tile_px in (32, 256):
        entry = f"lookup-tables/density_{tile_px}px.png"
        pictures = [
            np.asarray(Image.open(io.BytesIO(archive.read(entry)))).astype(int)
            for archive in (vendors, ours)
        ]
        assert pictures[0].shape == pictures[1].shape
        if tile_px == 32:
            assert np.abs(pictures[0] - pictures[1]).max() <= 1


@given(st.lists(st.integers(1, 2**32 - 1) | st.integers(1, 600), max_size=60))
def test_numbers_are_packed_as_the_vendor_packs_them(numbers):
    from slidescore.lib.omega_encoder import OmegaEncoder

    packed = elias_omega.encode(np.array(numbers, dtype=np.int64))

    assert packed == OmegaEncoder().encode(numbers, "naturalOnly").tobytes()


def test_a_million_polygons_are_packed_and_unpacked():
    random = np.random.default_rng(5)
    centres = random.integers(0, 100_000, (1_000_000, 1, 2))
    corners = (centres + random.integers(0, 20, (1_000_000, 5, 2))).reshape(-1, 2).astype(np.int32)
    starts = np.arange(1_000_001, dtype=np.int64) * 5

    again, again_starts = anno2_packing.parse(anno2_packing.write(corners, starts))

    assert np.array_equal(again, corners)
    assert np.array_equal(again_starts, starts)


def test_coarse_outlines_are_as_many_and_lie_near():
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    circle = np.column_stack((1000 + 900 * np.cos(angle), 1000 + 900 * np.sin(angle)))
    corners = np.concatenate((circle, [[5, 5]])).astype(np.int32)

    coarse, starts = anno2_tiles.coarse(corners, np.array([0, 400, 401]))

    assert len(starts) == 3
    assert starts[1] < 40
    assert coarse[-1].tolist() == [5, 5]


def test_coarse_outlines_are_made_block_by_block(monkeypatch):
    counts = np.arange(1, 41)
    starts = np.concatenate(([0], np.cumsum(counts)))
    corners = np.random.default_rng(3).integers(0, 900, (starts[-1], 2)).astype(np.int32)
    whole = anno2_tiles.coarse(corners, starts)

    monkeypatch.setattr(anno2_tiles, "_AT_ONCE", 7)

    assert all(map(np.array_equal, anno2_tiles.coarse(corners, starts), whole))


def test_what_anno2_cannot_hold_is_told():
    losses = Losses()
    pieces = [
        Marked(shape=Polygon(outline=Coordinates([[0.4, 0], [-9, 0], [9, 9]]))),
        Marked(shape=Ellipse(x=50, y=50, radius_x=10, radius_y=10)),
        Marked(shape=Polyline(line=ring((0, 0), (1, 1)))),
        Marked(shape=Points(places=ring((1, 2)))),
        Marked(shape=Polygon(outline=ring((0, 0)))),
    ]

    data = write(*pieces, losses=losses)

    assert len(parse(data)) == 2
    told = "\n".join(losses.lines())
    for words in (
        "coordinates moved to the slide's edge",
        "coordinates rounded to whole pixels",
        "ellipse written as a polygon",
        "line left out: anno2 has none",
        "point left out: an anno2 file of polygons holds nothing else",
        "shape left out: it has too few corners",
    ):
        assert words in told


def test_more_than_a_file_may_hold_is_refused(monkeypatch):
    monkeypatch.setattr(anno2_shapes, "MAX_CORNERS", 5)
    polygon = Marked(shape=Polygon(outline=ring((0, 0), (9, 0), (9, 9))))

    with pytest.raises(InputError, match="too many for one anno2 file"):
        write(polygon, polygon)


def test_polygons_over_too_many_tiles_are_refused(monkeypatch):
    monkeypatch.setattr(anno2_tiles, "MAX_ENTRIES", 5)
    polygon = Marked(shape=Polygon(outline=ring((0, 0), (9000, 0), (9000, 9000))))

    with pytest.raises(InputError, match="touch more than 5 tiles"):
        write(polygon)


def test_packs_with_broken_polygons_leave_out_only_those():
    pack = MarkedPack(
        corners=np.array([[0, 0], [9, 0], [9, 9], [np.nan, 1], [2, 2], [3, 3]]),
        ring_starts=starts_of([3, 3]),
        polygon_starts=starts_of([1, 1]),
        traits=[Traits(), Traits()],
    )

    assert len(parse(write(pack))) == 1


def test_empty_file_holds_no_polygons():
    data = write()

    assert parse(data) == []
    assert (
        json.loads(zipfile.ZipFile(io.BytesIO(data)).read("system_metadata.json"))["numItems"] == 0
    )
