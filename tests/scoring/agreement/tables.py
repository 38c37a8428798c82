"""Published tables, small builders and slow definitions that the tests of agreement share."""

from __future__ import annotations

import itertools
import math

import numpy as np

from scoring.agreement import kappa
from scoring.agreement.ratings import Ratings, Scale, categorical_ratings, numeric_ratings
from scoring.agreement.resampling import Bootstrap, Plan

_ = None

# Each table was compared, number by number, with an independent copy that is named beside it.

# Source: Shrout & Fleiss 1979, table 2: six targets, four judges; as in R's psych (man/ICC.Rd) and
# nipy (ICC_rep_anova's test).
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]],
    dtype=float,
)

# Source: Krippendorff 2011, section C: four observers, twelve units, missing values; as in several
# packages' tests of alpha (0.743, 0.815, 0.849).
KRIPPENDORFF = [
    [1, 1, _, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [_, 5, 5, 5],
    [_, _, 1, 1],
    [_, 3, _, _],
]

# Source: Krippendorff 2011, sections A and B: two observers; binary, then five names; as there.
KRIPPENDORFF_BINARY = ("0100000010", "1110010000")
KRIPPENDORFF_NAMES = ("aabbdcccedda", "babbbccceddd")

# Source: Fleiss 1971, table 1: thirty patients, six psychiatrists, five diagnoses; as
# `diagnoses` of R's irr, which statsmodels' test_inter_rater.py prints (0.4302445).
_FLEISS_LINES = (
    "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555",
    "144444 124444 222333 144444 224445 333335 111455 111112 224444 133555",
    "555555 244444 224555 114444 144445 222224 111155 224444 133333 555555",
)
FLEISS = [row for line in _FLEISS_LINES for row in line.split()]

# Source: Bland & Altman 1986: peak expiratory flow, l/min, first readings of both meters.
# As in other packages' tests of the paper's limits.
WRIGHT = np.array(
    [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427.0]
)
MINI_WRIGHT = np.array(
    [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451.0]
)

# Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), table 14.1, test A.
# As in R's orddom (dmes.boot), and the tests of Octave's statistics-resampling.
SPATIAL = np.array(
    [
        *(48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6),
        *(0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41),
    ],
    dtype=float,
)


def letters(*columns: str) -> Ratings:
    """Make nominal ratings of one letter per subject, a string per reader; a dot is missing."""
    names = sorted({letter for column in columns for letter in column} - {"."})
    places = {name: place for place, name in enumerate(names)}
    rows = [[places.get(letter) for letter in row] for row in zip(*columns, strict=True)]
    return categorical_ratings(rows, categories=names)


def with_missing(rows: list[list[int | None]]) -> np.ndarray:
    """Return rows as numbers, NaN where missing."""
    return np.array([[math.nan if x is None else x for x in row] for row in rows], dtype=float)


def of_table(counts: list[list[int]], scale: Scale = Scale.ORDINAL) -> Ratings:
    """Make ratings of two readers from their table of answers."""
    pairs = [
        [row, column]
        for row, cells in enumerate(counts)
        for column, count in enumerate(cells)
        for _ in range(count)
    ]
    names = [f"answer {index}" for index in range(len(counts))]
    return categorical_ratings(pairs, categories=names, scale=scale)


def value(statistic, ratings: Ratings) -> float | None:
    """Return a statistic of all subjects."""
    return Bootstrap(ratings.patterns.counts, Plan(draws=2)).estimate(statistic).value


def weights(ratings: Ratings, kind: kappa.Weights = kappa.Weights.NONE) -> np.ndarray:
    return kappa.agreement_weights(ratings.levels, kind)


def numbers_like(rows: list[list[float | None]], scale: Scale = Scale.INTERVAL) -> Ratings:
    return numeric_ratings(with_missing(rows), scale=scale)


def alpha_by_definition(rows: list[list[int | None]], scale: Scale) -> float | None:
    """Compute alpha from the coincidence matrix, value by value, as Krippendorff writes it."""
    names = sorted({x for row in rows for x in row if x is not None})
    coincidences = dict.fromkeys(itertools.product(names, names), 0.0)
    for row in rows:
        given = [x for x in row if x is not None]
        if len(given) > 1:
            for first, second in itertools.permutations(range(len(given)), 2):
                coincidences[given[first], given[second]] += 1 / (len(given) - 1)
    frequency = {c: sum(coincidences[c, k] for k in names) for c in names}

    def distance(c: int, k: int) -> float:
        if scale is Scale.NOMINAL:
            return float(c != k)
        if scale is Scale.INTERVAL:
            return float(c - k) ** 2
        between = sum(frequency[g] for g in names if min(c, k) <= g <= max(c, k))
        return (between - (frequency[c] + frequency[k]) / 2) ** 2

    total = sum(frequency.values())
    observed = sum(coincidences[c, k] * distance(c, k) for c in names for k in names)
    expected = sum(frequency[c] * frequency[k] * distance(c, k) for c in names for k in names)
    return None if expected < 1e-9 else 1 - (total - 1) * observed / expected
