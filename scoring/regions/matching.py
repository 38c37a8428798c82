"""Matching: which things of one reader are those of another, each at most once, as many as can be.

How many pairs there can be does not depend on any order, so the counts are exact: Hopcroft and
Karp, SIAM J. Comput. 2 (1973) 225-231.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Pairs = npt.NDArray[np.int64]

_FREE = -1
_SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """How many things two readers have in common, and how many each has."""

    matched: int
    first: int
    second: int

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 1 when neither has anything."""
        total = self.first + self.second
        return 2 * self.matched / total if total else 1.0


def match_points(first: Floats, second: Floats, distance: float) -> Matched:
    """Match points that lie no farther apart than a distance.

    Parameters
    ----------
    first, second
        (n, 2) places, in the unit of ``distance``.
    """
    pairs = _near(first, second, distance)
    return Matched(
        matched=count_pairs(pairs, len(first), len(second)), first=len(first), second=len(second)
    )


def match_areas(
    first: npt.NDArray[np.object_], second: npt.NDArray[np.object_], least_iou: float
) -> Matched:
    """Match areas whose intersection over union is at least so much.

    Parameters
    ----------
    first, second
        Valid areas, one for each object.
    """
    if len(first) and len(second):
        rows, columns = shapely.STRtree(second).query(first, predicate="intersects")
        shared = shapely.area(shapely.intersection(first[rows], second[columns]))
        united = shapely.area(first)[rows] + shapely.area(second)[columns] - shared
        fits = (united > 0) & (shared >= least_iou * united * (1 - _SLACK)) & (shared > 0)
        pairs = np.column_stack((rows[fits], columns[fits]))
    else:
        pairs = np.empty((0, 2), dtype=np.int64)
    return Matched(
        matched=count_pairs(pairs, len(first), len(second)), first=len(first), second=len(second)
    )


def count_pairs(pairs: Pairs, first: int, second: int) -> int:
    """Return the most pairs that can be chosen so that nothing is in two of them.

    Parameters
    ----------
    pairs
        (n, 2), which of the first may go with which of the second.
    """
    others: list[list[int]] = [[] for _ in range(first)]
    for left, right in pairs.tolist():
        others[left].append(right)
    mate_of_first, mate_of_second = [_FREE] * first, [_FREE] * second
    count = 0
    while True:
        layers = _layers(others, mate_of_first, mate_of_second)
        if layers is None:
            return count
        for left in range(first):
            if mate_of_first[left] == _FREE and _augment(
                left, others, layers, mate_of_first, mate_of_second
            ):
                count += 1


def _near(first: Floats, second: Floats, distance: float) -> Pairs:
    if not len(first) or not len(second):
        return np.empty((0, 2), dtype=np.int64)
    reach = distance * (1 + _SLACK)
    tree = shapely.STRtree(np.asarray(shapely.points(second)))
    found = tree.query(shapely.points(first), predicate="dwithin", distance=reach)
    return np.asarray(found.T, dtype=np.int64)


def _layers(
    others: list[list[int]], mate_of_first: list[int], mate_of_second: list[int]
) -> list[int] | None:
    """Return how many steps each of the first is from a free one; None when no path is left."""
    layers = [0 if mate == _FREE else _FREE for mate in mate_of_first]
    waiting = deque(left for left, mate in enumerate(mate_of_first) if mate == _FREE)
    is_open = False
    while waiting:
        left = waiting.popleft()
        for right in others[left]:
            mate = mate_of_second[right]
            if mate == _FREE:
                is_open = True
            elif layers[mate] == _FREE:
                layers[mate] = layers[left] + 1
                waiting.append(mate)
    return layers if is_open else None


def _augment(
    start: int,
    others: list[list[int]],
    layers: list[int],
    mate_of_first: list[int],
    mate_of_second: list[int],
) -> bool:
    """Look for a path of steps to a free one of the second, and turn its pairs around."""
    path: list[tuple[int, int]] = []
    stack = [(start, iter(others[start]))]
    while stack:
        left, rest = stack[-1]
        for right in rest:
            mate = mate_of_second[right]
            if mate == _FREE:
                path.append((left, right))
                for one, other in path:
                    mate_of_first[one], mate_of_second[other] = other, one
                return True
            if layers[mate] == layers[left] + 1:
                path.append((left, right))
                stack.append((mate, iter(others[mate])))
                break
        else:
            # A dead end: nobody need come here again.
            layers[left] = _FREE
            stack.pop()
            if path:
                path.pop()
    return False
