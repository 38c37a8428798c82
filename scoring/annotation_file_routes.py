"""The Api calls that take annotations in and hand them out, in every format."""

from __future__ import annotations

import re
from urllib.parse import quote

from sqlmodel import Session
from starlette.responses import Response, StreamingResponse

from access.calls import ApiCall, Call, Parameter
from access.replies import json_reply
from access.rights import Actor
from records.errors import InputError
from records.filestore import FileStore
from scoring import anno2_conversion, annotation_exchange, conversion, spool, targets
from scoring.anno2_conversion import Keeping
from scoring.annotation_exchange import Target, Wanted

_FORMATS = ", ".join(conversion.FORMATS)
_IMAGE_ID = Parameter("imageId", int)
_USER = Parameter("user", str, note="e-mail address of the reader")
_QUESTION = Parameter("question", str, required=False)
_METADATA = Parameter("metadata", str, required=False, note="a JSON object kept in the file")

MOST_LOSSES = 20
"""Lines about losses in the reply's header."""


class AnnotationFileEndpoints:
    """Answers the calls about annotations as files.

    Parameters
    ----------
    keeping
        Where annotation files are kept, and how new ones are named.
    """

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping

    async def export(self, call: Call) -> Response:
        """Send what somebody drew on a slide as a file of a format."""
        question = call.opt_text("question")
        wanted = Wanted(
            slide_id=call.integer("imageId"),
            email=call.text("user"),
            questions=(question,) if question else (),
            form=conversion.by_name(call.opt_text("format") or "geojson"),
        )
        name, losses, file = await call.read(_written, wanted=wanted, store=self._keeping.store)
        headers = {"Content-Disposition": _disposition(name), "Cache-Control": "no-store"}
        if losses:
            # A header holds no other signs than these.
            told = "; ".join(losses[:MOST_LOSSES]).replace("×", "x")
            headers["X-Annotation-Losses"] = told.encode("ascii", "replace").decode()
        return StreamingResponse(
            spool.blocks(file), media_type=wanted.form.media_type, headers=headers
        )

    async def import_file(self, call: Call) -> Response:
        """Take in annotations of any format as somebody's answers."""
        name = call.opt_text("format")
        form = conversion.by_name(name) if name else None
        data = call.text("annotations").encode()
        if not data.strip():
            raise InputError("the parameter annotations is empty; expected the text of a file")
        question = call.opt_text("question")
        ready = await call.in_thread(annotation_exchange.prepare, data, form, question=question)
        log = await call.write(
            annotation_exchange.import_annotations,
            target=Target(
                slide_id=call.integer("imageId"),
                email=call.text("user"),
                question=question,
            ),
            ready=ready,
            store=self._keeping.store,
            new_uuid=self._keeping.new_uuid,
            now=call.now,
        )
        return json_reply({"success": True, "log": "\n".join(log)})

    async def convert_answer(self, call: Call) -> Response:
        """Make an answer an annotation file."""
        uuid = await call.write(
            anno2_conversion.convert_answer,
            target=targets.target_of(call),
            metadata=call.opt_text("metadata") or "",
            keeping=self._keeping,
            now=call.now,
        )
        return json_reply({"success": True, "annoUUID": uuid})

    async def convert_score_value(self, call: Call) -> Response:
        """Make an answer, named by its id, an annotation file."""
        uuid = await call.write(
            anno2_conversion.convert_score_value,
            answer_id=call.integer("scoreValueId"),
            metadata=call.opt_text("metadata") or "",
            keeping=self._keeping,
            now=call.now,
        )
        return json_reply({"success": True, "annoUUID": uuid})


def calls(endpoints: AnnotationFileEndpoints) -> list[ApiCall]:
    """Return the calls about annotations as files."""
    return [
        ApiCall(
            "ExportAnnotations",
            endpoints.export,
            "Somebody's annotations of a slide as a file; X-Annotation-Losses tells what is lost",
            parameters=(
                _IMAGE_ID,
                _USER,
                _QUESTION,
                Parameter("format", str, required=False, note=f"{_FORMATS}; geojson when absent"),
            ),
            right="as for Scores",
            source="choice",
        ),
        ApiCall(
            "ImportAnnotations",
            endpoints.import_file,
            "Takes in annotations of any text format; classes without a question become new ones",
            parameters=(
                _IMAGE_ID,
                _USER,
                Parameter("annotations", str, note="the file's text"),
                Parameter("format", str, required=False, note="told by the text when absent"),
                Parameter("question", str, required=False, note="the one that all shapes answer"),
            ),
            right="CanUploadScores, study modifiable",
            source="choice",
            writes=True,
        ),
        ApiCall(
            "ConvertAnnotationToAnno2",
            endpoints.convert_answer,
            "Makes somebody's answer an annotation file; its text stays in the history",
            parameters=(*targets.PARAMETERS, _METADATA),
            right="CanUploadScores, study modifiable",
            source="slidescore.md 3.9",
            writes=True,
        ),
        ApiCall(
            "ConvertScoreValueToAnno2",
            endpoints.convert_score_value,
            "Makes an answer, named by its id among Scores, an annotation file",
            parameters=(Parameter("scoreValueId", int), _METADATA),
            right="CanUploadScores, study modifiable",
            source="slidescore.md 3.9",
            writes=True,
        ),
    ]


def _written(
    session: Session, actor: Actor, *, wanted: Wanted, store: FileStore
) -> tuple[str, list[str], spool.File]:
    """Write the whole file while the transaction reads; it is sent afterwards."""
    export = annotation_exchange.export_annotations(session, actor, wanted=wanted, store=store)
    file = spool.filled(export.blocks)
    return export.file_name, export.losses.lines(), file


def _disposition(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    header = f'attachment; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"
