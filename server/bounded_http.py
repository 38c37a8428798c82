"""HTTP with bounds, and with a short way for what an application can answer at once."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections.abc import Callable, Sequence
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from server.repeated_heads import RepeatedHeads

MAX_HEAD_BYTES = 64 * 1024
"""Of a request's line and headers: sixteen times what the largest known client sends (a token of
4 KB, slidescore.md 2.2)."""

HEAD_TIMEOUT_S = 20.0
"""From the first byte of a request's head to its end."""

MAX_PIPELINED = 256
"""Requests that a client may send ahead of their replies: each waits in memory."""

INSTANT = "instant"
"""Under this name an application puts an ``Instant`` into the state of its lifespan."""

Buffer = bytes | bytearray | memoryview

Instant = Callable[[bytes, tuple[bytes, ...]], Sequence[Buffer] | None]
"""Given the path of a GET and the values of its Cookie headers, the reply of status 200 after its
first line: headers, an empty line, body. None leaves the request to the application's usual way. It
is called on the event loop, so it takes microseconds and never waits."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)
_TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)
_GET, _LINE_END = b"GET /", b" HTTP/1.1\r\n"

_heads = RepeatedHeads()


class BoundedHttpProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, whose parser bounds neither the size, number nor time of headers.

    Of ``limit_concurrency`` connections that there may be, further ones are turned away. Uvicorn
    would turn away the requests of all, as soon as there are as many.

    A request that is whole, alone and like others before it but for its path is answered without
    a parser, a task or the messages of ASGI where the application offers that. Measured, server
    time for a tile: 15 microseconds instead of 50; an ASGI application that sends the same bytes to
    everybody takes 24.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        # Who wants an access log gets every request in it, so all take the usual way.
        self._instant: Instant | None = None if config.access_log else app_state.get(INSTANT)
        self._max_connections, self.limit_concurrency = self.limit_concurrency, None
        self._is_between = True
        self._is_in_head = False
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._answered_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or turn it away."""
        super().connection_made(transport)
        if self._max_connections is not None and len(self.connections) > self._max_connections:
            transport.write(_TOO_MANY)
            transport.close()

    def on_message_begin(self) -> None:
        """Start to count."""
        super().on_message_begin()
        self._is_between = False
        self._is_in_head = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """Stop to count."""
        self._is_in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        super().on_headers_complete()
        if len(self.pipeline) > MAX_PIPELINED:
            self.transport.close()

    def on_message_complete(self) -> None:
        """Note that what comes next begins a request."""
        self._is_between = True
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Take what arrived; nearly always that is a whole request."""
        if self._instant is not None and self._answer_at_once(data):
            return
        super().data_received(data)
        if not self._is_in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        super().connection_lost(exc)

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection; what was answered at once did not wind the timer up again."""
        left_s = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if left_s > 0:
            self._wind_up(left_s)
        else:
            super().timeout_keep_alive_handler()

    def _answer_at_once(self, data: bytes) -> bool:
        """Answer a request without the parser, if that says all there is to say."""
        # The bytes of uploads come here, too, and are not searched.
        if not data.startswith(_GET) or not self._is_idle():
            return False
        end = data.find(_LINE_END, 0, MAX_HEAD_BYTES)
        if end < 0:
            return False
        bytes_of_head = data[end + len(_LINE_END) :]
        head = _heads.find(bytes_of_head)
        if head is None or self._instant is None:
            return False
        reply = self._instant(data[len(_GET) - 1 : end], head.cookies)
        if reply is None:
            return False
        _heads.remember(bytes_of_head, head)
        lines = [b"HTTP/1.1 200 OK\r\n"]
        for name, value in self.server_state.default_headers:
            lines += (name, b": ", value, b"\r\n")
        self.transport.write(b"".join((*lines, *reply)))
        self.server_state.total_requests += 1
        self._answered_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._wind_up(self.timeout_keep_alive)
        return True

    def _is_idle(self) -> bool:
        """Tell whether all before was answered and sent, so that a reply may follow."""
        # At first there is none, whatever uvicorn's type says.
        cycle: RequestResponseCycle | None = self.cycle
        return (
            self._is_between
            and (cycle is None or cycle.response_complete)
            and not self.flow.write_paused
            and not self.transport.is_closing()
        )

    def _wind_up(self, after_s: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            after_s, self.timeout_keep_alive_handler
        )


def allow_open_files() -> None:
    """Let this process and its children open as many files and connections as the system allows.

    Systems start programs with a limit of 1024, for the sake of those that are older than ``poll``.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    # A system may refuse what it says it allows.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
