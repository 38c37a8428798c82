"""``*.images``: slides that a study refers to, one per line, with map, rotation and new name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from studyconfig import text

MAX_PATH_LENGTH = 1024
MAX_NAME_LENGTH = 400
ROTATIONS = (0, 90, 180, 270)
NO_MAP = "-"
"""In place of a map: the slide has none, whatever headers of maps say (our addition)."""

_FORM = "path;TMA map;rotation;new name"
# Possessive quantifiers (*+) keep hostile lines from costing quadratic time.
_FIELD = re.compile(r'\s*+(?:"(?P<quoted>(?:[^"]|"")*+)"|(?P<plain>[^;"\s][^;]*+)?)\s*+(?:;|$)')

_LIKE_ROTATION = re.compile(r"[+-]?[0-9.,]+ ?°?|")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideReference:
    """A slide as a study's file names it; None leaves a property as it is.

    Parameters
    ----------
    path
        Relative to the study's folder, with ``/``.
    map_name
        The TMA map's file; ``NO_MAP``: none.
    rotation
        Degrees clockwise: 0, 90, 180 or 270.
    name
        How the study calls the slide.
    line, map_column
        Where the file says so, counted from 1; no part of the value.
    """

    path: str
    map_name: str | None = None
    rotation: int | None = None
    name: str | None = None
    line: int = field(default=0, compare=False)
    map_column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class SlideReferences:
    """The slides that a file names, in its order, each path once."""

    slides: tuple[SlideReference, ...] = ()


def parse(content: str, *, source: str = ".images") -> SlideReferences:
    """Read the slides that a study refers to.

    Empty fields at a line's end may be left out, and so may the rotation before a name. A field
    that holds ``;`` or begins with ``"`` stands between double quotes, a quote in it
    doubled (our addition: the vendor's form has no way to write it).

    Parameters
    ----------
    content
        Text of the file.
    source
        Name of the file, for messages.

    Raises
    ------
    ConfigSyntaxError
        A line has no path, too many fields or a rotation other than 0, 90, 180 and 270; or a path
        comes twice with different properties.
    """
    found: dict[str, tuple[SlideReference, int]] = {}
    mistakes = text.Mistakes()
    for line in text.lines(content, source=source):
        if line.is_blank:
            continue
        with mistakes.kept():
            slide = _slide(line)
            earlier, number = found.setdefault(slide.path, (slide, line.number))
            if earlier != slide:
                raise line.error(
                    f"{text.shown(slide.path)} stands in line {number} with other properties"
                )
    mistakes.check()
    return SlideReferences(tuple(slide for slide, _ in found.values()))


def write(value: SlideReferences) -> str:
    """Return the text of the file; empty fields at a line's end are left out."""
    return "".join(
        ";".join(
            _quoted(part)
            for part in (
                slide.path,
                slide.map_name or "",
                "" if slide.rotation is None else str(slide.rotation),
                slide.name or "",
            )
        ).rstrip(";")
        + "\n"
        for slide in value.slides
    )


def _slide(line: text.Line) -> SlideReference:
    fields = _fields(line)
    if len(fields) == 3 and not _LIKE_ROTATION.fullmatch(fields[2].text):
        # Source: seed, Slides: "can be left out or empty", with the example path;;Nice Image.
        fields.insert(2, text.Field("", fields[2].column))
    path, map_name, rotation, name = fields + [text.Field("", 1)] * (4 - len(fields))
    # Files written on Windows use its separator.
    path = text.Field(path.text.replace("\\", "/"), path.column)
    if not path.text:
        raise line.error(f"the path is missing; expected {_FORM}", path.column)
    line.check_length(path, MAX_PATH_LENGTH, "the path")
    line.check_length(map_name, MAX_NAME_LENGTH, "the name of the TMA map")
    line.check_length(name, MAX_NAME_LENGTH, "the slide's name")
    return SlideReference(
        path=path.text,
        map_name=map_name.text or None,
        rotation=_rotation(line, rotation),
        name=name.text or None,
        line=line.number,
        map_column=map_name.column,
    )


def _rotation(line: text.Line, field: text.Field) -> int | None:
    if not field.text:
        return None
    if field.text not in map(str, ROTATIONS):
        raise line.error(
            f"{text.shown(field.text)} is no rotation; expected 0, 90, 180 or 270, "
            "in degrees clockwise",
            field.column,
        )
    return int(field.text)


def _fields(line: text.Line) -> list[text.Field]:
    found: list[text.Field] = []
    position = 0
    while position <= len(line.text):
        if len(found) == 4 and not line.text[position:].strip("; "):
            break
        if len(found) == 4:
            raise line.error(
                f'there are more than 4 fields; expected {_FORM}, with quotes (") around a field '
                "that holds ;",
                position + 1,
            )
        match = _FIELD.match(line.text, position)
        if match is None:
            raise line.error(
                'a field that begins with " must end with it, and a quote in it is doubled',
                position + 1,
            )
        quoted, plain = match["quoted"], match["plain"]
        value = (plain or "").strip() if quoted is None else quoted.replace('""', '"').strip()
        indent = len(match.group()) - len(match.group().lstrip())
        found.append(text.Field(value, position + indent + 1))
        # The end of the line stands for one more separator.
        position = match.end() if match.group().endswith(";") else len(line.text) + 1
    return found


def _quoted(part: str) -> str:
    if ";" in part or part.startswith('"'):
        return '"' + part.replace('"', '""') + '"'
    return part
