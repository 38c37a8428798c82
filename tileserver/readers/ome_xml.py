"""OME-XML: what the header of an OME-TIFF says of pixels, channels and where planes lie."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

MAX_BYTES = 32 * 2**20
MAX_PLANES = 100_000

_UM_PER_UNIT = {
    "pm": 1e-6,
    "nm": 1e-3,
    "µm": 1.0,
    "μm": 1.0,
    "um": 1.0,
    "mm": 1e3,
    "cm": 1e4,
    "m": 1e6,
    "in": 25_400.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OmeChannel:
    """One channel: its name, colour (None when not told) and how many samples it has."""

    name: str
    colour: tuple[int, int, int] | None
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OmeImage:
    """The first image of an OME-TIFF.

    Parameters
    ----------
    channels
        In order.
    z_count
        Number of focal planes.
    pages
        The page of the file that holds a plane, by (channel, z); time point 0.
    mpp_x, mpp_y
        Micrometres per pixel; None when not told, or not as a length.
    objective_power
        Nominal magnification; None when not told.
    """

    channels: tuple[OmeChannel, ...]
    z_count: int
    pages: dict[tuple[int, int], int]
    mpp_x: float | None
    mpp_y: float | None
    objective_power: float | None


def looks_like_ome(description: str) -> bool:
    """Tell whether a page's description is OME-XML."""
    tail = description.rstrip().rstrip("\x00")
    return tail.endswith("OME>") and "<OME" in description[:2048].replace(":OME", "OME")


def parse(text: str) -> OmeImage:
    """Read the first image of an OME-XML document.

    Raises
    ------
    ValueError
        It is no XML, has a DOCTYPE, holds no image, or its planes lie in other files. Those are
        never opened: a file may name any other file of the server.
    """
    if len(text) > MAX_BYTES:
        raise ValueError("its OME-XML is too long")
    try:
        root: Element = defusedxml.ElementTree.fromstring(text.strip().strip("\x00"))
    except (ParseError, DefusedXmlException) as error:
        raise ValueError("its OME-XML cannot be read") from error
    pixels = next(_all(root, "Pixels"), None)
    if pixels is None:
        raise ValueError("its OME-XML holds no image")
    channels = _channels(pixels)
    return OmeImage(
        channels=channels,
        z_count=_whole(pixels, "SizeZ"),
        pages=_pages(root, pixels, len(channels)),
        mpp_x=_length_um(pixels, "PhysicalSizeX"),
        mpp_y=_length_um(pixels, "PhysicalSizeY"),
        objective_power=_objective(root),
    )


def _all(element: Element, name: str) -> Iterator[Element]:
    """Yield the elements below that have a name, in any namespace."""
    return (found for found in element.iter() if found.tag.rpartition("}")[2] == name)


def _channels(pixels: Element) -> tuple[OmeChannel, ...]:
    size_c = _whole(pixels, "SizeC")
    if size_c > MAX_PLANES:
        raise ValueError(f"it declares more than {MAX_PLANES} planes")
    listed = list(itertools.islice(_all(pixels, "Channel"), MAX_PLANES))
    channels: list[OmeChannel] = []
    samples_left = size_c
    for index in range(size_c):
        element = listed[index] if index < len(listed) else None
        samples = _whole(element, "SamplesPerPixel") if element is not None else 1
        channels.append(
            OmeChannel(
                name=element.get("Name", "") if element is not None else "",
                colour=_colour(element.get("Color")) if element is not None else None,
                samples=samples,
            )
        )
        samples_left -= samples
        if samples_left <= 0:
            break
    return tuple(channels)


def _colour(text: str | None) -> tuple[int, int, int] | None:
    """Read a colour: red, green, blue and alpha as one signed number of 32 bits."""
    try:
        number = int(text or "")
    except ValueError:
        return None
    return (number >> 24) & 255, (number >> 16) & 255, (number >> 8) & 255


def _pages(root: Element, pixels: Element, channel_count: int) -> dict[tuple[int, int], int]:
    counts = {"C": channel_count, "Z": _whole(pixels, "SizeZ"), "T": _whole(pixels, "SizeT")}
    order = pixels.get("DimensionOrder", "XYCZT").removeprefix("XY")
    if sorted(order) != ["C", "T", "Z"]:
        raise ValueError("its OME-XML has no known order of planes")
    if counts["C"] * counts["Z"] * counts["T"] > MAX_PLANES:
        raise ValueError(f"it declares more than {MAX_PLANES} planes")
    blocks = list(_all(pixels, "TiffData"))
    _refuse_other_files(root, blocks)
    pages: dict[tuple[int, int], int] = {}
    for first, page, length in _blocks(blocks, counts, order):
        for step in range(length):
            c, z, t = _position(first + step, counts, order)
            if t == 0:
                pages[c, z] = page + step
    return pages


def _blocks(
    elements: list[Element], counts: dict[str, int], order: str
) -> Iterator[tuple[int, int, int]]:
    """Yield runs of planes: number of the first plane, its page, how many there are."""
    total = counts["C"] * counts["Z"] * counts["T"]
    if not elements:
        yield 0, 0, total
    for element in elements:
        first, stride = 0, 1
        for axis in order:
            first += min(_whole(element, f"First{axis}", 0), counts[axis] - 1) * stride
            stride *= counts[axis]
        has_page = element.get("IFD") is not None
        length = _whole(element, "PlaneCount", 1 if has_page else total)
        yield first, _whole(element, "IFD", 0), min(length, total - first)


def _position(number: int, counts: dict[str, int], order: str) -> tuple[int, int, int]:
    place = {}
    for axis in order:
        number, place[axis] = divmod(number, counts[axis])
    return place["C"], place["Z"], place["T"]


def _refuse_other_files(root: Element, blocks: list[Element]) -> None:
    named = {
        (uuid.text or "").strip() or uuid.get("FileName", "")
        for block in blocks
        for uuid in _all(block, "UUID")
    }
    own = root.get("UUID", "").strip()
    # A file that was renamed still carries its old name, so the UUID decides; without one, a
    # single file named throughout can only be this one.
    if (own and named - {own}) or (not own and len(named) > 1):
        raise ValueError("its planes lie in several files, which are not read together")


def _length_um(pixels: Element, name: str) -> float | None:
    scale = _UM_PER_UNIT.get(pixels.get(f"{name}Unit", "µm"))
    try:
        value = float(pixels.get(name, ""))
    except ValueError:
        return None
    return None if scale is None else value * scale


def _objective(root: Element) -> float | None:
    for objective in _all(root, "Objective"):
        try:
            return float(objective.get("NominalMagnification", ""))
        except ValueError:
            continue
    return None


def _whole(element: Element, name: str, default: int = 1) -> int:
    text = element.get(name)
    value = default if text is None else int(text)
    if value < min(default, 1) or value > 2**31:
        raise ValueError(f"its OME-XML says {name}={value}")
    return value
