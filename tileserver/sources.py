"""Slide sources: where a slide's file lies, by its row in the database or by a signed link."""

from __future__ import annotations

import json
import os
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlmodel import Session

from access import blinding, gate
from access.blinding import Blinding
from access.rights import Actor, Right
from access.tokens import SlideFileLinks
from records import audit
from records.errors import InputError, NotFoundError, RightsError
from records.filestore import FileStore
from records.tables import Slide, Study
from tileserver import readers

SETTING = "COVERSLIP_SLIDE_FILE_ROOTS"

OPEN_PICTURES = frozenset({"thumbnail"})
"""Further pictures of a file that show tissue only, so that whoever gets pixels gets them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideSource:
    """A slide's file, and what a study says of it.

    Parameters
    ----------
    path
        Of the file.
    name
        Of the slide, without extension.
    mpp_override
        Micrometres per pixel as a person set it, in place of what the file says.
    """

    path: Path
    name: str
    mpp_override: float | None = None

    def find(self) -> SlideSource:
        """Return itself: it is found."""
        return self


class Sought(Hashable, Protocol):
    """A slide's source, or what finds it; equal ones find the same."""

    def find(self) -> SlideSource:
        """Return the source; may block.

        Raises
        ------
        AppError
            Whoever asks may not see the slide, or there is none.
        """
        ...


SLIDE_FILE = 0
"""The slide's number in addresses of what is shown by a link, which stands in place of a token."""


def find_source(
    session: Session, actor: Actor, *, files: FileStore, slide_id: int, study_id: int | None = None
) -> SlideSource:
    """Return the source of a slide whose pixels the actor may see.

    Parameters
    ----------
    files
        The images root.
    slide_id
        Of the slide.
    study_id
        The study that the caller takes it to be in, when the call names one.

    Raises
    ------
    RightsError
        The actor may not read the study, or not get pixels.
    NotFoundError
        There is no such slide, or it is in another study.
    """
    slide, study = gate.readable_slide_of_study(
        session, actor, slide_id, right=Right.CAN_GET_PIXELS
    )
    if study_id is not None and slide.study_id != study_id:
        raise NotFoundError(f"there is no slide {slide_id} in study {study_id}")
    return source_of(slide, files, blinding.find(session, actor, study))


def find_associated_source(
    session: Session, actor: Actor, *, files: FileStore, slide_id: int, name: str
) -> SlideSource:
    """Return the source of a slide of whose further pictures the actor may see one.

    A label names the patient, and a macro picture mostly shows the label as well. So both are for
    those who may have the file itself: tokens with CanDownloadSlides, and people who may edit the
    study; and for its readers where the study's setting ``showlabels`` is true.
    Source: slidescore.md 9.5, "options to hide label images"; that they are hidden unless a study
    says otherwise is our choice.

    Parameters
    ----------
    files
        The images root.
    slide_id
        Of the slide.
    name
        Of the picture: label, macro, thumbnail and such.

    Raises
    ------
    RightsError
        The actor may not read the study, not get pixels, or not see such a picture.
    NotFoundError
        There is no such slide.
    """
    slide, study = gate.readable_slide_of_study(
        session, actor, slide_id, right=Right.CAN_GET_PIXELS
    )
    if name not in OPEN_PICTURES and not _shows_labels(study):
        if actor.is_person:
            try:
                gate.modifiable_slide(session, actor, slide_id)
            except RightsError:
                raise RightsError("this study does not show labels to its readers") from None
        else:
            gate.require(actor, Right.CAN_DOWNLOAD_SLIDES)
    return source_of(slide, files, blinding.find(session, actor, study))


def _shows_labels(study: Study) -> bool:
    settings: dict[str, str] = json.loads(study.settings)
    return settings.get("showlabels", "").strip().lower() in {"true", "1", "yes", "on"}


def source_of(slide: Slide, files: FileStore, hidden: Blinding) -> SlideSource:
    """Return the source of a slide for somebody who may see it, but not what is hidden."""
    return SlideSource(
        path=files.resolve(slide.path),
        name=hidden.slide_name(slide.id or 0, slide.name),
        mpp_override=slide.mpp_override,
    )


class OtherLinks(Protocol):
    """Links to something else than files, which stand in the same place of an address."""

    def owns(self, link: str) -> bool:
        """Tell whether a link is one of these."""
        ...

    def source(self, link: str, now: datetime) -> SlideSource:
        """Return the source that a link stands for."""
        ...


class SlideFiles:
    """Slide files of the server that belong to no study, shown through signed links.

    Parameters
    ----------
    roots
        The only folders from which files are shown; none turns links off.
    links
        Signs and checks links.
    others
        Opens links that are not to files, or None.
    """

    def __init__(
        self, roots: Sequence[Path], links: SlideFileLinks, others: OtherLinks | None = None
    ) -> None:
        self._roots = [Path(os.path.realpath(root)) for root in roots]
        self._links = links
        self._others = others

    def issue(
        self, session: Session, actor: Actor, *, filename: str, user: str | None, now: datetime
    ) -> str:
        """Return a link's text for a file, and keep in the audit trail who asked for it.

        Parameters
        ----------
        filename
            Absolute path on the server.
        user
            For whom the link is, as the caller says; None for anybody.

        Raises
        ------
        RightsError
            The actor lacks the right to handle paths, or to get pixels.
        InputError
            Links are turned off, or this is no slide below the folders that may be shown.
        """
        gate.require(actor, Right.CAN_GET_PIXELS)
        gate.require(actor, Right.CAN_HANDLE_PATHS)
        path = self._checked(filename)
        detail = {"path": str(path), "user": user}
        audit.record(
            session, actor=actor.label, deed="slide_file.link", subject="server", detail=detail
        )
        return self._links.issue(str(path), now)

    def source(self, link: str, now: datetime) -> SlideSource:
        """Return the source that a link stands for.

        Raises
        ------
        TileTokenError
            The link was not made here, or has expired.
        InputError
            The file is no longer among those that may be shown.
        """
        if self._others is not None and self._others.owns(link):
            return self._others.source(link, now)
        path = self._checked(self._links.verify(link, now))
        return SlideSource(path=path, name=path.stem)

    def title(self, link: str, now: datetime) -> str:
        """Return the name under which a page shows what a link stands for; raises as ``source``.

        Files are called as they are; slides of studies as their readers call them.
        """
        source = self.source(link, now)
        is_other = self._others is not None and self._others.owns(link)
        return source.name if is_other else source.path.name

    def _checked(self, filename: str) -> Path:
        """Return the real path of a file that may be shown; which others exist is not told."""
        if not self._roots:
            raise InputError(
                f"showing files of the server is turned off; {SETTING} must name the folders"
            )
        refusal = InputError(
            f"filename must be the absolute path of a slide within the folders that {SETTING} names"
        )
        if "\0" in filename or not Path(filename).is_absolute():
            raise refusal
        path = Path(os.path.realpath(filename))
        is_within = any(root in path.parents for root in self._roots)
        if not is_within or path.suffix.lower() not in readers.SLIDE_SUFFIXES or not path.is_file():
            raise refusal
        return path
