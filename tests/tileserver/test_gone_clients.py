"""Clients that hang up, over real connections: nobody makes what nobody waits for."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime

import numpy as np
import pytest
import uvicorn

from access.tokens import TileTokens
from slides_sample import pyramid
from slides_sample.pyramid import Storage
from tileserver import readers
from tileserver.grants import Grants
from tileserver.pool import SlidePool
from tileserver.service import TileService
from tileserver.sources import SlideSource
from tileserver.stored.compose import Composer
from tileserver.tileapp import TileApp

KEY = b"k" * 32
SIDE = 2048
DZ_LEVEL = 10
"""Half of full detail: 4 x 4 tiles, which the file does not hold."""


class Composing:
    """Counts what a composer makes, and holds the first tile up until it is let go."""

    def __init__(self, monkeypatch):
        self.begun = []
        self.go = threading.Event()
        make = Composer.pixels

        def pixels(composer, halvings, column, row):
            self.begun.append((column, row))
            assert self.go.wait(20)
            return make(composer, halvings, column, row)

        monkeypatch.setattr(Composer, "pixels", pixels)


@pytest.fixture
def composing(monkeypatch):
    return Composing(monkeypatch)


@pytest.fixture
def slide(tmp_path):
    path = tmp_path / "slide.svs"
    pixels = np.random.default_rng(1).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
    levels = [pixels, pixels[::4, ::4], pixels[::16, ::16]]
    storage = Storage(tile=256, quality=75, subsampling=(2, 2))
    label = np.zeros((40, 40, 3), np.uint8)
    pyramid.write_aperio(path, levels, storage, mpp=0.25, objective=40, label=label)
    return path


class Clients:
    """Connections of clients to a server in this process."""

    def __init__(self, address, token, service, composing):
        self.address = address
        self.token = token
        self.service = service
        self.composing = composing

    def ask(self, column, row):
        """Ask for a tile, and return the connection when the server has the question."""
        before = self.waiting()
        connection = socket.create_connection(self.address, timeout=20)
        connection.sendall(
            f"GET /i/1/{self.token.url_part}/i_files/{DZ_LEVEL}/{column}_{row}.jpeg HTTP/1.1\r\n"
            f"Host: x\r\nCookie: t={self.token.cookie_part}\r\nConnection: close\r\n\r\n".encode()
        )
        if not self.composing.go.is_set():
            wait_until(lambda: self.waiting() == before + 1)
        return connection

    def hang_up(self, *connections):
        """Close connections, and return when the server knows."""
        before = self.waiting()
        for connection in connections:
            connection.close()
        wait_until(lambda: self.waiting() == before - len(connections))

    def waiting(self):
        """Return how many tasks of the server wait for a tile that is to be made."""
        return sum(job.waiting for job in list(self.service._shared._jobs.values()))


def wait_until(condition):
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture
def clients(slide, shelf, composing):
    """Give the clients of a server that makes tiles in one thread."""
    source = SlideSource(path=slide, name="slide", mpp_override=None)
    service = TileService(SlidePool(readers.open_slide, capacity=2), shelf, threads=1)
    tokens = TileTokens(KEY)
    grants = Grants(lambda slide_id, holder: source)
    app = TileApp(service, grants, tokens, lambda: datetime.now(UTC))
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, lifespan="off", access_log=False, log_level="warning")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    address = server.servers[0].sockets[0].getsockname()
    yield Clients(address, tokens.issue(1, datetime.now(UTC), holder="t1-x"), service, composing)
    server.should_exit = True
    thread.join(20)
    service.close()


def status_of(connection):
    with connection:
        return connection.recv(65536).split(b"\r\n", 1)[0]


def test_only_what_somebody_waits_for_is_composed(clients, composing):
    first = clients.ask(0, 0)
    left, shared_left, shared = clients.ask(1, 0), clients.ask(2, 0), clients.ask(2, 0)
    last = clients.ask(3, 0)

    clients.hang_up(left, shared_left)
    composing.go.set()

    assert {status_of(each) for each in (first, shared, last)} == {b"HTTP/1.1 200 OK"}
    assert composing.begun == [(0, 0), (2, 0), (3, 0)]


def test_who_comes_back_gets_the_tile(clients, composing):
    first, left = clients.ask(0, 0), clients.ask(1, 0)
    clients.hang_up(left)

    again = clients.ask(1, 0)
    composing.go.set()

    assert status_of(again) == status_of(first) == b"HTTP/1.1 200 OK"
    assert composing.begun == [(0, 0), (1, 0)]


def test_a_tile_being_made_for_somebody_who_left_is_kept_for_the_next(clients, composing):
    left = clients.ask(0, 0)
    clients.hang_up(left)
    composing.go.set()

    assert status_of(clients.ask(0, 0)) == b"HTTP/1.1 200 OK"
    assert composing.begun == [(0, 0)]
