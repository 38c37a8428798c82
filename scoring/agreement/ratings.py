"""Ratings: who answered what about which subject, as codes that statistics can count."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from records.errors import InputError

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Bools = NDArray[np.bool_]

MISSING = -1


class Scale(StrEnum):
    """What may be done with the answers: tell them apart, order them, or subtract them."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patterns:
    """Distinct rows of answers, and how many subjects share each.

    Subjects with the same answers are interchangeable for every statistic, so sums over subjects
    are sums over patterns; sorted patterns make results independent of the subjects' order.

    Parameters
    ----------
    codes
        (patterns, readers), indices of levels; ``MISSING`` where there is no answer.
    counts
        (patterns,), subjects with each pattern.
    levels
        (levels,), ascending: numbers of an interval scale, places of ordered categories.
    """

    codes: Codes
    counts: Floats
    levels: Floats

    @property
    def present(self) -> Bools:
        """(patterns, readers), where there is an answer."""
        present: Bools = self.codes != MISSING
        return present

    @property
    def answers(self) -> Floats:
        """(patterns,), how many readers answered."""
        answers: Floats = self.present.sum(axis=1).astype(np.float64)
        return answers

    @property
    def level_counts(self) -> Floats:
        """(patterns, levels), how many readers gave each answer."""
        tally = np.zeros((len(self.codes), len(self.levels)))
        rows, readers = np.nonzero(self.present)
        np.add.at(tally, (rows, self.codes[rows, readers]), 1.0)
        return tally

    def answered_by(self, first: int, second: int) -> Bools:
        """(patterns,), where both of two readers answered, by their columns."""
        both: Bools = self.present[:, first] & self.present[:, second]
        return both

    def count(self, chosen: Bools) -> int:
        """Return how many subjects have the chosen patterns."""
        return int(self.counts[chosen].sum())

    def numbers(self, reader: int) -> Floats:
        """(patterns,), a reader's answers as numbers less the middle of all; 0 where missing.

        Every statistic of numbers here is free of the origin; one in the middle keeps digits.
        """
        codes = self.codes[:, reader]
        middle = (self.levels[0] + self.levels[-1]) / 2
        return np.where(codes == MISSING, 0.0, self.levels[codes] - middle)


@dataclass(frozen=True, kw_only=True, eq=False)  # no slots: one property is cached
class Ratings:
    """Answers of several readers about the same subjects.

    Parameters
    ----------
    scale
        What the answers are.
    readers, subjects
        Their names, in the order of the columns and rows of ``codes``.
    codes
        (subjects, readers), int32, indices of ``categories``; ``MISSING`` where there is none.
    categories
        The answers as text; of an ordinal scale in order, of an interval scale by size.
    levels
        (categories,), the numbers of an interval scale, else 0, 1, 2, ….

    Raises
    ------
    InputError
        The shapes do not fit, or a code has no category.
    """

    scale: Scale
    readers: tuple[str, ...]
    subjects: tuple[str, ...]
    codes: Codes
    categories: tuple[str, ...]
    levels: Floats

    def __post_init__(self) -> None:
        """Check that shapes and codes fit."""
        if self.codes.shape != (len(self.subjects), len(self.readers)):
            raise InputError(
                f"codes have the shape {self.codes.shape}, expected subjects x readers "
                f"({len(self.subjects)}, {len(self.readers)})"
            )
        if self.levels.shape != (len(self.categories),):
            raise InputError("levels must be as many as categories")
        if self.codes.size and not MISSING <= self.codes.min() <= self.codes.max() < len(
            self.categories
        ):
            raise InputError("a code has no category")

    @property
    def missing(self) -> int:
        """How many answers are missing: subjects times readers, less the answers there are."""
        return int((self.codes == MISSING).sum())

    def of_answering_readers(self) -> Ratings:
        """Return the ratings without readers who gave no answer at all."""
        answering = (self.codes != MISSING).any(axis=0)
        return dataclasses.replace(
            self,
            codes=self.codes[:, answering],
            readers=tuple(itertools.compress(self.readers, answering.tolist())),
        )

    @functools.cached_property
    def patterns(self) -> Patterns:
        """The distinct rows among subjects that anybody answered."""
        rows = self.codes[(self.codes != MISSING).any(axis=1)]
        distinct, counts = np.unique(rows, axis=0, return_counts=True)
        return Patterns(
            codes=distinct.astype(np.int32),
            counts=counts.astype(np.float64),
            levels=self.levels,
        )

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield the columns of every two readers."""
        return itertools.combinations(range(len(self.readers)), 2)

    def numbers(self, reader: int) -> Floats:
        """(subjects,), a reader's answers as numbers; NaN where missing."""
        codes = self.codes[:, reader]
        return np.where(codes == MISSING, np.nan, self.levels[codes])


def categorical_ratings(
    rows: Sequence[Sequence[int | None]],
    *,
    categories: Sequence[str],
    scale: Scale = Scale.NOMINAL,
    readers: Sequence[str] | None = None,
    subjects: Sequence[str] | None = None,
) -> Ratings:
    """Make ratings of indices of categories; None where there is no answer.

    Parameters
    ----------
    rows
        One sequence per subject, with one entry per reader.
    """
    codes = [[MISSING if code is None else code for code in row] for row in rows]
    table = np.array(codes, dtype=np.int32).reshape(len(rows), len(rows[0]) if rows else 0)
    return Ratings(
        scale=scale,
        readers=_names(readers, table.shape[1], "reader"),
        subjects=_names(subjects, len(rows), "subject"),
        codes=table,
        categories=tuple(categories),
        levels=np.arange(len(categories), dtype=np.float64),
    )


def numeric_ratings(
    values: NDArray[np.float64],
    *,
    scale: Scale = Scale.INTERVAL,
    readers: Sequence[str] | None = None,
    subjects: Sequence[str] | None = None,
) -> Ratings:
    """Make ratings of numbers.

    Parameters
    ----------
    values
        (subjects, readers); NaN where there is no answer.
    scale
        ``ORDINAL`` keeps the order of the numbers alone.
    """
    present = ~np.isnan(values)
    levels, codes = np.unique(values[present], return_inverse=True)
    table = np.full(values.shape, MISSING, dtype=np.int32)
    table[present] = codes
    return Ratings(
        scale=scale,
        readers=_names(readers, values.shape[1], "reader"),
        subjects=_names(subjects, len(values), "subject"),
        codes=table,
        categories=tuple(f"{level:.15g}" for level in levels),
        levels=levels if scale is Scale.INTERVAL else np.arange(len(levels), dtype=np.float64),
    )


def _names(names: Sequence[str] | None, count: int, noun: str) -> tuple[str, ...]:
    if names is None:
        return tuple(f"{noun} {index}" for index in range(1, count + 1))
    return tuple(names)
