"""Pyramid levels of a TIFF file: which pages are the slide, and which Deep Zoom level each is."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

import tifffile

from tileserver import geometry
from tileserver.geometry import Size
from tileserver.readers import tiff_layout
from tileserver.readers.base import SlideFacts
from tileserver.readers.tiff_layout import MAX_PAGES
from tileserver.stored.streams import RGB, YCBCR

JPEG, APERIO_YCBCR, APERIO_RGB, JPEG2000 = 7, 33003, 33005, 34712
"""Compressions. Source: TIFF 6.0 and libtiff's tiff.h; 33003 and 33005 are JPEG 2000 codestreams
whose components are YCbCr or RGB, by Aperio."""

_COLOURS = {
    JPEG: frozenset({RGB, YCBCR}),
    # Whatever the tag says, the compression tells the colours. Source: openslide-vendor-aperio.c.
    APERIO_YCBCR: frozenset({RGB, YCBCR}),
    APERIO_RGB: frozenset({RGB, YCBCR}),
    JPEG2000: frozenset({RGB}),
}
_NDPI_VERSION, _XMP, _ORIENTATION, _SAMPLE_FORMAT = 65420, 700, 274, 339
_UNSIGNED = 1
_OVERLAPS = re.compile(r"OverlapsXY\s*=([ 0-9]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PyramidPage:
    """A page that is a level of the slide.

    Parameters
    ----------
    halvings
        Of level 0 that give the level: 0, 1, 2 and so on.
    size
        Of the level's pixels that show the slide; what the file has beyond is padding.
    page
        Of the file.
    """

    halvings: int
    size: Size
    page: tifffile.TiffPage


def find_levels(file: tifffile.TiffFile, name: str) -> list[PyramidPage]:
    """Return the levels whose stored tiles can be Deep Zoom tiles or be made into some.

    Levels are told by their dimensions: a page is the level whose size it has, give or take the
    pixel that rounding moves. Others, such as one shrunk by three, are left out, for finer levels
    can stand in.

    Parameters
    ----------
    file
        The open file.
    name
        Its name, for messages.

    Returns
    -------
    list[PyramidPage]
        The most detailed first; empty when the file is of another kind.

    Raises
    ------
    SlideError
        The file has no pages of a slide.
    """
    first = file.pages[0]
    if not isinstance(first, tifffile.TiffPage) or _is_stitched(first):
        return []
    if _is_philips(first):
        pages = itertools.islice(file.pages, MAX_PAGES)
        whole = [page for page in pages if isinstance(page, tifffile.TiffPage)]
        found = _padded_levels([page for page in whole if page.is_tiled])
    else:
        layout = tiff_layout.find_layout(file, name)
        if not layout.is_colour:
            return []
        found = _sized_levels([level[0] for level in layout.levels])
    if not found or found[0].halvings != 0 or not _is_servable(found[0].page):
        return []
    side = found[0].page.tilewidth
    return [level for level in found if _is_servable(level.page) and level.page.tilewidth == side]


def _sized_levels(pages: list[tifffile.TiffPage]) -> list[PyramidPage]:
    full = tiff_layout.page_size(pages[0])
    levels: dict[int, PyramidPage] = {}
    for page in pages:
        size = tiff_layout.page_size(page)
        halvings = halvings_between(full, size)
        if halvings is None or halvings in levels:
            continue
        shown = geometry.halved(full, halvings)
        size = Size(min(size.width, shown.width), min(size.height, shown.height))
        levels[halvings] = PyramidPage(halvings=halvings, size=size, page=page)
    return [levels[halvings] for halvings in sorted(levels)]


def halvings_between(full: Size, size: Size) -> int | None:
    """Return how often a size was halved to give another, rounded either way; else None."""
    if min(size.width, size.height) < 1:
        return None
    guess = (full.longest // size.longest).bit_length() - 1
    for halvings in (guess, guess + 1):
        if geometry.is_nearly(size, geometry.halved(full, halvings)):
            return halvings
    return None


def _padded_levels(pages: list[tifffile.TiffPage]) -> list[PyramidPage]:
    """Return the levels of a Philips file, each filled up to whole tiles.

    Source: openslide-vendor-philips-tiff.c: levels declare their padded size; each shows half the
    one before.
    """
    levels: list[PyramidPage] = []
    full = tiff_layout.page_size(pages[0]) if pages else Size(0, 0)
    for halvings, page in enumerate(pages):
        side = page.tilewidth
        shown = geometry.halved(full, halvings)
        padded = Size(*(-(-length // side) * side for length in (shown.width, shown.height)))
        if tiff_layout.page_size(page) not in {shown, padded}:
            break
        levels.append(PyramidPage(halvings=halvings, size=shown, page=page))
    return levels


def _is_servable(page: tifffile.TiffPage) -> bool:
    """Tell whether a page holds square tiles of three 8-bit colours, encoded in a known way."""
    return (
        page.is_tiled
        and is_tile_side(Size(page.tilewidth, page.tilelength))
        and page.photometric in _COLOURS.get(int(page.compression), ())
        and (page.samplesperpixel, page.bitspersample, page.planarconfig) == (3, 8, 1)
        and not page.extrasamples
        and (page.fillorder, page.imagedepth, page.tiledepth) == (1, 1, 1)
        and page.tags.valueof(_ORIENTATION, 1) == 1
        and _all_unsigned(page)
    )


def is_tile_side(tile: Size) -> bool:
    """Tell whether stored tiles of a size can be Deep Zoom tiles, also when shrunk."""
    facts = SlideFacts(
        reader="", format="", level_sizes=(tile,), downsamples=(1.0,), tile_size=tile
    )
    # Deep Zoom tiles must be the file's, and squares of 8 pixels must tile them when shrunk.
    is_square = tile.width == tile.height
    return is_square and facts.dz_tile_size == tile.width and tile.width % 16 == 0


def _all_unsigned(page: tifffile.TiffPage) -> bool:
    value = page.tags.valueof(_SAMPLE_FORMAT, _UNSIGNED)
    return set(value if isinstance(value, tuple) else (value,)) == {_UNSIGNED}


def _is_philips(page: tifffile.TiffPage) -> bool:
    head = page.description[:4096]
    return page.software.startswith("Philips") and "<DataObject" in head and "DPUfsImport" in head


def _is_stitched(page: tifffile.TiffPage) -> bool:
    """Tell whether tiles of the file do not simply lie side by side.

    Source: OpenSlide's vendor files: Ventana and Trestle tiles overlap, a Leica file is several
    scans with places of their own, and Hamamatsu tiles are parts of one stream.
    """
    if _NDPI_VERSION in page.tags or "<scn" in page.description[:4096]:
        return True
    xmp = page.tags.valueof(_XMP)
    if isinstance(xmp, bytes | str) and ("iScan" in str(xmp[:65536])):
        return True
    overlaps = _OVERLAPS.search(page.description)
    return overlaps is not None and any(int(number) for number in overlaps[1].split())
