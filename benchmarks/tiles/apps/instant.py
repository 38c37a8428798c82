"""The same 15 KB to everybody through our own protocol, which asks the application at once."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable

import uvicorn

from benchmarks.tiles.apps import constant
from benchmarks.tiles.apps.constant import BODY, Message
from server.bounded_http import INSTANT

_HEADERS = b"content-type: image/jpeg\r\ncontent-length: %d\r\n\r\n" % len(BODY)


def _instant(path: bytes, cookies: tuple[bytes, ...]) -> tuple[bytes, bytes]:
    return _HEADERS, BODY


async def application(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Send the constant body."""
    if scope["type"] == "lifespan":
        scope["state"][INSTANT] = _instant
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})
    await constant.application(scope, receive, send)


if __name__ == "__main__":
    uvicorn.run(
        "benchmarks.tiles.apps.instant:application",
        port=int(sys.argv[1]),
        workers=2,
        loop="uvloop",
        http="server.bounded_http:BoundedHttpProtocol",
        access_log=False,
        log_level="warning",
    )
