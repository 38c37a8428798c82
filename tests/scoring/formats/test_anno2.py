"""Annotation files: what the vendor's encoder writes, and what attackers might."""

from __future__ import annotations

import gzip
import io
import json
import struct
import time
import tracemalloc
import zipfile
import zlib

import brotli
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from slidescore.lib.AnnoClasses import Heatmap as VendorHeatmap, Points as VendorPoints, Polygons
from slidescore.lib.Decoder import Decoder
from slidescore.lib.image_utils import encode_png, gen_matrix

from records.errors import InputError
from scoring.formats import anno2
from scoring.shapes import Coordinates, Heatmap, Levels, MaskPack, Points, PolygonPack
from tests.scoring import anno2_files
from tests.scoring.anno2_files import metadata, points_zip, tarred, zipped


def parse(data: bytes) -> anno2.Annotation:
    return anno2.parse(io.BytesIO(data))


def only(annotation: anno2.Annotation) -> object:
    (drawn,) = annotation.drawn
    return drawn


def test_points_of_the_vendors_encoder_are_read(tmp_path):
    path = anno2_files.from_anno1([{"x": 10, "y": 10}, {"x": 15, "y": 20_000}], tmp_path)

    annotation = parse(path.read_bytes())

    assert annotation == anno2.Annotation(
        "points", (Points(places=Coordinates([[10, 10], [15, 20_000]])),)
    )
    assert annotation.item_count == 2


def test_polygons_are_read_as_the_vendors_decoder_reads_them(tmp_path):
    random = np.random.default_rng(1)
    polygons = Polygons()
    for _ in range(300):
        centre, radius = random.integers(0, 60_000, 2), random.integers(3, 900)
        count = random.integers(3, 40)
        polygons.addPolygon(
            np.abs(centre + random.integers(-radius, radius, (count, 2))).ravel().tolist()
        )
    path = anno2_files.encoded(polygons, tmp_path)

    pack = only(parse(path.read_bytes()))

    with zipfile.ZipFile(path) as archive:
        decoder = Decoder(archive)
        decoder.decode()
    assert isinstance(pack, PolygonPack)
    assert len(pack) == 300
    ours = [
        [tuple(corner) for corner in pack.corners[start:end].tolist()]
        for start, end in zip(pack.starts[:-1], pack.starts[1:], strict=True)
    ]
    assert ours == [decoder.items[index]["positiveVertices"] for index in range(300)]


def test_holes_and_labels_of_a_brush_are_read(tmp_path):
    def ring(x: int, size: int) -> list[dict[str, int]]:
        return [{"x": x, "y": 0}, {"x": x + size, "y": 0}, {"x": x + size, "y": size}]

    brush = {
        "type": "brush",
        "positivePolygons": [ring(0, 900), ring(2000, 900)],
        "negativePolygons": [ring(300, 90)],
        "labels": [{"label": "T", "x": 1, "y": 2, "whenToShow": "always", "fontSize": 12}],
    }
    path = anno2_files.from_anno1([brush], tmp_path)

    pack = only(parse(path.read_bytes()))

    assert isinstance(pack, PolygonPack)
    assert pack.holes == {0: (2,), 1: (2,)}
    assert pack.labels[0].text == "T"
    assert pack.corners[pack.starts[2] : pack.starts[3]].tolist() == [
        [300, 0],
        [390, 0],
        [390, 90],
    ]


def test_mask_of_the_vendors_encoder_is_read(tmp_path):
    points = VendorPoints([(300, 5), (301, 5), (255, 255), (256, 256)])
    points.name = "mask"
    path = anno2_files.encoded(points, tmp_path)

    mask = only(parse(path.read_bytes()))

    assert isinstance(mask, MaskPack)
    assert set(mask.tiles) == {(1, 0), (0, 0), (1, 1)}
    assert mask.pixel_count == 4


def test_million_points_on_one_place_are_one_point(tmp_path):
    # Source: SDK, tests/test_anno2.py: it sends exactly this.
    path = anno2_files.from_anno1([{"x": 50, "y": 50}] * 1_000_000, tmp_path)

    annotation = parse(path.read_bytes())

    assert annotation == anno2.Annotation("points", (Points(places=Coordinates([[50, 50]])),))


def test_heat_map_of_the_vendors_encoder_is_read(tmp_path):
    heatmap = VendorHeatmap([[0, 255, 7], [1, 2, 3]], 250, 125, 16)
    path = anno2_files.encoded(heatmap, tmp_path)

    annotation = parse(path.read_bytes())

    assert annotation == anno2.Annotation(
        "heatmap",
        (Heatmap(levels=Levels([[0, 255, 7], [1, 2, 3]]), x=250, y=125, downscale=16),),
    )
    assert annotation.item_count == 6


