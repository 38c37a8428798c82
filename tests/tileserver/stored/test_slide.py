"""Stored slides: addresses, what is kept for the next viewer, and what survives trouble."""

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from records.errors import BusyError
from tests.tileserver.stored import encoded
from tests.tileserver.stored.encoded import Encoding
from tileserver import readers
from tileserver.deepzoom import TileOutsideLevelError
from tileserver.pool import identify
from tileserver.readers.base import SlideError
from tileserver.stored import slide as slides
from tileserver.stored.cachefolder import CacheFolder
from tileserver.stored.plans import Kept
from tileserver.stored.sidecar import SidecarMaker
from tileserver.stored.slide import StoredSlide

SIZE = (1403, 1105)


@pytest.fixture
def path(tmp_path):
    return encoded.write(tmp_path / "a.tif", encoded.noise_levels(*SIZE), Encoding(tile=128))


def every_tile(slide):
    for dz_level in range(slide.pyramid.level_count):
        grid = slide.pyramid.tile_grid(dz_level)
        for row in range(grid.height):
            for column in range(grid.width):
                yield dz_level, column, row


def small(slide):
    return [address for address in every_tile(slide) if slide.pyramid.max_level - address[0] >= 3]


def test_pyramid_is_that_of_the_reader(path, open_stored):
    with readers.open_slide(path) as reader:
        assert open_stored(path).pyramid == reader.facts.pyramid


def test_every_tile_has_the_size_of_its_region(path, open_stored):
    slide = open_stored(path)

    for address in every_tile(slide):
        region = slide.pyramid.tile_region(*address)
        shape = encoded.decoded(slide.slow(*address)).shape
        assert shape == (region.height, region.width, 3)


@pytest.mark.parametrize(
    "address", [(-1, 0, 0), (12, 0, 0), (99, 0, 0), (11, 11, 0), (11, 0, 9), (11, -1, 0), (0, 1, 0)]
)
def test_tiles_outside_are_not_found(path, open_stored, address):
    slide = open_stored(path)

    assert slide.fast(*address) is None
    with pytest.raises(TileOutsideLevelError):
        slide.slow(*address)


def test_second_viewer_never_makes_a_tile(path, open_stored, monkeypatch):
    first = open_stored(path)
    made = {address: first.slow(*address) for address in every_tile(first)}
    monkeypatch.delattr("tileserver.stored.compose.Composer.pixels")
    second = open_stored(path)

    assert {address: encoded.at_once(second, *address) for address in made} == made
    assert {address: encoded.at_once(first, *address) for address in made} == made


def test_tiles_made_ahead_are_those_made_on_demand(path, open_stored, tmp_path):
    ahead = open_stored(path)
    ahead.fill(Kept.SMALL)
    ahead.fill(Kept.LARGE)
    other = CacheFolder(tmp_path / "other", capacity_bytes=2**28)
    demanded = StoredSlide.open(identify(path), other, quality=90)

    for address in every_tile(ahead):
        assert encoded.at_once(ahead, *address) == demanded.slow(*address)
    demanded.close()


@pytest.mark.parametrize(
    ("colours", "size", "downsamples"),
    [
        ("ycbcr420", (2600, 2100), (1,)),
        ("ycbcr420", (9000, 300), (1, 64)),
        ("jp2k_rgb", (1100, 700), (1,)),
    ],
)
def test_slides_with_few_levels_are_filled_too(tmp_path, open_stored, colours, size, downsamples):
    levels = encoded.noise_levels(*size, downsamples)
    path = encoded.write(tmp_path / "one.tif", levels, Encoding(tile=128, colours=colours))
    slide = open_stored(path)
    slide.fill(Kept.SMALL, threads=3)
    other = CacheFolder(tmp_path / "other", capacity_bytes=2**28)
    demanded = StoredSlide.open(identify(path), other, quality=90)

    for address in small(slide):
        assert encoded.at_once(slide, *address) == demanded.slow(*address)
    demanded.close()


def test_filling_is_told_and_ends_with_all(path, open_stored):
    slide = open_stored(path)
    told = []

    slide.fill(Kept.LARGE, progress=lambda done, total: told.append((done, total)))

    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] == 99 + 30 + 9
    assert slide.is_filled(Kept.LARGE)
    assert not slide.is_filled(Kept.SMALL)


def test_filling_that_was_stopped_goes_on_later(path, open_stored):
    class StopError(Exception):
        pass

    def stop(done, total):
        if done > 100:
            raise StopError

    slide = open_stored(path)
    with pytest.raises(StopError):
        slide.fill(Kept.LARGE, progress=stop)
    assert not slide.is_filled(Kept.LARGE)

    slide.fill(Kept.LARGE)

    assert all(
        encoded.at_once(slide, *address) for address in set(every_tile(slide)) - set(small(slide))
    )


