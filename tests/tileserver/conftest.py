"""Slides made for the tests of the tile server: gradients, whose every pixel is known."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from slides_sample import gradient, pyramid
from slides_sample.pyramid import Storage
from tileserver.readers.tiff_reader import TiffReader
from tileserver.shelf import Shelf
from tileserver.stored.cachefolder import CacheFolder
from tileserver.stored.slide import StoredSlide

WIDTH, HEIGHT = 1003, 605
LOSSLESS = Storage(tile=128, compression="deflate")

Check = Callable[..., None]


def read_all(path: Path) -> np.ndarray:
    """Return the whole first level as the reader of TIFFs shows it."""
    with TiffReader(path) as reader:
        size = reader.facts.size
        return reader.read_region(0, 0, 0, size.width, size.height)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """Give an empty shelf of stored slides, over an empty cache folder."""
    cache = CacheFolder(tmp_path / "tile-cache", capacity_bytes=2**28)
    shelf = Shelf(functools.partial(StoredSlide.open, cache=cache, quality=85), capacity=8)
    yield shelf
    shelf.clear()


@pytest.fixture
def gradient_tiff(tmp_path: Path) -> Path:
    """Give a lossless pyramidal TIFF with levels 1, 4 and 16, rounded down."""
    path = tmp_path / "gradient.tif"
    gradient.write_gradient_slide(path, width=WIDTH, height=HEIGHT, storage=LOSSLESS)
    return path


@pytest.fixture
def gradient_svs(tmp_path: Path) -> Path:
    """Give an Aperio file with levels 1, 4 and 16, which OpenSlide reads."""
    levels = []
    for downsample in (1, 4, 16):
        columns, rows = WIDTH // downsample, HEIGHT // downsample
        colours = gradient.expected_region((0, 0, columns, rows), downsample, (WIDTH, HEIGHT))
        levels.append(np.clip(colours + 0.5, 0, 255).astype(np.uint8))
    storage = Storage(tile=256, quality=95, subsampling=(1, 1))
    path = tmp_path / "gradient.svs"
    label = np.zeros((40, 40, 3), np.uint8)
    pyramid.write_aperio(path, levels, storage, mpp=0.25, objective=40, label=label)
    return path
