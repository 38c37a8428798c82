"""Annotations as ASAP writes them: XML of annotations and groups, each with a colour."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import quoteattr

import numpy as np
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from records.errors import InputError
from scoring.formats.questions_map import normal_colour
from scoring.problems import shown
from scoring.shapes import Coordinates

KINDS = ("Dot", "PointSet", "Polygon", "Rectangle", "Spline", "Measurement")
"""Source: ASAP, annotation/Annotation.cpp: the names of its types, without None."""

DEFAULT_COLOUR = "#f4fa58"
"""What ASAP gives an annotation without a colour."""

NO_GROUP = "None"

MAX_CHARS = 200_000_000
MAX_COORDINATES = 4_000_000

_SOURCE = "ASAP XML"


@dataclass(frozen=True, slots=True, kw_only=True)
class AsapAnnotation:
    """One annotation: its kind is one of ``KINDS``, its group a name or None."""

    name: str
    kind: str
    colour: str
    group: str | None
    places: Coordinates


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
    try:
        return _read(text)
    except DefusedXmlException:
        raise InputError("a DOCTYPE is not allowed", source=_SOURCE) from None
    except ParseError as error:
        line, column = error.position
        raise InputError("is not well-formed", source=_SOURCE, line=line, column=column) from None


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
    yield '<?xml version="1.0"?>'
    yield "<ASAP_Annotations>"
    yield "\t<Annotations>"
    for annotation in file.annotations:
        name, part_of = _quoted(annotation.name), _quoted(annotation.group or NO_GROUP)
        yield (
            f'\t\t<Annotation Name={name} Type="{annotation.kind}" PartOfGroup={part_of} '
            f'Color="{annotation.colour}">'
        )
        yield "\t\t\t<Coordinates>"
        for order, (x, y) in enumerate(annotation.places.array.tolist()):
            yield f'\t\t\t\t<Coordinate Order="{order}" X="{_plain(x)}" Y="{_plain(y)}" />'
        yield "\t\t\t</Coordinates>"
        yield "\t\t</Annotation>"
    yield "\t</Annotations>"
    yield "\t<AnnotationGroups>"
    for group in _all_groups(file):
        name, parent = _quoted(group.name), _quoted(group.parent or NO_GROUP)
        yield f'\t\t<Group Name={name} PartOfGroup={parent} Color="{group.colour}">'
        yield "\t\t\t<Attributes />"
        yield "\t\t</Group>"
    yield "\t</AnnotationGroups>"
    yield "</ASAP_Annotations>"


def _read(text: str) -> AsapFile:
    annotations: list[AsapAnnotation] = []
    groups: list[AsapGroup] = []
    count = 0
    root = ""
    for event, node in iterparse(io.StringIO(text), events=("start", "end"), forbid_dtd=True):
        if event == "start":
            root = root or node.tag
            continue
        if node.tag == "Annotation":
            annotation = _annotation(node, number=len(annotations) + 1)
            count += len(annotation.places)
            if count > MAX_COORDINATES:
                raise InputError(f"has more than {MAX_COORDINATES:,} points", source=_SOURCE)
            annotations.append(annotation)
            # Read already: a file of a million points must not stay in memory as elements.
            node.clear()
        elif node.tag == "Group":
            groups.append(_group(node))
    if root != "ASAP_Annotations":
        raise InputError(
            f"starts with the element {shown(root)}; expected ASAP_Annotations", source=_SOURCE
        )
    return AsapFile(tuple(_coloured(annotations, groups)), tuple(groups))


def _annotation(node: Element, *, number: int) -> AsapAnnotation:
    kind = node.get("Type", "")
    if kind not in KINDS:
        raise InputError(
            f"annotation {number} has the Type {shown(kind)}; expected one of {', '.join(KINDS)}",
            source=_SOURCE,
        )
    try:
        return AsapAnnotation(
            name=node.get("Name", ""),
            kind=kind,
            # Empty until the groups, which stand behind the annotations, are known.
            colour=normal_colour(node.get("Color", "")) if node.get("Color") else "",
            group=_group_name(node),
            places=_places(node.iterfind("Coordinates/Coordinate")),
        )
    except InputError as error:
        raise InputError(f"annotation {number}: {error.reason}", source=_SOURCE) from None


def _group(node: Element) -> AsapGroup:
    colour = node.get("Color")
    return AsapGroup(
        name=node.get("Name", ""),
        colour=normal_colour(colour) if colour else DEFAULT_COLOUR,
        parent=_group_name(node),
    )


def _group_name(node: Element) -> str | None:
    name = node.get("PartOfGroup", NO_GROUP)
    return None if name in {"", NO_GROUP} else name


def _coloured(
    annotations: Iterable[AsapAnnotation], groups: Iterable[AsapGroup]
) -> Iterator[AsapAnnotation]:
    """Give annotations without a colour that of their group."""
    colours: dict[str | None, str] = {group.name: group.colour for group in groups}
    for annotation in annotations:
        yield AsapAnnotation(
            name=annotation.name,
            kind=annotation.kind,
            colour=annotation.colour or colours.get(annotation.group, DEFAULT_COLOUR),
            group=annotation.group,
            places=annotation.places,
        )


def _places(nodes: Iterable[Element]) -> Coordinates:
    """Return the places in the order that ``Order`` gives them, as ASAP does."""
    found = [
        (_number(node, "Order", default=index), _number(node, "X"), _number(node, "Y"))
        for index, node in enumerate(nodes)
    ]
    table = np.array(found, dtype=np.float64).reshape(-1, 3)
    return Coordinates(table[np.argsort(table[:, 0], kind="stable"), 1:])


def _number(node: Element, name: str, *, default: float | None = None) -> float:
    text = node.get(name)
    if text is None and default is not None:
        return default
    try:
        number = math.nan if text is None or "_" in text else float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{name} is {shown(text or '')}; expected a finite number")
    return number


def _all_groups(file: AsapFile) -> list[AsapGroup]:
    groups = {group.name: group for group in file.groups}
    for annotation in file.annotations:
        if annotation.group is not None:
            groups.setdefault(
                annotation.group, AsapGroup(name=annotation.group, colour=annotation.colour)
            )
    return list(groups.values())


def _plain(number: float) -> str:
    return str(int(number)) if number.is_integer() else repr(number)


def _quoted(text: str) -> str:
    """Return a text as an attribute's value, without the characters that no XML may hold."""
    clean = (
        char
        for char in text
        if char in "\t\n\r" or (char >= " " and not 0xD800 <= ord(char) <= 0xDFFF)
        if char not in "\ufffe\uffff"
    )
    return quoteattr("".join(clean))
