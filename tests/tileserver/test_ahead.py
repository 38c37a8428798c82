"""Levels that are made before anybody looks at a slide, by a process of their own."""

import fcntl
import time

import numpy as np
import pytest

from slides_sample import pyramid
from slides_sample.pyramid import Storage
from tests.tileserver.stored import encoded
from tileserver.ahead import LOCK, LevelsAhead
from tileserver.inspection import Inspections
from tileserver.pool import identify
from tileserver.stored.cachefolder import CacheFolder
from tileserver.stored.plans import Kept
from tileserver.stored.slide import StoredSlide

SIDE = 2048
QUALITY = 80


def write_slide(path, seed):
    pixels = np.random.default_rng(seed).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
    levels = [pixels, pixels[::4, ::4]]
    label = np.zeros((40, 40, 3), np.uint8)
    storage = Storage(tile=256, quality=75, subsampling=(2, 2))
    pyramid.write_aperio(path, levels, storage, mpp=0.25, objective=40, label=label)
    return path


@pytest.fixture
def slide(tmp_path):
    return write_slide(tmp_path / "slide.svs", 1)


class Site:
    """A cache folder, what makes levels ahead in it, and what then is found there."""

    def __init__(self, root):
        self.root = root
        self.inspections = Inspections()
        self.made = []

    def make(self, *paths, **wanted):
        self.add(*paths, **wanted).result(30)

    def add(self, *paths, with_large=False, capacity_bytes=2**30):
        ahead = LevelsAhead(
            self.inspections,
            self.root,
            capacity_bytes=capacity_bytes,
            quality=QUALITY,
            with_large=with_large,
        )
        self.made.append(ahead)
        return ahead.add(paths)

    def filled(self, path):
        cache = CacheFolder(self.root, capacity_bytes=2**30)
        slide = StoredSlide.open(identify(path), cache, quality=QUALITY)
        found = {kept for kept in Kept if slide.is_filled(kept)}
        slide.close()
        return found


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path / "tiles")
    yield site
    for ahead in site.made:
        ahead.close()
    site.inspections.close()


def test_small_levels_are_made_and_large_ones_when_wanted(site, slide):
    site.make(slide)
    assert site.filled(slide) == {Kept.SMALL}

    site.make(slide, with_large=True)
    assert site.filled(slide) == {Kept.SMALL, Kept.LARGE}


def test_tiles_made_ahead_are_those_made_on_request(site, slide, tmp_path):
    site.make(slide, with_large=True)

    opened = [
        StoredSlide.open(identify(slide), CacheFolder(root, capacity_bytes=2**30), quality=QUALITY)
        for root in (site.root, tmp_path / "other")
    ]
    ahead, asked = opened
    for level in range(ahead.pyramid.level_count):
        assert encoded.at_once(ahead, level, 0, 0) == asked.slow(level, 0, 0)
    for each in opened:
        each.close()


def test_large_levels_drive_nothing_out_of_the_cache(site, slide):
    site.make(slide, with_large=True, capacity_bytes=slide.stat().st_size // 4)

    assert site.filled(slide) == {Kept.SMALL}


def test_one_process_at_a_time_makes_large_levels(site, slide):
    site.root.mkdir()
    with (site.root / LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = site.add(slide, with_large=True)
        while Kept.SMALL not in site.filled(slide):
            time.sleep(0.02)
        assert site.filled(slide) == {Kept.SMALL}

    done.result(30)
    assert site.filled(slide) == {Kept.SMALL, Kept.LARGE}


def test_closing_does_not_wait_for_a_turn(site, slide):
    site.root.mkdir()
    with (site.root / LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = site.add(slide, with_large=True)
        site.made[-1].close()

    assert done.cancelled() or done.result(0) is None
    assert Kept.LARGE not in site.filled(slide)


def test_a_slide_that_cannot_be_read_does_not_hold_up_the_next(site, slide, tmp_path):
    broken = tmp_path / "broken.svs"
    broken.write_text("no slide")

    site.make(broken, tmp_path / "absent.svs", slide)

    assert site.filled(slide) == {Kept.SMALL}


def test_a_slide_added_to_many_does_not_have_all_looked_at(site, slide, tmp_path, monkeypatch):
    monkeypatch.setattr("tileserver.ahead.MAX_SEEN_IN_A_ROW", 2)
    old = [tmp_path / f"{number}.svs" for number in range(5)]
    for path in old:
        path.hardlink_to(slide)
    site.make(*old)
    ahead, asked = site.made[-1], []

    ahead.add(asked.append(path) or path for path in [slide, *old]).result(30)

    assert asked == [slide, *old[:3]]
    assert site.filled(slide) == {Kept.SMALL}
