"""The layers of ImageScope's XML: what an ``Annotation`` element says of all its regions."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from records.errors import InputError
from scoring.formats.asap_xml import clean
from scoring.marked import Traits
from scoring.problems import shown

DEFAULT_COLOUR = "#00ff00"
"""What ImageScope draws a layer in at first: ``LineColor="65280"``."""

END = b"\n</Regions><Plots/></Annotation>"

_HEADERS = "".join(
    f'<AttributeHeader Id="{number}" Name="{name}" ColumnWidth="-1"/>'
    for number, name in (
        (9999, "Region"),
        (9997, "Length"),
        (9996, "Area"),
        (9998, "Text"),
        (1, "Description"),
    )
)


def parse(attributes: Mapping[str, str]) -> Traits:
    """Return the traits that all regions of a layer share.

    Raises
    ------
    InputError
        Its colour is no number.
    """
    return Traits(
        group=attributes.get("Name", ""),
        colour=_colour(attributes.get("LineColor", "")),
    )


def write(traits: Traits, number: int) -> bytes:
    """Return what stands before the regions of a layer."""
    red, green, blue = bytes.fromhex((traits.colour or DEFAULT_COLOUR).removeprefix("#"))
    return (
        f'\n<Annotation Id="{number}" Name={quoteattr(clean(traits.group))} ReadOnly="0" '
        f'NameReadOnly="0" LineColorReadOnly="0" Incremental="0" Type="4" '
        f'LineColor="{red | green << 8 | blue << 16}" Visible="1" Selected="0" '
        f'MarkupImagePath="" MacroName=""><Attributes/>'
        f"<Regions><RegionAttributeHeaders>{_HEADERS}</RegionAttributeHeaders>"
    ).encode()


def _colour(text: str) -> str:
    """Return ``#rrggbb`` of a number that holds blue, green and red, from the highest byte on."""
    if not text:
        return ""
    if not (text.isascii() and text.isdigit() and len(text) < 11):
        raise InputError(f"LineColor is {shown(text)}; expected a number such as 65280")
    value = int(text)
    return f"#{value & 255:02x}{value >> 8 & 255:02x}{value >> 16 & 255:02x}"
