"""The report: which statistics a scale gets, and reasons in place of the others."""

from __future__ import annotations

import math

import numpy as np
import pytest

from records.errors import InputError
from scoring.agreement import confusion, report
from scoring.agreement.ratings import Ratings, Scale, categorical_ratings, numeric_ratings
from scoring.agreement.report import Measure
from scoring.agreement.resampling import Plan

PLAN = Plan(draws=200)
TABLE = [[0, 0, 1], [1, 1, 1], [2, 2, None], [0, 1, 2], [2, 2, 2], [1, None, 1], [0, 0, 0]]


def measure(table, scale=Scale.NOMINAL):
    ratings = categorical_ratings(table, categories=["low", "mid", "high"], scale=scale)
    return report.measure_agreement(ratings, PLAN)


def with_value(found) -> set[tuple[str, str]]:
    return {(f.measure.name, f.variant) for f in found.findings if f.estimate.value is not None}


def test_names_get_unweighted_kappas_and_nominal_alpha():
    assert with_value(measure(TABLE)) == {
        ("PERCENT_AGREEMENT", ""),
        ("UNANIMOUS", ""),
        ("TIED", ""),
        ("FLEISS_KAPPA", "unweighted"),
        ("LIGHT_KAPPA", "unweighted"),
        ("KRIPPENDORFF_ALPHA", "nominal"),
        ("SPECIFIC_AGREEMENT", ""),
        ("COHEN_KAPPA", "unweighted"),
    }


def test_ordered_answers_get_weighted_kappas_and_ordinal_alpha_besides():
    more = with_value(measure(TABLE, Scale.ORDINAL)) - with_value(measure(TABLE))

    kappas = ("FLEISS_KAPPA", "LIGHT_KAPPA", "COHEN_KAPPA")
    assert more == {
        ("KRIPPENDORFF_ALPHA", "ordinal"),
        *((name, weights) for name in kappas for weights in ("linear", "quadratic")),
    }


def test_numbers_get_correlations_and_limits_of_agreement():
    values = np.random.default_rng(1).normal(0, 3, (12, 1)) + np.arange(12 * 3).reshape(12, 3) % 5

    found = report.measure_agreement(numeric_ratings(values.round(1)), PLAN)

    assert with_value(found) == {
        ("PERCENT_AGREEMENT", ""),
        ("KRIPPENDORFF_ALPHA", "ordinal"),
        ("KRIPPENDORFF_ALPHA", "interval"),
        *((name, "") for name in ("ICC_1_1", "ICC_2_1", "ICC_3_1")),
        *((name, "") for name in ("BIAS", "LOWER_LIMIT", "UPPER_LIMIT")),
    }


@pytest.mark.parametrize("scale", list(Scale))
def test_every_measure_is_there_with_a_value_or_a_reason(scale: Scale):
    for table in ([], [[0, None]], [[0, 0]], [[1, 1]] * 5, [[0, None], [None, 1]], TABLE):
        if scale is Scale.INTERVAL:
            values = np.array(
                [[math.nan if x is None else x for x in row] for row in table], dtype=float
            ).reshape(len(table), len(table[0]) if table else 0)
            found = report.measure_agreement(numeric_ratings(values), PLAN)
        else:
            found = measure(table, scale)

        assert {finding.measure for finding in found.findings} >= set(Measure) - (
            # There is no line per answer where there are no answers.
            set() if table else {Measure.SPECIFIC_AGREEMENT}
        )
        for finding in found.findings:
            estimate = finding.estimate
            complete = estimate.value is not None and estimate.interval is not None
            assert complete == (estimate.reason is None)


def test_one_reader_is_told_so_everywhere():
    found = measure([[0, None], [1, None], [2, None]])

    assert [reader.answers for reader in found.readers] == [3, 0]
    assert {finding.estimate.reason for finding in found.findings} == {report.ONE_READER}


def test_no_answers_at_all_are_told_so():
    found = measure([])

    assert {finding.estimate.reason for finding in found.findings} == {report.NO_READER}
    assert found.consensus == ()


def test_readers_who_never_met_have_reasons_of_their_own():
    found = measure([[0, None], [None, 1], [1, None]])

    (cohen,) = found.find(Measure.COHEN_KAPPA, "unweighted")
    assert cohen.estimate.reason == "no subject has answers of both readers"
    (fleiss,) = found.find(Measure.FLEISS_KAPPA, "unweighted")
    assert fleiss.estimate.reason == "no subject has answers of two readers"


