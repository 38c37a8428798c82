import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from records.errors import BusyError, NotFoundError
from tileserver.pool import SlidePool
from tileserver.readers.base import SlideError


class Reader:
    """A reader that only remembers whether it was closed."""

    def __init__(self, path):
        self.path = path
        self.closed = 0

    def close(self):
        self.closed += 1


class Opening:
    """Opens readers, and keeps every one that was opened."""

    def __init__(self):
        self.readers = []
        self.fails = False
        self.gate = None

    def __call__(self, path):
        if self.gate is not None:
            self.gate.wait(10)
        if self.fails:
            self.readers.append(None)
            raise SlideError(f"{path.name} is damaged")
        reader = Reader(path)
        self.readers.append(reader)
        return reader


@pytest.fixture
def opening():
    return Opening()


@pytest.fixture
def paths(tmp_path):
    paths = [tmp_path / f"{name}.svs" for name in "abcd"]
    for path in paths:
        path.write_text(path.name)
    return paths


def borrow(pool, path):
    with pool.borrow(path) as reader:
        return reader


def test_a_slide_is_opened_once(opening, paths):
    pool = SlidePool(opening, capacity=2)

    assert borrow(pool, paths[0]) is borrow(pool, paths[0])
    assert len(opening.readers) == 1


def test_the_slide_not_used_for_longest_is_closed(opening, paths):
    pool = SlidePool(opening, capacity=2)
    first, second = borrow(pool, paths[0]), borrow(pool, paths[1])
    borrow(pool, paths[0])

    borrow(pool, paths[2])

    assert (first.closed, second.closed) == (0, 1)
    assert len(pool) == 2


def test_a_slide_in_use_is_closed_only_after_its_last_user(opening, paths):
    pool = SlidePool(opening, capacity=1)
    with pool.borrow(paths[0]) as one:
        with pool.borrow(paths[0]) as same:
            borrow(pool, paths[1])
            assert same is one
            assert one.closed == 0
        assert one.closed == 0

    assert one.closed == 1


def test_many_simultaneous_askers_share_one_opening(opening, paths):
    opening.gate = threading.Event()
    pool = SlidePool(opening, capacity=2)

    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(borrow, pool, paths[0]) for _ in range(8)]
        opening.gate.set()
        found = {reader.result() for reader in asked}

    assert len(found) == 1
    assert len(opening.readers) == 1


def test_a_failed_opening_is_told_and_tried_again_later(opening, paths):
    pool = SlidePool(opening, capacity=2)
    opening.fails = True
    with pytest.raises(SlideError, match=r"a\.svs is damaged"):
        borrow(pool, paths[0])
    opening.fails = False

    assert borrow(pool, paths[0]).path == paths[0]
    assert len(pool) == 1


def test_a_reader_that_fails_is_replaced_by_a_fresh_one(opening, paths):
    pool = SlidePool(opening, capacity=2)
    failing = borrow(pool, paths[0])
    with pytest.raises(SlideError), pool.borrow(paths[0]):
        raise SlideError("OpenSlide says no")

    assert failing.closed == 1
    assert borrow(pool, paths[0]) is not failing


def test_a_question_about_a_tile_that_is_not_there_keeps_the_reader(opening, paths):
    pool = SlidePool(opening, capacity=2)
    reader = borrow(pool, paths[0])
    with pytest.raises(NotFoundError), pool.borrow(paths[0]):
        raise NotFoundError("no such tile")

    assert borrow(pool, paths[0]) is reader


def test_a_replaced_file_is_opened_anew_and_the_former_one_closed(opening, paths):
    pool = SlidePool(opening, capacity=4)
    former = borrow(pool, paths[0])
    paths[0].write_text("something else")

    assert borrow(pool, paths[0]) is not former
    assert former.closed == 1
    assert len(pool) == 1


def test_a_file_touched_in_the_same_size_is_opened_anew(opening, paths):
    pool = SlidePool(opening, capacity=4)
    former = borrow(pool, paths[0])
    os.utime(paths[0], ns=(1, 1))

    assert borrow(pool, paths[0]) is not former


def test_a_missing_file_is_a_slide_error_without_its_folder(opening, tmp_path):
    pool = SlidePool(opening, capacity=4)

    with pytest.raises(SlideError) as caught:
        borrow(pool, tmp_path / "gone.svs")

    assert caught.value.message == "gone.svs is not there, or may not be read"


def test_closing_the_pool_closes_idle_slides_now_and_busy_ones_later(opening, paths):
    pool = SlidePool(opening, capacity=4)
    idle = borrow(pool, paths[0])
    with pool.borrow(paths[1]) as busy:
        pool.close()
        assert (idle.closed, busy.closed) == (1, 0)

    assert busy.closed == 1
    with pytest.raises(BusyError):
        borrow(pool, paths[0])


def test_under_load_no_reader_is_closed_in_use_or_left_open(opening, paths):
    pool = SlidePool(opening, capacity=2)
    wrong = []

    def work(seed):
        for step in range(300):
            with contextlib.suppress(SlideError), pool.borrow(paths[(seed * step) % 4]) as reader:
                if reader.closed:
                    wrong.append(reader)
                if (seed + step) % 17 == 0:
                    raise SlideError("latched")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(1, 9)))
    pool.close()

    assert wrong == []
    assert {reader.closed for reader in opening.readers} == {1}
