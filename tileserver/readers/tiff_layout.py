"""TIFF layouts: which pages of a file are the levels and channels of one slide."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import tifffile

from tileserver.geometry import Size
from tileserver.readers import base, ome_xml, qptiff
from tileserver.readers.base import RefusedSlideError, SlideError
from tileserver.readers.channels import MAX_SHOWN
from tileserver.readers.ome_xml import OmeChannel

MAX_PAGES = 256
"""How many pages of a plain TIFF are looked at for levels."""

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _YCBCR = 0, 1, 2, 6
_REDUCED = 1
_ASSOCIATED_ALPHA = 1
_INCH, _CENTIMETRE = 2, 3
_IMAGEJ_UM = re.compile(r"\AImageJ=(?s:.*?)^unit=(?:micron|um|\\u00B5m)$", re.MULTILINE)
_ORIENTATION, _UNIT, _X_RESOLUTION, _Y_RESOLUTION = 274, 296, 282, 283


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffLayout:
    """The pages of one slide.

    Parameters
    ----------
    format
        ``ome-tiff``, ``qptiff`` or ``tiff``.
    levels
        Per level, the most detailed first, one page per channel; colour pictures are one page.
    is_colour
        Whether a page holds red, green and blue rather than one channel.
    is_inverted
        Whether 0 is white.
    channels
        Of the pages, when they are no colour.
    mpp_x, mpp_y, objective_power, z_layer_count
        As in ``SlideFacts``.
    """

    format: str
    levels: tuple[tuple[tifffile.TiffPage, ...], ...]
    is_colour: bool
    is_inverted: bool = False
    channels: tuple[OmeChannel, ...] = ()
    mpp_x: float | None = None
    mpp_y: float | None = None
    objective_power: float | None = None
    z_layer_count: int = 1


def find_layout(file: tifffile.TiffFile, name: str) -> TiffLayout:
    """Return the pages of the slide in a TIFF file.

    Parameters
    ----------
    file
        The open file.
    name
        Its name, for messages.

    Raises
    ------
    SlideError
        There is none, or it is of a kind that the TIFF reader leaves to others.
    """
    first = _page(file.pages, 0)
    description = first.description
    if len(description) <= ome_xml.MAX_BYTES and ome_xml.looks_like_ome(description):
        layout = _ome_layout(file, description, name)
    elif qptiff.looks_like_qptiff(description):
        layout = _qptiff_layout(file, name)
    else:
        layout = _plain_layout(file)
    full = layout.levels[0][0]
    base_kinds = {_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _YCBCR}
    if full.photometric not in base_kinds or full.tags.valueof(_ORIENTATION, 1) != 1:
        raise SlideError(f"{name} has colours or an orientation that the TIFF reader leaves alone")
    if layout.is_colour and full.samplesperpixel not in {3, 4}:
        raise SlideError(f"{name} has {full.samplesperpixel} samples per pixel, not 3 or 4")
    if layout.is_colour and _ASSOCIATED_ALPHA in full.extrasamples:
        raise SlideError(f"{name} has premultiplied colours, which the TIFF reader leaves alone")
    return replace(layout, is_inverted=full.photometric == _WHITE_IS_ZERO)


def page_size(page: tifffile.TiffPage) -> Size:
    """Return a page's size in pixels."""
    return Size(page.imagewidth, page.imagelength)


def _page(pages: tifffile.TiffPages, index: int) -> tifffile.TiffPage:
    page = pages[index]
    if not isinstance(page, tifffile.TiffPage):
        raise TypeError(page)
    return page


def _is_colour(page: tifffile.TiffPage) -> bool:
    return page.photometric in {_RGB, _YCBCR}


def _ome_layout(file: tifffile.TiffFile, description: str, name: str) -> TiffLayout:
    try:
        image = ome_xml.parse(description)
    except ValueError as error:
        raise RefusedSlideError(f"{name} is an OME-TIFF, but {error}") from error
    middle = image.z_count // 2
    first = _page(file.pages, image.pages.get((0, middle), 0))
    shown = range(1 if _is_colour(first) else min(len(image.channels), MAX_SHOWN))
    pages = [_page(file.pages, image.pages[c, middle]) for c in shown]
    columns = [[page, *_sub_pages(page)] for page in pages]
    # A level counts when every channel has it, in the same size.
    levels = [
        row
        for row in zip(*columns, strict=False)
        if len({page_size(page) for page in row}) == 1 and _is_level_of(row[0], pages[0])
    ]
    return TiffLayout(
        format="ome-tiff",
        levels=((tuple(pages)), *_falling(levels, page_size(pages[0]))),
        is_colour=_is_colour(first),
        channels=image.channels[: len(pages)],
        mpp_x=base.plausible(image.mpp_x, base.PLAUSIBLE_SCAN_MPP),
        mpp_y=base.plausible(image.mpp_y, base.PLAUSIBLE_SCAN_MPP),
        objective_power=image.objective_power,
        z_layer_count=image.z_count,
    )


