"""The Api calls of the pages with which a study is set up; all of them are ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.replies import json_reply
from records.filestore import FileStore
from studyconfig import editing, lifecycle, setup, storedfiles, wire
from studyconfig.listing import QuestionEntry
from studyconfig.setup import StudySetup
from studyconfig.storedfiles import Finding, StoredFile

_SOURCE = "choice"
_STUDY_ID = Parameter("studyId", int)
_NAME = Parameter("fileName", str, note="study.<name>.<kind>, or the kind alone, such as .scores")
_TEXT = Parameter("text", str, note="of the file, at most 16 MiB")


class SetupEndpoints:
    """Answers the calls with which a study is set up.

    Parameters
    ----------
    files
        The images root.
    forget
        Drops what is remembered of a slide by its id.
    """

    def __init__(self, files: FileStore, *, forget: Callable[[int], None]) -> None:
        self._files = files
        self._forget = forget

    async def study_setup(self, call: Call) -> Response:
        """Tell a study as who sets it up sees it."""
        found = await call.read(setup.find_setup, study_id=call.integer("studyId"))
        return json_reply({"success": True, **_wire_setup(found)})

    async def deleted_studies(self, call: Call) -> Response:
        """List the deleted studies that can be brought back."""
        found = await call.read(lifecycle.deleted_studies)
        studies = [{"id": id_, "name": name, "deletedOn": _instant(at)} for id_, name, at in found]
        return json_reply({"success": True, "studies": studies})

    async def stored_files(self, call: Call) -> Response:
        """Tell the configuration files that lie in the images root."""
        name, within = await call.read(storedfiles.may_read, study_id=call.integer("studyId"))
        found = await call.in_thread(storedfiles.read_all, self._files, within, name)
        return json_reply({"success": True, "files": [_wire_file(file) for file in found]})

    async def check_file(self, call: Call) -> Response:
        """Check the text of a configuration file."""
        found = await call.in_thread(storedfiles.check, call.text("fileName"), call.text("text"))
        return json_reply({"success": True, **_wire_finding(found)})

    async def save_file(self, call: Call) -> Response:
        """Write a configuration file."""
        study_id = call.integer("studyId")
        name, within = await call.read(storedfiles.may_write, study_id=study_id)
        stored = await call.in_thread(
            storedfiles.write,
            self._files,
            within,
            study_name=name,
            name=call.text("fileName"),
            content=call.text("text"),
            known_sha256=call.opt_text("sha256"),
        )
        await call.write(storedfiles.note_written, study_id=study_id, stored=stored)
        return json_reply({"success": True, "name": stored.name, "sha256": stored.sha256})

    async def set_rotation(self, call: Call) -> Response:
        """Say by how much a slide is shown turned."""
        slide_id = call.integer("imageId")
        await call.write(
            editing.set_rotation,
            study_id=call.integer("studyId"),
            slide_id=slide_id,
            rotation=call.integer("rotation"),
        )
        self._forget(slide_id)
        return json_reply({"success": True})


def calls(endpoints: SetupEndpoints) -> list[ApiCall]:
    """Return the calls of this module."""
    return [*_reading_calls(endpoints), *_writing_calls(endpoints)]


def _reading_calls(endpoints: SetupEndpoints) -> list[ApiCall]:
    return [
        ApiCall(
            "StudySetup",
            endpoints.study_setup,
            "A study as its editors see it: slides, questions and people, with their answers",
            parameters=(_STUDY_ID,),
            right="CanGetConfig; study modifiable",
            source=_SOURCE,
        ),
        ApiCall(
            "DeletedStudies",
            endpoints.deleted_studies,
            "Deleted studies that can be brought back, the latest first",
            right="CanDeleteOwnedStudies, or none for a person; only studies of one's own making",
            source=_SOURCE,
        ),
        ApiCall(
            "StoredConfigFiles",
            endpoints.stored_files,
            "The configuration files that Reimport would read, with their text",
            parameters=(_STUDY_ID,),
            right="CanGetConfig; study modifiable",
            source=_SOURCE,
        ),
        ApiCall(
            "CheckConfigFile",
            endpoints.check_file,
            "Every mistake in the text of a configuration file, by line and column; keeps nothing",
            parameters=(_NAME, _TEXT),
            right="any token or session",
            source=_SOURCE,
        ),
    ]


def _writing_calls(endpoints: SetupEndpoints) -> list[ApiCall]:
    return [
        ApiCall(
            "SaveConfigFile",
            endpoints.save_file,
            "Write a configuration file without mistakes to the images root, for Reimport to read",
            parameters=(
                _STUDY_ID,
                Parameter("fileName", str, note="study.<name>.<kind>, of this study"),
                _TEXT,
                Parameter(
                    "sha256",
                    str,
                    required=False,
                    note="of the file that was edited, none for a new one; else refused",
                ),
            ),
            right="CanUpload to the images root; study modifiable",
            source=_SOURCE,
            writes=True,
        ),
        ApiCall(
            "SetSlideRotation",
            endpoints.set_rotation,
            "Say by how much a slide is shown turned",
            parameters=(
                _STUDY_ID,
                Parameter("imageId", int),
                Parameter("rotation", int, note="0, 90, 180 or 270 degrees clockwise"),
            ),
            right="study modifiable",
            source=_SOURCE,
            writes=True,
        ),
    ]


def _wire_file(file: StoredFile) -> dict[str, object]:
    return {
        "name": file.name,
        "path": file.path,
        "text": file.content,
        "sha256": file.sha256,
        "problem": file.problem,
    }


def _wire_finding(found: Finding) -> dict[str, object]:
    return {
        "kind": found.kind,
        "count": found.count,
        "mistakes": [
            {"line": mistake.line, "column": mistake.column, "message": mistake.reason}
            for mistake in found.mistakes
        ],
        "warnings": found.warnings,
        "questions": [
            wire.asked_question(QuestionEntry(id=order, order=order, line=line))
            for order, line in enumerate(found.questions)
        ],
    }


def _wire_setup(found: StudySetup) -> dict[str, object]:
    return {
        "id": found.id,
        "name": found.name,
        "description": found.description,
        "createdOn": _instant(found.created_at),
        "publishedOn": _instant(found.published_at),
        "isArchived": found.is_archived,
        "settings": dict(found.settings),
        "slides": [_camel(slide) for slide in found.slides],
        "questions": [
            {
                **wire.asked_question(question),
                "answerCount": found.question_answers.get(question.id, 0),
            }
            for question in found.questions
        ],
        "members": [_camel(member) for member in found.members],
        "cases": [{"id": id_, "name": name} for id_, name in found.cases.items()],
        "tmaMaps": found.maps,
    }


def _camel(value: setup.SlideSetup | setup.MemberSetup) -> dict[str, object]:
    """Return the fields of a value with wire names: can_edit becomes canEdit."""
    names: Mapping[str, str] = {"signed_in_at": "signed_in_on"}
    fields: dict[str, object] = {}
    for name in value.__slots__:
        first, *rest = names.get(name, name).split("_")
        field = getattr(value, name)
        fields[first + "".join(word.capitalize() for word in rest)] = (
            _instant(field) if isinstance(field, datetime) else field
        )
    return fields


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.strftime("%Y-%m-%dT%H:%M:%SZ")
