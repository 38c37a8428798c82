"""The Api calls that change a study: its slides, cases, questions and TMA maps."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.replies import json_reply
from records.filestore import FileStore
from studyconfig import editing, focus, questions, slides, tma
from studyconfig.declared import CASE_ID, IMAGE_ID, MODIFY, STUDY_ID, change, done
from studyconfig.slides import NoteSums
from tileserver.pool import SlidePool

_SOURCE_EDIT = "slidescore.md 3.3; seed, Updating slide properties"
_SCORE_ID = Parameter("scoreId", int, note="id of the question")
_SPEC = Parameter("questionSpec", str, note="a .scores line: name<TAB>type<TAB>values")


class StructureEndpoints:
    """Answers the calls that change what a study is made of.

    Parameters
    ----------
    files
        The images root.
    forget
        Drops what is remembered of a slide by its id: file, resolution, rights.
    note_sums
        Keeps, with slides of a study that came just now, what is known of their files elsewhere.
    pool
        Opens slides whose sharpness is judged.
    """

    def __init__(
        self,
        files: FileStore,
        *,
        forget: Callable[[int], None],
        note_sums: NoteSums,
        pool: SlidePool,
    ) -> None:
        self._files = files
        self._pool = pool
        self._forget = forget
        self._note_sums = note_sums

    async def publish(self, call: Call) -> Response:
        """Show a study to its people."""
        return await self._set_published(call, is_published=True)

    async def unpublish(self, call: Call) -> Response:
        """Hide a study from those who may not edit it."""
        return await self._set_published(call, is_published=False)

    async def add_slide(self, call: Call) -> Response:
        """Add an uploaded file as a slide."""
        study_id = call.integer("studyId")
        reach = await call.read(slides.may_add, study_id=study_id)
        found = await call.in_thread(
            slides.find_file, self._files, reach, call.text("path"), pool=self._pool
        )
        slide_id = await call.write(slides.add_slide, study_id=study_id, found=found)
        self._forget(slide_id)
        await call.write(self._note_sums, study_id=study_id, slide_id=slide_id)
        return done(id=slide_id, isOOF=bool(found.is_out_of_focus))

    async def update_slide_path(self, call: Call) -> Response:
        """Let a slide have another file."""
        slide_id = call.integer("imageId")
        reach = await call.read(slides.may_move, slide_id=slide_id)
        found = await call.in_thread(slides.find_file, self._files, reach, call.text("newPath"))
        await call.write(slides.move_slide, slide_id=slide_id, found=found)
        self._forget(slide_id)
        return done()

    async def delete_slide(self, call: Call) -> Response:
        """Take a slide out of a study."""
        slide_id = call.integer("imageId")
        await call.write(slides.delete_slide, study_id=call.integer("studyId"), slide_id=slide_id)
        self._forget(slide_id)
        # Source: seed, DeleteSlide: "Empty result on success."
        return Response(status_code=200)

    async def is_slide_out_of_focus(self, call: Call) -> Response:
        """Judge a slide's sharpness, once."""
        study_id, slide_id = call.integer("studyId"), call.integer("imageId")
        path, is_blurred = await call.read(slides.focus_known, study_id=study_id, slide_id=slide_id)
        if is_blurred is None:
            is_blurred = await call.in_thread(focus.look, self._pool, self._files.resolve(path))
            await call.write(
                slides.set_focus, study_id=study_id, slide_id=slide_id, is_out_of_focus=is_blurred
            )
        return done(isOOF=bool(is_blurred))

    async def set_slide_description(self, call: Call) -> Response:
        """Replace a slide's description."""
        await call.write(
            editing.set_slide_description,
            study_id=call.integer("studyId"),
            slide_id=call.integer("imageId"),
            html=call.text("description"),
        )
        # Source: SDK, update_slide_description: anything else is taken for a failure.
        return json_reply({})

    async def update_slide_name(self, call: Call) -> Response:
        """Rename a slide."""
        slide_id = call.integer("imageId")
        await call.write(editing.rename_slide, slide_id=slide_id, name=call.text("newName"))
        self._forget(slide_id)
        return done()

    async def update_case_name(self, call: Call) -> Response:
        """Rename a case."""
        await call.write(
            editing.rename_case, case_id=call.integer("caseId"), name=call.text("newName")
        )
        return done()

    async def set_slide_resolution(self, call: Call) -> Response:
        """Say how large a slide's pixels are."""
        slide_id = call.integer("imageId")
        await call.write(
            editing.set_resolution,
            study_id=call.integer("studyId"),
            slide_id=slide_id,
            mpp=call.number("micronsPerPixel"),
        )
        self._forget(slide_id)
        return done()

    async def add_question(self, call: Call) -> Response:
        """Add a question at the end of the sheet."""
        question_id = await call.write(
            questions.add_question,
            study_id=call.integer("studyId"),
            spec=call.text("questionSpec"),
        )
        return done(id=question_id)

    async def update_question(self, call: Call) -> Response:
        """Change a question and its place."""
        question_id = await call.write(
            questions.update_question,
            study_id=call.integer("studyId"),
            question_id=call.integer("scoreId"),
            order=call.opt_integer("order"),
            spec=call.text("questionSpec"),
        )
        return done(id=question_id)

    async def remove_question(self, call: Call) -> Response:
        """Take a question off the sheet."""
        await call.write(
            questions.remove_question,
            study_id=call.integer("studyId"),
            question_id=call.integer("scoreId"),
        )
        return done()

    async def create_tma_map(self, call: Call) -> Response:
        """Add or update a TMA map from its file."""
        study_id = call.integer("studyId")
        study_name, reach = await call.read(tma.may_create, study_id=study_id)
        name, value = await call.in_thread(
            tma.read_map,
            self._files,
            reach,
            study_name=study_name,
            file_name=call.text("tmaMapFileName"),
        )
        await call.write(tma.create_map, study_id=study_id, name=name, value=value)
        return done(mapName=name)

    async def set_slide_tma_map(self, call: Call) -> Response:
        """Give a slide a TMA map."""
        await call.write(
            tma.assign_map,
            study_id=call.integer("studyId"),
            slide_id=call.integer("imageId"),
            name=call.text("tmaMapName"),
        )
        return done()

    async def _set_published(self, call: Call, *, is_published: bool) -> Response:
        await call.write(
            editing.set_published,
            study_id=call.integer("studyId"),
            is_published=is_published,
            now=call.now,
        )
        return done()


