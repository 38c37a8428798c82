"""What both WSGI peers share: a path becomes a slide's name and a tile's address."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("BENCH_FOLDER", "."))
"""Where the slides lie."""

_PATH = re.compile(r"/([a-z0-9-]+\.[a-z]+)/(\d+)/(\d+)_(\d+)\.jpeg")

Tiles = Callable[[str, int, int, int], bytes]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def serve_tiles(tiles: Tiles) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """Return a WSGI application for ``/<slide>/<level>/<column>_<row>.jpeg``.

    Parameters
    ----------
    tiles
        Returns a JPEG for a slide's name, level, column and row.
    """

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        match = _PATH.fullmatch(environ["PATH_INFO"])
        if match is None:
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        name, level, column, row = match.groups()
        body = tiles(name, int(level), int(column), int(row))
        start_response(
            "200 OK", [("Content-Type", "image/jpeg"), ("Content-Length", str(len(body)))]
        )
        return [body]

    return application
