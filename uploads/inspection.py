"""What a slide file is, asked of a process of its own with limits on memory and time."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread

from records.errors import AppError
from tileserver import inspection
from tileserver.inspection import InspectionLimits as InspectionLimits
from tileserver.readers.base import SlideFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one slide file was found to be.

    Parameters
    ----------
    problem
        Why it cannot be read; empty when it can.
    facts
        Reader, format, width, height (level-0 pixels), levels, mpp_x, mpp_y (µm per pixel) and
        objective_power.
    """

    problem: str = ""
    facts: dict[str, object]


async def inspect_slide(path: Path, limits: InspectionLimits) -> Finding:
    """Open a slide file in a process of its own, and read a little of it.

    Parameters
    ----------
    path
        On disk.
    limits
        What that may take.
    """
    given_up = threading.Event()

    def told(message: dict[str, object]) -> None:
        if given_up.is_set():
            raise _GivenUpError

    look = functools.partial(inspection.shared.look, path, limits, told)
    try:
        facts = await anyio.to_thread.run_sync(look, abandon_on_cancel=True)
    except AppError as error:
        return Finding(problem=error.message, facts={})
    finally:
        # The thread hears of a cancellation within a second, and the process ends by itself.
        given_up.set()
    return Finding(facts=_plain(facts))


class _GivenUpError(Exception):
    """Nobody waits for the answer any more."""


def _plain(facts: SlideFacts) -> dict[str, object]:
    return {
        "reader": facts.reader,
        "format": facts.format,
        "width": facts.size.width,
        "height": facts.size.height,
        "levels": len(facts.level_sizes),
        "mpp_x": facts.mpp_x,
        "mpp_y": facts.mpp_y,
        "objective_power": facts.objective_power,
    }
