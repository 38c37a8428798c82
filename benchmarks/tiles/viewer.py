"""A viewer's client: some kept connections take requests from one list, and each reply is timed."""

from __future__ import annotations

import asyncio
import http.client
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

_JPEG = b"\xff\xd8"


class ReplyError(RuntimeError):
    """A reply that this client does not read: too long a head, or no length."""


@dataclass(slots=True)
class Timings:
    """What a list of requests gave.

    Parameters
    ----------
    latencies_ms
        Of each tile, from asking to its last byte; a reconnection counts.
    body_bytes
        Of all tiles.
    wall_s
        From the first request to the last reply.
    failures
        Replies that were no JPEG, by status, and connections that broke (status 0).
    """

    latencies_ms: list[float] = field(default_factory=list)
    body_bytes: int = 0
    wall_s: float = 0.0
    failures: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Return tiles per second."""
        return len(self.latencies_ms) / self.wall_s if self.wall_s else 0.0

    def fail(self, status: int) -> None:
        """Count a reply that is no tile."""
        self.failures[status] = self.failures.get(status, 0) + 1


def ask(
    port: int,
    paths: Sequence[str],
    *,
    headers: Mapping[str, str],
    connections: int,
    limit_s: float,
) -> Timings:
    """Ask for tiles over loopback and time each.

    Parameters
    ----------
    port
        Where the server listens.
    paths
        Of the tiles, asked for in this order by whichever connection is free.
    headers
        Sent with each request.
    connections
        How many are kept open.
    limit_s
        After so long nothing more is asked for.

    Returns
    -------
    Timings
        Of those that were asked for.
    """
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    requests = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{lines}\r\n".encode() for path in paths
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_ask(port, list(requests), connections, limit_s))


def fetch(port: int, path: str, headers: Mapping[str, str]) -> bytes:
    """Return the body of one reply, whatever its status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers=dict(headers))
        return connection.getresponse().read()
    finally:
        connection.close()


async def _ask(port: int, requests: list[bytes], connections: int, limit_s: float) -> Timings:
    timings = Timings()
    waiting = iter(requests)
    loop = asyncio.get_running_loop()
    opened = [
        (await loop.create_connection(lambda: _Connection(timings), "127.0.0.1", port))[1]
        for _ in range(min(connections, max(1, len(requests))))
    ]
    start = time.perf_counter()
    await asyncio.gather(
        *(_drive(connection, waiting, timings, port, start + limit_s) for connection in opened)
    )
    timings.wall_s = time.perf_counter() - start
    return timings


async def _drive(
    connection: _Connection,
    waiting: Iterator[bytes],
    timings: Timings,
    port: int,
    deadline: float,
) -> None:
    """Keep one connection at work; where the server closes it, open another and go on."""
    loop = asyncio.get_running_loop()
    try:
        while True:
            remaining = max(0.1, deadline - time.perf_counter()) + 30
            async with asyncio.timeout(remaining):
                more = await connection.work(waiting, deadline)
            if not more:
                return
            began = time.perf_counter()
            _, connection = await loop.create_connection(
                lambda: _Connection(timings), "127.0.0.1", port
            )
            connection.began = began
    except (OSError, TimeoutError):
        timings.fail(0)
    finally:
        connection.close()


class _Connection(asyncio.Protocol):
    """Sends the next request when the last byte of a reply is in; no task switch between."""

    def __init__(self, timings: Timings) -> None:
        self.began: float | None = None
        self._timings = timings
        self._transport: asyncio.Transport | None = None
        self._waiting: Iterator[bytes] = iter(())
        self._deadline = 0.0
        self._done: asyncio.Future[bool] | None = None
        self._head = b""
        self._first = b""
        self._missing = -1
        self._length = 0
        self._status = 0
        self._closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def work(self, waiting: Iterator[bytes], deadline: float) -> asyncio.Future[bool]:
        """Begin to ask; the future tells whether another connection must go on."""
        self._waiting, self._deadline = waiting, deadline
        self._done = asyncio.get_running_loop().create_future()
        self._send()
        return self._done

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def _send(self) -> None:
        now = time.perf_counter()
        request = next(self._waiting, None) if now < self._deadline else None
        if request is None or self._transport is None:
            self._finish(more=False)
            return
        self._began = self.began or now
        self.began = None
        self._transport.write(request)

    def _finish(self, *, more: bool) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_result(more)

    def data_received(self, data: bytes) -> None:
        try:
            self._take(data)
        except (ReplyError, ValueError) as error:
            # Raised here it would only be logged by the event loop.
            if self._done is not None and not self._done.done():
                self._done.set_exception(error)
            self.close()

    def _take(self, data: bytes) -> None:
        if self._missing < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                if len(self._head) > 65_536:
                    raise ReplyError("the head of a reply is longer than 64 KiB")
                return
            self._read_head(self._head[:end].lower())
            data, self._head = self._head[end + 4 :], b""
            self._first = data[:2]
        elif len(self._first) < 2:
            self._first += data[: 2 - len(self._first)]
        self._missing -= len(data)
        if self._missing <= 0:
            self._complete()

    def _read_head(self, head: bytes) -> None:
        self._status = int(head[9:12])
        at = head.find(b"\r\ncontent-length:")
        if at < 0:
            raise ReplyError("a reply tells no Content-Length")
        stop = head.find(b"\r\n", at + 2)
        self._length = int(head[at + 17 : stop if stop >= 0 else len(head)])
        self._missing = self._length
        self._closing = b"\r\nconnection: close" in head

    def _complete(self) -> None:
        now = time.perf_counter()
        if self._status == 200 and self._first == _JPEG:
            self._timings.latencies_ms.append((now - self._began) * 1000)
            self._timings.body_bytes += self._length
        else:
            self._timings.fail(self._status)
        self._missing = -1
        if self._closing:
            self.close()
            self._finish(more=True)
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._done is not None and not self._done.done():
            self._timings.fail(0)
            self._finish(more=time.perf_counter() < self._deadline)
