"""COCO's JSON: annotations of images by polygons, boxes, run lengths and keypoints.

Source: the data format of cocodataset.org: ``images``, ``annotations`` and ``categories``.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import orjson

from records.errors import InputError
from scoring import areas, jsonstream, shapes
from scoring.formats import coco_runs
from scoring.jsonstream import Batch
from scoring.jsontext import as_list, as_number, as_object, as_text, shown
from scoring.marked import Carrier, Losses, Marked, MarkedPack, Packer, Piece, Traits
from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    Points,
    Polygon,
    Polyline,
    Rect,
    Shape,
)

NAME = "COCO JSON"

MAX_CATEGORIES = 100_000
MAX_IMAGES = 1_000_000

_KEEPS = ("group", "colour")
_AT_ONCE = 2000
_VISIBLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The slide as COCO's ``images`` tell it; sizes in level-0 pixels, 0 where unknown."""

    file_name: str = ""
    width: int = 0
    height: int = 0


def parse(stream: BinaryIO, losses: Losses) -> Iterator[Piece]:
    """Read COCO's JSON; consecutive plain polygons come packed.

    The categories may stand behind the annotations, so that the file is read twice; the first time
    only its brackets are looked at where they do not matter.

    Parameters
    ----------
    stream
        Seekable.

    Raises
    ------
    InputError
        It is no such JSON; the message names the annotation, counted from 1.
    """
    categories, images = _heads(stream)
    if len(images) > 1:
        losses.add("images put into one: a file here holds one slide", len(images))
    stream.seek(0, os.SEEK_SET)
    packer = Packer()
    reader = _Reader(categories, packer, losses)
    for part in jsonstream.read(stream, name=NAME, only={"annotations"}):
        if not isinstance(part, Batch) or part.name != "annotations":
            continue
        for number, element in enumerate(part.elements, start=part.first):
            try:
                yield from reader.pieces(as_object(element, "an annotation"))
            except InputError as error:
                raise InputError(f"annotation {number:,}: {error.reason}", source=NAME) from None
        if len(packer) >= _AT_ONCE:
            yield from packer.packed()
    yield from packer.packed()


def write(
    pieces: Iterable[Piece], losses: Losses, *, picture: Picture | None = None
) -> Iterator[bytes]:
    """Write COCO's JSON: one image, an annotation a shape, the categories at the end.

    Rectangles are boxes without a segmentation, points have keypoints. A hole is joined with its
    outline by a cut, for a polygon of COCO has no holes.
    """
    carrier = Carrier(NAME, _KEEPS, losses)
    known = picture or Picture()
    image = {"id": 1, "file_name": known.file_name, "width": known.width, "height": known.height}
    yield b'{"images":[' + orjson.dumps(image) + b'],\n"annotations":['
    categories: dict[tuple[str, str], int] = {}
    number = itertools.count(1)
    separator = b"\n"
    for piece in pieces:
        carrier.note(piece)
        for fields, traits in _entries(piece, carrier):
            category = categories.setdefault((traits.group, traits.colour), len(categories) + 1)
            entry = {"id": next(number), "image_id": 1, "category_id": category, **fields}
            yield separator + orjson.dumps(entry, option=orjson.OPT_SERIALIZE_NUMPY)
            separator = b",\n"
    named = [
        {"id": number, "name": group, "supercategory": ""} | ({"color": rgb(colour)})
        for (group, colour), number in categories.items()
    ]
    yield b'\n],\n"categories":' + orjson.dumps(named) + b"}\n"


def rgb(colour: str) -> list[int] | None:
    """Return ``#rrggbb`` as three numbers, as COCO's panoptic categories have them."""
    return list(bytes.fromhex(colour.removeprefix("#"))) if colour else None


def _heads(stream: BinaryIO) -> tuple[dict[object, Traits], set[object]]:
    """Return the traits of each category by id, and the ids of the images."""
    categories: dict[object, Traits] = {}
    images: set[object] = set()
    has_annotations = False
    for part in jsonstream.read(stream, name=NAME, only={"categories", "images"}):
        if not isinstance(part, Batch):
            continue
        has_annotations = has_annotations or part.name in {"annotations", "categories", "images"}
        for element in part.elements:
            fields = as_object(element, f"an element of {part.name}")
            if part.name == "categories":
                categories[_id(fields.get("id"), "category.id")] = _category(fields)
            else:
                images.add(_id(fields.get("id"), "image.id"))
        if len(categories) > MAX_CATEGORIES or len(images) > MAX_IMAGES:
            raise InputError(
                f"has more than {MAX_CATEGORIES:,} categories or {MAX_IMAGES:,} images", source=NAME
            )
    return categories, images


def _id(value: object, name: str) -> int | str:
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        return value
    raise InputError(f"{name} is {shown(value)}; expected a whole number", source=NAME)


def _category(fields: Mapping[str, object]) -> Traits:
    colour = fields.get("color")
    parts = colour if isinstance(colour, list) else []
    whole = [part for part in parts if isinstance(part, int) and 0 <= part <= 255]
    return Traits(
        group=as_text(fields.get("name"), "category.name"),
        colour="#" + bytes(whole).hex() if len(whole) == len(parts) == 3 else "",
    )


