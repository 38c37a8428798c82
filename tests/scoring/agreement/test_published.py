"""Agreement against worked examples that others published."""

from __future__ import annotations

import numpy as np
import pytest

from scoring.agreement import bland_altman, icc, kappa, krippendorff, student
from scoring.agreement.icc import Model
from scoring.agreement.kappa import Weights
from scoring.agreement.ratings import Scale, categorical_ratings, numeric_ratings
from scoring.agreement.resampling import Bootstrap, Plan, Statistic
from tests.scoring.agreement import tables
from tests.scoring.agreement.tables import value


def test_fleiss_kappa_of_fleiss_1971():
    rows = [[int(digit) - 1 for digit in row] for row in tables.FLEISS]
    ratings = categorical_ratings(rows, categories=["1", "2", "3", "4", "5"])
    tally = ratings.patterns.counts @ ratings.patterns.level_counts

    found = value(kappa.fleiss_kappa(ratings.patterns, tables.weights(ratings)), ratings)

    # Source: Fleiss 1971, tables 1 and 2; the fourth decimals as R's irr prints them.
    assert tally.tolist() == [26, 26, 30, 55, 43]
    assert value(kappa.percent_agreement(ratings.patterns), ratings) == pytest.approx(
        0.5556, abs=5e-5
    )
    assert found == pytest.approx(0.4302, abs=5e-5)


def test_cohen_kappa_of_cohen_1960_and_1968():
    # Source: Cohen 1968, table 1: shares of 200; weights of disagreement 0, 1, 3, 6. Compared with
    # R's psych (examples of cohen.kappa), which also notes that Cohen reports .492 and .348.
    ratings = tables.of_table([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    disagreement = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])

    plain = kappa.cohen_kappa(ratings.patterns, 0, 1, tables.weights(ratings))
    weighted = kappa.cohen_kappa(ratings.patterns, 0, 1, 1 - disagreement / 6)

    assert value(plain, ratings) == pytest.approx(0.492, abs=5e-4)
    assert value(weighted, ratings) == pytest.approx(0.348, abs=5e-4)


def test_linear_kappa_of_altman_1991():
    # Source: Altman, Practical Statistics for Medical Research (1991): table 14.2, xeromammograms
    # of 85 women by two radiologists, and table 14.3, two tests of 363 sera; kappas in 14.3.1 to
    # 14.3.3. Compared with the book's text.
    xeromammograms = [[21, 12, 0, 0], [4, 17, 1, 0], [3, 9, 15, 2], [0, 0, 0, 1]]
    sera = [
        [86, 3, 14, 0, 2],
        [26, 0, 10, 4, 0],
        [20, 2, 22, 4, 1],
        [11, 1, 37, 16, 14],
        [3, 0, 15, 24, 48],
    ]

    def found(table, kind):
        ratings = tables.of_table(table)
        weights = tables.weights(ratings, kind)
        return value(kappa.cohen_kappa(ratings.patterns, 0, 1, weights), ratings)

    assert found(xeromammograms, Weights.NONE) == pytest.approx(0.47, abs=5e-3)
    assert found(xeromammograms, Weights.LINEAR) == pytest.approx(0.57, abs=5e-3)
    assert found(sera, Weights.NONE) == pytest.approx(0.32, abs=5e-3)
    assert found(sera, Weights.LINEAR) == pytest.approx(0.56, abs=5e-3)


@pytest.mark.parametrize(
    ("scale", "expected"),
    [(Scale.NOMINAL, 0.743), (Scale.ORDINAL, 0.815), (Scale.INTERVAL, 0.849)],
)
def test_alpha_of_krippendorffs_canonical_table(scale: Scale, expected: float):
    ratings = tables.numbers_like(tables.KRIPPENDORFF, scale)

    found = krippendorff.alpha(ratings.patterns, scale)

    assert value(found, ratings) == pytest.approx(expected, abs=5e-4)
    # Source: the same: unit 12 has one value, and is left out.
    assert found.subjects == 11


