"""What QuPath says of an object besides its outline: the properties of a feature, and traits.

Source: QuPath, QuPathTypeAdapters.java and GsonTools.java (PathClassTypeAdapter), read at 0.8.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from records.errors import InputError
from scoring.jsontext import as_list, as_object, as_text, shown
from scoring.marked import ANNOTATION, KINDS, Traits

CLASS_SEPARATOR = ": "
"""Stands between the names of a derived class, such as ``Tumor: Positive``."""

_LEGACY_KINDS = {
    "PathAnnotationObject": ANNOTATION,
    "PathDetectionObject": "detection",
    "PathCellObject": "cell",
    "PathTileObject": "tile",
    "TMACoreObject": "tmaCore",
    "tma_core": "tmaCore",
}
"""Version 0.2 wrote these as the feature's id, all alike."""

_NUMBERS = {"nan": math.nan, "infinity": math.inf, "inf": math.inf}


def parse(feature: Mapping[str, object]) -> tuple[Traits, str]:
    """Return the traits of a feature, and its id.

    Raises
    ------
    InputError
        A property is not of the type that QuPath writes.
    """
    identity = feature.get("id")
    name = "" if identity is None else str(identity)
    properties = feature.get("properties")
    fields = {} if properties is None else as_object(properties, "properties")
    kind = _kind(fields, name)
    group, colour = _class(fields.get("classification"))
    own_colour = _colour(fields.get("color"), "color")
    return (
        Traits(
            group=group,
            colour=own_colour or colour,
            name=as_text(fields.get("name"), "name"),
            kind=kind,
            is_locked=fields.get("isLocked") is True,
            measurements=_measurements(fields.get("measurements")),
            metadata=_metadata(fields),
        ),
        "" if name in _LEGACY_KINDS else name,
    )


def write(traits: Traits) -> dict[str, object]:
    """Return the properties of a feature that has these traits, in QuPath's order."""
    fields: dict[str, object] = {"objectType": traits.kind}
    if traits.name:
        fields["name"] = traits.name
    if traits.colour and not traits.group:
        fields["color"] = rgb(traits.colour)
    if traits.group:
        fields["classification"] = _class_fields(traits)
    if traits.is_locked:
        fields["isLocked"] = True
    metadata = dict(traits.metadata)
    if traits.kind == "tmaCore":
        fields["isMissing"] = metadata.pop("isMissing", "") == "true"
    if traits.measurements:
        fields["measurements"] = {name: _plain(value) for name, value in traits.measurements}
    if metadata:
        fields["metadata"] = metadata
    return fields


def rgb(colour: str) -> list[int]:
    """Return ``#rrggbb`` as three numbers."""
    return list(bytes.fromhex(colour.removeprefix("#")))


def _kind(fields: Mapping[str, object], identity: str) -> str:
    for name in ("objectType", "object_type", "type"):
        if name in fields:
            kind = as_text(fields[name], name)
            break
    else:
        kind = identity
    kind = _LEGACY_KINDS.get(kind, kind)
    # QuPath makes annotations of objects whose type it does not know.
    return kind if kind in KINDS else ANNOTATION


def _class(value: object) -> tuple[str, str]:
    """Return the name and the colour of a classification."""
    if value is None:
        return "", ""
    if isinstance(value, str):
        return value, ""
    fields = as_object(value, "classification")
    names = fields.get("names")
    if fields.get("name") is None and names is not None:
        parts = [as_text(name, "classification.names") for name in as_list(names, "names")]
        group = CLASS_SEPARATOR.join(parts)
    else:
        group = as_text(fields.get("name"), "classification.name")
    colour = fields.get("color", fields.get("colorRGB"))
    return group, _colour(colour, "classification.color")


def _class_fields(traits: Traits) -> object:
    # QuPath refuses an object without a colour, but takes a text alone.
    if not traits.colour:
        return traits.group
    names = traits.group.split(CLASS_SEPARATOR)
    named: dict[str, object] = {"name": names[0]} if len(names) == 1 else {"names": names}
    return named | {"color": rgb(traits.colour)}


def _colour(value: object, name: str) -> str:
    """Return ``#rrggbb`` of three numbers, or of one that packs them (before 0.4)."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"#{value & 0xFFFFFF:06x}"
    if isinstance(value, str) and re.fullmatch("#[0-9a-fA-F]{6}", value):
        return value.lower()
    parts = value if isinstance(value, list) else []
    whole = [part for part in parts if isinstance(part, int) and 0 <= part <= 255]
    if len(whole) != len(parts) or len(parts) not in {3, 4}:
        raise InputError(f"{name} is {shown(value)}; expected [red, green, blue] from 0 to 255")
    return "#" + bytes(whole[:3]).hex()


def _measurements(value: object) -> tuple[tuple[str, float], ...]:
    if value is None:
        return ()
    if isinstance(value, list):
        # Before 0.4: a list of objects.
        items = [as_object(item, "a measurement") for item in value]
        pairs = [(as_text(item.get("name"), "name"), item.get("value")) for item in items]
    else:
        pairs = list(as_object(value, "measurements").items())
    return tuple((name, _number(number, name)) for name, number in pairs)


def _number(value: object, name: str) -> float:
    if value is None:
        return math.nan
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    text = value.lower() if isinstance(value, str) else ""
    number = _NUMBERS.get(text.removeprefix("-"))
    if number is None:
        raise InputError(f"measurement {shown(name)} is {shown(value)}; expected a number or NaN")
    return -number if text.startswith("-") else number


def _plain(value: float) -> float | int | str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _metadata(fields: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    value = fields.get("metadata")
    found = {} if value is None else as_object(value, "metadata")
    texts = {
        name: text if isinstance(text, str) else str(text)
        for name, text in found.items()
        if isinstance(text, (str, int, float))
    }
    if fields.get("isMissing") is True:
        texts["isMissing"] = "true"
    return tuple(texts.items())
