"""Grants: rights to slides, looked up now and then, and remembered in between."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from tileserver.caching import SharedCache
from tileserver.sources import SlideSource, Sought

MAX_KNOWN = 10_000
"""Slides by holders that are remembered: about 10 MB."""

LookUp = Callable[[int, str], SlideSource]
"""Returns the source of a slide, by its number, for a holder who may see it; may block."""


class Grants:
    """Knows which slides may be seen by whom, so that most tiles need no database.

    Parameters
    ----------
    look_up
        Tells it of a slide and a holder.
    remember_s
        How long its answers are believed, in seconds. Another process may change who may see a
        slide and where its file lies, and cannot tell this one.
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        look_up: LookUp,
        *,
        remember_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look_up = look_up
        self._remember_s = remember_s
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[int, dict[str, tuple[SlideSource, float]]] = {}
        self._count = 0
        self._changes = 0
        # Of no capacity: it only lets those wait for an answer who ask for the same meanwhile.
        self._asked: SharedCache[tuple[int, str], SlideSource] = SharedCache(
            lambda source: 1, capacity=0
        )

    def known(self, slide_id: int, holder: str) -> SlideSource | None:
        """Return the source of a slide that a holder may see, if it is remembered; never waits."""
        of_slide = self._known.get(slide_id)
        known = None if of_slide is None else of_slide.get(holder)
        return known[0] if known is not None and known[1] > self._clock() else None

    def sought(self, slide_id: int, holder: str) -> Sought:
        """Return the same, or what finds it out in a thread."""
        return self.known(slide_id, holder) or _Grant(self, slide_id, holder)

    def find(self, slide_id: int, holder: str) -> SlideSource:
        """Return the source of a slide that a holder may see; may block.

        Raises
        ------
        RightsError
            The holder may not see the slide.
        NotFoundError
            There is no such slide.
        TileTokenError
            The holder is a link that is not valid or has expired.
        """
        ask = functools.partial(self._ask, slide_id, holder)
        return self._asked.get((slide_id, holder), ask)

    def note(self, slide_id: int, holder: str, source: SlideSource) -> None:
        """Remember what was looked up elsewhere just now."""
        with self._lock:
            self._keep(slide_id, holder, (source, self._clock() + self._remember_s))

    def forget(self, slide_id: int) -> None:
        """Ask again about a slide, because it was changed."""
        with self._lock:
            self._changes += 1
            self._count -= len(self._known.pop(slide_id, {}))

    def _ask(self, slide_id: int, holder: str) -> SlideSource:
        known = self.known(slide_id, holder)
        if known is not None:
            return known
        # What is answered was so when it was asked, or later.
        changes, until = self._changes, self._clock() + self._remember_s
        source = self._look_up(slide_id, holder)
        with self._lock:
            if changes == self._changes:
                self._keep(slide_id, holder, (source, until))
        return source

    def _keep(self, slide_id: int, holder: str, known: tuple[SlideSource, float]) -> None:
        if self._count >= MAX_KNOWN:
            self._known.clear()
            self._count = 0
        of_slide = self._known.setdefault(slide_id, {})
        self._count += holder not in of_slide
        of_slide[holder] = known


@dataclass(frozen=True, slots=True)
class _Grant:
    """A slide and a holder of tokens for it, of whom nothing else is known yet."""

    grants: Grants
    slide_id: int
    holder: str

    def find(self) -> SlideSource:
        return self.grants.find(self.slide_id, self.holder)
