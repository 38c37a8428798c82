"""The wire: what lies in a box as compact binary, to be drawn from typed arrays, or as GeoJSON.

Binary, version 1. Everything is little-endian, and every section starts at a multiple of 4 bytes.

====== ======== =====================================================================
offset type     meaning
====== ======== =====================================================================
0      4 bytes  ``CSAN``
4      uint16   version, 1
6      uint16   what a closer look shows more of: 1 corners, 2 outlines, 4 dots,
                8 labels, 16 pixels of rasters (bits)
8      uint32   items in the box, told or not
12     uint32   outlines, n
16     uint32   rings of all outlines, r
20     uint32   corners of all rings, c
24     uint32   bytes of one step: 2 or 4
28     uint32   dots, d
32     uint32   columns of the density grid; 0 when there is none
36     uint32   rows of the density grid
40     uint32   rasters, m
44     uint32   bytes of the labels' JSON
48     float64  level-0 pixels per unit of the outlines
56     float64  level-0 pixels per unit of the dots
64     float64  density: left edge, level-0 pixels
72     float64  density: upper edge
80     float64  density: width and height of a cell
====== ======== =====================================================================

From offset 88 on the sections follow, in this order:

1. uint32[n]: place of each outline's shape in the answer, from 0.
2. uint8[n]: kind: 1 polygon, 2 polyline (open), 3 ellipse (its corners are its centre and its
   radii), 4 rect, 5 brush. The rings of one outline are filled by the even-odd rule.
3. uint32[n]: rings of each outline. 4. uint32[r]: corners of each ring.
5. int32[2 r]: the first corner of each ring, x and y, in units.
6. int16 or int32[2 (c - r)]: the steps to each further corner, ring by ring.
7. int32[2 d]: dots, x and y. 8. uint32[d]: their shapes' places in the answer.
9. uint32[rows × columns]: how many items lie in each cell, row by row.
10. For each raster: float64 × 4 (left, top, width and height of a cell, level-0 pixels),
    uint32 × 4 (place in the answer, 1 for a mask or 0 for a heat map, columns, rows),
    uint8[rows × columns].
11. UTF-8 JSON: ``[[text, x, y, always, font size, place in the answer or -1], …]``.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from scoring.layers import flat as flats
from scoring.layers.flat import UNITS_PER_PX, Ints, Kind
from scoring.layers.query import Coarser, Found, Outlines
from scoring.shapes import ELLIPSE_CORNERS

MEDIA_TYPE = "application/vnd.coverslip.annotations"
VERSION = 1

_HEAD = struct.Struct("<4sHH10I5d")
_RASTER = struct.Struct("<4d4I")
_MOST_STEP = 2**15 - 1


def pack(found: Found) -> bytes:
    """Return what was found in the binary form above."""
    outlines, density = found.outlines, found.density
    firsts, steps = _steps(outlines)
    labels = json.dumps(found.labels, ensure_ascii=False, separators=(",", ":")).encode()
    rows, columns = (0, 0) if density is None else density.counts.shape
    head = _HEAD.pack(
        b"CSAN",
        VERSION,
        int(found.coarser),
        found.total,
        len(outlines.indices),
        len(outlines.lengths),
        len(outlines.corners),
        steps.itemsize,
        len(found.dots),
        columns,
        rows,
        len(found.rasters),
        len(labels),
        outlines.unit_px,
        1 / UNITS_PER_PX,
        *((0.0, 0.0, 0.0) if density is None else (density.x, density.y, density.cell_px)),
    )
    sections = [
        head,
        outlines.indices.astype("<u4").tobytes(),
        outlines.kinds.tobytes(),
        outlines.ring_counts.astype("<u4").tobytes(),
        outlines.lengths.astype("<u4").tobytes(),
        firsts.astype("<i4").tobytes(),
        steps.astype(f"<i{steps.itemsize}").tobytes(),
        found.dots.astype("<i4").tobytes(),
        found.dot_indices.astype("<u4").tobytes(),
        b"" if density is None else density.counts.astype("<u4").tobytes(),
        *_rasters(found),
        labels,
    ]
    return b"".join(section + b"\0" * (-len(section) % 4) for section in sections)


def _steps(outlines: Outlines) -> tuple[Ints, npt.NDArray[np.signedinteger]]:
    """Return first corners, and the steps between the others in as few bytes as hold them."""
    starts = flats.starts_of(outlines.lengths)[:-1]
    is_first = np.zeros(len(outlines.corners), dtype=np.bool_)
    is_first[starts] = True
    steps = np.diff(outlines.corners, axis=0, prepend=outlines.corners[:1])[~is_first]
    is_short = not len(steps) or int(np.abs(steps).max()) <= _MOST_STEP
    return outlines.corners[starts], steps.astype(np.int16) if is_short else steps


def _rasters(found: Found) -> Iterator[bytes]:
    for raster in found.rasters:
        rows, columns = raster.values.shape
        yield _RASTER.pack(
            raster.x,
            raster.y,
            raster.cell_width,
            raster.cell_height,
            raster.index,
            raster.is_mask,
            columns,
            rows,
        )
        yield raster.values.tobytes()


def geojson(found: Found) -> dict[str, object]:
    """Return what was found as a GeoJSON collection, in level-0 pixels, y downwards.

    Source: RFC 7946 for the form; pixels in place of degrees, as QuPath and others write them.
    Rasters are told by their boxes, and crowded cells as squares with a ``count``. The members
    ``total`` and ``coarser`` tell how much there is, and what a closer look shows more of.
    """
    return {
        "type": "FeatureCollection",
        "total": found.total,
        "coarser": [
            name.lower() for flag in Coarser if flag in found.coarser and (name := flag.name)
        ],
        "features": [
            *_outline_features(found.outlines),
            *_dot_features(found),
            *_cell_features(found),
            *(
                _feature(
                    "Polygon",
                    [
                        _box(
                            one.x,
                            one.y,
                            one.cell_width * one.values.shape[1],
                            one.cell_height * one.values.shape[0],
                        )
                    ],
                    {"kind": "mask" if one.is_mask else "heatmap", "index": one.index},
                )
                for one in found.rasters
            ),
        ],
        "labels": found.labels,
    }


def _feature(kind: str, coordinates: object, properties: dict[str, object]) -> dict[str, object]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def _outline_features(outlines: Outlines) -> Iterator[dict[str, object]]:
    corners = outlines.corners.astype(np.float64) * outlines.unit_px
    ring_starts = flats.starts_of(outlines.lengths).tolist()
    item_starts = flats.starts_of(outlines.ring_counts).tolist()
    for place, (index, kind) in enumerate(
        zip(outlines.indices.tolist(), outlines.kinds.tolist(), strict=True)
    ):
        rings = [
            corners[ring_starts[ring] : ring_starts[ring + 1]]
            for ring in range(item_starts[place], item_starts[place + 1])
        ]
        name = Kind(kind).name.lower()
        yield _feature(*_geometry(Kind(kind), rings), {"kind": name, "index": index})


def _geometry(kind: Kind, rings: list[npt.NDArray[np.float64]]) -> tuple[str, object]:
    if kind is Kind.POLYLINE:
        line = rings[0].tolist()
        return "LineString", line if len(line) > 1 else line * 2
    if kind is Kind.ELLIPSE:
        centre, radii = rings[0]
        angles = np.linspace(0, 2 * np.pi, ELLIPSE_CORNERS, endpoint=False)
        rings = [centre + radii * np.column_stack((np.cos(angles), np.sin(angles)))]
    closed = [_closed(ring) for ring in rings]
    if kind is Kind.BRUSH and len(closed) > 1:
        return _brush_geometry(closed)
    return "Polygon", closed


def _closed(ring: npt.NDArray[np.float64]) -> list[list[float]]:
    """Return a ring that ends where it starts; one that a coarse zoom made a point stays one."""
    corners: list[list[float]] = ring.tolist()
    return [*corners, corners[0]] if len(corners) > 2 else corners[:1] * 4


def _brush_geometry(rings: list[list[list[float]]]) -> tuple[str, object]:
    """Return outlines with their holes: a ring runs around an outline one way, a hole the other."""
    # Rings come as they were laid out: each outline, then its holes (flat._brush_rings).
    signs = [_turn(ring) for ring in rings]
    polygons: list[list[list[list[float]]]] = []
    for ring, sign in zip(rings, signs, strict=True):
        if polygons and sign * signs[0] < 0:
            polygons[-1].append(ring)
        else:
            polygons.append([ring])
    return "MultiPolygon", polygons


def _turn(ring: list[list[float]]) -> float:
    x, y = np.array(ring).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


def _dot_features(found: Found) -> Iterator[dict[str, object]]:
    places = (found.dots / UNITS_PER_PX).tolist()
    for place, index in zip(places, found.dot_indices.tolist(), strict=True):
        yield _feature("Point", place, {"kind": "dot", "index": index})


def _cell_features(found: Found) -> Iterator[dict[str, object]]:
    density = found.density
    if density is None:
        return
    for row, column in np.argwhere(density.counts).tolist():
        cell = density.cell_px
        square = _box(density.x + column * cell, density.y + row * cell, cell, cell)
        count = int(density.counts[row, column])
        yield _feature("Polygon", [square], {"kind": "cell", "count": count})


def _box(x: float, y: float, width: float, height: float) -> list[list[float]]:
    right, bottom = x + width, y + height
    return [[x, y], [right, y], [right, bottom], [x, bottom], [x, y]]
