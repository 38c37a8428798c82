"""Tile stores: whole tiles or none, whatever happens to the file."""

import multiprocessing
import os
import threading

import pytest
from hypothesis import given, strategies as st

from tileserver.stored import tilestore
from tileserver.stored.tilestore import MAX_RECORD_BYTES, TileStore

KEY = b"0123456789abcdef"


@pytest.fixture
def store(tmp_path):
    store = TileStore(tmp_path / "a.small", KEY, 100)
    yield store
    store.close()


def reopened(tmp_path, key=KEY, slot_count=100):
    return TileStore(tmp_path / "a.small", key, slot_count)


def test_tile_that_was_put_in_is_read(store):
    store.put(7, b"tile seven")

    assert store.try_read(7) == b"tile seven"
    assert store.read(7) == b"tile seven"


def test_tile_that_was_not_put_in_is_not_there(store):
    assert store.try_read(7) is None
    assert store.read(7) is None


@given(tiles=st.dictionaries(st.integers(0, 99), st.binary(min_size=1, max_size=300)))
def test_every_tile_comes_back(tmp_path_factory, tiles):
    store = TileStore(tmp_path_factory.mktemp("any") / "a.small", KEY, 100)
    for slot, data in tiles.items():
        store.put(slot, data)

    assert {slot: store.read(slot) for slot in tiles} == tiles
    assert sum(store.try_read(slot) is not None for slot in range(100)) == len(tiles)
    store.close()


def test_background_takes_no_room(tmp_path, store):
    before = (tmp_path / "a.small").stat().st_size

    assert store.put(7, b"") == 0
    store.put(8, b"a tile")

    assert store.try_read(7) == store.read(7) == b""
    assert store.read(8) == b"a tile"
    assert (tmp_path / "a.small").stat().st_size == before + 4 + len(b"a tile")


def test_tile_is_kept_once(store):
    grown = store.put(7, b"tile seven")

    assert grown > len(b"tile seven")
    assert store.put(7, b"another") == 0
    assert store.read(7) == b"tile seven"


def test_tiles_outlive_the_process(tmp_path, store):
    store.put(7, b"tile seven")
    other = reopened(tmp_path)

    assert other.try_read(7) == b"tile seven"
    other.close()


def test_tiles_of_one_process_are_seen_by_another_at_once(tmp_path, store):
    other = reopened(tmp_path)

    store.put(7, b"tile seven")

    assert other.try_read(7) == b"tile seven"
    other.close()


def test_empty_store_takes_no_room(tmp_path):
    store = TileStore(tmp_path / "large", KEY, 10_000_000)

    assert (tmp_path / "large").stat().st_size > 80_000_000
    assert (tmp_path / "large").stat().st_blocks * 512 <= 8192
    store.close()


@pytest.mark.parametrize(("key", "slots"), [(b"f" * 16, 100), (KEY, 101), (KEY, 99)])
def test_store_of_something_else_is_emptied(tmp_path, store, key, slots):
    store.put(7, b"tile seven")

    other = reopened(tmp_path, key, slots)

    assert other.read(7) is None
    other.put(7, b"new seven")
    assert other.read(7) == b"new seven"
    other.close()


def test_damaged_head_empties_the_store(tmp_path, store):
    store.put(7, b"tile seven")
    with (tmp_path / "a.small").open("r+b") as file:
        file.write(b"nonsense")

    other = reopened(tmp_path)

    assert other.read(7) is None
    other.close()


def test_damaged_tile_is_not_there_and_is_put_in_again(tmp_path, store):
    store.put(7, b"tile seven")
    size = (tmp_path / "a.small").stat().st_size
    with (tmp_path / "a.small").open("r+b") as file:
        file.seek(size - 1)
        file.write(b"!")

    assert store.try_read(7) is None
    assert store.read(7) is None
    store.put(7, b"tile seven")
    assert store.read(7) == b"tile seven"


def test_entry_without_its_tile_is_not_there(tmp_path, store):
    # As after a loss of power: the table reached the disk, the tile did not.
    store.put(7, b"tile seven")
    os.truncate(tmp_path / "a.small", 64 + 800)

    assert store.try_read(7) is None
    assert store.read(7) is None


def test_entry_of_another_slot_is_not_taken(tmp_path, store):
    store.put(7, b"tile seven")
    with (tmp_path / "a.small").open("r+b") as file:
        file.seek(64 + 7 * 8)
        entry = file.read(8)
        file.seek(64 + 8 * 8)
        file.write(entry)

    assert store.try_read(8) is None


def test_store_that_is_cut_to_nothing_is_empty(tmp_path, store):
    store.put(7, b"tile seven")
    os.truncate(tmp_path / "a.small", 0)

    assert store.try_read(7) is None
    assert store.read(7) is None
    assert not store.is_filled


def test_deleted_store_goes_on_and_says_so(tmp_path, store):
    store.put(7, b"tile seven")
    assert not store.is_deleted

    (tmp_path / "a.small").unlink()

    assert store.is_deleted
    assert store.try_read(7) == b"tile seven"


def test_filled_is_remembered(tmp_path, store):
    assert not store.is_filled
    store.mark_filled()
    other = reopened(tmp_path)

    assert store.is_filled
    assert other.is_filled
    other.close()


def test_tile_too_large_to_enter_is_not_kept(store):
    assert store.put(7, bytes(MAX_RECORD_BYTES + 1)) == 0


def test_full_disk_only_means_that_nothing_is_kept(store, monkeypatch):
    def refuse(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.pwrite", refuse)

    assert store.put(7, b"tile seven") == 0


def test_tile_cut_off_by_a_full_disk_is_not_entered(store, monkeypatch):
    whole = os.pwrite
    monkeypatch.setattr("os.pwrite", lambda fd, data, offset: whole(fd, data[:5], offset))

    assert store.put(7, b"tile seven") == 0
    assert store.read(7) is None


def test_folder_that_may_not_be_written_gives_no_store(tmp_path):
    (tmp_path / "file").write_text("in the way")

    assert tilestore.open_store(tmp_path / "file" / "a.small", KEY, 100) is None
    assert tilestore.open_store_if_there(tmp_path / "none" / "a.small", KEY, 100) is None


def put_many(path, start):
    store = TileStore(path, KEY, 2000)
    for slot in range(start, start + 400):
        store.put(slot, b"%d " % slot * 50)
    store.close()


def test_threads_and_processes_write_side_by_side(tmp_path):
    path = tmp_path / "shared.large"
    processes = [
        multiprocessing.get_context("fork").Process(target=put_many, args=(path, start))
        for start in (0, 400)
    ]
    store = TileStore(path, KEY, 2000)
    for process in processes:
        process.start()

    def put(start):
        for slot in range(start, start + 400):
            store.put(slot, b"%d " % slot * 50)

    threads = [threading.Thread(target=put, args=(start,)) for start in (800, 1200, 1000)]
    for worker in [*threads]:
        worker.start()
    for worker in [*threads, *processes]:
        worker.join()

    assert [process.exitcode for process in processes] == [0, 0]
    for slot in range(1600):
        assert store.try_read(slot) == b"%d " % slot * 50
    store.close()
