"""Filling: levels that a slide's file lacks, made before anybody asks, in a process of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from records.errors import AppError
from tileserver import pool as pools
from tileserver.readers.base import SlideError
from tileserver.stored.cachefolder import CacheFolder
from tileserver.stored.plans import Kept
from tileserver.stored.slide import StoredSlide

NICENESS = 10
"""So much lower is the priority of making what nobody waits for."""

_LARGE_SHARE = 0.4
"""Room that the large levels may take, as a share of the slide's file. Measured: 0.30."""


def fill(
    path: Path,
    cache: CacheFolder,
    *,
    quality: int,
    with_large: bool,
    progress: Callable[[float], None],
    clock: Callable[[], float] = time.time,
) -> bool:
    """Make the levels that a file lacks, if it is of the kind whose stored tiles are sent.

    Parameters
    ----------
    path
        Of the slide's file.
    cache
        Keeps them.
    quality
        Of tiles, 1 to 100.
    with_large
        Whether to make the large levels too. They are left to who looks at them where they would
        drive others out of the cache.
    progress
        Is told how much is done, 0 to 1.
    clock
        Seconds since 1970.

    Returns
    -------
    bool
        Whether all that was wanted is there.

    Raises
    ------
    SlideError
        The file cannot be read, or a tile not be decoded.
    """
    os.nice(NICENESS)
    file = pools.identify(path)
    slide = StoredSlide.open(file, cache, quality=quality)
    if slide is None:
        return True
    wanted = [Kept.SMALL]
    if with_large and cache.room_ahead(clock()) > _LARGE_SHARE * file.byte_count:
        wanted.append(Kept.LARGE)
    try:
        for kept in wanted:
            slide.fill(kept, threads=1, progress=lambda done, total: progress(done / max(1, total)))
    except AppError as error:
        raise SlideError(f"{path.name}: {error.message}") from error
    finally:
        slide.close()
    return not with_large or Kept.LARGE in wanted
