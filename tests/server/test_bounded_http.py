"""What is answered at once, over real connections: the same replies as on the usual way."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from server.bounded_http import INSTANT, MAX_PIPELINED, BoundedHttpProtocol

BODY = b"b" * 1000
HEADERS = b"content-length: %d\r\n\r\n"
LONG_KEEP_ALIVE_S, SHORT_KEEP_ALIVE_S = 60, 2
MAX_CONNECTIONS = 3
ASK = b"GET %b HTTP/1.1\r\nHost: x\r\nCookie: t=good\r\n\r\n"


class App:
    """Answers at once below /i/ for a good cookie; everything else the usual way, so marked."""

    def __init__(self) -> None:
        self.at_once: list[bytes] = []
        self.usual: list[tuple[str, str]] = []
        self.body = BODY

    def instant(self, path: bytes, cookies: tuple[bytes, ...]) -> tuple[bytes, bytes] | None:
        if not path.startswith(b"/i/") or cookies != (b"t=good",):
            return None
        self.at_once.append(path)
        return HEADERS % len(self.body), self.body

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "lifespan":
            scope["state"][INSTANT] = self.instant
            for step in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{step}.complete"})
            return
        self.usual.append((scope["method"], scope["path"]))
        headers = [(b"content-length", b"%d" % len(self.body)), (b"x-way", b"usual")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class Client:
    """A connection that sends what it is told, byte for byte."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reply(self, *, has_body: bool = True) -> tuple[bytes, dict[bytes, bytes], bytes]:
        status = self._file.readline().strip()
        headers = {}
        while line := self._file.readline().strip():
            name, _, value = line.partition(b": ")
            headers[name] = value
        return status, headers, self._file.read(int(headers[b"content-length"]) * has_body)

    def read_some(self) -> bytes:
        try:
            return self._file.read(1)
        except ConnectionResetError:
            return b""

    def is_closed(self) -> bool:
        return self.read_some() == b""

    def close(self) -> None:
        self._file.close()
        self.socket.close()

    def ask(self, path: bytes) -> tuple[bytes, dict[bytes, bytes], bytes]:
        self.send(ASK % path)
        return self.reply()


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def port(app: App, request: pytest.FixtureRequest) -> Iterator[int]:
    config = uvicorn.Config(
        app,
        port=0,
        http=BoundedHttpProtocol,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=getattr(request, "param", LONG_KEEP_ALIVE_S),
        limit_concurrency=MAX_CONNECTIONS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def client(port: int) -> Iterator[Client]:
    client = Client(port)
    yield client
    client.close()


def test_a_plain_request_is_answered_at_once_with_the_headers_of_every_reply(app, client):
    status, headers, body = client.ask(b"/i/1")
    usual = client.ask(b"/other")[1]

    assert status == b"HTTP/1.1 200 OK"
    assert body == BODY
    assert app.at_once == [b"/i/1"]
    assert headers.keys() == usual.keys() - {b"x-way"}
    assert b"date" in headers


def test_requests_one_after_the_other_share_a_connection_in_either_way(app, client):
    for number in range(20):
        assert client.ask(b"/%b/%d" % (b"io"[number % 2 :][:1], number))[2] == BODY

    assert app.at_once == [b"/i/%d" % number for number in range(0, 20, 2)]
    assert app.usual == [("GET", f"/o/{number}") for number in range(1, 20, 2)]


@pytest.mark.parametrize(
    ("line", "more"),
    [
        (b"HEAD /i/1 HTTP/1.1", b""),
        (b"GET /i/1 HTTP/1.0", b"Connection: keep-alive\r\n"),
        (b"GET /i/1 HTTP/1.1", b'If-None-Match: "x"\r\n'),
        (b"GET /i/1 HTTP/1.1", b"Range: bytes=0-1\r\n"),
        (b"GET /i/1 HTTP/1.1", b"Upgrade: h2c\r\nConnection: upgrade\r\n"),
        (b"GET /i/1 HTTP/1.1", b"Cookie: t=other\r\n"),
    ],
)
def test_what_asks_for_something_else_takes_the_usual_way(app, client, line, more):
    client.ask(b"/i/0")

    client.send(line + b"\r\nHost: x\r\nCookie: t=good\r\n" + more + b"\r\n")

    assert client.reply(has_body=not line.startswith(b"HEAD"))[1][b"x-way"] == b"usual"
    assert app.at_once == [b"/i/0"]


def test_who_wants_the_connection_closed_gets_that(app, client):
    client.send(b"GET /i/1 HTTP/1.1\r\nHost: x\r\nCookie: t=good\r\nConnection: close\r\n\r\n")

    _, headers, body = client.reply()
    assert body == BODY
    assert headers[b"connection"] == b"close"
    assert client.is_closed()
    assert app.at_once == []


def test_requests_sent_together_are_answered_in_their_order(app, client):
    client.send((ASK % b"/i/1") + (ASK % b"/o/2") + (ASK % b"/i/3"))
    for _ in range(3):
        assert client.reply()[2] == BODY
    client.ask(b"/i/4")

    assert [path for _, path in app.usual] == ["/i/1", "/o/2", "/i/3"]
    assert app.at_once == [b"/i/4"]


def test_a_request_in_pieces_is_one_request(app, client):
    client.ask(b"/i/0")
    whole = ASK % b"/i/1"
    for piece in (whole[:10], whole[10:40], whole[40:]):
        client.send(piece)
        time.sleep(0.02)

    assert client.reply()[2] == BODY
    assert app.usual == [("GET", "/i/1")]


def test_the_body_of_a_request_is_no_request(app, client):
    client.ask(b"/i/0")
    hidden = ASK % b"/i/hidden"
    client.send(b"POST /o HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(hidden))
    # It is answered before its body has come.
    assert client.reply()[2] == BODY

    client.send(hidden)
    time.sleep(0.05)

    assert client.ask(b"/i/1")[2] == BODY
    assert app.at_once == [b"/i/0", b"/i/1"]
    assert app.usual == [("POST", "/o")]


@pytest.mark.parametrize("port", [SHORT_KEEP_ALIVE_S], indirect=True)
def test_an_idle_connection_ends_and_one_in_use_does_not(client):
    began = time.monotonic()
    while time.monotonic() < began + 1.6 * SHORT_KEEP_ALIVE_S:
        client.ask(b"/i/1")
        time.sleep(0.1)

    idle = time.monotonic()
    # It is waited for at most as long as the client's socket waits.
    assert client.is_closed()
    assert time.monotonic() - idle > 0.5 * SHORT_KEEP_ALIVE_S


def test_who_asks_and_does_not_read_is_not_answered_without_end(app, client):
    app.body = b"b" * 200_000

    client.socket.settimeout(1)
    sent = 0
    try:
        for _ in range(2000):
            client.send(ASK % b"/i/1")
            sent += 1
            time.sleep(0.0005)
    except TimeoutError:
        pass

    # The system's buffers hold some megabytes; the server holds one reply more.
    assert len(app.at_once) + len(app.usual) < 100 < sent


def test_a_changed_cookie_is_seen(app, client):
    client.ask(b"/i/1")
    client.send(b"GET /i/2 HTTP/1.1\r\nHost: x\r\nCookie: t=evil\r\n\r\n")
    client.reply()

    assert app.at_once == [b"/i/1"]
    assert app.usual == [("GET", "/i/2")]


def test_a_connection_too_many_is_turned_away_and_the_others_go_on(port):
    others = [Client(port) for _ in range(MAX_CONNECTIONS)]
    for other in others:
        other.ask(b"/i/1")

    extra = Client(port)
    status, headers, _ = extra.reply()

    assert status == b"HTTP/1.1 503 Service Unavailable"
    assert headers[b"retry-after"] == b"5"
    assert extra.is_closed()
    assert [other.ask(b"/o")[0] for other in others] == [b"HTTP/1.1 200 OK"] * MAX_CONNECTIONS
    others.pop().close()
    others.append(accepted(port))
    for other in [*others, extra]:
        other.close()


def accepted(port: int) -> Client:
    """Come again until the server has noticed that another connection was closed."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        client = Client(port)
        if client.ask(b"/i/1")[2] == BODY:
            return client
        client.close()
    raise AssertionError("the place of a closed connection was not given to another")


def test_who_sends_requests_without_end_is_cut_off(app, client):
    client.send((ASK % b"/o") * 2 * MAX_PIPELINED)

    while client.read_some():
        pass
    assert len(app.usual) < MAX_PIPELINED
