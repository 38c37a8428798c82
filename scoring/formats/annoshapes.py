"""Annotations as JSON text (anno1): the answers of AnnoPoints and AnnoShapes questions."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from records.errors import InputError
from scoring import jsontext
from scoring.jsontext import as_list, as_number, as_object, as_text, member
from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    FileLink,
    Heatmap,
    Label,
    Levels,
    Points,
    Polygon,
    Polyline,
    Rect,
    Shape,
    TypedShape,
)

MAX_HEATMAP_VALUES = 16_000_000

Fields = Mapping[str, object]


def parse(text: str) -> tuple[Shape | FileLink, ...]:
    """Read an answer to an annotation question.

    Null coordinates are read as NaN: real studies hold them (slidescore.md 6.1).

    Raises
    ------
    InputError
        The text is no JSON array of points or shapes; the message names the shape, counted from 1,
        and its member.
    """
    found: list[Shape | FileLink] = []
    points: list[tuple[float, float]] = []
    for number, item in enumerate(jsontext.array_items(text), start=1):
        try:
            fields = as_object(item, "an annotation")
            # Source: slidescore.md 6.1: points are told from shapes by the absence of a type.
            if "type" not in fields:
                points.append(place(fields, "a point"))
                continue
            _end_points(found, points)
            found.append(shape(fields))
        except InputError as error:
            raise InputError(f"annotation {number}: {error.reason}") from None
    _end_points(found, points)
    return tuple(found)


def write(drawn: Sequence[Shape | FileLink]) -> str:
    """Write shapes as the answer's text, on one line, in the spelling that all clients read."""
    items: list[object] = []
    for shape in drawn:
        if isinstance(shape, Points):
            items += _corners(shape.places)
        else:
            items.append(shape_fields(shape))
    return json.dumps(items, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _end_points(found: list[Shape | FileLink], points: list[tuple[float, float]]) -> None:
    if points:
        found.append(Points(places=Coordinates(points)))
        points.clear()


def shape(fields: Fields) -> Shape | FileLink:
    """Read one shape.

    Raises
    ------
    InputError
        The members are not those of its type.
    """
    kind = as_text(fields.get("type"), "type").lower()
    if kind == "anno2":
        return FileLink(as_text(fields.get("annoUUID"), "annoUUID"))
    read = _READERS.get(kind)
    if read is None:
        raise InputError(
            f"{jsontext.shown(fields.get('type'))} is no type of shape; expected polygon, "
            "polyline, ellipse, rect, brush or heatmap"
        )
    return dataclasses.replace(
        read(fields),
        labels=_labels(fields),
        modified_on=as_text(fields.get("modifiedOn"), "modifiedOn"),
        area=as_text(fields.get("area"), "area"),
    )


def _read_polygon(fields: Fields) -> Polygon:
    return Polygon(outline=_places(fields.get("points"), "points"))


def _read_polyline(fields: Fields) -> Polyline:
    return Polyline(line=_places(fields.get("points"), "points"))


def _read_ellipse(fields: Fields) -> Ellipse:
    if "center" in fields or "size" in fields:
        # Source: slidescore.md 1 #2: clients write radii here.
        x, y = place(fields.get("center"), "center")
        radius_x, radius_y = place(fields.get("size"), "size")
    else:
        # Source: seed, "Ellipse properties": the documentation means the whole width and height.
        x, y = place(fields, "the ellipse")
        radius_x = as_number(fields.get("width"), "width") / 2
        radius_y = as_number(fields.get("height"), "height") / 2
    return Ellipse(x=x, y=y, radius_x=radius_x, radius_y=radius_y)


def _read_rect(fields: Fields) -> Rect:
    x, y = place(fields.get("corner"), "corner")
    width, height = place(fields.get("size"), "size")
    return Rect(x=x, y=y, width=width, height=height)


def _read_brush(fields: Fields) -> Brush:
    return Brush(
        positive=_rings(fields.get("positivePolygons"), "positivePolygons"),
        negative=_rings(fields.get("negativePolygons"), "negativePolygons"),
    )


def _read_heatmap(fields: Fields) -> Heatmap:
    def size(name: str) -> float | None:
        return None if fields.get(name) is None else as_number(fields[name], name)

    return Heatmap(
        levels=_levels(fields.get("data")),
        x=as_number(fields.get("x", 0), "x"),
        y=as_number(fields.get("y", 0), "y"),
        width=size("width"),
        height=size("height"),
        downscale=size("downscale"),
    )


_READERS: dict[str, Callable[[Fields], TypedShape]] = {
    "polygon": _read_polygon,
    "polyline": _read_polyline,
    "ellipse": _read_ellipse,
    "rect": _read_rect,
    # Source: slidescore.md 6.1: one client writes the long name.
    "rectangle": _read_rect,
    "brush": _read_brush,
    "heatmap": _read_heatmap,
}


def place(value: object, name: str) -> tuple[float, float]:
    """Read ``{x, y}``; null is NaN."""
    if value is None:
        return math.nan, math.nan
    fields = as_object(value, name)
    missing = [axis for axis in ("x", "y") if axis not in fields]
    if missing:
        raise InputError(f"{name} has no {missing[0]}; expected {{x, y}}")
    return as_number(fields["x"], f"{name}.x"), as_number(fields["y"], f"{name}.y")


def _places(value: object, name: str) -> Coordinates:
    if value is None:
        raise InputError(f"{name} is missing; expected an array of {{x, y}}")
    return Coordinates([place(item, name) for item in as_list(value, name)])


def _rings(value: object, name: str) -> tuple[Coordinates, ...]:
    rings = [] if value is None else as_list(value, name)
    return tuple(_places(ring, name) for ring in rings)


def _levels(value: object) -> Levels:
    rows = [as_list(row, "data") for row in as_list(value, "data")]
    widths = {len(row) for row in rows}
    if len(widths) != 1 or 0 in widths:
        raise InputError("data must be a rectangular array of arrays of numbers")
    if len(rows) * len(rows[0]) > MAX_HEATMAP_VALUES:
        raise InputError(f"data holds more than {MAX_HEATMAP_VALUES:,} values")
    numbers = np.array([[as_number(entry, "data") for entry in row] for row in rows])
    if not ((numbers >= 0) & (numbers <= 255)).all():
        raise InputError("data must hold numbers from 0 to 255")
    return Levels(np.rint(numbers))


def _labels(fields: Fields) -> tuple[Label, ...]:
    found = fields.get("labels")
    return tuple(label(item) for item in ([] if found is None else as_list(found, "labels")))


def label(item: object) -> Label:
    """Read one label; anno2 files hold them in the same form."""
    fields = as_object(item, "a label")
    # Source: slidescore.md 6.1: one client spells the members in lower case, or the text "name".
    size = member(fields, "fontSize", "fontsize")
    return Label(
        text=as_text(member(fields, "label", "name"), "label"),
        x=as_number(fields.get("x"), "label.x"),
        y=as_number(fields.get("y"), "label.y"),
        always=as_text(member(fields, "whenToShow", "whentoshow"), "whenToShow") != "mouseover",
        font_size=0.0 if size is None else as_number(size, "fontSize"),
    )


def shape_fields(shape: TypedShape | FileLink) -> dict[str, object]:
    """Return one shape as JSON holds it."""
    if isinstance(shape, FileLink):
        return {"type": "anno2", "annoUUID": shape.uuid}
    fields = _geometry(shape)
    if shape.modified_on:
        fields["modifiedOn"] = shape.modified_on
    if shape.area:
        fields["area"] = shape.area
    if shape.labels:
        fields["labels"] = [label_fields(entry) for entry in shape.labels]
    return fields


def _geometry(shape: TypedShape) -> dict[str, object]:
    match shape:
        case Polygon():
            return {"type": "polygon", "points": _corners(shape.outline)}
        case Polyline():
            return {"type": "polyline", "points": _corners(shape.line)}
        case Ellipse():
            center = _point(shape.x, shape.y)
            size = _point(shape.radius_x, shape.radius_y)
            return {"type": "ellipse", "center": center, "size": size}
        case Rect():
            corner = _point(shape.x, shape.y)
            return {"type": "rect", "corner": corner, "size": _point(shape.width, shape.height)}
        case Brush():
            return {
                "type": "brush",
                "positivePolygons": [_corners(ring) for ring in shape.positive],
                "negativePolygons": [_corners(ring) for ring in shape.negative],
            }
        case Heatmap():
            sizes = ("width", shape.width), ("height", shape.height), ("downscale", shape.downscale)
            return {
                "type": "heatmap",
                **_point(shape.x, shape.y),
                **{name: jsontext.plain_number(size) for name, size in sizes if size is not None},
                "data": shape.levels.array.tolist(),
            }


def label_fields(entry: Label) -> dict[str, object]:
    """Return one label as JSON holds it; GeoJSON and anno2 files hold them in the same form."""
    return {
        "label": entry.text,
        **_point(entry.x, entry.y),
        "whenToShow": "always" if entry.always else "mouseover",
        "fontSize": jsontext.plain_number(entry.font_size),
    }


def _corners(places: Coordinates) -> list[dict[str, object]]:
    rows: Iterable[tuple[float, float]] = places.array.tolist()
    return [_point(x, y) for x, y in rows]


def _point(x: float, y: float) -> dict[str, object]:
    return {"x": jsontext.plain_number(x), "y": jsontext.plain_number(y)}
