"""What must hold of agreement whatever the answers are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from scoring.agreement import consensus, icc, kappa, krippendorff
from scoring.agreement.icc import Model
from scoring.agreement.kappa import Weights
from scoring.agreement.ratings import Ratings, Scale, categorical_ratings, numeric_ratings
from tests.scoring.agreement import tables
from tests.scoring.agreement.tables import value

LEVELS = 4
NAMES = ["a", "b", "c", "d"]


def rows(least_readers: int = 2, *, missing: bool = True):
    answer = st.integers(0, LEVELS - 1)
    cell = st.one_of(st.none(), answer) if missing else answer
    return st.integers(least_readers, 5).flatmap(
        lambda readers: st.lists(
            st.lists(cell, min_size=readers, max_size=readers), min_size=3, max_size=12
        )
    )


def ordinal(table) -> Ratings:
    return categorical_ratings(table, categories=NAMES, scale=Scale.ORDINAL)


def everything(table) -> dict[str, float | None]:
    """Compute every coefficient of all readers, on every scale."""
    ratings = ordinal(table)
    numbers = tables.numbers_like(table)
    found = {
        "percent": value(kappa.percent_agreement(ratings.patterns), ratings),
        "unanimous": value(consensus.unanimous_share(ratings.patterns), ratings),
        "tied": value(consensus.tied_share(ratings.patterns), ratings),
    }
    for kind in Weights:
        weights = tables.weights(ratings, kind)
        found[f"fleiss {kind}"] = value(kappa.fleiss_kappa(ratings.patterns, weights), ratings)
    for scale in (Scale.NOMINAL, Scale.ORDINAL):
        found[f"alpha {scale}"] = value(krippendorff.alpha(ratings.patterns, scale), ratings)
    found["alpha interval"] = value(krippendorff.alpha(numbers.patterns, Scale.INTERVAL), numbers)
    for model in Model:
        found[model] = value(icc.intraclass_correlation(numbers.patterns, model), numbers)
    return found


def same(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)


@given(rows(), st.randoms(use_true_random=False))
def test_order_of_subjects_and_of_readers_changes_nothing(table, random):
    assume(any(x is not None for row in table for x in row))
    columns = list(range(len(table[0])))
    random.shuffle(columns)
    shuffled = [[row[column] for column in columns] for row in table]
    random.shuffle(shuffled)

    left, right = everything(table), everything(shuffled)

    assert {
        name: (left[name], right[name]) for name in left if not same(left[name], right[name])
    } == {}


@given(rows())
def test_no_coefficient_exceeds_one_and_shares_are_shares(table):
    assume(any(x is not None for row in table for x in row))

    found = everything(table)

    assert [name for name, x in found.items() if x is not None and x > 1 + 1e-9] == []
    shares = [found[name] for name in ("percent", "unanimous", "tied") if found[name] is not None]
    assert all(0 <= share <= 1 for share in shares)


@given(st.lists(st.integers(0, LEVELS - 1), min_size=3, max_size=12), st.integers(2, 6), st.data())
def test_perfect_agreement_is_one_and_without_variance_undefined(truth, readers, data):
    table = [[x] * readers for x in truth]

    found = everything(table)

    assert (found.pop("percent"), found.pop("unanimous"), found.pop("tied")) == (1, 1, 0)
    expected = None if len(set(truth)) == 1 else pytest.approx(1)
    assert found == dict.fromkeys(found, expected)


@given(rows())
def test_alpha_is_what_its_definition_says(table):
    assume(any(x is not None for row in table for x in row))
    for scale in Scale:
        ratings = tables.numbers_like(table, scale)

        found = value(krippendorff.alpha(ratings.patterns, scale), ratings)

        assert same(found, tables.alpha_by_definition(table, scale))


@given(rows(missing=False))
def test_nominal_alpha_of_complete_answers_is_fleiss_kappa_corrected_for_size(table):
    # Source: Krippendorff 2004, Reliability in Content Analysis, Human Communication Research 30:
    # 1 - alpha = (1 - kappa)(N - 1) / N, with N answers in all.
    found = everything(table)
    answers = len(table) * len(table[0])

    if found["fleiss unweighted"] is not None:
        corrected = 1 - (1 - found["fleiss unweighted"]) * (answers - 1) / answers
        assert same(found["alpha nominal"], corrected)


@given(st.lists(st.tuples(*[st.integers(0, LEVELS - 1)] * 2), min_size=3, max_size=30))
def test_quadratic_kappa_of_two_is_lins_concordance(pairs):
    # Source: Fleiss & Cohen 1973; King & Chinchilli 2001: with squares as weights, kappa is
    # 2 cov / (var + var + difference of means squared), all divided by n.
    ratings = ordinal([list(pair) for pair in pairs])
    left, right = np.array(pairs, dtype=float).T
    below = left.var() + right.var() + (left.mean() - right.mean()) ** 2
    assume(below > 1e-9)

    weights = tables.weights(ratings, Weights.QUADRATIC)
    found = value(kappa.cohen_kappa(ratings.patterns, 0, 1, weights), ratings)

    covariance = ((left - left.mean()) * (right - right.mean())).mean()
    assert found == pytest.approx(2 * covariance / below, abs=1e-9)


@given(rows(missing=False))
def test_weights_are_no_matter_where_there_are_two_answers(table):
    binary = [[x % 2 for x in row] for row in table]
    ratings = categorical_ratings(binary, categories=["no", "yes"], scale=Scale.ORDINAL)

    found = [
        value(kappa.fleiss_kappa(ratings.patterns, tables.weights(ratings, kind)), ratings)
        for kind in Weights
    ]

    assert same(found[0], found[1])
    assert same(found[0], found[2])


@given(rows(), st.permutations(range(LEVELS)))
def test_names_of_answers_are_no_matter_to_nominal_statistics(table, renamed):
    assume(any(x is not None for row in table for x in row))
    other = [[None if x is None else renamed[x] for x in row] for row in table]

    left, right = everything(table), everything(other)

    for name in ("percent", "unanimous", "tied", "fleiss unweighted", "alpha nominal"):
        assert same(left[name], right[name])


@given(
    rows(missing=False),
    st.floats(0.01, 1000),
    st.floats(-1e6, 1e6),
)
def test_unit_and_origin_are_no_matter_to_correlations(table, unit, origin):
    values = np.array(table, dtype=float)
    left, right = numeric_ratings(values), numeric_ratings(values * unit + origin)

    for model in Model:
        first = value(icc.intraclass_correlation(left.patterns, model), left)
        second = value(icc.intraclass_correlation(right.patterns, model), right)

        assert first == (None if second is None else pytest.approx(second, abs=1e-6))
    first = value(krippendorff.alpha(left.patterns, Scale.INTERVAL), left)
    second = value(krippendorff.alpha(right.patterns, Scale.INTERVAL), right)
    assert first == (None if second is None else pytest.approx(second, abs=1e-6))


@given(rows(missing=False))
def test_percent_agreement_is_the_mean_of_agreement_by_answer_weighted_by_use(table):
    ratings = ordinal(table)
    use = ratings.patterns.counts @ ratings.patterns.level_counts

    parts = [
        (value(kappa.specific_agreement(ratings.patterns, level), ratings) or 0) * use[level]
        for level in range(LEVELS)
    ]

    found = value(kappa.percent_agreement(ratings.patterns), ratings)
    assert found == pytest.approx(sum(parts) / use.sum())
