"""What a study is made of, as the wire tells it."""

from __future__ import annotations

import json

from records.errors import InputError
from studyconfig import listing
from studyconfig.export import StudyConfig
from studyconfig.formats.scores import QuestionLine
from studyconfig.formats.tma_map import TmaMap
from studyconfig.listing import QuestionEntry, SlideEntry, StudyEntry
from studyconfig.reimport import ReimportResult


def things(text: str | None, *, name: str) -> frozenset[tuple[str, str]]:
    """Read kinds and keys of things, as the changes of a dry run tell them.

    Parameters
    ----------
    text
        JSON, such as ``[["questions", "Grade"]]``; None or empty: none.
    name
        Of the parameter, for the message.

    Raises
    ------
    InputError
        It is no such list.
    """
    try:
        found = json.loads(text or "[]")
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(map(_is_thing, found)):
        raise InputError(f'{name} must be JSON such as [["questions", "Grade"]]')
    return frozenset((kind, key) for kind, key in found)


def _is_thing(entry: object) -> bool:
    if not isinstance(entry, list) or len(entry) != 2:
        return False
    return all(isinstance(part, str) for part in entry)


def plan_of(result: ReimportResult) -> dict[str, object]:
    """Return what a dry run tells besides its log."""
    return {
        "dryRun": True,
        "diff": result.diff,
        "changes": [
            {
                "kind": entry.kind,
                "key": entry.key,
                "property": entry.name,
                "lastImport": entry.base,
                "now": entry.now,
                "files": entry.wanted,
                "changedBy": entry.cause.value,
                "outcome": entry.fate.value,
            }
            for entry in result.differences
        ],
    }


def listed_study(study: StudyEntry) -> dict[str, object]:
    """Return a study as the list of studies tells it."""
    return {
        **_study(study),
        "isArchived": study.is_archived,
        "slideCount": study.slide_count,
        "scoredSlideCount": study.scored_slide_count,
        "rights": None
        if study.rights is None
        else {
            "canScore": study.rights.can_score,
            "canEdit": study.rights.can_edit,
            "canGetResults": study.rights.can_get_results,
        },
        **{name: study.tags.get(name, ()) for name in listing.TAGS},
    }


def _study(study: StudyEntry) -> dict[str, object]:
    return {
        "id": study.id,
        "name": study.name,
        "friendlyName": study.friendly_name,
        "folder": study.folder,
        "publishedOn": None
        if study.published_at is None
        else study.published_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def listed_slide(slide: SlideEntry) -> dict[str, object]:
    """Return a slide as lists of slides tell it."""
    return {
        "id": slide.id,
        "name": slide.name,
        "fileSize": slide.file_size,
        "studyID": slide.study_id,
        "caseID": slide.case_id,
        "caseName": slide.case_name,
        "tmaMap": slide.map_name,
        "rotation": slide.rotation,
        "isArchived": slide.is_archived,
    }


def asked_question(question: QuestionEntry) -> dict[str, object]:
    """Return a question of a sheet."""
    line = question.line
    return {
        "id": question.id,
        "name": line.name,
        "type": line.type.id,
        "typeName": line.type.name,
        "valuesAllowed": line.values,
        "order": question.order,
        "mandatory": line.mandatory,
        "perCase": line.per_case,
        "condition": _condition(line),
    }


def _condition(line: QuestionLine) -> dict[str, str] | None:
    if line.condition is None:
        return None
    return {
        "question": line.condition.question,
        "comparison": line.condition.comparison.value,
        "answer": line.condition.answer,
    }


def config(found: StudyConfig) -> dict[str, object]:
    """Return all that is configured of a study."""
    study = StudyEntry(
        id=found.id,
        name=found.name,
        friendly_name=found.content.settings.get("friendlyname", ""),
        folder=found.content.settings.get("folder", ""),
        published_at=found.published_at,
    )
    return {
        **_study(study),
        "description": found.description,
        "settings": {entry.name: entry.value for entry in found.settings.entries},
        # Source: slidescore.md 3.5: clients read name, typeName and valuesAllowed here.
        "scores": [asked_question(question) for question in found.questions],
        "emails": [
            {
                "email": member.email,
                "canScore": member.can_score,
                "canEdit": member.can_edit,
                "canGetResults": member.can_get_results,
            }
            for member in found.content.members
        ],
        "images": [
            {
                "id": slide_id,
                "name": slide.name,
                "path": slide.path,
                "tmaMap": slide.map_name,
                "rotation": slide.rotation,
            }
            for slide_id, slide in zip(found.slide_ids, found.content.slides, strict=True)
        ],
        "tmaMaps": [_map(name, value) for name, value in found.content.maps.items()],
    }


def _map(name: str, value: TmaMap) -> dict[str, object]:
    return {
        "name": name,
        "tmas": value.tmas,
        "controls": value.controls,
        "ignore": value.ignore,
        "force": value.force,
        "other": dict(value.other),
        "rows": value.rows,
    }
