"""The Api calls that send annotations by box and zoom, and list them without their shapes."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass

import anyio
import anyio.to_thread
from sqlmodel import Session
from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.replies import Voice, json_reply
from access.rights import Actor
from records.errors import InputError
from records.filestore import FileStore
from scoring import annotation_layers, measures, measuring
from scoring.annotation_layers import DrawnEntry, LayerFilter, LayerShelf, LayerSource
from scoring.drawn_answers import DrawnAnswer
from scoring.layers import query, wire
from scoring.layers.layerfile import Layer
from scoring.layers.picking import Box
from scoring.measuring import MeasuredShape
from scoring.wire import wire_instant
from tileserver.deepzoom import DeepZoomPyramid
from tileserver.geometry import Size

QUERIES_AT_ONCE = 2
_VERSION = "1"
_WIDEST_PX = 2048
_FARTHEST_PX = 1e8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is asked of a layer."""

    box: Box
    downsample: float
    is_geojson: bool


class LayerEndpoints:
    """Answers the calls about annotations by box and zoom.

    Parameters
    ----------
    shelf
        Keeps the layers.
    store
        Where annotation files lie.
    builders
        Lets one layer be made at a time.
    """

    def __init__(
        self, shelf: LayerShelf, store: FileStore, builders: anyio.CapacityLimiter
    ) -> None:
        self._shelf = shelf
        self._store = store
        self._builders = builders
        self._queries = anyio.CapacityLimiter(QUERIES_AT_ONCE)

    async def annotations(self, call: Call) -> Response:
        """Send what somebody drew in a box, in the detail that a zoom shows."""
        source = await call.read(
            annotation_layers.find_layer_source,
            study_id=call.integer("studyId"),
            slide_id=call.integer("imageId"),
            wanted=_filter(call),
        )
        asked = _asked(call, source)
        tag = _etag(source, asked)
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if tag in _held(call.request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        layer = await self._layer(call, source)
        body = await anyio.to_thread.run_sync(_answer, layer, asked, limiter=self._queries)
        media_type = "application/geo+json" if asked.is_geojson else wire.MEDIA_TYPE
        return Response(body, media_type=media_type, headers=headers)

    async def annotation_layers(self, call: Call) -> Response:
        """List the drawn answers about a slide, without their shapes."""
        found = await call.read(
            annotation_layers.find_drawn_entries,
            study_id=call.integer("studyId"),
            slide_id=call.integer("imageId"),
            wanted=_filter(call),
        )
        return json_reply({"success": True, "layers": [_wire_entry(entry) for entry in found]})

    async def measured(self, call: Call) -> Response:
        """Tell how large and how long each shape of an answer is, and what is wrong with it."""
        slide_id = call.integer("imageId")
        source = await call.read(
            annotation_layers.find_layer_source,
            study_id=call.integer("studyId"),
            slide_id=slide_id,
            wanted=_filter(call),
        )
        resolution = await call.read(measuring.find_resolution, slide_id=slide_id)
        answer = await call.read(_read_answer, source, self._store)
        shapes, is_cut = await anyio.to_thread.run_sync(
            measuring.measure_answer, answer, resolution, limiter=self._builders
        )
        return json_reply(
            {
                "success": True,
                "answerId": source.answer_id,
                "hasResolution": resolution is not None,
                "more": is_cut,
                "shapes": [_wire_measured(shape) for shape in shapes],
            }
        )

    async def _layer(self, call: Call, source: LayerSource) -> Layer:
        layer = await call.in_thread(self._shelf.ready, source)
        if layer is not None:
            return layer
        answer = await call.read(_read_answer, source, self._store)
        return await anyio.to_thread.run_sync(
            self._shelf.make, source, answer, limiter=self._builders
        )


def calls(endpoints: LayerEndpoints) -> list[ApiCall]:
    """Return the calls about annotations by box and zoom."""
    subject = (
        Parameter("studyId", int),
        Parameter("imageId", int),
        Parameter("email", str, required=False, note="of who drew"),
        Parameter("question", str, required=False, note="its name"),
        Parameter("questionId", int, required=False),
        Parameter("tmaCoreId", int, required=False),
        Parameter("answerId", int, required=False, note="as AnnotationLayers tells it"),
    )
    return [
        ApiCall(
            "Annotations",
            endpoints.annotations,
            "What one answer draws in a box, in the detail that a zoom shows; docs/annotations.md",
            parameters=(
                *subject,
                Parameter(
                    "bbox",
                    str,
                    required=False,
                    note="left,top,right,bottom in level-0 pixels; absent: whole slide",
                ),
                Parameter(
                    "level",
                    int,
                    required=False,
                    note=f"Deep Zoom level; absent: the finest of at most {_WIDEST_PX} pixels",
                ),
                Parameter("format", str, required=False, note="binary (default) or geojson"),
            ),
            right="as for Scores",
            source="choice; docs/annotations.md",
            voice=Voice.STATUS,
        ),
        ApiCall(
            "MeasureAnnotations",
            endpoints.measured,
            "Area and length of each shape of one answer, and what is wrong with it",
            parameters=subject,
            right="as for Scores",
            source="choice; docs/annotations.md",
            voice=Voice.STATUS,
        ),
        ApiCall(
            "AnnotationLayers",
            endpoints.annotation_layers,
            "The drawn answers about a slide, without their shapes",
            parameters=subject,
            right="as for Scores",
            source="choice; docs/annotations.md",
        ),
    ]


def _read_answer(
    session: Session, actor: Actor, source: LayerSource, store: FileStore
) -> DrawnAnswer:
    del actor  # Their right was checked when the source was found.
    return annotation_layers.read_answer(session, source=source, store=store)


def _answer(layer: Layer, asked: _Asked) -> bytes:
    found = query.find(layer, asked.box, asked.downsample)
    if not asked.is_geojson:
        return wire.pack(found)
    told = wire.geojson(found) | {"skipped": layer.facts.get("skipped", 0)}
    return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _filter(call: Call) -> LayerFilter:
    return LayerFilter(
        email=call.opt_text("email"),
        question=call.opt_text("question"),
        question_id=call.opt_integer("questionId"),
        core_id=call.opt_integer("tmaCoreId"),
        answer_id=call.opt_integer("answerId"),
    )


def _asked(call: Call, source: LayerSource) -> _Asked:
    size = Size(max(1, source.size.width), max(1, source.size.height))
    box = _box(call.opt_text("bbox"), size)
    max_level = DeepZoomPyramid(size, 256).max_level
    level = call.opt_integer("level")
    if level is None:
        longest = max(box[2] - box[0], box[3] - box[1])
        level = max_level - max(0, math.ceil(math.log2(longest / _WIDEST_PX)))
    if level < 0:
        raise InputError(f"level must be 0 or above, not {level}")
    form = (call.opt_text("format") or "binary").strip().lower()
    if form not in {"binary", "geojson"}:
        raise InputError(f"format must be binary or geojson, not {form[:20]!r}")
    return _Asked(
        box=box,
        downsample=2.0 ** max(0, max_level - level),
        is_geojson=form == "geojson",
    )


def _box(text: str | None, size: Size) -> Box:
    if text is None:
        return 0.0, 0.0, float(size.width), float(size.height)
    try:
        left, top, right, bottom = (float(part) for part in text.split(","))
    except ValueError:
        left = math.nan
        top = right = bottom = 0.0
    edges = (left, top, right, bottom)
    if not (all(abs(edge) <= _FARTHEST_PX for edge in edges) and left < right and top < bottom):
        raise InputError(
            "bbox must be four numbers, left,top,right,bottom, in level-0 pixels, with left before "
            "right and top before bottom"
        )
    return edges


def _etag(source: LayerSource, asked: _Asked) -> str:
    named = repr((_VERSION, source.key, asked.box, asked.downsample, asked.is_geojson))
    return f'"{hashlib.blake2b(named.encode(), digest_size=12).hexdigest()}"'


def _held(header: str) -> frozenset[str]:
    return frozenset(tag.strip().removeprefix("W/") for tag in header.split(","))


def _wire_measured(shape: MeasuredShape) -> dict[str, object]:
    found = shape.measured
    return {
        "index": shape.index,
        "type": shape.type,
        "areaUM2": found.area_um2,
        "lengthUM": found.length_um,
        "area": None if found.area_um2 is None else measures.area_text(found.area_um2),
        "length": None if found.length_um is None else measures.length_text(found.length_um),
        "problem": found.problem,
    }


def _wire_entry(entry: DrawnEntry) -> dict[str, object]:
    fields: dict[str, object] = {
        "answerId": entry.source.answer_id,
        "questionId": entry.question_id,
        "question": entry.question,
        "email": entry.email,
        "lastModifiedOn": wire_instant(entry.source.given_at),
        "annoUUID": entry.source.uuid,
        "items": entry.items,
        "chars": entry.source.char_count,
    }
    if entry.tma_row is not None:
        fields |= {"tmaRow": entry.tma_row, "tmaCol": entry.tma_column}
    return fields
