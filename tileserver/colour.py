"""Colour: what a slide's colour profile says, and pixels turned by it into sRGB."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms

from records.errors import InputError
from tileserver.caching import SharedCache
from tileserver.pool import FileIdentity, SlidePool
from tileserver.readers.base import Pixels, SlideError

_KEPT = 64
"""Slides whose way into sRGB is kept; each takes some 100 kB and 10 ms to make anew."""

_MAX_TEXT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFacts:
    """What is told of a colour profile.

    Parameters
    ----------
    description
        Its name, as its maker gave it; None when it cannot be read.
    colour_space
        Such as ``RGB``; None when it cannot be read.
    byte_count
        Of the profile in the file.
    """

    description: str | None
    colour_space: str | None
    byte_count: int


class ToSrgb:
    """The way from a profile's colours into sRGB, by the intent that the profile asks for.

    Any number of threads may use one, for LittleCMS keeps nothing between pixels that they share.

    Parameters
    ----------
    profile
        An ICC profile of RGB pixels.

    Raises
    ------
    SlideError
        It is damaged, or not about RGB.
    """

    def __init__(self, profile: bytes) -> None:
        try:
            opened = ImageCms.getOpenProfile(io.BytesIO(profile))
            intent = ImageCms.Intent(ImageCms.getDefaultIntent(opened))
            target = ImageCms.createProfile("sRGB")
            self._transform = ImageCms.buildTransform(opened, target, "RGB", "RGB", intent)
        except (ImageCms.PyCMSError, OSError, ValueError) as error:
            raise SlideError(
                "this slide's colour profile cannot be used: it is damaged or not about RGB; "
                "ask without icc=srgb"
            ) from error

    def apply(self, pixels: Pixels) -> Pixels:
        """Return pixels in sRGB.

        Parameters
        ----------
        pixels
            Shape (height, width, 3), as the file has them.
        """
        shown = ImageCms.applyTransform(Image.fromarray(pixels), self._transform)
        return np.asarray(shown)


class Colours:
    """Knows the way into sRGB of the slides used last.

    Parameters
    ----------
    pool
        Lends readers of slides.
    """

    def __init__(self, pool: SlidePool) -> None:
        self._pool = pool
        self._ways: SharedCache[FileIdentity, ToSrgb | None] = SharedCache(
            lambda way: 1, capacity=_KEPT
        )

    def to_srgb(self, file: FileIdentity) -> ToSrgb | None:
        """Return the way into sRGB; None when the file has no profile. To be called in a thread.

        Raises
        ------
        SlideError
            The file cannot be opened, or its profile not used.
        """

        def make() -> ToSrgb | None:
            with self._pool.borrow_file(file) as reader:
                profile = reader.icc_profile()
            return None if profile is None else ToSrgb(profile)

        return self._ways.get(file, make)


def is_srgb(asked: str | None) -> bool:
    """Tell whether the parameter ``icc`` asks for sRGB; without it colours stay as they are stored.

    Raises
    ------
    InputError
        It asks for something else.
    """
    if not asked:
        return False
    if asked.lower() != "srgb":
        raise InputError("icc must be srgb, or absent for the colours as they are stored")
    return True


def describe(profile: bytes) -> ProfileFacts:
    """Return what is told of a profile; one that is damaged is still a fact of the file."""
    try:
        opened = ImageCms.getOpenProfile(io.BytesIO(profile))
        text = ImageCms.getProfileDescription(opened)
        space = str(opened.profile.xcolor_space)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return ProfileFacts(description=None, colour_space=None, byte_count=len(profile))
    name = "".join(letter for letter in text if letter.isprintable()).strip()[:_MAX_TEXT]
    return ProfileFacts(
        description=name or None, colour_space=space.strip() or None, byte_count=len(profile)
    )
