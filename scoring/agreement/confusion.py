"""Confusion: how often one reader's answer met each answer of another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.agreement.ratings import MISSING, Ratings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Confusion:
    """Answers of two readers against each other.

    Parameters
    ----------
    readers
        Whose answers the rows and the columns are; empty for all pairs together.
    categories
        The answers, in the order of rows and columns.
    counts
        (categories, categories), subjects; of all pairs together, each pair counted in both
        directions, so that the table is symmetric.
    """

    readers: tuple[str, ...]
    categories: tuple[str, ...]
    counts: NDArray[np.int64]


def confusion(ratings: Ratings, first: int, second: int) -> Confusion:
    """Return the confusion matrix of two readers, by their columns."""
    return Confusion(
        readers=(ratings.readers[first], ratings.readers[second]),
        categories=ratings.categories,
        counts=_counts(ratings, first, second),
    )


def pooled_confusion(ratings: Ratings) -> Confusion:
    """Return the confusion matrix of all pairs of readers together."""
    size = len(ratings.categories)
    counts = np.zeros((size, size), dtype=np.int64)
    for first, second in ratings.pairs():
        table = _counts(ratings, first, second)
        counts += table + table.T
    return Confusion(readers=(), categories=ratings.categories, counts=counts)


def _counts(ratings: Ratings, first: int, second: int) -> NDArray[np.int64]:
    size = len(ratings.categories)
    left, right = ratings.codes[:, first], ratings.codes[:, second]
    both = (left != MISSING) & (right != MISSING)
    places = left[both].astype(np.int64) * size + right[both]
    return np.bincount(places, minlength=size * size).reshape(size, size)
