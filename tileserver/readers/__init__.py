"""Readers of slide files: one protocol, and one function that finds who reads a file."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import stat
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from tileserver.readers import directories
from tileserver.readers.base import RefusedSlideError, SlideError, SlideFacts, SlideReader
from tileserver.readers.directories import DirectoryError, EndsEarlyError, ExcessError
from tileserver.readers.openslide_reader import OpenSlideReader
from tileserver.readers.tiff_reader import TiffReader
from tileserver.readers.vips_reader import VipsReader

READERS: dict[str, tuple[str, Callable[[Path], SlideReader]]] = {
    "openslide": ("scanner formats", OpenSlideReader),
    "tiff": ("TIFF", TiffReader),
    "vips": ("plain pictures", VipsReader),
}
"""Who is asked to open a file, in this order; the first that can, reads it. By the names that
``SlideFacts.reader`` has, what each reads, in words, and the reader."""

# It tells each oddity of each page, hundreds for a file that is hostile; readers tell what matters.
logging.getLogger("tifffile").setLevel(logging.CRITICAL)

_LIBRARIES = ("coverslip", "imagecodecs", "openslide-bin", "pillow", "pyvips-binary", "tifffile")

SLIDE_SUFFIXES = frozenset(
    {
        ".bif",
        ".bmp",
        ".dcm",
        ".jpeg",
        ".jpg",
        ".mrxs",
        ".ndpi",
        ".png",
        ".qptiff",
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
    _check_file(path)
    reasons = []
    for name, open_with in READERS.values():
        try:
            return open_with(path)
        except RefusedSlideError:
            raise
        except SlideError as error:
            reason = error.message.removeprefix(path.name).lstrip(": ")
            reasons.append(f"{name}: {reason}")
    raise SlideError(f"{path.name} cannot be opened as a slide ({'; '.join(reasons)})")


def open_with(reader: str, path: Path) -> SlideReader:
    """Open a slide file with the reader that ``SlideFacts.reader`` named before.

    Raises
    ------
    SlideError
        As ``open_slide``.
    """
    _check_file(path)
    return READERS[reader][1](path)


def open_pyramid(path: Path, facts: SlideFacts) -> SlideReader:
    """Open what ``plain_pyramid.make`` made of a slide, in the slide's place.

    Parameters
    ----------
    path
        Of the pyramid.
    facts
        Of the slide.

    Raises
    ------
    SlideError
        The pyramid is gone, or damaged.
    """
    reader = TiffReader(path)
    made = reader.facts
    reader.facts = dataclasses.replace(
        facts,
        level_sizes=made.level_sizes,
        downsamples=made.downsamples,
        tile_size=made.tile_size,
    )
    return reader


def library_versions() -> tuple[str, ...]:
    """Return the versions of what reads slides: another may read a file differently."""
    found = []
    for name in _LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found.append(f"{name} {metadata.version(name)}")
    return tuple(found)


def _check_file(path: Path) -> None:
    """Refuse what no reader should see."""
    try:
        # Without it, opening a pipe would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise SlideError(f"{path.name} is not there, or may not be read") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise SlideError(f"{path.name} is not a file")
        if status.st_size == 0:
            raise SlideError(f"{path.name} is empty")
        directories.check_directories(descriptor)
    except OSError as error:
        raise SlideError(f"{path.name} cannot be read: the disk fails") from error
    except (ExcessError, EndsEarlyError) as error:
        raise RefusedSlideError(f"{path.name} {error}") from error
    except DirectoryError:
        pass  # Another format; its reader will tell.
    finally:
        os.close(descriptor)
