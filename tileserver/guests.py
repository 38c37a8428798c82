"""Guests: slides of studies that let them be shared, shown to whoever holds a link."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from access import gate
from access.guestlinks import PREFIX, GuestLinks
from access.rights import Actor, Right
from records import audit
from records.errors import InputError, RightsError
from records.filestore import FileStore
from records.tables import Slide, Study
from tileserver import sources
from tileserver.sources import SlideSource

SETTING = "allowsharingslidesanonymously"
"""Source: seed, Study Settings; that a link holds for days and shows one slide is our choice."""

MOST_DAYS = 365
USUAL_DAYS = 30
RECHECKED_AFTER = timedelta(seconds=60)
"""A study that no longer shares its slides ends its links within this time."""

_MOST_KNOWN = 1000


def allows_sharing(study: Study) -> bool:
    """Tell whether a study lets its slides be shown to people without an account."""
    settings: dict[str, str] = json.loads(study.settings)
    return settings.get(SETTING, "").strip().lower() in {"true", "1", "yes", "on"}


class GuestSlides:
    """Issues links to slides and opens what they name.

    Parameters
    ----------
    links
        Signs and checks links.
    find
        Returns where the file of a slide lies; a RightsError when its study does not share slides.
    """

    def __init__(self, links: GuestLinks, find: Callable[[int], SlideSource]) -> None:
        self._links = links
        self._find = find
        self._known: dict[int, tuple[SlideSource, datetime]] = {}

    def issue(
        self, session: Session, actor: Actor, *, slide_id: int, days: int | None, now: datetime
    ) -> tuple[str, datetime]:
        """Return a link's text for a slide and until when it holds.

        Raises
        ------
        RightsError
            The actor may not see the slide, or its study does not let slides be shared.
        InputError
            So many days are not allowed.
        """
        slide = gate.readable_slide(session, actor, slide_id, right=Right.CAN_GET_PIXELS)
        require_sharing(session, slide)
        wanted = USUAL_DAYS if days is None else days
        if not 1 <= wanted <= MOST_DAYS:
            raise InputError(f"days must be 1 to {MOST_DAYS}")
        expires_at = (now + timedelta(days=wanted)).replace(microsecond=0)
        audit.record(
            session,
            actor=actor.label,
            deed="slide.share",
            subject=f"slide:{slide_id}",
            detail={"until": expires_at.isoformat()},
        )
        return self._links.issue(slide_id, expires_at), expires_at

    def owns(self, link: str) -> bool:
        """Tell whether a link is one to a slide of a study."""
        return link.startswith(PREFIX)

    def source(self, link: str, now: datetime) -> SlideSource:
        """Return the source that a link stands for.

        Raises
        ------
        TileTokenError
            The link was not made here, or has expired.
        RightsError
            The study does not let its slides be shared any more.
        NotFoundError
            The slide is gone.
        """
        slide_id = self._links.verify(link, now)
        known = self._known.get(slide_id)
        if known is not None and now - known[1] < RECHECKED_AFTER:
            return known[0]
        source = self._find(slide_id)
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[slide_id] = (source, now)
        return source


def find_shared_source(session: Session, *, files: FileStore, slide_id: int) -> SlideSource:
    """Return the source of a slide for somebody who holds a link to it.

    Raises
    ------
    NotFoundError
        There is no such slide.
    RightsError
        Its study does not let its slides be shared.
    """
    slide = session.get(Slide, slide_id)
    if slide is not None:
        require_sharing(session, slide)
    return sources.locate_source(session, files=files, slide_id=slide_id)


def require_sharing(session: Session, slide: Slide) -> None:
    """Insist that the study of a slide lets its slides be shared.

    Raises
    ------
    RightsError
        It does not, or is not published.
    """
    study = session.get_one(Study, slide.study_id)
    if not allows_sharing(study) or study.published_at is None or study.deleted_at is not None:
        raise RightsError("this study does not let its slides be shown without an account")