def test_one_of_many_makes_what_all_wait_for(path, open_stored, monkeypatch):
    slide_of_each = [open_stored(path) for _ in range(4)]
    makings = []
    whole = SidecarMaker.make

    def count(maker, threads):
        makings.append(maker)
        whole(maker, threads)

    monkeypatch.setattr(SidecarMaker, "make", count)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda slide: slide.fill(Kept.SMALL), slide_of_each))

    assert len(makings) == 1
    for slide in slide_of_each:
        assert all(encoded.at_once(slide, *address) for address in small(slide))


def test_overviews_of_many_stored_tiles_are_made_together(tmp_path, open_stored, monkeypatch):
    levels = encoded.noise_levels(2600, 2100, (1,))
    slide = open_stored(encoded.write(tmp_path / "one.tif", levels, Encoding(tile=128)))
    monkeypatch.setattr(slides, "MAX_WAIT_MS", 5)

    slide.slow(0, 0, 0)

    top = slide.pyramid.max_level
    for address in every_tile(slide):
        assert address[0] > top - 3 or (encoded.at_once(slide, *address) is not None)


def test_slide_with_a_bad_tile_fails_once_and_shows_the_rest(path, open_stored, monkeypatch):
    slide = open_stored(path)
    level = slide._plans[-1].native.level
    with path.open("r+b") as file:
        file.seek(int(level.offsets[0]))
        file.write(bytes(16))

    with pytest.raises(SlideError, match="column 0, row 0"):
        slide.fill(Kept.LARGE)
    monkeypatch.delattr(SidecarMaker, "make")
    with pytest.raises(SlideError, match="column 0, row 0"):
        slide.fill(Kept.LARGE)

    assert slide.slow(slide.pyramid.max_level - 1, 3, 3)
    assert slide.slow(0, 0, 0)


def test_cache_may_be_deleted_while_serving(path, open_stored, tmp_path):
    slide = open_stored(path)
    before = {address: slide.slow(*address) for address in every_tile(slide)}
    shutil.rmtree(tmp_path / "cache")

    assert {address: encoded.at_once(slide, *address) for address in before} == before
    assert {address: slide.slow(*address) for address in before} == before
    assert {address: encoded.at_once(slide, *address) for address in before} == before
    assert not slide.is_filled(Kept.SMALL)
    slide.fill(Kept.SMALL)
    assert slide.is_filled(Kept.SMALL)


def test_cache_may_be_deleted_between_servers(path, open_stored, tmp_path):
    first = open_stored(path)
    before = {address: first.slow(*address) for address in small(first)}
    shutil.rmtree(tmp_path / "cache")

    second = open_stored(path)

    assert {address: second.slow(*address) for address in before} == before


