"""The Api calls about the cores of tissue microarrays: where they lie, and how large they are."""

from __future__ import annotations

import functools
import json

import anyio
from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.replies import json_reply
from records.errors import InputError
from studyconfig import corework, tma
from studyconfig.cores.layout import CoreLayout, CorePlace
from studyconfig.corework import CoreTask, MovedCore, OpenableSlides
from studyconfig.reimport import UnitOfWork


class CoreEndpoints:
    """Answers the calls about cores.

    Parameters
    ----------
    work
        Gives transactions; a slide is looked at between two of them.
    slides
        Those whose cores are looked for.
    """

    def __init__(self, work: UnitOfWork, slides: OpenableSlides) -> None:
        self._work = work
        self._slides = slides
        self._looking = anyio.CapacityLimiter(1)

    async def cores(self, call: Call) -> Response:
        """Tell where the cores of a slide lie, or which one lies at a pixel."""
        x, y = call.opt_number("x"), call.opt_number("y")
        task, found = await self._found(call, call.integer("imageId"))
        if x is None or y is None:
            return json_reply({"success": True, **_wire_layout(task, found)})
        core = found.core_at(x, y)
        return json_reply(
            {"success": True, "core": None if core is None else _wire_core(task, core)}
        )

    async def _found(self, call: Call, slide_id: int) -> tuple[CoreTask, CoreLayout]:
        task, known = await call.read(corework.find_task, slide_id=slide_id)
        if known is not None:
            return task, known
        # One at a time: it takes seconds, and who asks for the same slide finds it known then.
        find = functools.partial(
            corework.find_cores, self._work, self._slides, call.actor, slide_id=slide_id
        )
        return await anyio.to_thread.run_sync(find, limiter=self._looking)

    async def set_map(self, call: Call) -> Response:
        """Add or update a TMA map by its text."""
        await call.write(
            tma.set_map,
            study_id=call.integer("studyId"),
            name=call.text("tmaMapName"),
            text=call.text("text"),
        )
        return json_reply({"success": True})

    async def set_cores(self, call: Call) -> Response:
        """Accept where the cores of a slide lie, some of them moved."""
        await call.write(
            corework.set_places,
            study_id=call.integer("studyId"),
            slide_id=call.integer("imageId"),
            moved=_read_moved(call.opt_text("cores")),
        )
        return json_reply({"success": True})

    async def update_core_size(self, call: Call) -> Response:
        """Say how large the cores of a slide are."""
        await call.write(
            corework.set_core_size,
            study_id=call.integer("studyId"),
            slide_id=call.integer("imageId"),
            core_um=call.opt_number("coreSize"),
        )
        return json_reply({"success": True})


def calls(endpoints: CoreEndpoints) -> list[ApiCall]:
    """Return the calls of this module."""
    return [
        ApiCall(
            "GetTMACores",
            endpoints.cores,
            "Where the cores of a slide lie, in level-0 pixels; with x and y, the one there",
            parameters=(
                Parameter("imageId", int),
                Parameter("x", float, required=False, note="level-0 pixels"),
                Parameter("y", float, required=False, note="level-0 pixels"),
            ),
            right="study readable; sample ids as the study shows them",
            source="none, ours",
        ),
        ApiCall(
            "SetTMAMap",
            endpoints.set_map,
            "Add or update a TMA map by its text; rows and columns that are there stay",
            parameters=(
                Parameter("studyId", int),
                Parameter("tmaMapName", str),
                Parameter("text", str, note="as in a .map file"),
            ),
            right="study modifiable",
            source="none, ours",
            writes=True,
        ),
        ApiCall(
            "SetTMACores",
            endpoints.set_cores,
            "Accept where the cores of a slide were found, with corrections by hand",
            parameters=(
                Parameter("studyId", int),
                Parameter("imageId", int),
                Parameter(
                    "cores",
                    str,
                    required=False,
                    note="those that were moved: JSON, [{row, col, x, y, isMissing}, …]",
                ),
            ),
            right="study modifiable",
            source="none, ours",
            writes=True,
        ),
        ApiCall(
            "UpdateTMACoreSize",
            endpoints.update_core_size,
            "Say how large the cores of a slide are",
            parameters=(
                Parameter("studyId", int),
                Parameter("imageId", int),
                Parameter(
                    "coreSize",
                    float,
                    required=False,
                    note="diameter in µm, 10 to 20000; empty: as found",
                ),
            ),
            right="study modifiable",
            source="slidescore.md 3.1 (name alone; parameters are ours)",
            writes=True,
        ),
    ]


def _read_moved(text: str | None) -> list[MovedCore]:
    try:
        return [
            MovedCore(
                row=int(entry["row"]),
                column=int(entry["col"]),
                x=float(entry["x"]),
                y=float(entry["y"]),
                is_missing=entry.get("isMissing") is True,
            )
            for entry in json.loads(text or "[]")
        ]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise InputError(
            'cores must be JSON such as [{"row": 0, "col": 1, "x": 1200, "y": 900}]'
        ) from None


def _wire_layout(task: CoreTask, found: CoreLayout) -> dict[str, object]:
    return {
        "imageID": task.slide_id,
        "rows": found.rows,
        "cols": found.columns,
        "rotation": found.rotation,
        "isSure": found.is_sure,
        "coreDiameter": found.diameter,
        "coreDiameterUM": None if task.mpp is None else round(found.diameter * task.mpp, 2),
        "cores": [_wire_core(task, place) for place in found.places if place.sample],
    }


def _wire_core(task: CoreTask, place: CorePlace) -> dict[str, object]:
    return {
        "row": place.row,
        "col": place.column,
        "sampleID": "" if task.hides_samples else place.sample,
        "x": place.x,
        "y": place.y,
        "isSeen": place.is_seen,
        "isMissing": place.is_missing,
        "isControl": place.is_control,
        "isIgnored": place.is_ignored,
    }
