"""Annotations as ASAP writes them: XML of annotations and groups, each with a colour."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple
from xml.sax.saxutils import quoteattr

from records.errors import InputError
from scoring import numbertext, xmlstream
from scoring.formats.questions_map import normal_colour
from scoring.numbertext import Floats, Numbers
from scoring.problems import shown
from scoring.shapes import Coordinates
from scoring.xmlpoints import PointGrammar
from scoring.xmlstream import Grammar, Opened, Outlined

KINDS = ("Dot", "PointSet", "Polygon", "Rectangle", "Spline", "Measurement")
"""Source: ASAP, annotation/Annotation.cpp: the names of its types, without None."""

DEFAULT_COLOUR = "#f4fa58"
"""What ASAP gives an annotation without a colour."""

NO_GROUP = "None"

MAX_CHARS = 200_000_000
MAX_COORDINATES = 4_000_000

_SOURCE = "ASAP XML"
_GRAMMAR = Grammar(
    shape="Annotation",
    points=PointGrammar(list_tag="Coordinates", tags=frozenset({"Coordinate"})),
    told=frozenset({"Group"}),
)
_NO_XML = re.compile("[^\\t\\n\\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A text was decoded already, whatever its declaration says.
_ENCODING = re.compile(r"""(?<=[ \t])encoding=["'][^"'<>]*["']""")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsapAnnotation:
    """One annotation: its kind is one of ``KINDS``, its group a name or None."""

    name: str
    kind: str
    colour: str
    group: str | None
    places: Coordinates


class Streamed(NamedTuple):
    """An annotation as it is read by the million.

    Parameters
    ----------
    places
        (n, 2) level-0 pixels.
    """

    name: str
    kind: str
    colour: str
    group: str | None
    places: Floats

    def kept(self) -> AsapAnnotation:
        """Return it as a value."""
        places = Coordinates(self.places)
        return AsapAnnotation(
            name=self.name, kind=self.kind, colour=self.colour, group=self.group, places=places
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AsapGroup:
    """One group of annotations, perhaps within another."""

    name: str
    colour: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class AsapFile:
    """What one file holds, in its order."""

    annotations: tuple[AsapAnnotation, ...]
    groups: tuple[AsapGroup, ...] = ()


def parse(text: str) -> AsapFile:
    """Read ASAP's XML; a document type declaration is refused, and with it every entity.

    Raises
    ------
    InputError
        The text is no such XML, has a DOCTYPE, an unknown type of annotation, or a coordinate that
        is no finite number.
    """
    if len(text) > MAX_CHARS:
        raise InputError(f"has more than {MAX_CHARS:,} characters", source=_SOURCE)
    return _read(text)


def write(file: AsapFile) -> str:
    """Write XML that ASAP loads: every group that an annotation names is there.

    Source: ASAP, annotation/XmlRepository.cpp: a group that is named but not listed makes it refuse
    the whole file.

    Raises
    ------
    InputError
        There are more points than ``parse`` reads.
    """
    if sum(len(annotation.places) for annotation in file.annotations) > MAX_COORDINATES:
        raise InputError(f"more than {MAX_COORDINATES:,} points are too many for ASAP's XML")
    return "\n".join(_lines(file)) + "\n"


def _lines(file: AsapFile) -> Iterator[str]:
    # Lines, not elements: a million points as elements would take half a gigabyte.
    yield HEAD
    for annotation in file.annotations:
        yield annotation_text(
            name=annotation.name,
            kind=annotation.kind,
            colour=annotation.colour,
            group=annotation.group,
            places=annotation.places.array,
        )
    yield tail(_all_groups(file))


HEAD = '<?xml version="1.0"?>\n<ASAP_Annotations>\n\t<Annotations>'
"""What stands before the annotations."""


def annotation_text(
    *, name: str, kind: str, colour: str, group: str | None, places: Numbers
) -> str:
    """Return the lines of one annotation, as of an ``AsapAnnotation``."""
    return (
        f'\t\t<Annotation Name={_quoted(name)} Type="{kind}" '
        f'PartOfGroup={_quoted(group or NO_GROUP)} Color="{colour}">\n\t\t\t<Coordinates>\n'
        f"{numbertext.filled(_rows(len(places)), places)}"
        "\t\t\t</Coordinates>\n\t\t</Annotation>"
    )


def tail(groups: Iterable[AsapGroup]) -> str:
    """Return what stands behind the annotations."""
    lines = ["\t</Annotations>", "\t<AnnotationGroups>"]
    for group in groups:
        name, parent = _quoted(group.name), _quoted(group.parent or NO_GROUP)
        lines += [
            f'\t\t<Group Name={name} PartOfGroup={parent} Color="{group.colour}">',
            "\t\t\t<Attributes />",
            "\t\t</Group>",
        ]
    return "\n".join((*lines, "\t</AnnotationGroups>", "</ASAP_Annotations>"))


def read(stream: BinaryIO) -> Iterator[Streamed | AsapGroup]:
    """Read a file of any length, one annotation or group after the other.

    Annotations that name no colour are kept back until the groups, which stand at the end, give
    them theirs.

    Raises
    ------
    InputError
        As for ``parse``.
    """
    root, number = "", 0
    waiting: list[Streamed] = []
    colours: dict[str | None, str] = {}
    for event in xmlstream.read(stream, source=_SOURCE, grammar=_GRAMMAR):
        if isinstance(event, Outlined):
            number += 1
            annotation = _annotation(event, number)
            if annotation.colour:
                yield annotation
            else:
                waiting.append(annotation)
        elif isinstance(event, Opened):
            root = _checked_root(root, event)
            if event.tag == "Group":
                group = _group(event)
                colours[group.name] = group.colour
                yield group
    for annotation in waiting:
        yield annotation._replace(colour=colours.get(annotation.group, DEFAULT_COLOUR))


def _read(text: str) -> AsapFile:
    annotations: list[AsapAnnotation] = []
    groups: list[AsapGroup] = []
    count = 0
    for item in read(io.BytesIO(_ENCODING.sub("", text, count=1).encode(errors="replace"))):
        if isinstance(item, AsapGroup):
            groups.append(item)
            continue
        count += len(item.places)
        if count > MAX_COORDINATES:
            raise InputError(f"has more than {MAX_COORDINATES:,} points", source=_SOURCE)
        annotations.append(item.kept())
    return AsapFile(tuple(annotations), tuple(groups))


def _checked_root(root: str, opened: Opened) -> str:
    if not root and opened.tag != "ASAP_Annotations":
        raise InputError(
            f"starts with the element {shown(opened.tag)}; expected ASAP_Annotations",
            source=_SOURCE,
            line=opened.line,
        )
    return "ASAP_Annotations"


def _annotation(event: Outlined, number: int) -> Streamed:
    fields = event.attributes
    kind = fields.get("Type", "")
    if kind not in KINDS:
        raise InputError(
            f"annotation {number} has the Type {shown(kind)}; expected one of {', '.join(KINDS)}",
            source=_SOURCE,
            line=event.line,
        )
    try:
        return Streamed(
            fields.get("Name", ""),
            kind,
            # Empty until the groups, which stand behind the annotations, are known.
            normal_colour(fields["Color"]) if fields.get("Color") else "",
            _group_name(fields),
            xmlstream.places(event, _GRAMMAR.points, source=_SOURCE),
        )
    except InputError as error:
        raise InputError(
            f"annotation {number}: {error.reason}", source=_SOURCE, line=event.line
        ) from None


def _group(opened: Opened) -> AsapGroup:
    colour = opened.attributes.get("Color")
    return AsapGroup(
        name=opened.attributes.get("Name", ""),
        colour=normal_colour(colour) if colour else DEFAULT_COLOUR,
        parent=_group_name(opened.attributes),
    )


def _group_name(attributes: Mapping[str, str]) -> str | None:
    name = attributes.get("PartOfGroup", NO_GROUP)
    return None if name in {"", NO_GROUP} else name


def _all_groups(file: AsapFile) -> list[AsapGroup]:
    groups = {group.name: group for group in file.groups}
    for annotation in file.annotations:
        if annotation.group is not None:
            groups.setdefault(
                annotation.group, AsapGroup(name=annotation.group, colour=annotation.colour)
            )
    return list(groups.values())


def _row(order: int) -> str:
    """Return a line with room for a point."""
    return f'\t\t\t\t<Coordinate Order="{order}" X="%s" Y="%s" />\n'


_ROWS = tuple(map(_row, range(1000)))


def _rows(count: int) -> str:
    return "".join(itertools.chain(_ROWS[:count], map(_row, range(len(_ROWS), count))))


def _quoted(text: str) -> str:
    """Return a text as an attribute's value."""
    return quoteattr(clean(text))


def clean(text: str) -> str:
    """Return a text without the characters that no XML may hold."""
    return _NO_XML.sub("", text)
