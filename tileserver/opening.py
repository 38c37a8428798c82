"""Opening: which way a slide file is served, and that nobody opens it before it was looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from tileserver import inspection, pool as pools, readers
from tileserver.crashes import CrashMarks, MarkedReader
from tileserver.pool import FileIdentity
from tileserver.pyramids import Pyramids
from tileserver.readers.base import SlideFacts, SlideReader
from tileserver.stored import dicom_slide, plain_pyramid
from tileserver.stored.cachefolder import CacheFolder
from tileserver.stored.slide import StoredSlide
from tileserver.verdicts import Verdicts

WAIT_S = 10.0
"""How long who asks for a tile of a large plain picture waits for it to be turned into tiles."""


class SlideOpener:
    """Opens slides for serving.

    Files whose stored tiles are sent need no library that reads slides: where the tiles lie is
    found with our own bounds. Every other file is opened after a process of its own read some of
    it, and given up when server processes die over it nevertheless. Large plain pictures are never
    decoded here: they are shown from their pyramid.

    Parameters
    ----------
    verdicts
        Tell what a file is.
    pyramids
        Turn pictures into tiles.
    cache
        Keeps indexes and tiles that are made.
    quality
        Of tiles that are made, 1 to 100.
    """

    def __init__(
        self, verdicts: Verdicts, pyramids: Pyramids, cache: CacheFolder, *, quality: int
    ) -> None:
        self._verdicts = verdicts
        self._pyramids = pyramids
        self._cache = cache
        self._quality = quality
        self._marks = CrashMarks(cache.beside("reading"))

    @classmethod
    def over(cls, cache: CacheFolder, *, quality: int) -> Self:
        """Return an opener that keeps all it finds out and makes in one folder."""
        verdicts = Verdicts(inspection.shared, cache)
        pyramids = Pyramids(inspection.shared, cache, quality=quality)
        return cls(verdicts, pyramids, cache, quality=quality)

    def open_stored(self, file: FileIdentity) -> StoredSlide | None:
        """Open a slide whose tiles are stored; None when a reader must show it. May take seconds.

        Raises
        ------
        SlideError
            The file cannot be read.
        BusyError
            It is being prepared.
        """
        stored = dicom_slide.open_dicom(file, self._cache, quality=self._quality)
        if stored is None:
            stored = StoredSlide.open(file, self._cache, quality=self._quality)
        if stored is not None:
            return stored
        pyramid = self._pyramid(file, self._verdicts.facts(file))
        if pyramid is None:
            return None
        return StoredSlide.open(pools.identify(pyramid), self._cache, quality=self._quality)

    def open_reader(self, path: Path) -> SlideReader:
        """Open a slide by the reader that was found for it; for the errors see ``open_stored``."""
        file = pools.identify(path)
        facts = self._verdicts.facts(file)
        if facts.reader == "vips" and plain_pyramid.is_wanted(facts):
            pyramid = self._pyramids.wait(file, WAIT_S)
            return readers.open_pyramid(pyramid, facts)
        with self._marks.reading(file):
            reader = readers.open_with(facts.reader, path)
        return MarkedReader(reader, file, self._marks)

    def is_settled(self, file: FileIdentity) -> bool:
        """Tell whether ``open_stored`` would again find nothing for a file; takes microseconds."""
        return not self._pyramids.is_there(file)

    def close(self) -> None:
        """Wait for work in the background."""
        self._pyramids.close()

    def _pyramid(self, file: FileIdentity, facts: SlideFacts) -> Path | None:
        if not plain_pyramid.is_wanted(facts):
            return None
        if facts.reader == "vips":
            return self._pyramids.wait(file, WAIT_S)
        found = self._pyramids.find(file)
        if found is None:
            self._pyramids.start(file)
        return found