def calls(endpoints: StructureEndpoints) -> list[ApiCall]:
    """Return the calls of this module."""
    return [*_slide_calls(endpoints), *_property_calls(endpoints), *_sheet_calls(endpoints)]


def _slide_calls(endpoints: StructureEndpoints) -> list[ApiCall]:
    return [
        change(
            "AddSlide",
            endpoints.add_slide,
            "Add an uploaded file to a study as a slide",
            STUDY_ID,
            Parameter("path", str, note="folder/file.svs"),
            right=f"{MODIFY}; no file of a study that may not be read",
            source="slidescore.md 3.4",
        ),
        change(
            "UpdateSlidePath",
            endpoints.update_slide_path,
            "Let a slide have another file",
            IMAGE_ID,
            Parameter("newPath", str, note="with or without images/"),
            right=f"CanHandlePaths; {MODIFY}",
            source="slidescore.md 3.3",
        ),
        change(
            "DeleteSlide",
            endpoints.delete_slide,
            "Take a slide without answers out of a study; its file stays",
            STUDY_ID,
            IMAGE_ID,
            right=f"CanDeleteSlides; {MODIFY}",
            source="seed, DeleteSlide",
        ),
        change(
            "IsSlideOutOfFocus",
            endpoints.is_slide_out_of_focus,
            "Whether a slide is blurred, by an estimate of our own",
            STUDY_ID,
            IMAGE_ID,
            source="slidescore.md 3.3",
        ),
    ]


def _property_calls(endpoints: StructureEndpoints) -> list[ApiCall]:
    return [
        change(
            "Publish",
            endpoints.publish,
            "Show a study to its people",
            STUDY_ID,
            source="seed, Publish",
        ),
        change(
            "Unpublish",
            endpoints.unpublish,
            "Hide a study from those who may not edit it",
            STUDY_ID,
            source="seed, Unpublish",
        ),
        change(
            "SetSlideDescription",
            endpoints.set_slide_description,
            "Replace a slide's description; limited HTML",
            STUDY_ID,
            IMAGE_ID,
            Parameter("description", str),
            source=_SOURCE_EDIT,
        ),
        change(
            "SetSlideResolution",
            endpoints.set_slide_resolution,
            "Say how large a slide's pixels are",
            STUDY_ID,
            IMAGE_ID,
            Parameter("micronsPerPixel", float, note="more than 0, less than 1000000"),
            source=_SOURCE_EDIT,
        ),
        change(
            "UpdateSlideName",
            endpoints.update_slide_name,
            "Rename a slide",
            IMAGE_ID,
            Parameter("newName", str),
            source=_SOURCE_EDIT,
        ),
        change(
            "UpdateCaseName",
            endpoints.update_case_name,
            "Rename a case",
            CASE_ID,
            Parameter("newName", str),
            source=_SOURCE_EDIT,
        ),
    ]


def _sheet_calls(endpoints: StructureEndpoints) -> list[ApiCall]:
    source = "slidescore.md 3.5"
    return [
        change(
            "AddQuestion",
            endpoints.add_question,
            "Add a question at the end of the sheet",
            STUDY_ID,
            _SPEC,
            source=source,
        ),
        change(
            "UpdateQuestion",
            endpoints.update_question,
            "Change a question and its place",
            STUDY_ID,
            _SCORE_ID,
            Parameter("order", int, required=False, note="place, from 0; absent: as it is"),
            _SPEC,
            source=source,
        ),
        change(
            "RemoveQuestion",
            endpoints.remove_question,
            "Take a question without answers off the sheet",
            STUDY_ID,
            _SCORE_ID,
            source=source,
        ),
        change(
            "CreateTMAMap",
            endpoints.create_tma_map,
            "Add or update a TMA map from its file",
            STUDY_ID,
            Parameter("tmaMapFileName", str),
            source=source,
        ),
        change(
            "SetSlideTMAMap",
            endpoints.set_slide_tma_map,
            "Give a slide a TMA map; an empty name takes it away",
            STUDY_ID,
            IMAGE_ID,
            Parameter("tmaMapName", str),
            source=source,
        ),
    ]