@pytest.mark.parametrize(
    ("columns", "expected"),
    [(tables.KRIPPENDORFF_BINARY, 0.095), (tables.KRIPPENDORFF_NAMES, 0.692)],
)
def test_alpha_of_krippendorffs_two_observers(columns: tuple[str, str], expected: float):
    ratings = tables.letters(*columns)

    found = value(krippendorff.alpha(ratings.patterns, Scale.NOMINAL), ratings)

    assert found == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Model.ONE_WAY_RANDOM, 0.1657),
        (Model.TWO_WAY_RANDOM, 0.2898),
        (Model.TWO_WAY_MIXED, 0.7148),
    ],
)
def test_intraclass_correlation_of_shrout_and_fleiss_1979(model: Model, expected: float):
    # Source: Shrout & Fleiss 1979, table 4: .17, .29, .71; the fourth decimals as R's psych.
    ratings = numeric_ratings(tables.SHROUT_FLEISS)

    found = value(icc.intraclass_correlation(ratings.patterns, model), ratings)

    assert found == pytest.approx(expected, abs=5e-5)


def test_limits_of_bland_and_altman_1986():
    differences = tables.WRIGHT - tables.MINI_WRIGHT

    found = bland_altman.normal_limits(differences, multiplier=2)

    # Source: Bland & Altman 1986: -2.1 l/min, SD 38.8, limits -79.7 and 75.5 by two SD; the mean
    # from -22.0 to 17.8, the limits from -114.3 to -45.1 and 40.9 to 110.1, by an approximation
    # of the standard error that 1999 replaced.
    assert found is not None
    assert found.bias == pytest.approx(-2.1, abs=0.05)
    assert found.deviation == pytest.approx(38.8, abs=0.05)
    assert (found.lower, found.upper) == pytest.approx((-79.7, 75.5), abs=0.1)
    ends = (found.bias_interval.low, found.bias_interval.high)
    assert ends == pytest.approx((-22.0, 17.8), abs=0.1)
    ends = (found.lower_interval.low, found.lower_interval.high)
    assert ends == pytest.approx((-114.3, -45.1), abs=1)
    ends = (found.upper_interval.low, found.upper_interval.high)
    assert ends == pytest.approx((40.9, 110.1), abs=1)


def test_bootstrapped_limits_have_the_value_of_the_closed_form():
    ratings = numeric_ratings(np.column_stack([tables.WRIGHT, tables.MINI_WRIGHT]))
    closed = bland_altman.normal_limits(tables.WRIGHT - tables.MINI_WRIGHT)

    found = [
        value(bland_altman.differences(ratings.patterns, 0, 1, line), ratings)
        for line in bland_altman.Line
    ]

    assert closed is not None
    assert found == pytest.approx([closed.lower, closed.bias, closed.upper])


@pytest.mark.parametrize(
    ("share", "freedom", "expected"),
    # Source: Student's table, as in NIST/SEMATECH e-Handbook 1.3.6.7.2.
    [(0.975, 1, 12.706), (0.975, 16, 2.120), (0.95, 5, 2.015), (0.995, 30, 2.750), (0.5, 3, 0)],
)
def test_quantiles_of_student(share: float, freedom: float, expected: float):
    assert student.quantile(share, freedom) == pytest.approx(expected, abs=5e-4)
    assert student.quantile(1 - share, freedom) == pytest.approx(-expected, abs=5e-4)


def test_bca_interval_of_efron_and_tibshirani_1993():
    # Source: Efron & Tibshirani 1993, 14.2: variance of the spatial data 171.5, its 90 % BCa
    # interval from 115.8 to 259.6 (2,000 draws of their own).
    numbers = tables.SPATIAL
    variance = Statistic(
        terms=np.column_stack([np.ones(26), numbers, numbers**2]),
        value=lambda sums: sums[:, 2] / sums[:, 0] - (sums[:, 1] / sums[:, 0]) ** 2,
        subjects=26,
        undefined="",
    )

    found = Bootstrap(np.ones(26), Plan(level=0.9, draws=20_000, seed=1)).estimate(variance)

    assert found.value == pytest.approx(171.5, abs=0.05)
    assert found.interval is not None
    assert found.interval.low == pytest.approx(115.8, abs=2.5)
    assert found.interval.high == pytest.approx(259.6, abs=4)
