"""Student's t: its quantiles, from the regularised incomplete beta function."""

from __future__ import annotations

import math

_STEPS = 300
_ENOUGH = 1e-15
_TINY = 1e-300


def quantile(share: float, freedom: float) -> float:
    """Return below which value a share of Student's t distribution lies.

    Parameters
    ----------
    share
        Between 0 and 1, exclusive.
    freedom
        Degrees of freedom, above 0.
    """
    if share < 0.5:
        return -quantile(1 - share, freedom)
    low, high = 0.0, 1.0
    while cumulative(high, freedom) < share:
        high *= 2
    while high - low > _ENOUGH * high and (middle := (low + high) / 2) not in (low, high):
        if cumulative(middle, freedom) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def cumulative(value: float, freedom: float) -> float:
    """Return which share of Student's t distribution lies below a value."""
    tail = _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + value * value)) / 2
    return tail if value < 0 else 1 - tail


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function.

    Source: DLMF 8.17.22, the continued fraction, by Lentz's method as modified by Thompson and
    Barnett; 8.17.4, the symmetry that makes it converge fast.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, 1 - x)
    front = math.exp(
        a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    )
    upper, lower = 1.0, 0.0
    fraction = 1.0
    for step in range(_STEPS):
        part = _coefficient(a, b, x, step)
        lower = 1 / _away_from_zero(1 + part * lower)
        upper = _away_from_zero(1 + part / upper)
        fraction *= upper * lower
        if abs(upper * lower - 1) < _ENOUGH:
            break
    return front / (a * fraction)


def _coefficient(a: float, b: float, x: float, step: int) -> float:
    """Return the partial numerator of the continued fraction 1 + d1/(1 + d2/(1 + …))."""
    half, odd = divmod(step + 1, 2)
    if odd:
        return -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
    return half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