def test_a_reader_without_usable_answers_does_not_spoil_the_others():
    values = np.column_stack([np.arange(8.0), np.arange(8.0) + [0, 1] * 4, np.full(8, np.nan)])

    found = report.measure_agreement(numeric_ratings(values), PLAN)

    (correlation,) = found.find(Measure.ICC_2_1)
    assert correlation.estimate.subjects == 8
    assert [reader.answers for reader in found.readers] == [8, 8, 0]
    assert (found.answers, found.missing) == (16, 8)


def test_counts_are_of_subjects_that_anybody_answered():
    found = measure([*TABLE, [None, None, None]])

    assert (found.subjects, found.answers, found.missing) == (7, 19, 2)
    assert [(one.answers, one.missing) for one in found.readers] == [(7, 0), (6, 1), (6, 1)]


def test_light_is_the_mean_of_cohen():
    found = measure(TABLE)

    (light,) = found.find(Measure.LIGHT_KAPPA, "unweighted")
    cohens = [one.estimate.value for one in found.find(Measure.COHEN_KAPPA, "unweighted")]
    assert light.estimate.value == pytest.approx(np.mean(cohens))


def test_consensus_is_the_majority_and_shows_ties():
    found = measure([[0, 0, 1], [0, 1, None], [None, None, 2], [None, None, None], [2, 1, 0]])

    verdicts = [
        (one.subject, one.answer, one.tied, one.votes, one.answers) for one in found.consensus
    ]
    assert verdicts == [
        ("subject 1", "low", (), 2, 3),
        ("subject 2", None, ("low", "mid"), 1, 2),
        ("subject 3", "high", (), 1, 1),
        ("subject 5", None, ("low", "mid", "high"), 1, 3),
    ]
    (tied,) = found.find(Measure.TIED)
    assert tied.estimate.value == pytest.approx(2 / 3)


def test_consensus_of_numbers_is_the_median_with_the_spread():
    values = np.array([[10, 20, 90.0], [1.5, math.nan, 2.5]])

    found = report.measure_agreement(numeric_ratings(values), PLAN)

    assert [(one.answer, one.spread) for one in found.consensus] == [
        ("20", (10, 90)),
        ("2", (1.5, 2.5)),
    ]


def test_confusion_is_counted_per_pair_and_pooled_both_ways():
    found = measure([[0, 1], [0, 0], [2, 1], [0, 1], [None, 1]])

    pooled, pair = found.confusions
    assert pair.counts.tolist() == [[1, 2, 0], [0, 0, 0], [0, 1, 0]]
    assert pooled.counts.tolist() == [[2, 2, 0], [2, 0, 1], [0, 1, 0]]
    assert pair.readers == ("reader 1", "reader 2")
    assert pooled.readers == ()


def test_confusion_of_two_readers_is_transposed_when_they_change_places():
    ratings = categorical_ratings(TABLE, categories=["low", "mid", "high"])

    left, right = confusion.confusion(ratings, 0, 2), confusion.confusion(ratings, 2, 0)

    assert (left.counts == right.counts.T).all()


def test_too_many_different_answers_are_refused_with_the_bound():
    table = [[index, index] for index in range(report.MAX_LEVELS + 1)]
    ratings = categorical_ratings(table, categories=[str(row[0]) for row in table])

    found = report.measure_agreement(ratings, PLAN)

    (fleiss,) = found.find(Measure.FLEISS_KAPPA)
    assert "51 different answers" in fleiss.estimate.reason
    assert found.confusions == ()


def test_too_many_pairs_of_readers_are_refused_with_the_bound():
    generator = np.random.default_rng(7)
    ratings = categorical_ratings(
        generator.integers(0, 2, (10, 31)).tolist(), categories=["no", "yes"]
    )

    found = report.measure_agreement(ratings, PLAN)

    (cohen,) = found.find(Measure.COHEN_KAPPA)
    assert "465 pairs of readers" in cohen.estimate.reason
    (fleiss,) = found.find(Measure.FLEISS_KAPPA, "unweighted")
    assert fleiss.estimate.value is not None


def test_pairs_that_would_take_minutes_are_refused_and_the_rest_is_told():
    values = np.random.default_rng(8).normal(size=(1200, 30))
    ratings = numeric_ratings(values)

    found = report.measure_agreement(ratings, Plan(draws=2000))

    (bias,) = found.find(Measure.BIAS)
    assert "ask for fewer draws, or name the readers" in bias.estimate.reason
    (correlation,) = found.find(Measure.ICC_2_1)
    assert correlation.estimate.interval is not None


def test_ratings_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="no category"):
        categorical_ratings([[0, 3]], categories=["a", "b"])
    with pytest.raises(InputError, match="shape"):
        Ratings(
            scale=Scale.NOMINAL,
            readers=("one",),
            subjects=("s",),
            codes=np.zeros((2, 1), dtype=np.int32),
            categories=("a",),
            levels=np.zeros(1),
        )
