"""The things of a study as short texts, property by property, to compare one time with another."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from studyconfig.formats.emails import Member
from studyconfig.formats.scores import QuestionLine
from studyconfig.formats.tma_map import TmaMap
from studyconfig.plan import StudyContent, StudySlide

MAX_TEXT_LENGTH = 300
"""Longer properties (cores of a map, long lists of values) are compared by a digest of them."""

Properties = Mapping[str, str]
Snapshot = Mapping[str, Mapping[str, Properties]]
"""Kind of thing, then its name, address or path, then its properties."""


def take(content: StudyContent, *, is_wish: bool = False) -> dict[str, dict[str, dict[str, str]]]:
    """Return what a study holds, or what its files say, as texts.

    Parameters
    ----------
    is_wish
        Whether None leaves a property as it is, so that it is left out.
    """
    slide_properties = _wishes if is_wish else properties
    return {
        "settings": {name: properties(value) for name, value in content.settings.items()},
        "people": {member.email: properties(member) for member in content.members},
        "questions": {line.name: properties(line) for line in content.questions},
        "TMA maps": {name: properties(value) for name, value in content.maps.items()},
        "slides": {slide.path: slide_properties(slide) for slide in content.slides},
    }


def properties(thing: object) -> dict[str, str]:
    """Return the properties of one thing that people and files set, as texts.

    What a slide's file is does not count: nobody sets it.
    """
    if isinstance(thing, str):
        return {"value": _short(thing)}
    if isinstance(thing, Member):
        held = {
            "can score": thing.can_score,
            "can edit": thing.can_edit,
            "can get results": thing.can_get_results,
        }
        return {name: "yes" if has else "no" for name, has in held.items()}
    if isinstance(thing, QuestionLine):
        return _question(thing)
    if isinstance(thing, TmaMap):
        header = "\n".join(f"{name}: {value}" for name, value in thing.header.items())
        return {"header": _short(header), "cores": _digest("\n".join(map("\t".join, thing.rows)))}
    if isinstance(thing, StudySlide):
        return {**_wishes(thing), "TMA map": thing.map_name or ""}
    raise TypeError(f"a study holds no {type(thing).__name__}")


def _wishes(slide: StudySlide) -> dict[str, str]:
    wishes = {"name": slide.name, "rotation": slide.rotation, "TMA map": slide.map_name}
    return {name: str(value) for name, value in wishes.items() if value is not None}


def _question(line: QuestionLine) -> dict[str, str]:
    condition = line.condition
    return {
        "type": line.type.name,
        "values": _short(line.values),
        "mandatory": "yes" if line.mandatory else "no",
        "per case": "yes" if line.per_case else "no",
        "condition": ""
        if condition is None
        else _short(f"{condition.question} {condition.comparison} {condition.answer}"),
    }


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT_LENGTH else _digest(text)


def _digest(text: str) -> str:
    return f"sha256 {hashlib.sha256(text.encode()).hexdigest()[:16]}"
