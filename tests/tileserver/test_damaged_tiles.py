"""Slides of which a stored tile is damaged: that tile is an error, and all others are shown."""

import asyncio

import numpy as np
import pytest
import simplejpeg
import tifffile

from slides_sample import pyramid
from slides_sample.pyramid import Storage
from tileserver import readers
from tileserver.pool import SlidePool
from tileserver.readers.base import SlideError
from tileserver.service import TileService
from tileserver.sources import SlideSource

SIDE = 1024
FULL, HALF = 10, 9
"""Deep Zoom levels: one that the file holds, and one composed of it."""


@pytest.fixture
def slide(tmp_path):
    path = tmp_path / "slide.svs"
    pixels = np.full((SIDE, SIDE, 3), 180, np.uint8)
    levels = [pixels, pixels[::4, ::4]]
    label = np.zeros((40, 40, 3), np.uint8)
    pyramid.write_aperio(
        path, levels, Storage(tile=256, quality=75), mpp=0.25, objective=40, label=label
    )
    return path


@pytest.fixture
def tile(slide, shelf):
    service = TileService(SlidePool(readers.open_slide, capacity=2), shelf, threads=1)
    source = SlideSource(path=slide, name="slide", mpp_override=None)

    def tile(dz_level, column, row):
        return asyncio.run(service.tile(source, dz_level, column, row)).data

    yield tile
    service.close()


def overwrite(slide, index, make):
    """Replace a stored tile of full detail by something of at most its length."""
    with tifffile.TiffFile(slide) as file:
        page = file.pages[0]
        offset, count = page.dataoffsets[index], page.databytecounts[index]
    data = bytearray(slide.read_bytes())
    new = make(bytes(data[offset : offset + count]))
    assert len(new) <= count
    data[offset : offset + len(new)] = new
    slide.write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [
        lambda stream: bytes(len(stream)),
        lambda stream: b"\xff\xd8" + b"\xff" * (len(stream) - 2),
        # The frame tells another size than the tile has.
        lambda stream: stream.replace(b"\x08\x01\x00\x01\x00", b"\x08\x01\x00\x00\x40"),
        lambda stream: stream.replace(b"\x08\x01\x00\x01\x00", b"\x08\xff\xff\xff\xff"),
    ],
)
def test_a_damaged_tile_is_an_error_and_so_is_what_is_made_of_it(slide, tile, damage):
    overwrite(slide, 5, damage)

    with pytest.raises(SlideError, match=r"slide\.svs"):
        tile(FULL, 1, 1)
    with pytest.raises(SlideError, match=r"slide\.svs"):
        tile(HALF, 0, 0)
    for dz_level, column, row in [(FULL, 0, 0), (FULL, 2, 1), (HALF, 1, 1)]:
        pixels = simplejpeg.decode_jpeg(tile(dz_level, column, row))
        assert pixels.shape == (256, 256, 3)
        assert np.abs(pixels.astype(int) - 180).max() <= 2
