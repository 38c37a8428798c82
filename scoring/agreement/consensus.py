"""Consensus: what most readers said of each subject, with ties shown rather than broken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.agreement.ratings import MISSING, Bools, Codes, Floats, Patterns, Ratings, Scale
from scoring.agreement.resampling import Statistic

NO_PAIR = "no subject has answers of two readers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the readers together say of one subject.

    Parameters
    ----------
    answer
        The answer that most readers gave; of numbers the median; None of a tie.
    tied
        The answers that were given equally often and most often, where they are several.
    votes
        How many readers gave the answer, or each tied answer; of numbers, how many answered.
    answers
        How many readers answered.
    spread
        Least and greatest number, of an interval scale.
    """

    subject: str
    answer: str | None
    tied: tuple[str, ...]
    votes: int
    answers: int
    spread: tuple[float, float] | None = None


def verdicts(ratings: Ratings) -> list[Verdict]:
    """Return the verdict on every subject that anybody answered, in the subjects' order."""
    judge = _median if ratings.scale is Scale.INTERVAL else _majority
    return [
        judge(ratings, subject, codes[codes != MISSING])
        for subject, codes in zip(ratings.subjects, ratings.codes, strict=True)
        if (codes != MISSING).any()
    ]


def unanimous_share(patterns: Patterns) -> Statistic:
    """Return the share of subjects with two answers or more whose answers are all the same."""
    return _share(patterns, _most_votes(patterns) == patterns.answers)


def tied_share(patterns: Patterns) -> Statistic:
    """Return the share of subjects with two answers or more where no answer leads."""
    most = _most_votes(patterns)[:, np.newaxis]
    return _share(patterns, (patterns.level_counts == most).sum(axis=1) > 1)


def _share(patterns: Patterns, holds: Bools) -> Statistic:
    rated = patterns.answers >= 2
    return Statistic(
        terms=np.column_stack([rated, rated & holds]).astype(np.float64),
        value=lambda sums: sums[:, 1] / sums[:, 0],
        subjects=patterns.count(rated),
        undefined=NO_PAIR,
    )


def _most_votes(patterns: Patterns) -> Floats:
    most: Floats = patterns.level_counts.max(axis=1)
    return most


def _majority(ratings: Ratings, subject: str, codes: Codes) -> Verdict:
    given, votes = np.unique(codes, return_counts=True)
    most = int(votes.max())
    leading = tuple(ratings.categories[code] for code in given[votes == most])
    return Verdict(
        subject=subject,
        answer=leading[0] if len(leading) == 1 else None,
        tied=leading if len(leading) > 1 else (),
        votes=most,
        answers=len(codes),
    )


def _median(ratings: Ratings, subject: str, codes: Codes) -> Verdict:
    numbers = ratings.levels[codes]
    return Verdict(
        subject=subject,
        answer=f"{np.median(numbers):.15g}",
        tied=(),
        votes=len(numbers),
        answers=len(numbers),
        spread=(float(numbers.min()), float(numbers.max())),
    )
