"""large_image's TIFF source behind WSGI, told to pass stored JPEG tiles through."""

from __future__ import annotations

import functools
from typing import Any

import large_image.config  # type: ignore[import-not-found]
import large_image_source_tiff  # type: ignore[import-not-found]

from benchmarks.tiles.apps import wsgi

# Left on, the default, it decodes and encodes every tile also of slides without a profile.
large_image.config.setConfig("icc_correction", False)


@functools.lru_cache(maxsize=64)
def _source(name: str) -> Any:  # noqa: ANN401  (the library has no types)
    return large_image_source_tiff.open(
        str(wsgi.FOLDER / name), encoding="JPEG", jpegQuality=75, jpegSubsampling=2
    )


def _tile(name: str, level: int, column: int, row: int) -> bytes:
    """Return a tile; ``level`` is large_image's z, 0 where the whole slide fits a tile."""
    return bytes(_source(name).getTile(column, row, level))


application = wsgi.serve_tiles(_tile)
