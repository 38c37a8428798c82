"""The Api calls about the cores of tissue microarrays: where they lie, and how large they are."""

from __future__ import annotations

from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.replies import json_reply
from records.filestore import FileStore
from studyconfig import corework
from studyconfig.cores.layout import CoreLayout, CorePlace
from studyconfig.corework import CoreTask
from studyconfig.reimport import UnitOfWork


class CoreEndpoints:
    """Answers the calls about cores.

    Parameters
    ----------
    work
        Gives transactions; a slide is looked at between two of them.
    files
        The images root.
    """

    def __init__(self, work: UnitOfWork, files: FileStore) -> None:
        self._work = work
        self._files = files

    async def cores(self, call: Call) -> Response:
        """Tell where the cores of a slide lie, or which one lies at a pixel."""
        x, y = call.opt_number("x"), call.opt_number("y")
        task, found = await call.in_thread(
            corework.find_cores,
            self._work,
            self._files,
            call.actor,
            slide_id=call.integer("imageId"),
        )
        if x is None or y is None:
            return json_reply({"success": True, **_wire_layout(task, found)})
        core = found.core_at(x, y)
        return json_reply(
            {"success": True, "core": None if core is None else _wire_core(task, core)}
        )

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
