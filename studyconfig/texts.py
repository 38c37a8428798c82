"""What a study holds into the texts of its configuration files, and how two such texts differ."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from studyconfig import plan
from studyconfig.formats import config, emails, images, scores, tma_map
from studyconfig.formats.config import Settings
from studyconfig.formats.emails import Members
from studyconfig.formats.images import SlideReference, SlideReferences
from studyconfig.formats.scores import ScoreSheet
from studyconfig.plan import StudyContent, StudySlide

MAP_NAME = "mapname"
"""Header property (ours) that tells a map's name where its file must have another one."""

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_]+")

MAX_DIFF_LINES = 2_000
"""How many lines of difference are told of one file."""

MAX_COMPARED_LINES = 50_000
"""A longer file is not compared line by line: it may take minutes."""


def write(study_name: str, held: StudyContent) -> dict[str, str]:
    """Return the text of each configuration file of a study, by file name.

    Paths of slides do not depend on the study's name, so renamed files make a clone.
    """
    prefix = f"study.{study_name}"
    called = [entry for value in held.maps.values() for entry in value.tmas]
    files = {
        f"{prefix}.emails": emails.write(Members(held.members)),
        f"{prefix}.scores": scores.write(ScoreSheet(held.questions)),
        f"{prefix}.images": images.write(
            SlideReferences(tuple(_reference(slide, prefix, called) for slide in held.slides))
        ),
        f"{prefix}.config": config.write(settings(held)),
    }
    used = {slide.map_name for slide in held.slides}
    for name, value in held.maps.items():
        start = f"{prefix}.map"
        if name in used or (name.startswith(start) and "." not in name[len(start) :]):
            files[name] = tma_map.write(value)
        else:
            # No list names it, so only its file's name says whose it is; its own name is inside.
            alias = f"{prefix}.map-{_NOT_PLAIN.sub('-', name)}"
            while alias in files or alias in held.maps:
                alias += "-"
            files[alias] = tma_map.write(replace(value, other=(*value.other, (MAP_NAME, name))))
    return files


def settings(held: StudyContent) -> Settings:
    """Return the settings as their file has them: kept as text, so read as the file is."""
    return config.parse("".join(f"{name}: {value}\n" for name, value in held.settings.items()))


def diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return the difference of files as unified diff; empty when they are the same.

    Parameters
    ----------
    before, after
        Texts by file name; a file that is missing is empty.
    """
    return "".join(
        _file_diff(name, before.get(name, ""), after.get(name, ""))
        for name in {**before, **after}
        if before.get(name, "") != after.get(name, "")
    )


def _file_diff(name: str, before: str, after: str) -> str:
    old, new = before.splitlines(), after.splitlines()
    if len(old) + len(new) > MAX_COMPARED_LINES:
        return f"{name}: {len(old)} lines before, {len(new)} after; too many to compare here\n"
    lines = list(
        difflib.unified_diff(
            old, new, f"{name} (the study now)", f"{name} (after the import)", lineterm=""
        )
    )
    more = len(lines) - MAX_DIFF_LINES
    told = [*lines[:MAX_DIFF_LINES], *([f"… and {more} more lines"] if more > 0 else [])]
    return "".join(f"{line}\n" for line in told)


def _reference(slide: StudySlide, prefix: str, called: Sequence[str]) -> SlideReference:
    """Return a slide's line without the study's name in it, so that it is right for a clone."""
    map_name = slide.map_name and slide.map_name.removeprefix(f"{prefix}.")
    if map_name is None and any(plan.is_called(slide, entry) for entry in called):
        map_name = images.NO_MAP
    return SlideReference(
        # From the study's folder, one up to the images root.
        path=posixpath.join("..", slide.path),
        map_name=map_name,
        rotation=slide.rotation or None,
        name=None if slide.name == plan.slide_name(slide.path) else slide.name,
    )
