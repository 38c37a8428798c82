"""QPTIFF: what the pages of Akoya's and PerkinElmer's multispectral scanners say of themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

MAX_CHARACTERS = 2**20
"""Of one page's description; scan profiles within take some 10,000."""

_ROOT = "PerkinElmer-QPI-ImageDescription"
_POWER = re.compile(r"\A\s*(\d{1,3}(?:\.\d{1,3})?)\s*[xX]?\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class QptiffPage:
    """One page.

    Parameters
    ----------
    kind
        ``FullResolution``, ``ReducedResolution``, ``Thumbnail``, ``Overview`` or ``Label``.
    name
        Of the channel; empty in bright field.
    colour
        Red, green and blue of the channel, 0 to 255; None when not told.
    objective_power
        Magnification; None when not told.
    """

    kind: str
    name: str
    colour: tuple[int, int, int] | None
    objective_power: float | None


def looks_like_qptiff(description: str) -> bool:
    """Tell whether a page's description is that of a QPTIFF."""
    return f"<{_ROOT}" in description[:2048]


def parse(description: str) -> QptiffPage:
    """Read a page's description.

    Source: Akoya, PhenoImager QPTIFF file format, as in tifffile.py and Bio-Formats' Vectra reader.

    Raises
    ------
    ValueError
        It is none, or too long.
    """
    if len(description) > MAX_CHARACTERS or not looks_like_qptiff(description):
        raise ValueError("no description of a QPTIFF page")
    # Writers declare UTF-16 of what is UTF-8 in the file, and text here.
    text = re.sub(r"\A\s*<\?xml[^>]*\?>", "", description.strip("\0 \r\n\t"))
    try:
        root: Element = defusedxml.ElementTree.fromstring(text)
    except (ParseError, DefusedXmlException) as error:
        raise ValueError("a description that cannot be read") from error
    power = _POWER.match(root.findtext("Objective", ""))
    return QptiffPage(
        kind=root.findtext("ImageType", ""),
        name=root.findtext("Name", "").strip() or root.findtext("Biomarker", "").strip(),
        colour=_colour(root.findtext("Color", "")),
        objective_power=float(power[1]) if power else None,
    )


def _colour(text: str) -> tuple[int, int, int] | None:
    try:
        red, green, blue = (int(part) for part in text.split(","))
    except ValueError:
        return None
    is_colour = all(0 <= part <= 255 for part in (red, green, blue))
    return (red, green, blue) if is_colour else None