def test_every_damaged_cache_file_is_made_anew(path, open_stored, tmp_path):
    first = open_stored(path)
    before = {address: first.slow(*address) for address in every_tile(first)}
    files = [file for file in (tmp_path / "cache").rglob("*") if file.suffix]
    assert sorted(file.suffix for file in files) == [".index", ".large", ".small"]
    for file in files:
        data = bytearray(file.read_bytes())
        data[: len(data) // 2] = os.urandom(len(data) // 2)
        file.write_bytes(data)

    second = open_stored(path)

    assert {address: second.slow(*address) for address in before} == before


def test_cache_that_may_not_be_written_only_costs_time(path, tmp_path):
    (tmp_path / "blocked").write_text("a file where the folder should be")
    cache = CacheFolder(tmp_path / "blocked", capacity_bytes=2**28)

    slide = StoredSlide.open(identify(path), cache, quality=90)

    assert slide.slow(0, 0, 0)
    assert encoded.at_once(slide, slide.pyramid.max_level, 0, 0)
    with pytest.raises(BusyError, match="cannot be written"):
        slide.fill(Kept.SMALL)
    slide.close()


def test_cache_without_enough_room_only_costs_time(path, tmp_path):
    cache = CacheFolder(tmp_path / "cache", capacity_bytes=200_000)
    slide = StoredSlide.open(identify(path), cache, quality=95)

    with pytest.raises(BusyError, match="not enough room"):
        slide.fill(Kept.LARGE)

    assert all(slide.slow(*address) for address in every_tile(slide))
    kept = [file.stat().st_blocks * 512 for file in (tmp_path / "cache").rglob("*.*")]
    assert sum(kept) < 400_000
    slide.close()


def test_replaced_slide_is_another(tmp_path, open_stored, cache):
    path = tmp_path / "a.tif"
    first = open_stored(encoded.write(path, encoded.noise_levels(*SIZE), Encoding(tile=128)))
    old = {address: first.slow(*address) for address in every_tile(first)}
    was = identify(path)

    other = [255 - level for level in encoded.noise_levels(*SIZE)]
    encoded.write(tmp_path / "b.tif", other, Encoding(tile=128))
    (tmp_path / "b.tif").replace(path)

    with pytest.raises(SlideError, match="being replaced"):
        StoredSlide.open(was, cache, quality=90)
    second = open_stored(path)
    for address in small(second):
        assert second.fast(*address) is None
    assert second.slow(5, 0, 0) != old[5, 0, 0]
    assert first.slow(5, 0, 0) == old[5, 0, 0]


def test_qualities_are_kept_apart(path, open_stored):
    coarse, fine = open_stored(path, quality=40), open_stored(path, quality=95)

    assert len(coarse.slow(6, 0, 0)) < len(fine.slow(6, 0, 0))
    assert encoded.at_once(coarse, 6, 0, 0) != encoded.at_once(fine, 6, 0, 0)


def test_slides_of_another_kind_are_known_by_the_second_look(tmp_path, cache, monkeypatch):
    (tmp_path / "a.svs").write_text("this is no slide")

    assert StoredSlide.open(identify(tmp_path / "a.svs"), cache, quality=90) is None
    monkeypatch.delattr("tileserver.stored.index.build_index")
    assert StoredSlide.open(identify(tmp_path / "a.svs"), cache, quality=90) is None


def test_missing_slide_cannot_be_opened(path, cache):
    file = identify(path)
    path.unlink()

    with pytest.raises(SlideError, match="is not there"):
        StoredSlide.open(file, cache, quality=90)


def test_every_file_is_closed(path, cache):
    def open_files():
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    slide = StoredSlide.open(identify(path), cache, quality=90)
    slide.slow(0, 0, 0)
    slide.slow(slide.pyramid.max_level - 1, 0, 0)
    assert open_files() == before + 3

    slide.close()
    slide.close()

    assert open_files() == before
    assert slide.fast(slide.pyramid.max_level, 0, 0) is None


def test_stores_that_were_deleted_are_closed(path, open_stored, tmp_path):
    slide = open_stored(path)
    slide.slow(0, 0, 0)
    before = len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(5):
        shutil.rmtree(tmp_path / "cache")
        slide.slow(0, 0, 0)

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_slide_that_nobody_holds_closes_its_files(path, cache):
    before = len(list(Path("/proc/self/fd").iterdir()))
    slide = StoredSlide.open(identify(path), cache, quality=90)
    slide.slow(0, 0, 0)
    slide.fill(Kept.LARGE)
    assert len(list(Path("/proc/self/fd").iterdir())) == before + 3

    del slide

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_tag_changes_with_the_file_and_the_quality(path, open_stored):
    tags = [open_stored(path).tag, open_stored(path).tag, open_stored(path, quality=60).tag]
    os.utime(path, ns=(1, 1))

    assert tags[0] == tags[1]
    assert len({*tags, open_stored(path).tag}) == 3


def test_many_threads_see_the_same_tiles(path, open_stored):
    slide = open_stored(path)
    addresses = list(every_tile(slide))
    start = threading.Barrier(6)

    def look(seed):
        order = np.random.default_rng(seed).permutation(len(addresses))
        start.wait()
        return {addresses[n]: slide.fast(*addresses[n]) or slide.slow(*addresses[n]) for n in order}

    with ThreadPoolExecutor(6) as pool:
        seen = list(pool.map(look, range(6)))

    assert all(tiles == seen[0] for tiles in seen)


def test_one_pixel_slides_are_served(tmp_path, open_stored):
    pixel = np.full((1, 1, 3), 90, np.uint8)
    path = encoded.write(tmp_path / "a.tif", [pixel], Encoding(tile=128, padding="edge"))

    slide = open_stored(path)

    assert encoded.decoded(slide.slow(0, 0, 0)).shape == (1, 1, 3)
    assert encoded.decoded(slide.slow(0, 0, 0))[0, 0, 0] == pytest.approx(90, abs=3)


@pytest.mark.parametrize("colours", ["ycbcr420", "rgb", "jp2k_rgb"])
def test_files_changed_at_random_show_tiles_or_say_what_is_wrong(tmp_path, cache, colours):
    whole = encoded.write(
        tmp_path / "a.svs", encoded.noise_levels(500, 300), Encoding(tile=128, colours=colours)
    ).read_bytes()
    rng = np.random.default_rng(11)
    answers, reasons = set(), []
    for number in range(12):
        broken = bytearray(whole)
        for place in rng.integers(0, len(whole), 25):
            broken[place] = int(rng.integers(0, 256))
        path = tmp_path / f"{number}.svs"
        path.write_bytes(broken)
        slide = StoredSlide.open(identify(path), cache, quality=90)
        if slide is None:
            continue
        for address in [*every_tile(slide)][:60]:
            slide.fast(*address)
            try:
                answers.add(slide.slow(*address)[:2])
            except SlideError as error:
                reasons.append(error.message)
        slide.close()

    assert answers == {b"\xff\xd8"}
    assert not [reason for reason in reasons if str(tmp_path) in reason]
