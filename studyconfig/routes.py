"""The Api calls that tell what a study is made of, and the one that makes it: Reimport."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.replies import Voice, json_reply
from records.filestore import FileStore
from studyconfig import export, listing, reimport, wire
from studyconfig.reimport import Options, UnitOfWork
from studyconfig.slides import IMAGES_PREFIX, NoteSums

log = structlog.get_logger(__name__)

_STUDY_ID = Parameter("studyId", int)
_IMAGE_ID = Parameter("imageId", int)


class StudyEndpoints:
    """Answers the calls that list, describe and import studies.

    Parameters
    ----------
    work
        Gives transactions; Reimport needs two with time between them.
    files
        The images root.
    forget
        Drops what is remembered of a slide by its id, because its file is another one.
    note_sums
        Keeps, with slides of a study that came just now, what is known of their files elsewhere.
    """

    def __init__(
        self,
        work: UnitOfWork,
        files: FileStore,
        *,
        forget: Callable[[int], None],
        note_sums: NoteSums,
    ) -> None:
        self._work = work
        self._files = files
        self._forget = forget
        self._note_sums = note_sums

    async def studies(self, call: Call) -> Response:
        """List studies."""
        found = await call.read(listing.list_studies)
        return json_reply([wire.listed_study(study) for study in found])

    async def images(self, call: Call) -> Response:
        """List the slides of a study."""
        found = await call.read(listing.list_slides, study_id=call.integer("studyId"))
        return json_reply([wire.listed_slide(slide) for slide in found])

    async def cases(self, call: Call) -> Response:
        """List the cases of a study."""
        found = await call.read(listing.list_cases, study_id=call.integer("studyId"))
        return json_reply([{"id": case.id, "name": case.name} for case in found])

    async def questions(self, call: Call) -> Response:
        """List the questions of a study."""
        found = await call.read(listing.list_questions, study_id=call.integer("studyId"))
        return json_reply([wire.asked_question(question) for question in found])

    async def slide_details(self, call: Call) -> Response:
        """Tell what is known of a slide."""
        slide = await call.read(listing.find_slide, slide_id=call.integer("imageId"))
        details = {
            "imageID": slide.id,
            "width": slide.width,
            "height": slide.height,
            "mppX": slide.mpp_x,
            "mppY": slide.mpp_y,
            "objectivePower": slide.objective_power,
            "isOOF": slide.is_out_of_focus,
        }
        return json_reply({"success": True, **wire.listed_slide(slide), **details})

    async def slide_description(self, call: Call) -> Response:
        """Tell a slide's description."""
        html = await call.read(listing.slide_description, slide_id=call.integer("imageId"))
        return json_reply({"success": True, "description": html})

    async def case_description(self, call: Call) -> Response:
        """Tell a case's description."""
        html = await call.read(listing.case_description, case_id=call.integer("caseId"))
        return json_reply({"success": True, "description": html})

    async def slide_path(self, call: Call) -> Response:
        """Tell where a slide's file lies."""
        path = await call.read(listing.slide_path, slide_id=call.integer("imageId"))
        return json_reply({"success": True, "path": f"{IMAGES_PREFIX}{path}"})

    async def config(self, call: Call) -> Response:
        """Tell all that is configured of a study, as one object."""
        found = await call.read(export.study_config, study_id=call.integer("studyId"))
        return json_reply({"success": True, "config": wire.config(found)})

    async def config_files(self, call: Call) -> Response:
        """Tell the text of each configuration file of a study."""
        files = await call.read(export.config_files, study_id=call.integer("studyId"))
        return json_reply({**files, "success": True})

    async def reimport(self, call: Call) -> Response:
        """Make a study as its files say."""
        options = Options(
            ignore_image_errors=call.boolean("ignoreImageErrors"),
            dry_run=call.boolean("dryRun"),
            keep_handwork=call.boolean("keepChangesByHand"),
            give_up=wire.things(call.opt_text("overwrite"), name="overwrite"),
        )
        study_name = call.text("studyName")
        started = time.perf_counter()
        result = await call.in_thread(
            reimport.reimport,
            self._work,
            self._files,
            call.actor,
            study_name=study_name,
            options=options,
            now=call.now,
        )
        for slide_id in result.replaced_slides:
            self._forget(slide_id)
        if result.success and result.study_id is not None and not options.dry_run:
            await call.write(self._note_sums, study_id=result.study_id)
        log.info(
            "reimport",
            study_id=result.study_id,
            success=result.success,
            dry_run=options.dry_run,
            seconds=round(time.perf_counter() - started, 3),
        )
        return json_reply(
            {"success": result.success, "id": result.study_id, "log": result.log}
            | ({} if result.success else {"error": result.log})
            | (wire.plan_of(result) if options.dry_run and result.success else {})
        )


