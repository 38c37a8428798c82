"""The ceiling of the HTTP server: a raw ASGI application that sends the same 15 KB to everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

BODY = b"\xff\xd8" + bytes(15_358)
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"image/jpeg"), (b"content-length", b"%d" % len(BODY))],
}
_END = {"type": "http.response.body", "body": BODY}

Message = MutableMapping[str, Any]


async def application(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Send the constant body."""
    if scope["type"] == "http":
        await send(_START)
        await send(_END)
