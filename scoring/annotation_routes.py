"""The Api calls about annotations: exchange with ASAP, annotation files and screenshots."""

from __future__ import annotations

import anyio
import anyio.to_thread
from sqlmodel import Session
from starlette.responses import Response, StreamingResponse

from access.calls import ApiCall, Call, Parameter
from access.replies import Voice, json_reply
from access.rights import Actor
from records.errors import InputError
from records.filestore import FileStore
from scoring import annotation_files, exchange, screenshot, spool, targets
from scoring.annotation_files import AwaitedFile, Intake
from scoring.formats import asap_xml, questions_map
from scoring.screenshot import Stores, Wanted
from tileserver.geometry import Region
from tileserver.pool import SlidePool

SCREENSHOTS_AT_ONCE = 2
"""More would take processors and memory (some 400 MB for the largest) from the tiles."""

_IMAGE_ID = Parameter("imageId", int)
_USER = Parameter("user", str, note="e-mail address")


class AnnotationEndpoints:
    """Answers the calls about annotations.

    Parameters
    ----------
    stores
        Where slides and annotation files lie.
    pool
        Keeps slides open.
    intake
        What asking for an annotation file needs.
    """

    def __init__(self, stores: Stores, pool: SlidePool, intake: Intake) -> None:
        self._stores = stores
        self._pool = pool
        self._intake = intake
        self._limiter = anyio.CapacityLimiter(SCREENSHOTS_AT_ONCE)

    async def upload_asap(self, call: Call) -> Response:
        """Take in annotations of ASAP as somebody's answers."""
        slide_id, email = call.integer("imageId"), call.text("user")
        file = await call.in_thread(asap_xml.parse, call.text("asapAnnotation"))
        imported = await call.write(
            exchange.import_asap,
            slide_id=slide_id,
            email=email,
            file=file,
            questions=questions_map.parse(call.opt_text("questionsMap") or ""),
            new_question=call.opt_text("annotationName"),
            now=call.now,
        )
        return json_reply({"success": True, "log": "\n".join(imported.log)})

    async def export_asap(self, call: Call) -> Response:
        """Send somebody's annotations of a slide as ASAP's XML."""
        file = await call.read(
            _asap_file,
            store=self._stores.annotations,
            slide_id=call.integer("imageId"),
            email=call.text("user"),
            question=call.opt_text("question"),
        )
        # Source: slidescore.md 3.10: clients tell success by the first sign, which is "<".
        return StreamingResponse(spool.blocks(file), media_type="application/xml")

    async def create_anno2(self, call: Call) -> Response:
        """Ask for an annotation file that will be somebody's answer."""
        target = targets.target_of(call)
        awaited = await call.write(
            annotation_files.create_anno2, target=target, intake=self._intake, now=call.now
        )
        return _awaited_reply(awaited)

    async def create_orphan_anno2(self, call: Call) -> Response:
        """Ask for an annotation file that is nobody's answer."""
        awaited = await call.write(
            annotation_files.create_orphan_anno2, intake=self._intake, now=call.now
        )
        return _awaited_reply(awaited)

    async def screenshot(self, call: Call) -> Response:
        """Send a part of a slide as a picture, with somebody's annotations."""
        has_scale_bar = call.opt_boolean("showScalebar")
        wanted = Wanted(
            slide_id=call.integer("imageId"),
            dz_level=call.integer("level"),
            l0_region=_region(call),
            email=call.opt_text("withAnnotationForUser"),
            question=call.opt_text("question"),
            question_ids=_ids(call.opt_text("scoreIDs") or ""),
            has_scale_bar=has_scale_bar is not False,
            is_turned=call.opt_boolean("rotated") is True,
        )
        plan = await call.read(screenshot.plan_screenshot, wanted=wanted, stores=self._stores)
        jpeg = await anyio.to_thread.run_sync(
            lambda: screenshot.make_screenshot(plan, pool=self._pool), limiter=self._limiter
        )
        return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


def _asap_file(
    session: Session,
    actor: Actor,
    *,
    store: FileStore,
    slide_id: int,
    email: str,
    question: str | None,
) -> spool.File:
    """Write the whole file while the transaction reads; it is sent afterwards."""
    return spool.filled(
        exchange.export_asap(
            session, actor, store=store, slide_id=slide_id, email=email, question=question
        )
    )


def calls(endpoints: AnnotationEndpoints) -> list[ApiCall]:
    """Return the calls about annotations."""
    return [
        ApiCall(
            "UploadASAPAnnotations",
            endpoints.upload_asap,
            "Takes in annotations of ASAP; colours that are not mapped become new questions",
            parameters=(
                _IMAGE_ID,
                _USER,
                Parameter("asapAnnotation", str, note="the XML"),
                Parameter("questionsMap", str, required=False, note="lines of #rrggbb;Question"),
                Parameter("annotationName", str, required=False, note="name for new questions"),
            ),
            right="CanUploadScores, study modifiable",
            source="slidescore.md 3.10",
            writes=True,
        ),
        ApiCall(
            "ExportASAPAnnotations",
            endpoints.export_asap,
            "Somebody's annotations of a slide as XML that ASAP loads",
            parameters=(_IMAGE_ID, _USER, Parameter("question", str, required=False)),
            right="as for Scores",
            source="slidescore.md 3.10",
        ),
        ApiCall(
            "CreateAnno2",
            endpoints.create_anno2,
            "Asks for an annotation file that will be somebody's answer, to be uploaded then",
            parameters=targets.PARAMETERS,
            right="CanUploadScores, study modifiable",
            source="slidescore.md 3.9",
            writes=True,
        ),
        ApiCall(
            "CreateOrphanAnno2",
            endpoints.create_orphan_anno2,
            "Asks for an annotation file that is nobody's answer, to be uploaded then",
            right="CanUploadScores",
            source="slidescore.md 3.9",
            writes=True,
        ),
        ApiCall(
            "GetScreenshot",
            endpoints.screenshot,
            "A part of a slide as JPEG, with somebody's annotations and a scale bar",
            parameters=(
                _IMAGE_ID,
                Parameter("level", int, note="Deep Zoom level; finer than the slide is its finest"),
                *(
                    Parameter(name, int, required=False, note="all 0 or absent: whole slide")
                    for name in ("x", "y", "width", "height")
                ),
                Parameter("withAnnotationForUser", str, required=False),
                Parameter("question", str, required=False, note="not with scoreIDs"),
                Parameter("scoreIDs", str, required=False, note="ids, separated by commas"),
                Parameter("showScalebar", bool, required=False, note="true when absent"),
                Parameter("rotated", bool, required=False, note="turned as readers see it; ours"),
            ),
            right="as for Scores, and CanGetPixels",
            source="slidescore.md 3.8",
            voice=Voice.STATUS,
        ),
    ]


def _awaited_reply(awaited: AwaitedFile) -> Response:
    return json_reply(
        {"success": True, "uploadToken": awaited.upload_token, "annoUUID": awaited.uuid}
    )


def _region(call: Call) -> Region | None:
    # Clients compute these, so that they may come with a decimal point.
    x, y, width, height = (
        round(call.opt_number(name) or 0) for name in ("x", "y", "width", "height")
    )
    return Region(x, y, width, height) if any((x, y, width, height)) else None


def _ids(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise InputError("the parameter scoreIDs must be whole numbers, separated by commas")
    return tuple(map(int, parts))
