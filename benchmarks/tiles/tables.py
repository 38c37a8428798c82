"""Tables: figures become Markdown for the documentation."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table.

    Parameters
    ----------
    header
        Names of the columns.
    rows
        As many cells as the header has; bars and line ends in them are made harmless.

    Raises
    ------
    ValueError
        A row is not as long as the header.
    """
    lines = [list(header), ["---"] * len(header)]
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row has {len(row)} cells, and the header {len(header)}: {row}")
        lines.append([" ".join(cell.split()).replace("|", "\\|") for cell in row])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def rate(value: float) -> str:
    """Return tiles per second with three significant figures, or so."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def times(value: float) -> str:
    """Return a ratio such as ``3.2x``; above ten without decimals."""
    return f"{value:.0f}x" if value >= 10 else f"{value:.2g}x" if value < 0.1 else f"{value:.1f}x"


def ms(value: float) -> str:
    """Return milliseconds with a sensible number of decimals."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def median(values: Sequence[float]) -> float:
    """Return the median; of nothing, NaN."""
    return statistics.median(values) if values else float("nan")


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least so many percent do not exceed; of nothing, NaN."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    rank = max(1, -int(-len(ordered) * percent // 100))
    return ordered[rank - 1]
