"""Spots of tissue onto the rows and columns of a grid that may be tilted and shaken."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

_NEAR = 0.35
"""How far from its place in the grid a spot may lie, in distances between neighbours."""

_STEEPEST = 0.35
"""Slope of rows and columns that is looked for: about 19 degrees."""

_LEAST_SPOTS = 4

_LEAST_FOUND = 0.5
"""Share of the map's cores that must be seen for the grid to be sure."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the places of a grid are expected.

    Parameters
    ----------
    origin
        Place of row 0, column 0, as (x, y).
    along_row, along_column
        From one column, and from one row, to the next, as (x, y).
    spots
        The centre of the spot seen at (row, column).
    is_sure
        Whether enough of it was seen, and it fits in one way only.
    """

    origin: Points
    along_row: Points
    along_column: Points
    spots: dict[tuple[int, int], tuple[float, float]]
    is_sure: bool

    def place(self, row: int, column: int) -> tuple[float, float]:
        """Return where a core lies: where its spot was seen, else where the grid expects it."""
        seen = self.spots.get((row, column))
        if seen is not None:
            return seen
        return self.expected(row, column)

    def expected(self, row: float, column: float) -> tuple[float, float]:
        """Return where a place of the grid is expected, also between its rows and columns."""
        x, y = self.origin + column * self.along_row + row * self.along_column
        return float(x), float(y)


def even_grid(
    rows: int, columns: int, left: float, top: float, width: float, height: float
) -> Grid:
    """Return a grid that fills a rectangle evenly, of which nothing was seen."""
    across, down = width / columns, height / rows
    return Grid(
        origin=np.array([left + across / 2, top + down / 2]),
        along_row=np.array([across, 0.0]),
        along_column=np.array([0.0, down]),
        spots={},
        is_sure=False,
    )


def fit_grid(
    centres: Points, weights: NDArray[np.int_], *, diameter: float, size: tuple[float, float]
) -> Grid | None:
    """Return the grid on which spots lie, None when they lie on none.

    Parameters
    ----------
    centres
        Of the spots, shape (count, 2).
    weights
        What a spot at each place says about the grid, shape (rows, columns): 1 where the map has a
        core, 0 where there may be one, -1 where there is none.
    diameter
        Of a spot.
    size
        Width and height of the picture.
    """
    if len(centres) < _LEAST_SPOTS:
        return None
    steps = _steps(centres, diameter)
    if steps is None:
        return None
    numbered = _number(centres, *steps)
    if len(numbered) < _LEAST_SPOTS:
        return None
    fit = _fitted(centres, numbered)
    if fit is None:
        return None
    origin, along_row, along_column = fit
    numbered = _nearest(centres, origin, along_row, along_column)
    fit = _fitted(centres, numbered)
    if fit is None:
        return None
    return _placed(centres, _nearest(centres, *fit), fit, weights, size)


def _steps(centres: Points, diameter: float) -> tuple[Points, Points] | None:
    """Return the typical way from a spot to its right and to its lower neighbour."""
    away = centres[None, :, :] - centres[:, None, :]
    found = []
    for axis in (0, 1):
        ahead, aside = away[..., axis], away[..., 1 - axis]
        is_ahead = (ahead > diameter * 0.6) & (np.abs(aside) < _STEEPEST * ahead)
        distance = np.where(is_ahead, np.hypot(ahead, aside), np.inf)
        nearest = distance.argmin(axis=1)
        lengths = distance[np.arange(len(centres)), nearest]
        has = np.isfinite(lengths)
        if not has.any():
            return None
        # Where a neighbour is missing the next one answers: the shorter half tells the distance.
        usual = float(np.percentile(lengths[has], 30))
        chosen = has & (lengths < 1.4 * usual)
        found.append(np.median(away[np.arange(len(centres)), nearest][chosen], axis=0))
    return found[0], found[1]


def _number(centres: Points, along_row: Points, along_column: Points) -> dict[int, tuple[int, int]]:
    """Give spots their row and column, from neighbour to neighbour; the largest group that holds.

    Neighbours two places away are looked for as well: a missing core parts nobody.
    """
    least = min(float(np.hypot(*along_row)), float(np.hypot(*along_column)))
    moves = [(r, c) for r in range(-2, 3) for c in range(-2, 3) if (r, c) != (0, 0)]
    moves.sort(key=lambda move: abs(move[0]) + abs(move[1]))
    best: dict[int, tuple[int, int]] = {}
    left = set(range(len(centres)))
    while len(left) > len(best):
        start = min(left)
        numbered, taken = {start: (0, 0)}, {(0, 0)}
        waiting = deque([start])
        while waiting:
            index = waiting.popleft()
            row, column = numbered[index]
            for down, right in moves:
                address = row + down, column + right
                if address in taken:
                    continue
                target = centres[index] + right * along_row + down * along_column
                away = np.hypot(*(centres - target).T)
                other = int(away.argmin())
                if away[other] <= _NEAR * least and other not in numbered:
                    numbered[other] = address
                    taken.add(address)
                    waiting.append(other)
        left -= numbered.keys()
        best = max(best, numbered, key=len)
    return best


def _fitted(
    centres: Points, numbered: dict[int, tuple[int, int]]
) -> tuple[Points, Points, Points] | None:
    """Return origin and steps for which the spots lie nearest to their places (least squares)."""
    indices = list(numbered)
    addresses = np.array([numbered[index] for index in indices], np.float64)
    terms = np.column_stack([np.ones(len(indices)), addresses[:, 1], addresses[:, 0]])
    if np.linalg.matrix_rank(terms) < 3:
        return None
    solution, *_ = np.linalg.lstsq(terms, centres[indices], rcond=None)
    return solution[0], solution[1], solution[2]


def _nearest(
    centres: Points, origin: Points, along_row: Points, along_column: Points
) -> dict[int, tuple[int, int]]:
    """Give each place of the grid the spot that is nearest to it, if one is near."""
    ways = np.column_stack([along_row, along_column])
    exact = np.linalg.solve(ways, (centres - origin).T).T
    whole = np.rint(exact).astype(int)
    error = np.abs(exact - whole).max(axis=1)
    found: dict[tuple[int, int], int] = {}
    for index in np.argsort(error, kind="stable"):
        address = int(whole[index, 1]), int(whole[index, 0])
        if error[index] <= _NEAR and address not in found:
            found[address] = int(index)
    return {index: address for address, index in found.items()}


def _placed(
    centres: Points,
    numbered: dict[int, tuple[int, int]],
    fit: tuple[Points, Points, Points],
    weights: NDArray[np.int_],
    size: tuple[float, float],
) -> Grid | None:
    """Lay the map's rows and columns over the numbered spots, where they agree best."""
    if not numbered:
        return None
    origin, along_row, along_column = fit
    rows, columns = weights.shape
    addresses = np.array(list(numbered.values()))
    low, high = addresses.min(axis=0), addresses.max(axis=0)
    offers = []
    for row, column in itertools.product(
        *(_offsets(int(low[axis]), int(high[axis]), weights.shape[axis]) for axis in (0, 1))
    ):
        inside = addresses - (row, column)
        within = ((inside >= 0) & (inside < (rows, columns))).all(axis=1)
        said = weights[tuple(inside[within].T)]
        corner = origin + column * along_row + row * along_column
        middle = corner + (columns - 1) / 2 * along_row + (rows - 1) / 2 * along_column
        off_middle = float(np.hypot(*(middle - np.array(size) / 2)))
        merit = int(said.sum()) - int((~within).sum())
        offers.append((merit, -off_middle, row, column, int((said > 0).sum())))
    offers.sort(reverse=True)
    merit, _, row, column, agreeing = offers[0]
    is_unique = offers[1][0] < merit
    spots = {
        (r - row, c - column): (float(centres[index][0]), float(centres[index][1]))
        for index, (r, c) in numbered.items()
        if 0 <= r - row < rows and 0 <= c - column < columns
    }
    is_seen = agreeing >= max(_LEAST_SPOTS, _LEAST_FOUND * int((weights > 0).sum()))
    return Grid(
        origin=origin + column * along_row + row * along_column,
        along_row=along_row,
        along_column=along_column,
        spots=spots,
        is_sure=is_unique and is_seen and merit > 0,
    )


def _offsets(low: int, high: int, count: int) -> range:
    """Return where a map of some rows (or columns) may begin: it covers the spots, or nearly."""
    ends = low, high - count + 1
    return range(min(ends) - 1, max(ends) + 2)