class _Reader:
    """Reads annotations."""

    def __init__(self, categories: Mapping[object, Traits], packer: Packer, losses: Losses) -> None:
        self._categories = categories
        self._packer = packer
        self._losses = losses
        self._scored: dict[tuple[object, float], Traits] = {}

    def pieces(self, fields: Mapping[str, object]) -> Iterator[Piece]:
        """Yield what an annotation holds; a plain polygon goes to the packer."""
        traits = self._traits(fields)
        identity = str(fields["id"]) if isinstance(fields.get("id"), (int, str)) else ""
        segmentation = fields.get("segmentation")
        if isinstance(segmentation, list) and len(segmentation) == 1:
            self._packer.add([_ring(segmentation[0])], traits, identity)
            return
        shape = self._shape(fields, segmentation)
        if shape is None:
            self._losses.add("annotation without segmentation, box and keypoints left out")
            return
        yield from self._packer.packed()
        yield Marked(shape=shape, traits=traits, id=identity)

    def _traits(self, fields: Mapping[str, object]) -> Traits:
        category = fields.get("category_id")
        known = self._categories.get(category) if isinstance(category, (int, str)) else None
        traits = known or Traits(group="" if category is None else str(category))
        score = fields.get("score")
        if score is None:
            return traits
        pair = ("score", as_number(score, "score"))
        return Traits(group=traits.group, colour=traits.colour, measurements=(pair,))

    def _shape(self, fields: Mapping[str, object], segmentation: object) -> Shape | None:
        if isinstance(segmentation, dict):
            shape = coco_runs.parse(segmentation)
            if shape is None:
                self._losses.add("empty mask left out")
            return shape
        if isinstance(segmentation, list) and segmentation:
            rings = [Coordinates(_ring(part)) for part in segmentation]
            return Brush(positive=tuple(rings))
        if fields.get("keypoints"):
            return _keypoints(as_list(fields["keypoints"], "keypoints"))
        if fields.get("bbox"):
            box = [as_number(part, "bbox") for part in as_list(fields["bbox"], "bbox")]
            if len(box) != 4:
                raise InputError("bbox must be [x, y, width, height]")
            return Rect(x=box[0], y=box[1], width=box[2], height=box[3])
        return None


def _ring(value: object) -> npt.NDArray[np.float64]:
    if not isinstance(value, list) or len(value) % 2 or not value:
        raise InputError("a polygon must be [x1, y1, x2, y2, …]")
    if not set(map(type, value)) <= {int, float}:
        wrong = next(part for part in value if type(part) not in {int, float})
        raise InputError(f"a polygon holds {shown(wrong)}; expected numbers")
    return np.array(value, dtype=np.float64).reshape(-1, 2)


def _keypoints(value: list[object]) -> Points:
    """Return keypoints that are there; each is x, y and 0 (missing), 1 (hidden) or 2 (visible)."""
    numbers = [as_number(part, "keypoints") for part in value]
    if len(numbers) % 3:
        raise InputError("keypoints must be [x1, y1, v1, x2, y2, v2, …]")
    rows = np.array(numbers, dtype=np.float64).reshape(-1, 3)
    return Points(places=Coordinates(rows[rows[:, 2] > 0, :2]))


Entry = dict[str, object]


def _entries(piece: Piece, carrier: Carrier) -> Iterator[tuple[Entry, Traits]]:
    for drawn in areas.drawable(piece, carrier, has_lines=False):
        if isinstance(drawn, MarkedPack):
            for index, traits in enumerate(drawn.traits):
                yield _area([drawn.rings(index)], carrier.losses), traits
        elif not isinstance(drawn.shape, Polyline):
            yield _entry(drawn.shape, carrier.losses), drawn.traits


def _entry(shape: Points | Polygon | Ellipse | Rect | Brush, losses: Losses) -> Entry:
    match shape:
        case Points(places=places):
            rows = np.column_stack((places.array, np.full(len(places), _VISIBLE)))
            low, high = places.array.min(axis=0), places.array.max(axis=0)
            return {
                "keypoints": rows.ravel(),
                "num_keypoints": len(places),
                "bbox": np.concatenate((low, high - low)),
                "area": 0,
                "iscrowd": 0,
            }
        case Rect():
            box = [shape.x, shape.y, shape.width, shape.height]
            area = shape.width * shape.height
            return {"bbox": box, "area": area, "segmentation": [], "iscrowd": 0}
        case Brush():
            polygons, is_kept = areas.brush_polygons(shape)
            losses.add("brush computed anew: its holes or outlines overlap", not is_kept)
            return _area([[ring.array for ring in rings] for rings in polygons], losses)
        case _:
            losses.add("ellipse written as a polygon", isinstance(shape, Ellipse))
            return _area([[shapes.outline(shape).array]], losses)


def _area(polygons: list[list[npt.NDArray[np.float64]]], losses: Losses) -> Entry:
    """Return segmentation, box and area of polygons; holes count against the area."""
    losses.add("hole joined with its outline by a cut", sum(len(rings) - 1 for rings in polygons))
    outlines = np.concatenate([rings[0] for rings in polygons])
    low, high = outlines.min(axis=0), outlines.max(axis=0)
    enclosed = [[abs(_signed(ring)) for ring in rings] for rings in polygons]
    return {
        "segmentation": [_joined(rings).ravel() for rings in polygons],
        "bbox": np.concatenate((low, high - low)),
        "area": sum(2 * rings[0] - sum(rings) for rings in enclosed),
        "iscrowd": 0,
    }


def _signed(ring: npt.NDArray[np.float64]) -> float:
    """Return the enclosed area, negative for one direction of walking."""
    ahead = np.roll(ring, -1, axis=0)
    return float((ring[:, 0] * ahead[:, 1] - ahead[:, 0] * ring[:, 1]).sum()) / 2


def _joined(rings: list[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """Return one ring that walks the outline, and each hole the other way round, by cuts."""
    path = rings[0]
    for hole in rings[1:]:
        turned = hole[::-1] if _signed(hole) * _signed(rings[0]) > 0 else hole
        distances = np.abs(path[:, None] - turned[None, :1]).sum(axis=(1, 2))
        at = int(distances.argmin())
        path = np.concatenate((path[: at + 1], turned, turned[:1], path[at:]))
    return path
