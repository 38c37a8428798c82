"""The Api call that finds slides and cores by name."""

from __future__ import annotations

from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.replies import json_reply
from studyconfig import search


async def find(call: Call) -> Response:
    """Send what fits, of slides and of cores."""
    found = await call.read(search.find, text=call.text("text"))
    return json_reply(
        {
            "success": True,
            "slides": [
                {
                    "studyId": slide.study_id,
                    "imageID": slide.slide_id,
                    "imageName": slide.name,
                    "caseName": slide.case_name,
                }
                for slide in found.slides
            ],
            "cores": [
                {
                    "studyId": core.study_id,
                    "imageID": core.slide_id,
                    "imageName": core.slide_name,
                    "tmaSampleID": core.sample,
                    "tmaRow": core.row,
                    "tmaCol": core.column,
                }
                for core in found.cores
            ],
        }
    )


def calls() -> list[ApiCall]:
    """Return the declared call."""
    return [
        ApiCall(
            "Find",
            find,
            "Slides by name or case, and cores by sample, in every study that one may see",
            parameters=(Parameter("text", str, note="words that must all be there, in any case"),),
            right="each study readable; what it hides from who asks is not searched",
            source="choice",
        )
    ]
