"""Agreement against what statsmodels, scikit-learn, krippendorff and pingouin computed.

The packages are too large, or under licences too far from ours, to be installed for a test; their
values lie in oracle_values.json, written by write_oracle_values.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scoring.agreement import icc, kappa, krippendorff
from scoring.agreement.icc import Model
from scoring.agreement.kappa import Weights
from scoring.agreement.ratings import Scale, categorical_ratings, numeric_ratings
from tests.scoring.agreement import tables
from tests.scoring.agreement.tables import value

VALUES = json.loads(Path(__file__).with_name("oracle_values.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", VALUES["answers"], ids=lambda case: f"{case['levels']} levels")
def test_kappas_are_those_of_statsmodels_and_scikit_learn(case):
    names = [str(level) for level in range(case["levels"])]
    ratings = categorical_ratings(case["answers"], categories=names, scale=Scale.ORDINAL)

    def cohen(kind):
        weights = tables.weights(ratings, kind)
        return value(kappa.cohen_kappa(ratings.patterns, 0, 1, weights), ratings)

    fleiss = value(kappa.fleiss_kappa(ratings.patterns, tables.weights(ratings)), ratings)
    assert fleiss == pytest.approx(case["fleiss"], abs=1e-10)
    assert {kind.value: cohen(kind) for kind in Weights} == pytest.approx(case["cohen"], abs=1e-10)


@pytest.mark.parametrize("case", VALUES["answers"], ids=lambda case: f"{case['levels']} levels")
def test_alphas_with_missing_answers_are_those_of_krippendorff(case):
    found = {}
    for scale in Scale:
        ratings = tables.numbers_like(case["with holes"], scale)
        found[scale.value] = value(krippendorff.alpha(ratings.patterns, scale), ratings)

    assert found == pytest.approx(case["alpha"], abs=1e-10)


@pytest.mark.parametrize("case", VALUES["numbers"], ids=lambda case: f"{len(case['numbers'])} rows")
def test_correlations_are_those_of_pingouin(case):
    ratings = numeric_ratings(np.array(case["numbers"]))

    found = [value(icc.intraclass_correlation(ratings.patterns, model), ratings) for model in Model]

    assert found == pytest.approx(case["icc"], abs=1e-6)
