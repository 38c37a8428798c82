"""Answers about slides: encoded pictures with their tags, and what is told of a slide."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tileserver.colour import ProfileFacts
from tileserver.pool import FileIdentity
from tileserver.readers.base import SlideFacts

# Part of every ETag; to be raised when the same file gives other pixels than before.
_RENDERING = "1"


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture, or None where the asker has it, and the tag of its exact content."""

    data: bytes | None
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideMetadata:
    """What a client must know to ask for pixels.

    Parameters
    ----------
    name
        Of the slide, without extension.
    facts
        Of the file.
    mpp_x, mpp_y
        Micrometres per pixel: as a person set it, else as the file says, else None.
    profile
        Of the colours as they are stored; None when the file has none, or shows no single one.
    """

    name: str
    facts: SlideFacts
    mpp_x: float | None
    mpp_y: float | None
    profile: ProfileFacts | None


def etag_of(file: FileIdentity, *parts: object) -> str:
    """Return a tag that changes with the file's content and with what is shown of it."""
    named = repr((_RENDERING, str(file.path), file.mtime_ns, file.byte_count, *parts))
    return f'"{hashlib.sha256(named.encode()).hexdigest()[:24]}"'
