"""Writes oracle_values.json: random tables, and what other people's packages make of them.

Run where they are installed, which is not needed for the tests::

    pip install statsmodels scikit-learn krippendorff pingouin
    python tests/scoring/agreement/write_oracle_values.py
"""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

import krippendorff
import numpy as np
import pandas
import pingouin
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa, to_table

CASES = ((30, 2, 3), (25, 3, 4), (40, 4, 5), (60, 6, 2))
PACKAGES = ("statsmodels", "scikit-learn", "krippendorff", "pingouin")


def of_answers(generator: np.random.Generator, subjects: int, readers: int, levels: int) -> dict:
    """Return a table of answers about as alike as people's, and coefficients of it."""
    truth = generator.integers(0, levels, (subjects, 1))
    drawn = generator.integers(0, levels, (subjects, readers))
    table = np.where(generator.random((subjects, readers)) < 0.6, truth, drawn)
    pair, _bins = to_table(table[:, :2], bins=levels)
    holed = np.where(generator.random(table.shape) < 0.15, np.nan, table.astype(float))
    labels = list(range(levels))
    return {
        "levels": levels,
        "answers": table.tolist(),
        "fleiss": fleiss_kappa(aggregate_raters(table, n_cat=levels)[0]),
        "cohen": {
            "unweighted": cohens_kappa(pair).kappa,
            "linear": cohen_kappa_score(table[:, 0], table[:, 1], labels=labels, weights="linear"),
            "quadratic": cohens_kappa(pair, wt="quadratic").kappa,
        },
        "with holes": [[None if np.isnan(x) else int(x) for x in row] for row in holed],
        "alpha": {
            scale: krippendorff.alpha(holed.T, level_of_measurement=scale)
            for scale in ("nominal", "ordinal", "interval")
        },
    }


def of_numbers(generator: np.random.Generator, subjects: int, readers: int) -> dict:
    """Return a table of numbers with biased readers, and correlations of it."""
    table = (
        generator.normal(50, 15, (subjects, 1))
        + generator.normal(0, 4, (1, readers))
        + generator.normal(0, 7, (subjects, readers))
    ).round(3)
    rows, columns = np.indices(table.shape)
    long = pandas.DataFrame(
        {"subject": rows.ravel(), "reader": columns.ravel(), "number": table.ravel()}
    )
    found = pingouin.intraclass_corr(long, "subject", "reader", "number")
    return {"numbers": table.tolist(), "icc": found["ICC"].tolist()[:3]}


def main() -> None:
    """Write the file."""
    generator = np.random.default_rng(20260101)
    values = {
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "answers": [of_answers(generator, *case) for case in CASES],
        "numbers": [of_numbers(generator, subjects, readers) for subjects, readers, _ in CASES],
    }
    path = Path(__file__).with_name("oracle_values.json")
    path.write_text(json.dumps(values) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