def test_gzipped_json_is_read():
    # Source: slidescore.md 3.9: QuPath sends it.
    text = '[{"type":"polygon","points":[{"x":1,"y":1},{"x":9,"y":1},{"x":9,"y":9}]}]'

    annotation = parse(gzip.compress(text.encode()))

    assert (annotation.kind, annotation.item_count) == ("shapes", 1)
    assert parse(gzip.compress(b'[{"x":1,"y":2}]')).kind == "points"


def test_points_in_any_layout_of_json_are_read():
    text = b' [ {"x": 1, "y": 2} ,\n{"y": null, "x": 3.5, "z": "kept out"} ] '

    points = only(parse(points_zip(text)))

    assert points == Points(places=Coordinates([[1, 2], [3.5, float("nan")]]))
    assert only(parse(points_zip([]))) == Points(places=Coordinates([]))


def test_listed_points_are_read_across_the_pieces_they_are_decoded_in():
    places = [{"x": number, "y": number * 7 % 1000} for number in range(20_000)]

    points = only(parse(points_zip(places)))

    assert points.places.array.tolist() == [[place["x"], place["y"]] for place in places]


def test_points_packed_like_a_mask_are_points():
    rows = [[int(x == y) for x in range(256)] for y in range(256)]
    data = zipped(
        {
            "system_metadata.json": metadata("points"),
            "masks.tar.gz": tarred({"tile_x2_y1.png": encode_png(rows, 256, 256)}),
        }
    )

    points = only(parse(data))

    assert points.places.array.tolist() == [[512 + place, 256 + place] for place in range(256)]


def polygon_entries(packed: bytes, **entries: bytes) -> bytes:
    folder = "polygon_container"
    return zipped(
        {
            "system_metadata.json": metadata("polygons"),
            f"{folder}/encoded_polygons.bin.br": brotli.compress(packed),
            **{f"{folder}/{name}.json": data for name, data in entries.items()},
        }
    )


