"""DICOM slides: series of files whose compressed frames are sent as they are."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from tileserver import pool as pools
from tileserver.pool import FileIdentity
from tileserver.readers.base import MAX_SIDE, SlideError
from tileserver.stored import dicom, index as indexes, levels as pyramids
from tileserver.stored.cachefolder import CacheFolder, key_of
from tileserver.stored.dicom import DicomError, DicomImage
from tileserver.stored.files import JoinedFile, PagedFile
from tileserver.stored.index import MISSING, NO_INDEX, StoredIndex, StoredLevel
from tileserver.stored.levels import JPEG, JPEG2000
from tileserver.stored.slide import StoredSlide
from tileserver.stored.streams import RGB, YCBCR

MAX_FILES = 256
"""Files of one folder that are looked at for further levels of a slide."""

_SLIDE_MICROSCOPY = "1.2.840.10008.5.1.4.1.1.77.1.6"
# Source: DICOM PS3.6, annex A: JPEG baseline and extended; JPEG 2000, lossless and not.
_COMPRESSIONS = {
    "1.2.840.10008.1.2.4.50": JPEG,
    "1.2.840.10008.1.2.4.51": JPEG,
    "1.2.840.10008.1.2.4.90": JPEG2000,
    "1.2.840.10008.1.2.4.91": JPEG2000,
}
_COLOURS = {
    JPEG: {"RGB": RGB, "YBR_FULL": YCBCR, "YBR_FULL_422": YCBCR},
    # The codestream itself says that its components are to be turned back into colours.
    JPEG2000: {"RGB": RGB, "YBR_ICT": RGB, "YBR_RCT": RGB},
}

# Part of every key; to be raised when the same files give other tiles than before.
_MAKING = 1


def open_dicom(file: FileIdentity, cache: CacheFolder, *, quality: int) -> StoredSlide | None:
    """Open the slide of which a DICOM file is a part; to be called in a thread.

    Parameters
    ----------
    file
        One file of the series; the others lie in the same folder.
    cache
        Keeps the index and the tiles that are made.
    quality
        Of tiles that are made, 1 to 100.

    Returns
    -------
    StoredSlide | None
        None when it is no DICOM file, or of a kind that a reader must show: tiles that are not
        square, not compressed as JPEG or JPEG 2000, or scattered.

    Raises
    ------
    SlideError
        The file is not there, may not be read, or is being replaced.
    """
    opened = PagedFile.open(file)
    try:
        if not dicom.is_dicom(opened.descriptor):
            return None
        # A file that is added to the folder, or taken away, may change the slide.
        folder = file.path.parent.stat().st_mtime_ns
    except OSError as error:
        raise SlideError(f"{file.path.name} cannot be read: the disk fails") from error
    finally:
        opened.close()
    key = key_of(file, "dicom", folder, _MAKING)
    index, joined = _find(file, cache.path(key, "index"), key)
    if joined is None:
        return None
    try:
        made_of = key_of(file, "dicom", folder, _MAKING, quality, *map(repr, index.files))
        return StoredSlide(joined, index, cache, made_of, quality)
    except BaseException:
        joined.close()
        raise


def _find(file: FileIdentity, path: Path, key: bytes) -> tuple[StoredIndex, JoinedFile | None]:
    """Return the index of a slide and its open files, by what was saved or by looking anew."""
    index = indexes.load_index(path, key)
    if index is not None:
        with contextlib.suppress(SlideError):  # One of the files is another by now.
            joined = _joined(index.files)
            with contextlib.suppress(OSError):
                os.utime(path)  # It is in use: others go first when room is needed.
            return index, joined
    index = _build(file)
    with contextlib.suppress(OSError):
        indexes.save_index(path, key, index)
    return index, _joined(index.files)


def _joined(files: tuple[FileIdentity, ...]) -> JoinedFile | None:
    opened: list[PagedFile] = []
    try:
        for file in files:
            opened.append(PagedFile.open(file))
    except SlideError:
        for one in opened:
            one.close()
        raise
    return JoinedFile(opened) if opened else None


def _build(file: FileIdentity) -> StoredIndex:
    try:
        with _reading(file) as descriptor:
            asked = dicom.read_image(descriptor)
        series = asked.text(dicom.SERIES)
        found: list[tuple[FileIdentity, StoredLevel, int]] = []
        for candidate in _neighbours(file):
            with _reading(candidate) as descriptor:
                try:
                    image = dicom.read_image(descriptor)
                except DicomError:
                    continue
                if image.text(dicom.SERIES) == series and _is_volume(image):
                    side = image.frame_size.width
                    # One that cannot be used may be the largest: then none is.
                    found.append((candidate, _level(descriptor, image), side))
        return _assembled(found)
    except (OSError, MemoryError) as error:
        raise SlideError(f"{file.path.name} cannot be read") from error
    except ValueError:  # Every DicomError is one.
        return NO_INDEX


def _assembled(found: list[tuple[FileIdentity, StoredLevel, int]]) -> StoredIndex:
    """Return the index of the files whose pictures are levels of the largest one."""
    found.sort(key=lambda entry: -entry[1].size.area)
    if not found:
        return NO_INDEX
    full, side = found[0][1].size, found[0][2]
    files: list[FileIdentity] = []
    levels: list[StoredLevel] = []
    for file, level, its_side in found:
        halvings = pyramids.halvings_between(full, level.size)
        if halvings is None or its_side != side:
            # It is not asked for; finer levels stand in.
            continue
        if levels and halvings <= levels[-1].halvings:
            return NO_INDEX  # Two pictures of one size: other planes or paths of light.
        number = len(files) << JoinedFile.OFFSET_BITS
        level = replace(level, halvings=halvings, offsets=level.offsets + number)
        if levels:
            level = indexes.with_composed(level, levels[-1], side, is_aperio=False)
        files.append(file)
        levels.append(level)
    return StoredIndex(size=full, tile_size=side, levels=tuple(levels), files=tuple(files))


def _level(descriptor: int, image: DicomImage) -> StoredLevel:
    """Return one file's picture as a level, whose place in the pyramid is not known yet.

    Raises
    ------
    DicomError
        Its frames are of a kind that is not sent as they are.
    """
    size, frame = image.size, image.frame_size
    compression = _COMPRESSIONS.get(image.text(dicom.TRANSFER_SYNTAX), 0)
    colours = _COLOURS.get(compression, {}).get(image.text(dicom.PHOTOMETRIC), 0)
    if not (image.is_compressed and compression and colours) or not pyramids.is_tile_side(frame):
        raise DicomError("frames that are not sent as they are")
    if (image.whole(dicom.SAMPLES), image.whole(dicom.BITS), image.whole(dicom.SIGNED)) != (
        3,
        8,
        0,
    ):
        raise DicomError("frames that have not three 8-bit colours")
    if not 0 < size.longest <= MAX_SIDE or min(size.width, size.height) < 1:
        raise DicomError("a size that no slide has")
    columns, rows = -(-size.width // frame.width), -(-size.height // frame.height)
    is_regular = image.text(dicom.ORGANISATION) == "TILED_FULL" or columns * rows == 1
    if image.frame_count != columns * rows or not is_regular or image.text(dicom.CONCATENATION):
        raise DicomError("frames that do not simply lie side by side")
    offsets, counts = dicom.find_frames(descriptor, image)
    if (offsets + counts).max() > os.fstat(descriptor).st_size:
        raise DicomError("frames beyond the end of the file")
    level = StoredLevel(
        halvings=0,
        size=size,
        columns=columns,
        rows=rows,
        compression=compression,
        photometric=colours,
        tables=b"",
        offsets=offsets,
        byte_counts=np.where(counts > 0, counts, MISSING),
    )
    if not indexes.is_as_declared(
        level, frame.width, lambda offset, count: os.pread(descriptor, count, offset)
    ):
        raise DicomError("frames that are encoded otherwise than declared")
    return level


def _is_volume(image: DicomImage) -> bool:
    """Tell whether a file shows the slide itself: no label, overview or thumbnail of it."""
    kinds = image.text(dicom.IMAGE_TYPE).split("\\")
    is_slide = image.text(dicom.SOP_CLASS) == _SLIDE_MICROSCOPY
    return is_slide and len(kinds) > 2 and kinds[2] == "VOLUME"


def _neighbours(file: FileIdentity) -> Iterator[FileIdentity]:
    """Yield the file and those beside it that are DICOM files, up to a number."""
    yield file
    names = sorted(entry.name for entry in os.scandir(file.path.parent) if entry.is_file())
    if len(names) > MAX_FILES:
        raise DicomError("a folder of too many files")
    for name in names:
        if name != file.path.name:
            with contextlib.suppress(SlideError):
                yield pools.identify(file.path.parent / name)


@contextlib.contextmanager
def _reading(file: FileIdentity) -> Iterator[int]:
    opened = PagedFile.open(file)
    try:
        yield opened.descriptor
    finally:
        opened.close()
