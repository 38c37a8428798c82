import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tileserver.caching import SharedCache


def test_a_value_is_made_once():
    cache = SharedCache(len, capacity=100)
    made = []

    for _ in range(3):
        assert cache.get("a", lambda: made.append(1) or b"xyz") == b"xyz"

    assert made == [1]


def test_simultaneous_askers_share_one_making():
    cache = SharedCache(len, capacity=100)
    gate, made = threading.Event(), []

    def make():
        gate.wait(10)
        made.append(1)
        return b"xyz"

    with ThreadPoolExecutor(6) as threads:
        asked = [threads.submit(cache.get, "a", make) for _ in range(6)]
        gate.set()
        assert {found.result() for found in asked} == {b"xyz"}
    assert made == [1]


def test_the_total_weight_is_bounded_and_the_oldest_goes():
    cache = SharedCache(len, capacity=100)
    cache.get("a", lambda: b"a" * 40)
    cache.get("b", lambda: b"b" * 40)
    cache.get("a", lambda: pytest.fail("it was kept"))

    cache.get("c", lambda: b"c" * 40)

    cache.get("a", lambda: pytest.fail("it was kept"))
    assert cache.get("b", lambda: b"new") == b"new"


def test_a_value_heavier_than_all_room_is_returned_but_not_kept():
    cache = SharedCache(len, capacity=10)

    assert cache.get("a", lambda: b"a" * 11) == b"a" * 11
    assert cache.get("a", lambda: b"b") == b"b"


def test_a_failure_reaches_all_who_wait_and_is_not_kept():
    cache = SharedCache(len, capacity=100)
    gate = threading.Event()

    def fail():
        gate.wait(10)
        raise ValueError("damaged")

    with ThreadPoolExecutor(3) as threads:
        asked = [threads.submit(cache.get, "a", fail) for _ in range(3)]
        gate.set()
        assert [type(found.exception()) for found in asked] == [ValueError] * 3
    assert cache.get("a", lambda: b"fine") == b"fine"
