"""Readers of slide files: one protocol, and one function that finds who reads a file."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

from tileserver.readers.base import RefusedSlideError, SlideError, SlideReader
from tileserver.readers.openslide_reader import OpenSlideReader
from tileserver.readers.tiff_reader import TiffReader
from tileserver.readers.vips_reader import VipsReader

READERS: tuple[tuple[str, Callable[[Path], SlideReader]], ...] = (
    ("scanner formats", OpenSlideReader),
    ("TIFF", TiffReader),
    ("plain pictures", VipsReader),
)
"""Who is asked to open a file, in this order; the first that can, reads it."""

SLIDE_SUFFIXES = frozenset(
    {
        ".bif",
        ".dcm",
        ".jpeg",
        ".jpg",
        ".mrxs",
        ".ndpi",
        ".png",
        ".scn",
        ".svs",
        ".svslide",
        ".tif",
        ".tiff",
        ".vms",
        ".vmu",
        ".webp",
    }
)
"""Endings, in lower case, of files that are taken for slides when a folder is imported."""


def open_slide(path: Path) -> SlideReader:
    """Open a slide file with the first reader that can.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    SlideReader
        To be closed by the caller.

    Raises
    ------
    SlideError
        The file is missing, empty or not a file, or no reader can open it; the message names the
        file, not its folder, and every reader's reason.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise SlideError(f"{path.name} is not there, or may not be read") from error
    if not stat.S_ISREG(status.st_mode):
        raise SlideError(f"{path.name} is not a file")
    if status.st_size == 0:
        raise SlideError(f"{path.name} is empty")
    reasons = []
    for name, open_with in READERS:
        try:
            return open_with(path)
        except RefusedSlideError:
            raise
        except SlideError as error:
            reason = error.message.removeprefix(path.name).lstrip(": ")
            reasons.append(f"{name}: {reason}")
    raise SlideError(f"{path.name} cannot be opened as a slide ({'; '.join(reasons)})")
