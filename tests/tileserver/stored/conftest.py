"""Stored slides opened for the tests, each with a cache folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tileserver.pool import identify
from tileserver.stored.cachefolder import CacheFolder
from tileserver.stored.slide import StoredSlide


@pytest.fixture
def cache(tmp_path: Path) -> CacheFolder:
    """Give a cache folder that is not there yet."""
    return CacheFolder(tmp_path / "cache", capacity_bytes=2**28)


@pytest.fixture
def open_stored(cache: CacheFolder) -> Iterator[Callable[..., StoredSlide]]:
    """Give a function that opens a slide, which must be of the kind; closed when the test ends."""
    opened: list[StoredSlide] = []

    def open_one(path: Path, quality: int = 90) -> StoredSlide:
        slide = StoredSlide.open(identify(path), cache, quality=quality)
        assert slide is not None
        opened.append(slide)
        return slide

    yield open_one
    for slide in opened:
        slide.close()
