"""Bland-Altman: how far the numbers of two readers lie apart, in the question's own unit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np

from scoring.agreement import student
from scoring.agreement.ratings import Floats, Patterns
from scoring.agreement.resampling import Interval, Statistic

Z = 1.959963984540054
"""Half the width, in standard deviations, of what holds 95 % of normal differences."""

TOO_FEW = "fewer than two subjects have answers of both readers"


class Line(Enum):
    """The three lines of the plot; the value is how many limits above the bias."""

    LOWER_LIMIT = -1
    BIAS = 0
    UPPER_LIMIT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The lines with intervals that suppose normal differences.

    Source: Bland & Altman, Lancet 1 (1986) 307-310 and Statistical Methods in Medical Research 8
    (1999) 135-160, 3.2.
    """

    subjects: int
    bias: float
    deviation: float
    lower: float
    upper: float
    bias_interval: Interval
    lower_interval: Interval
    upper_interval: Interval


def differences(patterns: Patterns, first: int, second: int, line: Line) -> Statistic:
    """Return the bias (first less second) or a limit of agreement, as a statistic to bootstrap."""
    both = patterns.answered_by(first, second)
    difference = patterns.numbers(first) - patterns.numbers(second)
    subjects = patterns.count(both)
    middle = float(difference[both].mean()) if subjects else 0.0
    # Around their middle, the squares keep their digits.
    centred = difference - middle
    terms = np.column_stack([np.ones(len(centred)), centred, centred**2])

    def value(sums: Floats) -> Floats:
        count, total, squares = sums.T
        mean: Floats = total / count
        if line is Line.BIAS:
            bias: Floats = mean + middle
            return bias
        variance = (squares - total * mean) / np.where(count >= 2, count - 1, np.nan)
        deviation: Floats = np.sqrt(np.maximum(variance, 0))
        limit: Floats = mean + middle + line.value * Z * deviation
        return limit

    return Statistic(
        terms=np.where(both[:, np.newaxis], terms, 0.0),
        value=value,
        subjects=subjects,
        undefined=TOO_FEW,
    )


def normal_limits(
    differences: Floats, *, level: float = 0.95, multiplier: float = Z
) -> Limits | None:
    """Return bias and limits of agreement with intervals by Student's t; None of too few.

    Parameters
    ----------
    differences
        (subjects,), first less second reader, in the question's unit; no NaN.
    level
        Coverage of the intervals.
    multiplier
        Standard deviations from bias to limit.
    """
    count = len(differences)
    if count < 2:
        return None
    bias, deviation = float(differences.mean()), float(differences.std(ddof=1))
    quantile = student.quantile((1 + level) / 2, count - 1)
    of_bias = quantile * deviation / math.sqrt(count)
    of_limit = quantile * deviation * math.sqrt(1 / count + multiplier**2 / (2 * (count - 1)))
    lower, upper = bias - multiplier * deviation, bias + multiplier * deviation
    return Limits(
        subjects=count,
        bias=bias,
        deviation=deviation,
        lower=lower,
        upper=upper,
        bias_interval=Interval(bias - of_bias, bias + of_bias),
        lower_interval=Interval(lower - of_limit, lower + of_limit),
        upper_interval=Interval(upper - of_limit, upper + of_limit),
    )