def _qptiff_layout(file: tifffile.TiffFile, name: str) -> TiffLayout:
    """Return the channels' pages, then those of each smaller level in the same order."""
    whole: list[tuple[tifffile.TiffPage, qptiff.QptiffPage]] = []
    smaller: dict[Size, list[tifffile.TiffPage]] = {}
    for page in itertools.islice(file.pages, MAX_PAGES):
        if not isinstance(page, tifffile.TiffPage):
            continue
        try:
            told = qptiff.parse(page.description)
        except ValueError:
            continue
        if told.kind == "FullResolution":
            whole.append((page, told))
        elif told.kind == "ReducedResolution":
            smaller.setdefault(page_size(page), []).append(page)
    if not whole or len({page_size(page) for page, _ in whole}) > 1:
        raise RefusedSlideError(f"{name} is a QPTIFF without a slide at full detail")
    full, told = whole[0]
    shown = 1 if _is_colour(full) else min(len(whole), MAX_SHOWN)
    # A level counts when every channel has it.
    levels = [
        tuple(pages[:shown])
        for pages in smaller.values()
        if len(pages) == len(whole) and _is_level_of(pages[0], full)
    ]
    mpp_x, mpp_y = (_tag_mpp(full, code) for code in (_X_RESOLUTION, _Y_RESOLUTION))
    return TiffLayout(
        format="qptiff",
        levels=(tuple(page for page, _ in whole[:shown]), *_falling(levels, page_size(full))),
        is_colour=_is_colour(full),
        channels=tuple(
            OmeChannel(name=channel.name, colour=channel.colour, samples=1)
            for _, channel in whole[:shown]
        ),
        mpp_x=mpp_x,
        mpp_y=mpp_y,
        objective_power=told.objective_power,
    )


def _plain_layout(file: tifffile.TiffFile) -> TiffLayout:
    pages = [
        page
        for page in itertools.islice(file.pages, MAX_PAGES)
        if isinstance(page, tifffile.TiffPage)
    ]
    # Some writers put a thumbnail first.
    full = max(pages, key=lambda page: page_size(page).area)
    candidates = [*pages, *_sub_pages(full)]
    levels = [(page,) for page in candidates if _is_level_of(page, full)]
    channels = () if _is_colour(full) else (OmeChannel(name="", colour=None, samples=1),)
    mpp_x, mpp_y = (_tag_mpp(full, code) for code in (_X_RESOLUTION, _Y_RESOLUTION))
    return TiffLayout(
        format="tiff",
        levels=((full,), *_falling(levels, page_size(full))),
        is_colour=_is_colour(full),
        channels=channels,
        mpp_x=mpp_x,
        mpp_y=mpp_y,
    )


def _sub_pages(page: tifffile.TiffPage) -> list[tifffile.TiffPage]:
    if not page.subifds or page.pages is None:
        return []
    found = [page.pages[index] for index in range(min(len(page.subifds), MAX_PAGES))]
    return [page for page in found if isinstance(page, tifffile.TiffPage)]


def _is_level_of(page: tifffile.TiffPage, full: tifffile.TiffPage) -> bool:
    """Tell whether a page shows the same picture, smaller: no label, macro or other channel."""
    size, whole = page_size(page), page_size(full)
    if page is full or min(size.width, size.height) < 1 or size.area >= whole.area:
        return False
    is_same_kind = (page.samplesperpixel, page.dtype) == (full.samplesperpixel, full.dtype)
    is_marked = bool(page.subfiletype & _REDUCED) or page.is_tiled == full.is_tiled
    # Rounding moves either side by up to a pixel of the smaller picture.
    skew = abs(size.width * whole.height - size.height * whole.width)
    return is_same_kind and is_marked and skew <= 2 * whole.longest


def _falling(
    levels: Sequence[tuple[tifffile.TiffPage, ...]], below: Size
) -> list[tuple[tifffile.TiffPage, ...]]:
    """Return levels from large to small, each smaller than the one before."""
    ordered = []
    for level in sorted(levels, key=lambda pages: -page_size(pages[0]).area):
        size = page_size(level[0])
        if size.width < below.width and size.height < below.height:
            ordered.append(level)
            below = size
    return ordered


def _tag_mpp(page: tifffile.TiffPage, code: int) -> float | None:
    """Return micrometres per pixel by a resolution tag, when they can be those of a microscope."""
    value = page.tags.valueof(code)
    if not isinstance(value, tuple) or len(value) != 2 or not value[0] or not value[1]:
        return None
    per_unit = value[0] / value[1]
    unit = page.tags.valueof(_UNIT, _INCH)
    um = {_INCH: 25_400.0, _CENTIMETRE: 10_000.0}.get(int(unit))
    if um is None and _IMAGEJ_UM.search(page.description[:4096]):
        um = 1.0
    return None if um is None else base.plausible(um / per_unit, base.PLAUSIBLE_TAG_MPP)
