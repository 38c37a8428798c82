"""Tasks: an order for a process of its own into what it found or made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from records.errors import SlideError
from tileserver import probe
from tileserver.stored import filling, plain_pyramid
from tileserver.stored.cachefolder import CacheFolder

Order = dict[str, Any]
Tell = Callable[[dict[str, object]], None]

LOOK: Final = "look"


def look(order: Order, tell: Tell) -> dict[str, object]:
    """Describe a slide file, after reading a little of it."""
    return {"facts": probe.to_plain(probe.describe(Path(order["path"])).facts)}


def make_pyramid(order: Order, tell: Tell) -> dict[str, object]:
    """Turn a plain picture into tiles, telling how much of it is done, percent by percent."""
    told = -1

    def progress(done: float) -> None:
        nonlocal told
        if int(done * 100) > told:
            told = int(done * 100)
            tell({"done": done})

    path, target = Path(order["path"]), Path(order["target"])
    plain_pyramid.make(path, target, quality=int(order["quality"]), progress=progress)
    return {"made": True}


def make_levels(order: Order, tell: Tell) -> dict[str, object]:
    """Make levels that a slide's file lacks, and keep their tiles."""
    cache = CacheFolder(Path(order["root"]), capacity_bytes=int(order["capacity_bytes"]))
    is_whole = filling.fill(
        Path(order["path"]),
        cache,
        quality=int(order["quality"]),
        with_large=bool(order["with_large"]),
        progress=lambda done: tell({"done": done}),
    )
    return {"whole": is_whole}


TASKS: dict[str, Callable[[Order, Tell], dict[str, object]]] = {
    LOOK: look,
    "levels": make_levels,
    "pyramid": make_pyramid,
}


def answer(order: Order, tell: Tell) -> dict[str, object]:
    """Do what is asked; return what came of it, or ``problem``: why the file cannot be read.

    Parameters
    ----------
    order
        ``task`` and what it needs.
    tell
        Is given what there is to say before the end.

    Raises
    ------
    MemoryError
        It needs more than the process may have.
    """
    try:
        return TASKS[order["task"]](order, tell)
    except SlideError as error:
        return {"problem": error.message}