def calls(endpoints: StudyEndpoints) -> list[ApiCall]:
    """Return the calls of this module."""
    return [*_list_calls(endpoints), *_detail_calls(endpoints), *_config_calls(endpoints)]


def _list_calls(endpoints: StudyEndpoints) -> list[ApiCall]:
    return [
        ApiCall(
            "Studies",
            endpoints.studies,
            "Studies that may be seen, by name",
            right="token valid; lists what may be read",
            source="slidescore.md 3.2",
            voice=Voice.STATUS,
        ),
        ApiCall(
            "Images",
            endpoints.images,
            "Slides of a study, in its order",
            parameters=(_STUDY_ID,),
            right="study readable",
            source="slidescore.md 3.2",
            voice=Voice.STATUS,
        ),
        ApiCall(
            "Cases",
            endpoints.cases,
            "Cases of a study, by name",
            parameters=(_STUDY_ID,),
            right="study readable",
            source="slidescore.md 3.2",
            voice=Voice.STATUS,
        ),
        ApiCall(
            "Questions",
            endpoints.questions,
            "Questions of a study, in the order of the sheet",
            parameters=(_STUDY_ID,),
            right="study readable",
            source="slidescore.md 3.2",
            voice=Voice.STATUS,
        ),
    ]


def _detail_calls(endpoints: StudyEndpoints) -> list[ApiCall]:
    return [
        ApiCall(
            "GetSlideDetails",
            endpoints.slide_details,
            "What is known of a slide",
            parameters=(_IMAGE_ID,),
            right="study readable",
            source="slidescore.md 3.2",
        ),
        ApiCall(
            "GetSlideDescription",
            endpoints.slide_description,
            "Description of a slide, as HTML",
            parameters=(_IMAGE_ID,),
            right="study readable",
            source="slidescore.md 3.3",
        ),
        ApiCall(
            "GetCaseDescription",
            endpoints.case_description,
            "Description of a case, as HTML",
            parameters=(Parameter("caseId", int),),
            right="study readable",
            source="slidescore.md 3.3",
        ),
        ApiCall(
            "GetSlidePath",
            endpoints.slide_path,
            "Where a slide's file lies, beginning with images/",
            parameters=(_IMAGE_ID,),
            right="CanHandlePaths; study readable",
            source="slidescore.md 3.3",
        ),
    ]


def _config_calls(endpoints: StudyEndpoints) -> list[ApiCall]:
    return [
        ApiCall(
            "GetConfig",
            endpoints.config,
            "All that is configured of a study, as one object",
            parameters=(_STUDY_ID,),
            right="CanGetConfig; study readable",
            source="slidescore.md 3.5",
        ),
        ApiCall(
            "GetConfigFiles",
            endpoints.config_files,
            "Text of each configuration file of a study, by file name",
            parameters=(_STUDY_ID,),
            right="CanGetConfig; study readable",
            source="slidescore.md 3.5",
        ),
        ApiCall(
            "Reimport",
            endpoints.reimport,
            "Make a study as the files in the images root say; only adds and updates",
            parameters=(
                Parameter("studyName", str),
                Parameter(
                    "ignoreImageErrors",
                    bool,
                    required=False,
                    note="true: pass over slides that cannot be read",
                ),
                Parameter(
                    "dryRun",
                    bool,
                    required=False,
                    note="true: change nothing, and tell diff and changes besides the log",
                ),
                Parameter(
                    "keepChangesByHand",
                    bool,
                    required=False,
                    note="true: what people changed since the last import wins over the files",
                ),
                Parameter(
                    "overwrite",
                    str,
                    required=False,
                    note="with keepChangesByHand, where the files win: JSON, [[kind, key], …]",
                ),
            ),
            right="CanReimportStudies; study modifiable",
            source="slidescore.md 3.5; dryRun, keepChangesByHand and overwrite are ours",
            writes=True,
        ),
    ]
