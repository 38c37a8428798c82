"""OpenSlide's own Deep Zoom generator behind WSGI, with handles and one cache kept."""

from __future__ import annotations

import functools
import io
import os

from openslide import OpenSlide, OpenSlideCache
from openslide.deepzoom import DeepZoomGenerator

from benchmarks.tiles.apps import wsgi

_TILE_SIZE = int(os.environ.get("BENCH_TILE_SIZE", "254"))
_OVERLAP = int(os.environ.get("BENCH_OVERLAP", "1"))
_CACHE = OpenSlideCache(128 * 2**20)


@functools.lru_cache(maxsize=64)
def _generator(name: str) -> DeepZoomGenerator:
    slide = OpenSlide(wsgi.FOLDER / name)
    slide.set_cache(_CACHE)
    return DeepZoomGenerator(slide, _TILE_SIZE, _OVERLAP, limit_bounds=True)


def _tile(name: str, level: int, column: int, row: int) -> bytes:
    picture = _generator(name).get_tile(level, (column, row))
    buffer = io.BytesIO()
    picture.save(buffer, "jpeg", quality=75)
    return buffer.getvalue()


application = wsgi.serve_tiles(_tile)
