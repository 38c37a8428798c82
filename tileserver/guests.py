"""Guests: slides of studies that let them be shared, shown to whoever holds a link."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session, select

from access import blinding, gate
from access.guestlinks import PREFIX, GuestLinks
from access.rights import Actor, Right
from records import audit
from records.errors import InputError, NotFoundError, RightsError
from records.filestore import FileStore
from records.tables import Slide, Study
from tileserver import sources
from tileserver.sources import SlideSource

SETTING = "allowsharingslidesanonymously"
"""Source: seed, Study Settings; that a link holds for days and shows one slide is our choice."""

MOST_DAYS = 365
USUAL_DAYS = 30


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
        Returns where the file of a slide lies, by its ULID; a RightsError when its study does not
        share slides.
    """

    def __init__(self, links: GuestLinks, find: Callable[[str], SlideSource]) -> None:
        self._links = links
        self._find = find

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
        return self._links.issue(slide.ulid, expires_at), expires_at

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
        return self._find(self._links.verify(link, now))


def find_shared_source(session: Session, *, files: FileStore, slide_ulid: str) -> SlideSource:
    """Return the source of a slide for somebody who holds a link to it.

    Raises
    ------
    NotFoundError
        There is no such slide.
    RightsError
        Its study does not let its slides be shared.
    """
    slide = session.exec(select(Slide).where(Slide.ulid == slide_ulid)).first()
    if slide is None:
        raise NotFoundError("the slide of this link is there no more")
    study = require_sharing(session, slide)
    return sources.source_of(slide, files, blinding.of_readers(study))


def require_sharing(session: Session, slide: Slide) -> Study:
    """Return the study of a slide, and insist that it lets its slides be shared.

    Raises
    ------
    RightsError
        It does not, or is not published.
    """
    study = session.get_one(Study, slide.study_id)
    if not allows_sharing(study) or study.published_at is None or study.deleted_at is not None:
        raise RightsError("this study does not let its slides be shown without an account")
    return study
