"""The Api call with which a page learns what its reader may do in a study."""

from __future__ import annotations

from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.replies import Voice, json_reply
from scoring import sheet


class SheetEndpoints:
    """Answers the call about a study's sheet."""

    async def rights(self, call: Call) -> Response:
        """Tell what the caller may do."""
        found = await call.read(sheet.find_sheet, study_id=call.integer("studyId"))
        return json_reply(
            {
                "success": True,
                "studyId": found.study_id,
                "name": found.study_name,
                "label": found.label,
                "email": found.email,
                "canScore": found.can_score,
                "canEdit": found.can_edit,
                "canGetResults": found.can_get_results,
                "canCompareResults": found.can_compare,
                "answersAreFinal": found.is_final,
                "oneWay": found.is_one_way,
                "showsThumbnails": found.shows_thumbnails,
                "seesOthers": found.sees_others,
                "hidesNames": found.hides_names,
                "scoreTmaCoresAtOnce": found.cores_at_once,
                "showsLabels": found.shows_labels,
                "sharesSlides": found.shares_slides,
                "recordsSessions": found.records_sessions,
            }
        )


def calls(endpoints: SheetEndpoints) -> list[ApiCall]:
    """Return the declared call."""
    return [
        ApiCall(
            "StudyRights",
            endpoints.rights,
            "What the caller may do in a study, and by which rules it is scored",
            parameters=(Parameter("studyId", int),),
            right="study readable",
            source="choice; the rules are settings of the seed",
            voice=Voice.STATUS,
        )
    ]
