"""Resampling: a statistic of subjects in, the statistic with a bootstrap interval out.

Every statistic here depends on the subjects only through sums over them. Drawing subjects anew then
is a matrix product (draws of subjects x what each contributes), and leaving one out a subtraction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from scoring.agreement.ratings import Floats

MAX_CELLS = 40_000_000
"""Draws times distinct subjects kept at once: 80 MB as 16-bit counts."""

_BLOCK_CELLS = 1_000_000
_MOST_UNDEFINED = 0.05
_SAME = 1e-9
_NORMAL = NormalDist()

TOO_FEW = "fewer than three subjects: nothing to draw from"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Statistic:
    """A number that depends on the subjects through sums over them.

    Parameters
    ----------
    terms
        (patterns, terms), what a subject with each pattern adds to the sums.
    value
        Takes sums, (draws, terms), to values, (draws,); NaN where they are undefined.
    subjects
        How many subjects the statistic rests on.
    undefined
        Why the value of all subjects may be NaN, in words.
    """

    terms: Floats
    value: Callable[[Floats], Floats]
    subjects: int
    undefined: str


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A statistic's value and interval, or why it has none.

    Parameters
    ----------
    subjects
        How many subjects it rests on.
    reason
        Why there is no value, or no interval; None when both are there.
    """

    value: float | None
    interval: Interval | None
    subjects: int
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How intervals are made.

    Parameters
    ----------
    level
        Coverage, between 0 and 1.
    draws
        How often the subjects are drawn anew.
    seed
        The same seed gives the same intervals, in whatever order subjects come.
    """

    level: float = 0.95
    draws: int = 2000
    seed: int = 20260101


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sample:
    """A statistic of all subjects, (draws,) of each draw, and (patterns,) without one subject."""

    value: float
    drawn: Floats
    left_out: Floats


def not_computed(reason: str) -> Estimate:
    """Return an estimate that has only a reason."""
    return Estimate(value=None, interval=None, subjects=0, reason=reason)


class Bootstrap:
    """Draws of subjects with replacement, shared by all statistics of one table.

    Parameters
    ----------
    counts
        (patterns,), how many subjects have each pattern of answers.
    plan
        How intervals are made.
    """

    def __init__(self, counts: Floats, plan: Plan) -> None:
        self._counts = counts
        self._plan = plan
        self._subjects = int(counts.sum())
        self._refusal = self._why_not()
        if self._refusal is None:
            generator = np.random.default_rng(plan.seed)
            # Subjects with the same answers are drawn together: n draws over the patterns.
            draws = generator.multinomial(self._subjects, counts / counts.sum(), size=plan.draws)
            self._draws = draws.astype(np.min_scalar_type(int(draws.max())))

    def estimate(self, statistic: Statistic) -> Estimate:
        """Return a statistic with its interval, bias-corrected and accelerated.

        Source: Efron, Better bootstrap confidence intervals, JASA 82 (1987) 171-185.
        """
        return self.estimate_mean(
            [statistic], subjects=statistic.subjects, undefined=statistic.undefined
        )

    def estimate_mean(
        self, statistics: Iterable[Statistic], *, subjects: int, undefined: str
    ) -> Estimate:
        """Return the mean of some statistics of the same subjects, with its interval.

        Parameters
        ----------
        subjects
            How many subjects the mean rests on.
        undefined
            Why it may have no value.
        """
        sample = _mean([self._sample(statistic) for statistic in statistics])
        if not math.isfinite(sample.value):
            return Estimate(value=None, interval=None, subjects=subjects, reason=undefined)
        found = self._refusal or self._interval(sample)
        return Estimate(
            value=sample.value,
            interval=found if isinstance(found, Interval) else None,
            subjects=subjects,
            reason=found if isinstance(found, str) else None,
        )

    def _why_not(self) -> str | None:
        if self._subjects < 3:
            return TOO_FEW
        if len(self._counts) * self._plan.draws > MAX_CELLS:
            return (
                f"{len(self._counts):,} different subjects times {self._plan.draws:,} draws are "
                f"more than {MAX_CELLS:,}; ask for fewer draws"
            )
        return None

    def _sample(self, statistic: Statistic) -> _Sample:
        """Return the statistic of all subjects, of each draw, and without each subject in turn."""
        total = self._counts @ statistic.terms
        value = float(_values(statistic, total[np.newaxis])[0])
        if self._refusal is not None or not math.isfinite(value):
            return _Sample(value=value, drawn=np.empty(0), left_out=np.empty(0))
        rows = max(1, _BLOCK_CELLS // max(statistic.terms.shape))
        blocks = [
            _values(statistic, self._draws[start : start + rows].astype(float) @ statistic.terms)
            for start in range(0, len(self._draws), rows)
        ]
        return _Sample(
            value=value,
            drawn=np.concatenate(blocks),
            left_out=_values(statistic, total - statistic.terms),
        )

    def _interval(self, sample: _Sample) -> Interval | str:
        defined = sample.drawn[np.isfinite(sample.drawn)]
        undefined_share = 1 - len(defined) / len(sample.drawn)
        if undefined_share > _MOST_UNDEFINED:
            return (
                f"undefined in {undefined_share:.0%} of the draws: too few subjects, or answers "
                "too much alike, for an interval"
            )
        spread = float(np.ptp(defined))
        if spread <= _SAME * abs(sample.value):
            return "every draw of subjects gives the same value, so the spread is unknown"
        slack = _SAME * spread
        # Ties count half: with few subjects many draws give the very value.
        below = np.count_nonzero(defined < sample.value - slack)
        ties = np.count_nonzero(np.abs(defined - sample.value) <= slack)
        share_below = (below + ties / 2) / len(defined)
        if not 0 < share_below < 1:
            return "the value lies outside all draws of subjects"
        shift = _NORMAL.inv_cdf(share_below)
        ends = _corrected(self._plan.level, shift, self._acceleration(sample.left_out))
        if ends is None:
            return "one subject outweighs the others too much for an interval"
        low, high = np.quantile(defined, ends)
        return Interval(float(low), float(high))

    def _acceleration(self, left_out: Floats) -> float:
        """Return how the spread changes with the value, from leaving out each subject in turn."""
        known = np.isfinite(left_out)
        counts, values = self._counts[known], left_out[known]
        if not len(values):
            return 0.0
        deviations = np.average(values, weights=counts) - values
        squares = float(counts @ deviations**2)
        if squares <= 0:
            return 0.0
        cubes = float(counts @ deviations**3)
        return cubes / (6 * squares * math.sqrt(squares))


def _mean(samples: Sequence[_Sample]) -> _Sample:
    if len(samples) == 1:
        return samples[0]
    if not all(math.isfinite(sample.value) for sample in samples):
        return _Sample(value=math.nan, drawn=np.empty(0), left_out=np.empty(0))
    return _Sample(
        value=float(np.mean([sample.value for sample in samples])),
        drawn=np.mean([sample.drawn for sample in samples], axis=0),
        left_out=np.mean([sample.left_out for sample in samples], axis=0),
    )


def _corrected(level: float, shift: float, acceleration: float) -> tuple[float, float] | None:
    """Return the shares of draws below the ends of the interval."""
    ends = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        moved = shift + _NORMAL.inv_cdf(tail)
        scale = 1 - acceleration * moved
        if scale <= 0:
            return None
        ends.append(_NORMAL.cdf(shift + moved / scale))
    return ends[0], ends[1]


def _values(statistic: Statistic, sums: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return statistic.value(sums)
