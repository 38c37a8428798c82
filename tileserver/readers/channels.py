"""Channels: raw samples of any kind become red, green and blue, by windows and colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tileserver.readers.base import Pixels

MAX_SHOWN = 6
"""How many channels are mixed; more than that cannot be told apart by colour."""

_PALETTE = (
    (0, 90, 255),
    (0, 255, 0),
    (255, 60, 0),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 0),
)
"""Colours of channels that the file gives none; a choice, in the order that microscopes use."""

_DYES = {
    "dapi": 0,
    "hoechst": 0,
    "fitc": 1,
    "gfp": 1,
    "488": 1,
    "tritc": 2,
    "cy3": 2,
    "texas": 2,
    "mcherry": 2,
    "cy5": 3,
    "647": 3,
}

_DARKEST, _BRIGHTEST = 0.5, 99.9
"""Percentiles of the whole slide that become black and full colour: dust and dead pixels beyond."""


@dataclass(frozen=True, slots=True)
class Window:
    """The sample values shown as black and as full colour; ``low > high`` inverts."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ShownChannel:
    """A channel's window and its colour, 0 to 255."""

    window: Window
    colour: tuple[int, int, int]


def mix(planes: Sequence[NDArray[Any]], channels: Sequence[ShownChannel]) -> Pixels:
    """Return the sum of the channels' light.

    Parameters
    ----------
    planes
        One per channel, shape (height, width), any kind of number.
    channels
        How each is shown.

    Returns
    -------
    Pixels
        Shape (height, width, 3).
    """
    total = np.zeros((*planes[0].shape, 3), np.float32)
    for plane, channel in zip(planes, channels, strict=True):
        total += stretched(plane, channel.window)[..., None] * np.array(channel.colour, np.float32)
    return np.clip(total + 0.5, 0, 255).astype(np.uint8)


def stretched(plane: NDArray[Any], window: Window) -> NDArray[np.float32]:
    """Return samples as 0 to 1 within a window; what is no number becomes 0."""
    span = window.high - window.low
    part = (plane.astype(np.float32) - np.float32(window.low)) / np.float32(span)
    bounded: NDArray[np.float32] = np.clip(np.nan_to_num(part), 0, 1)
    return bounded


def window_of_signal(sample: NDArray[Any]) -> Window:
    """Return the window of a channel measured by light: from its background to its brightest.

    Parameters
    ----------
    sample
        Values picked from all over the slide.
    """
    if sample.dtype == np.uint8:
        return Window(0, 255)
    finite = sample[np.isfinite(sample)] if sample.dtype.kind == "f" else sample
    if finite.size == 0:
        return Window(0, 1)
    low, high = (float(value) for value in np.percentile(finite, (_DARKEST, _BRIGHTEST)))
    if high <= low:
        # Nothing but background: a single bright spot may still be there.
        low, high = float(finite.min()), float(finite.max())
    return Window(low, high) if high > low else Window(low, low + 1)


def window_of_colour(sample: NDArray[Any]) -> Window:
    """Return the window of red, green and blue: from 0 to the most that the camera's bits hold.

    Parameters
    ----------
    sample
        Values picked from all over the slide.
    """
    if sample.dtype.kind == "f":
        return Window(0, 1 if sample.size == 0 or np.nanmax(sample) <= 1 else 255)
    if sample.dtype.itemsize == 1:
        return Window(0, 255)
    brightest = int(sample.max()) if sample.size else 0
    # Cameras of 10, 12 or 14 bits are stored in 16.
    limits = (2**bits - 1 for bits in (8, 10, 12, 14, 16))
    return Window(0, next((limit for limit in limits if brightest <= limit), float(brightest)))


def colours(
    names: Sequence[str], given: Sequence[tuple[int, int, int] | None]
) -> list[tuple[int, int, int]]:
    """Return a colour per channel: the file's own, else by the dye's name, else in turn.

    Parameters
    ----------
    names
        Of the channels.
    given
        The file's colours. White for each of several channels is a writer's default, not a choice.
    """
    if len(names) == 1:
        return [given[0] or (255, 255, 255)]
    is_chosen = any(colour not in {None, (255, 255, 255)} for colour in given)
    picked = []
    for index, (name, colour) in enumerate(zip(names, given, strict=True)):
        dye = next((place for word, place in _DYES.items() if word in name.lower()), None)
        turn = index if dye is None else dye
        picked.append(colour if colour and is_chosen else _PALETTE[turn % len(_PALETTE)])
    return picked
