"""The cache folder: what is deleted when room is short, and who may build."""

import os
import shutil
from pathlib import Path

import pytest

from tileserver.pool import FileIdentity
from tileserver.stored.cachefolder import LATELY_S, CacheFolder, key_of

KEYS = [bytes([number]) * 16 for number in range(10)]


def keep(cache, key, byte_count, used):
    path = cache.path(key, "small")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes([1]) * byte_count)
    os.utime(path, (used, used))
    return path


@pytest.fixture
def small_cache(tmp_path):
    return CacheFolder(tmp_path / "cache", capacity_bytes=100_000)


def test_files_used_longest_ago_go_first(small_cache):
    paths = [keep(small_cache, key, 40_000, 1000 + n) for n, key in enumerate(KEYS)]

    small_cache.trim()

    assert [path.exists() for path in paths] == [False] * 8 + [True] * 2


def test_nothing_goes_while_there_is_room(small_cache):
    paths = [keep(small_cache, key, 30_000, 1000) for key in KEYS[:3]]

    small_cache.trim()

    assert all(path.exists() for path in paths)


def test_holes_take_no_room(small_cache):
    path = keep(small_cache, KEYS[0], 10, 1000)
    os.truncate(path, 10**9)

    small_cache.trim()

    assert path.exists()


def test_trimming_an_absent_folder_does_nothing(tmp_path):
    CacheFolder(tmp_path / "none", capacity_bytes=1).trim()

    assert not (tmp_path / "none").exists()


def test_growth_is_noticed(small_cache):
    paths = [keep(small_cache, key, 40_000, 1000 + n) for n, key in enumerate(KEYS)]

    small_cache.grew(1000)
    assert all(path.exists() for path in paths)
    small_cache.grew(1000)

    assert not paths[0].exists()


def test_what_is_made_ahead_leaves_what_was_used_lately_in_place(small_cache):
    now = 100 * LATELY_S
    keep(small_cache, KEYS[0], 40_960, now - 1)
    keep(small_cache, KEYS[1], 40_960, now - 2 * LATELY_S)

    assert small_cache.room_ahead(now) == 80_000 - 40_960


def test_what_is_made_ahead_leaves_room_on_the_disk(small_cache, monkeypatch):
    keep(small_cache, KEYS[0], 10, 1000)
    free = shutil.disk_usage(small_cache.path(KEYS[0], "small").parent).free
    monkeypatch.setattr("tileserver.stored.cachefolder.DISK_RESERVE_BYTES", 2 * free)

    assert small_cache.room_ahead(10**9) < -free // 2


def test_key_stands_for_file_and_parameters():
    file = FileIdentity(Path("/slides/a.svs"), 12, 345)
    others = [
        key_of(FileIdentity(Path("/slides/b.svs"), 12, 345)),
        key_of(FileIdentity(Path("/slides/a.svs"), 13, 345)),
        key_of(FileIdentity(Path("/slides/a.svs"), 12, 346)),
        key_of(file, 85),
        key_of(file, 90),
        key_of(file, 1, 85),
    ]

    assert key_of(file) == key_of(FileIdentity(Path("/slides/a.svs"), 12, 345))
    assert len({key_of(file), *others}) == 7
    assert all(len(key) == 16 for key in others)


def test_names_that_are_no_text_have_keys():
    odd = Path(os.fsdecode(b"/slides/\xff\xfe.svs"))

    assert key_of(FileIdentity(odd, 1, 2)) != key_of(FileIdentity(Path("/slides/a.svs"), 1, 2))
