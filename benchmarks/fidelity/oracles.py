"""Oracles: what each level of a slide should show, by others than the code that is measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openslide
import tifffile
from PIL import Image, ImageOps

from benchmarks.fidelity.measures import Exact
from slides_sample import gradient, samples
from tileserver.deepzoom import DeepZoomPyramid
from tileserver.readers import channels
from tileserver.readers.base import SlideReader
from tileserver.readers.tiff_reader import TiffReader

Image.MAX_IMAGE_PIXELS = None


class Oracle:
    """Level 0 as another library decodes it, and smaller levels as means of its squares.

    Of the gradient slide every pixel of every level is known by a formula instead.

    Parameters
    ----------
    path
        The slide.
    reader
        Ours, which tells how channels are shown; how brightly is a choice, where is not.
    """

    def __init__(self, path: Path, reader: SlideReader) -> None:
        self._size = (reader.facts.size.width, reader.facts.size.height)
        self.name, self._whole = _decoded(path, reader)
        if path.name == samples.GRADIENT_NAME:
            self.name = "formula"

    @property
    def decoded(self) -> np.ndarray:
        """Return level 0 as the other library decodes it."""
        return np.asarray(self._whole)

    def level(self, pyramid: DeepZoomPyramid, dz_level: int) -> Exact:
        """Return what a level should show."""
        size, downsample = pyramid.level_size(dz_level), pyramid.downsample(dz_level)
        if self.name == "formula":
            region = (0, 0, size.width, size.height)
            return np.asarray(gradient.expected_region(region, downsample, self._size), np.float64)
        return np.asarray(self._whole.reduce(downsample), np.float64)


def _decoded(path: Path, reader: SlideReader) -> tuple[str, Image.Image]:
    is_mixed = isinstance(reader, TiffReader) and len(reader.shown) > 1
    vendor = openslide.OpenSlide.detect_format(path)
    if vendor is not None and not is_mixed and not _is_sparse(path):
        with openslide.OpenSlide(path) as slide:
            rgba = slide.read_region((0, 0), 0, slide.dimensions)
            background = f"#{slide.properties.get('openslide.background-color', 'ffffff')}"
        flat = Image.new("RGBA", rgba.size, background)
        flat.alpha_composite(rgba)
        return "OpenSlide", flat.convert("RGB")
    if isinstance(reader, TiffReader):
        planes = _tiff_planes(path)
        if is_mixed:
            return "tifffile", Image.fromarray(channels.mix(list(planes), reader.shown))
        return "tifffile", Image.fromarray(
            np.moveaxis(planes, 0, 2) if planes.shape[0] == 3 else planes
        )
    with Image.open(path) as image:
        return "Pillow", ImageOps.exif_transpose(image).convert("RGB")


def _is_sparse(path: Path) -> bool:
    """Tell whether a file leaves tiles out, for which OpenSlide shows smaller levels enlarged."""
    if path.suffix not in {".tif", ".svs"}:
        return False
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        return isinstance(page, tifffile.TiffPage) and 0 in page.databytecounts


def _tiff_planes(path: Path) -> np.ndarray:
    with tifffile.TiffFile(path) as file:
        planes: np.ndarray = file.series[0].levels[0].asarray()
        page = file.pages[0]
        if not isinstance(page, tifffile.TiffPage) or not page.is_tiled:
            return planes
        columns = -(-page.imagewidth // page.tilewidth)
        for index, count in enumerate(page.databytecounts):
            if not count:  # Tiles that are left out show glass, not black.
                y, x = index // columns * page.tilelength, index % columns * page.tilewidth
                planes[y : y + page.tilelength, x : x + page.tilewidth] = 255
    return planes