def block(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def packed_triangle(
    *, tile_px: int = 256, length: int = 6, corners: bytes = b"\1\1\5\1\5\5", runs: bytes = b"\xc0"
) -> bytes:
    # One run of three corners (omega 110 and zeros) in the first tile (0 steps).
    head = struct.pack("<3I", tile_px, 1, 1) + block(struct.pack("<I", length))
    return head + block(b"\0") + block(b"\0") + block(runs) + block(corners)


def test_triangle_packed_by_hand_is_read():
    pack = only(parse(polygon_entries(packed_triangle())))

    assert isinstance(pack, PolygonPack)
    assert pack.corners.tolist() == [[1, 1], [5, 1], [5, 5]]
    assert pack.holes == {}


def grey_header(width: int, height: int, depth: int = 8, colour: int = 0) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def heatmap_zip(png: bytes, place: object = None) -> bytes:
    return zipped(
        {
            "system_metadata.json": metadata("heatmap"),
            "heatmap.png": png,
            "heatmap_metadata.json": json.dumps(
                place or {"x": 0, "y": 0, "sizePerPixel": 4}
            ).encode(),
        }
    )


def mask_zip(files: dict[str, bytes]) -> bytes:
    return zipped({"system_metadata.json": metadata("mask"), "masks.tar.gz": tarred(files)})


TILE = encode_png(gen_matrix(256, 256), 256, 256)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "expected a zip, or gzipped JSON"),
        (b"<html>", "expected a zip, or gzipped JSON"),
        (b"PK\x03\x04 cut off", "the file is no zip, is cut off"),
        (points_zip([])[:-5], "the file is no zip, is cut off"),
        (points_zip([]) + b"x", "has something behind its end"),
        (zipped({f"{n}": b"" for n in range(65)}), "more than 64 entries"),
        (zipped({"a": b""}), "the zip has no system_metadata.json"),
        (zipped({"system_metadata.json": b"[]"}), "must be a JSON object"),
        (zipped({"system_metadata.json": b"\xff"}), "is no UTF-8 text"),
        (zipped({"system_metadata.json": b"[" * 90_000}), "nested too deeply"),
        (zipped({"system_metadata.json": b" " * 2_000_000}), "holds more than"),
        (points_zip([], version="1.0.0"), "anno2 version '1.0.0' is unknown"),
        (points_zip([], type="stars"), "anno2 type 'stars' is unknown"),
        (points_zip([], type=["mask"]), "is unknown"),
        (points_zip([], type="polygons"), "the zip has no polygon_container"),
        (points_zip({"x": 1}), "expected a JSON array of objects"),
        (points_zip([[1, 2]]), "expected an object of plain values"),
        (points_zip([{"x": "1", "y": 2}]), "x of point 1 must be a number"),
        (points_zip(b"[{" + b'"x":1,' * 20_000 + b'"y":2}]'), "expected an object of plain"),
        (points_zip(b'[{"x":1,"y":2}'), "expected , or ]"),
        (polygon_entries(packed_triangle(tile_px=128)), "the tile size is not 256"),
        (polygon_entries(packed_triangle(length=8)), "lengths and corners do not fit"),
        (polygon_entries(packed_triangle(runs=b"")), "runs and corners do not fit"),
        (polygon_entries(packed_triangle()[:20]), "is cut off"),
        (polygon_entries(packed_triangle(), negative_polygons=b'{"0":[1]}'), "is not there"),
        (polygon_entries(packed_triangle(), negative_polygons=b'{"a":[0]}'), "is not there"),
        (heatmap_zip(b"GIF89a"), "is no PNG"),
        (heatmap_zip(grey_header(100_000, 100_000)), "has more than 64,000,000 pixels"),
        (heatmap_zip(grey_header(0, 5)), "has more than"),
        (heatmap_zip(grey_header(5, 5, 16)), "no grey PNG of 8 bits"),
        (heatmap_zip(grey_header(5, 5, 8, 2)), "no grey PNG of 8 bits"),
        (heatmap_zip(grey_header(5, 5)), "is damaged"),
        (heatmap_zip(TILE, {"x": "0", "y": 0, "sizePerPixel": 1}), "x must be a number"),
        (mask_zip({"../../etc/passwd": TILE}), "is no tile of a mask"),
        (mask_zip({"tile_x0_y0.png": b"no"}), "is no PNG"),
        (mask_zip({"tile_x9999999_y0.png": TILE}), "beyond any slide"),
        (mask_zip({"tile_x0_y0.png": encode_png(gen_matrix(8, 8), 8, 8)}), "256 × 256"),
        (mask_zip({"tile_x0_y0.png": bytes(100_000)}), "holds more than 81,920 bytes"),
        # The time would be in the names of the tests.
        (gzip.compress(b"[" * 100_000, mtime=0), "nested more than 100 deep"),
        (gzip.compress(b'[{"x":1,"y":2}]', mtime=0)[:-9], "is cut off"),
        (gzip.compress(b"\xff\xfe", mtime=0), "is no JSON array"),
        (gzip.compress(b'[{"type":"anno2","annoUUID":"a"}]', mtime=0), "cannot refer to another"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_wrong_file_is_refused_with_a_clear_error(data, told):
    with pytest.raises(InputError) as caught:
        parse(data)

    assert told in caught.value.message


def test_entry_named_twice_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("system_metadata.json", metadata("points"))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("system_metadata.json", metadata("mask"))

    with pytest.raises(InputError, match="names an entry twice"):
        parse(buffer.getvalue())


def test_encrypted_entry_is_refused():
    data = bytearray(points_zip([]))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(InputError, match="damaged or encrypted"):
        parse(bytes(data))


def test_entry_that_holds_more_than_it_says_is_refused():
    entries = {"system_metadata.json": metadata("points") + b" " * 1000}
    data = bytearray(zipped(entries, compression=zipfile.ZIP_DEFLATED))
    data[22:26] = struct.pack("<I", 10)
    start = data.index(b"PK\x01\x02")
    data[start + 24 : start + 28] = struct.pack("<I", 10)

    with pytest.raises(InputError, match=r"system_metadata\.json in the zip is damaged"):
        parse(bytes(data))


ZEROS = bytes(64 << 20)


@pytest.mark.parametrize(
    "make",
    [
        # Each unpacks to more than what an entry may hold.
        lambda: zipped(
            {
                "system_metadata.json": metadata("heatmap"),
                "heatmap_metadata.json": bytes(64 << 20),
            },
            compression=zipfile.ZIP_DEFLATED,
        ),
        lambda: gzip.compress(ZEROS, 1),
        lambda: points_zip(b"[" + b" " * (300 << 20)),
        lambda: heatmap_zip(grey_header(8000, 8000) + bytes(1000)),
    ],
    ids=["deflate", "gzip", "brotli", "png"],
)
def test_bomb_is_refused_within_bounded_memory(make, monkeypatch):
    monkeypatch.setattr(anno2, "MAX_JSON_BYTES", 8 << 20)
    data = make()
    tracemalloc.start()
    started = time.perf_counter()

    try:
        with pytest.raises(InputError):
            parse(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 100 << 20
    assert time.perf_counter() - started < 30


VALID = [
    points_zip([{"x": 1, "y": 2}] * 20),
    polygon_entries(packed_triangle(), negative_polygons=b"{}"),
    heatmap_zip(encode_png([[1, 2], [3, 4]], 2, 2, 8)),
    mask_zip({"tile_x0_y0.png": TILE}),
    gzip.compress(b'[{"x":1,"y":2}]'),
]


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.sampled_from(VALID),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_damaged_file_is_read_or_refused_but_never_breaks(data, changes):
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place % len(damaged)] = value

    try:
        annotation = parse(bytes(damaged))
    except InputError:
        return

    assert annotation.item_count >= 0
