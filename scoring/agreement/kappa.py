"""Kappa: agreement beyond chance, of two readers (Cohen) or of many (Fleiss)."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from scoring.agreement.ratings import MISSING, Floats, Patterns
from scoring.agreement.resampling import Statistic

_NO_CHANCE = 1e-12

NO_VARIANCE = "all answers are the same: agreement by chance is complete, nothing is left to rate"
NO_OVERLAP = "no subject has answers of both readers"
NO_PAIR = "no subject has answers of two readers"


class Weights(StrEnum):
    """How much two different answers agree: not at all, or the more the closer they are."""

    NONE = "unweighted"
    LINEAR = "linear"
    QUADRATIC = "quadratic"


def agreement_weights(levels: Floats, weights: Weights) -> Floats:
    """Return how much each two answers agree, (levels, levels), from 0 to 1.

    Source: Cohen, Weighted kappa, Psychological Bulletin 70 (1968) 213-220. One less the distance,
    or its square, as a share of the greatest.
    """
    if weights is Weights.NONE or len(levels) < 2:
        return np.eye(len(levels))
    distance = np.abs(levels[:, np.newaxis] - levels) / (levels.max() - levels.min())
    agreement: Floats = 1 - (distance**2 if weights is Weights.QUADRATIC else distance)
    return agreement


def percent_agreement(patterns: Patterns) -> Statistic:
    """Return the share of pairs of readers that gave the same answer, averaged over subjects.

    Source: Fleiss 1971, P-bar; subjects with fewer than two answers are left out.
    """
    answers = patterns.answers
    rated = answers >= 2
    same = np.zeros(len(answers))
    for reader in range(patterns.codes.shape[1] - 1):
        code = patterns.codes[:, [reader]]
        same += ((patterns.codes[:, reader + 1 :] == code) & (code != MISSING)).sum(axis=1)
    pairs = answers * (answers - 1) / 2
    share = np.divide(same, pairs, out=np.zeros_like(same), where=rated)
    return Statistic(
        terms=np.column_stack([rated, share]),
        value=lambda sums: sums[:, 1] / sums[:, 0],
        subjects=patterns.count(rated),
        undefined=NO_PAIR,
    )


def specific_agreement(patterns: Patterns, level: int) -> Statistic:
    """Return how often a second reader agrees, given that one gave an answer.

    Source: Fleiss, Levin, Paik, Statistical Methods for Rates and Proportions (2003), 18.1; also
    called positive (negative) agreement where there are two answers.
    """
    given = patterns.level_counts[:, level]
    answers = patterns.answers
    rated = (answers >= 2) & (given > 0)
    chances = np.where(answers >= 2, given * (answers - 1), 0.0)
    return Statistic(
        terms=np.column_stack([chances, given * (given - 1)]),
        value=lambda sums: sums[:, 1] / sums[:, 0],
        subjects=patterns.count(rated),
        undefined="nobody gave this answer where a second reader answered",
    )


def cohen_kappa(patterns: Patterns, first: int, second: int, agreement: Floats) -> Statistic:
    """Return Cohen's kappa of two readers, over the subjects that both answered.

    Source: Cohen, Educational and Psychological Measurement 20 (1960) 37-46; weighted: Cohen 1968.

    Parameters
    ----------
    first, second
        Columns of the readers.
    agreement
        (levels, levels), how much two answers agree, 0 to 1; see ``agreement_weights``.
    """
    both = patterns.answered_by(first, second)
    return Statistic(
        terms=_cohen_terms(patterns, first, second, agreement),
        value=lambda sums: _cohen_values(sums, agreement),
        subjects=patterns.count(both),
        undefined=NO_VARIANCE if both.any() else NO_OVERLAP,
    )


def fleiss_kappa(patterns: Patterns, agreement: Floats) -> Statistic:
    """Return Fleiss' kappa of all readers.

    Source: Fleiss, Psychological Bulletin 76 (1971) 378-382. With weights, and where subjects have
    different numbers of answers: Gwet, Handbook of Inter-Rater Reliability (2014), chapters 2 and
    3; a subject with one answer tells how frequent answers are, and nothing of agreement.

    Parameters
    ----------
    agreement
        (levels, levels), how much two answers agree, 0 to 1; see ``agreement_weights``.
    """
    tally, answers = patterns.level_counts, patterns.answers
    rated = answers >= 2
    alike = (tally * (tally @ agreement - 1)).sum(axis=1)
    pairs = answers * (answers - 1)
    observed = np.divide(alike, pairs, out=np.zeros_like(alike), where=rated)
    shares = tally / answers[:, np.newaxis]

    def value(sums: Floats) -> Floats:
        shares_of_all = sums[:, 3:] / sums[:, [2]]
        return _beyond_chance(
            sums[:, 1] / sums[:, 0], _chance(shares_of_all, shares_of_all, agreement)
        )

    return Statistic(
        terms=np.column_stack([rated, observed, answers >= 1, shares]),
        value=value,
        subjects=patterns.count(rated),
        undefined=NO_VARIANCE if rated.any() else NO_PAIR,
    )


def _cohen_terms(patterns: Patterns, first: int, second: int, agreement: Floats) -> Floats:
    """(patterns, 2 + 2 levels): answered by both, agreement, the first's and second's answers."""
    both = patterns.answered_by(first, second)
    one_hot = np.eye(len(patterns.levels))
    left, right = patterns.codes[:, first], patterns.codes[:, second]
    columns = [np.ones((len(left), 1)), agreement[left, right][:, np.newaxis]]
    terms = np.hstack([*columns, one_hot[left], one_hot[right]])
    return np.where(both[:, np.newaxis], terms, 0.0)


def _cohen_values(sums: Floats, agreement: Floats) -> Floats:
    shares = sums[:, 1:] / sums[:, [0]]
    left, right = np.split(shares[:, 1:], 2, axis=1)
    return _beyond_chance(shares[:, 0], _chance(left, right, agreement))


def _chance(left: Floats, right: Floats, agreement: Floats) -> Floats:
    """(draws,), the agreement of independent readers with these shares of answers."""
    chance: Floats = ((left @ agreement) * right).sum(axis=1)
    return chance


def _beyond_chance(observed: Floats, expected: Floats) -> Floats:
    room = 1 - expected
    return np.where(room > _NO_CHANCE, (observed - expected) / room, np.nan)
