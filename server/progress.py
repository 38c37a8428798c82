"""How far long work is, as a bar on a terminal; nothing where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer


@contextmanager
def slide_progress() -> Iterator[Callable[[int, int], None]]:
    """Yield what is to be told how many slides were looked at, of how many.

    The bar goes to standard error, so that a log that is kept in a file has none.
    """
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with typer.progressbar(length=0, label="Looking at slides", file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show
