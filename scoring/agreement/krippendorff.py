"""Krippendorff's alpha: one less observed by expected disagreement, missing answers allowed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scoring.agreement.ratings import Floats, Patterns, Scale
from scoring.agreement.resampling import Statistic

_NOTHING = 1e-12

NO_PAIR = "no subject has answers of two readers"
NO_VARIANCE = "all answers are the same: no disagreement is to be expected"


def alpha(patterns: Patterns, scale: Scale) -> Statistic:
    """Return alpha for answers that are names, places in an order, or numbers.

    Source: Krippendorff, Computing Krippendorff's alpha-reliability (2011), sections C to E. Only
    subjects with at least two answers count.
    """
    pairable = patterns.answers >= 2
    maker = {
        Scale.NOMINAL: _nominal,
        Scale.ORDINAL: _ordinal,
        Scale.INTERVAL: _interval,
    }[scale]
    made = maker(patterns)
    return Statistic(
        terms=np.where(pairable[:, np.newaxis], made.terms, 0.0),
        value=made.value,
        subjects=patterns.count(pairable),
        undefined=NO_VARIANCE if pairable.any() else NO_PAIR,
    )


def _nominal(patterns: Patterns) -> Statistic:
    tally, answers = patterns.level_counts, patterns.answers
    observed = (answers**2 - (tally**2).sum(axis=1)) / _others(answers)

    def value(sums: Floats) -> Floats:
        frequencies = sums[:, 1:]
        total = frequencies.sum(axis=1)
        expected = total**2 - (frequencies**2).sum(axis=1)
        return _from(sums[:, 0], expected, total, total**2)

    return _statistic(np.column_stack([observed, tally]), value)


def _interval(patterns: Patterns) -> Statistic:
    answers = patterns.answers
    columns = [patterns.numbers(reader) for reader in range(patterns.codes.shape[1])]
    numbers = np.column_stack(columns)
    first, second = numbers.sum(axis=1), (numbers**2).sum(axis=1)
    # Sum of squared differences of all ordered pairs, from moments.
    observed = 2 * (answers * second - first**2) / _others(answers)

    def value(sums: Floats) -> Floats:
        total = sums[:, 1]
        expected = 2 * (total * sums[:, 3] - sums[:, 2] ** 2)
        return _from(sums[:, 0], expected, total, total * sums[:, 3])

    return _statistic(np.column_stack([observed, answers, first, second]), value)


def _ordinal(patterns: Patterns) -> Statistic:
    """Distances are numbers of answers in between, which change with every draw of subjects."""
    tally = patterns.level_counts
    lower, upper = np.triu_indices(tally.shape[1], k=1)
    coincidences = tally[:, lower] * tally[:, upper] / _others(patterns.answers)[:, np.newaxis]
    levels = tally.shape[1]

    def value(sums: Floats) -> Floats:
        frequencies, between = sums[:, :levels], sums[:, levels:]
        total = frequencies.sum(axis=1)
        places = np.cumsum(frequencies, axis=1) - frequencies / 2
        observed = 2 * (between * (places[:, upper] - places[:, lower]) ** 2).sum(axis=1)
        first = (frequencies * places).sum(axis=1)
        second = (frequencies * places**2).sum(axis=1)
        return _from(observed, 2 * (total * second - first**2), total, total * second)

    return _statistic(np.hstack([tally, coincidences]), value)


def _statistic(terms: Floats, value: Callable[[Floats], Floats]) -> Statistic:
    return Statistic(terms=terms, value=value, subjects=0, undefined="")


def _others(answers: Floats) -> Floats:
    """(patterns,), with how many other answers each is paired; 1 where there is none."""
    return np.maximum(answers - 1, 1)


def _from(observed: Floats, expected: Floats, total: Floats, size: Floats) -> Floats:
    """(draws,), alpha; ``size`` says which expected disagreement is nothing but rounding."""
    return np.where(expected > _NOTHING * size, 1 - (total - 1) * observed / expected, np.nan)
