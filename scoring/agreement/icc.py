"""Intraclass correlation: the share of variance that is between subjects, from two-way ANOVA."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from scoring.agreement.ratings import Bools, Floats, Patterns
from scoring.agreement.resampling import Statistic

_NOTHING = 1e-12

NO_VARIANCE = "all answers are the same: there is no variance to share out"
TOO_FEW = "fewer than two subjects have answers of all readers"


class Model(StrEnum):
    """Which readers are meant.

    Source: Shrout & Fleiss, Psychological Bulletin 86 (1979) 420-428.
    """

    ONE_WAY_RANDOM = "ICC(1,1)"
    TWO_WAY_RANDOM = "ICC(2,1)"
    TWO_WAY_MIXED = "ICC(3,1)"


def intraclass_correlation(patterns: Patterns, model: Model) -> Statistic:
    """Return the reliability of a single reader's answers, over subjects that all answered.

    Source: Shrout & Fleiss 1979, table 4.
    """
    readers = patterns.codes.shape[1]
    complete: Bools = patterns.answers == readers
    numbers = np.column_stack([patterns.numbers(reader) for reader in range(readers)])
    row = numbers.sum(axis=1)
    terms = np.column_stack([np.ones(len(row)), row, row**2, (numbers**2).sum(axis=1), numbers])
    subjects = patterns.count(complete)
    return Statistic(
        terms=np.where(complete[:, np.newaxis], terms, 0.0),
        value=lambda sums: _values(sums, readers, model),
        subjects=subjects,
        undefined=NO_VARIANCE if subjects >= 2 else TOO_FEW,
    )


def _values(sums: Floats, readers: int, model: Model) -> Floats:
    subjects, total, squared_rows, squares = sums[:, :4].T
    # Draws without two subjects are undefined, not divided by zero.
    subjects = np.where(subjects >= 2, subjects, np.nan)
    correction = total**2 / (subjects * readers)
    between_subjects = squared_rows / readers - correction
    between_readers = (sums[:, 4:] ** 2).sum(axis=1) / subjects - correction
    within = np.maximum(squares - squared_rows / readers, 0)
    residual = np.maximum(within - between_readers, 0)
    # Mean squares, as Shrout & Fleiss name them.
    bms = between_subjects / (subjects - 1)
    wms = within / (subjects * (readers - 1))
    jms = between_readers / (readers - 1)
    ems = residual / ((subjects - 1) * (readers - 1))
    if model is Model.ONE_WAY_RANDOM:
        signal, whole = bms - wms, bms + (readers - 1) * wms
    elif model is Model.TWO_WAY_RANDOM:
        signal = bms - ems
        whole = bms + (readers - 1) * ems + readers * (jms - ems) / subjects
    else:
        signal, whole = bms - ems, bms + (readers - 1) * ems
    return np.where(whole > _NOTHING * squares / subjects, signal / whole, np.nan)
