"""FinishUpload asked for more than once: one request moves the file, and each hears the same."""

from __future__ import annotations

import contextlib
import secrets
import threading
from concurrent import futures

import pytest

from records.filestore import FileStore
from uploads import commit, routes


@pytest.fixture
def pool():
    with futures.ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def arrived(site):
    """Give the arguments of a FinishUpload that is due."""
    token = site.token()
    ticket = site.ticket(token, "a.svs", f"f{secrets.token_hex(4)}")
    part_id = site.create(token, ticket, 5).part_id
    assert site.patch(part_id, 0, b"hello").status == 204
    return token, part_id, ticket


def finish(site, token, part_id, ticket):
    return site.api("FinishUpload", token, id=part_id, token=ticket)


class Gate:
    """Holds up who comes by, until it is opened."""

    def __init__(self):
        self.reached, self.opened = threading.Event(), threading.Event()

    def wait(self):
        self.reached.set()
        assert self.opened.wait(20)


@contextlib.contextmanager
def slow_disk(monkeypatch):
    """Let moving a file into place take until the gate is opened."""
    gate, really_place = Gate(), FileStore.place

    def place(*arguments):
        gate.wait()
        return really_place(*arguments)

    monkeypatch.setattr(FileStore, "place", place)
    try:
        yield gate
    finally:
        gate.opened.set()


def test_two_at_once_move_the_file_once_and_hear_the_same(site, arrived, pool, monkeypatch):
    looked = []
    really_find = commit.find_arrival
    monkeypatch.setattr(
        commit, "find_arrival", lambda *a, **k: looked.append(1) or really_find(*a, **k)
    )
    events = len(site.audit_of("upload.finish"))

    with slow_disk(monkeypatch) as gate:
        first = pool.submit(finish, site, *arrived)
        assert gate.reached.wait(20)
        so_far = len(looked)
        second = pool.submit(finish, site, *arrived)
        # The second looks, finds the first at it, waits and looks again.
        site.wait_until(lambda: len(looked) >= so_far + 2)
        assert not second.done()
        gate.opened.set()
        answers = [first.result(), second.result()]

    assert [(answer.status, answer.body) for answer in answers] == [(200, b'"OK"')] * 2
    assert [event["replaced"] for event in site.audit_of("upload.finish")[events:]] == [False]


def test_one_that_was_overtaken_hears_the_same(site, arrived, pool, monkeypatch):
    gate, really_find = Gate(), commit.find_arrival

    def find_slowly(*arguments, **more):
        found = really_find(*arguments, **more)
        if not gate.reached.is_set():
            gate.wait()
        return found

    monkeypatch.setattr(commit, "find_arrival", find_slowly)
    try:
        slow = pool.submit(finish, site, *arrived)
        assert gate.reached.wait(20)
        assert finish(site, *arrived).json == "OK"
    finally:
        gate.opened.set()

    assert slow.result().json == "OK"


def test_end_that_takes_too_long_is_asked_for_again(site, arrived, pool, monkeypatch):
    monkeypatch.setattr(routes, "_FINISH_WAIT_S", 0)

    with slow_disk(monkeypatch) as gate:
        first = pool.submit(finish, site, *arrived)
        assert gate.reached.wait(20)
        answer = finish(site, *arrived)
        gate.opened.set()
        assert first.result().json == "OK"

    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert finish(site, *arrived).json == "OK"


def test_failed_end_lets_the_next_try(site, arrived):
    token, part_id, ticket = arrived
    wrong = {"id": part_id, "token": ticket, "sha256": "0" * 64}

    assert "upload it again" in site.api("FinishUpload", token, **wrong).json
    assert finish(site, *arrived).json == "OK"


def test_missing_bytes_are_told_at_once_though_more_are_arriving(site, monkeypatch):
    # Waiting would be for nothing: who does not know of the last byte cannot want the end yet.
    monkeypatch.setattr(routes, "_FINISH_WAIT_S", 3600)
    token = site.token()
    ticket = site.ticket(token)
    data = bytes(2_000_000)
    part_id = site.create(token, ticket, len(data)).part_id

    with site.trickling(part_id, data):
        answer = finish(site, token, part_id, ticket)

    assert answer.status == 200
    assert "of 2000000 bytes have arrived" in answer.json
