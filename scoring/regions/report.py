"""The report: drawings of readers in, how well each two agree out, with intervals."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from records.errors import InputError
from scoring.agreement.ratings import Floats
from scoring.agreement.resampling import Bootstrap, Estimate, Plan, Statistic, not_computed
from scoring.regions import matching, overlap
from scoring.regions.drawings import Drawing

MAX_PAIRS = 435
ONE_READER = "only one reader has drawn; agreement needs two"
NO_READER = "nobody has drawn yet"
NO_PAIR = "no subject was drawn by both"
NO_EDGE = "no subject has areas of both, between whose edges there is a distance"
NO_UNIT = "no slide tells its resolution, so there are no micrometres"


class RegionMeasure(StrEnum):
    """What is measured, in words for people."""

    DICE = "Dice"
    IOU = "IoU"
    HAUSDORFF = "Hausdorff distance"
    HAUSDORFF_95 = "Hausdorff distance, 95 %"
    OBJECT_F1 = "F1 of objects"
    POINT_F1 = "F1 of points"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When two things are the same.

    Parameters
    ----------
    distance_um
        Points no farther apart than this are.
    least_iou
        Objects of at least this intersection over union are.
    reference
        The reader whom the others are held against; None compares every two.
    """

    distance_um: float = 10.0
    least_iou: float = 0.5
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionFinding:
    """One measured number, of all pairs of readers together or of one."""

    measure: RegionMeasure
    estimate: Estimate
    variant: str = ""
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnSubject:
    """What readers drew on one subject.

    Parameters
    ----------
    is_scaled
        Whether the drawings are in µm; else distances say nothing.
    drawings
        By reader; who has not answered is not there.
    """

    name: str
    is_scaled: bool
    drawings: Mapping[str, Drawing]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """Two readers' drawings of one subject; NaN where there is nothing to compare."""

    subject: int
    first: str
    second: str
    dice: float
    iou: float
    hausdorff_um: float
    hausdorff_95_um: float
    objects: matching.Matched
    points: matching.Matched | None


def compare(
    first: Drawing, second: Drawing, *, is_scaled: bool, rule: Rule, drawn_points: bool
) -> tuple[float, float, float, float, matching.Matched, matching.Matched | None]:
    """Compare two drawings of one subject."""
    if drawn_points:
        found = (
            matching.match_points(first.points, second.points, rule.distance_um)
            if is_scaled
            else None
        )
        none = matching.Matched(matched=0, first=0, second=0)
        return math.nan, math.nan, math.nan, math.nan, none, found
    shared = overlap.overlap(first.area, second.area)
    farthest = most = math.nan
    if is_scaled:
        distances = overlap.edge_distances(first.area, second.area)
        farthest, most = overlap.hausdorff(distances), overlap.hausdorff_share(distances)
    objects = matching.match_areas(first.objects, second.objects, rule.least_iou)
    return shared.dice, shared.iou, farthest, most, objects, None


def compare_subject(
    number: int, subject: DrawnSubject, *, rule: Rule, drawn_points: bool
) -> list[Compared]:
    """Compare every two drawings of a subject, or each with the reference reader's."""
    found = []
    for first, second in itertools.combinations(sorted(subject.drawings), 2):
        if rule.reference is not None and rule.reference not in {first, second}:
            continue
        dice, iou, farthest, most, objects, points = compare(
            subject.drawings[first],
            subject.drawings[second],
            is_scaled=subject.is_scaled,
            rule=rule,
            drawn_points=drawn_points,
        )
        found.append(
            Compared(
                subject=number,
                first=first,
                second=second,
                dice=dice,
                iou=iou,
                hausdorff_um=farthest,
                hausdorff_95_um=most,
                objects=objects,
                points=points,
            )
        )
    return found


def measure_regions(
    compared: Sequence[Compared],
    *,
    readers: Sequence[str],
    subjects: int,
    rule: Rule,
    plan: Plan,
    drawn_points: bool,
) -> list[RegionFinding]:
    """Return every number that suits what was drawn: of all pairs together, then of each.

    Means are over pairs of drawings; F1 is of the sums of matches over subjects. Intervals come
    from drawing subjects anew, with all that was drawn on them.

    Raises
    ------
    InputError
        There are too many pairs of readers.
    """
    measures = _POINT_MEASURES if drawn_points else _AREA_MEASURES
    if len(readers) < 2:
        reason = ONE_READER if readers else NO_READER
        return [RegionFinding(measure=one, estimate=not_computed(reason)) for one in measures]
    pairs = list(itertools.combinations(sorted(readers), 2))
    if rule.reference is not None:
        pairs = [pair for pair in pairs if rule.reference in pair]
    if len(pairs) > MAX_PAIRS:
        raise InputError(
            f"{len(pairs):,} pairs of readers are more than {MAX_PAIRS}; name the readers wanted"
        )
    bootstrap = Bootstrap(np.ones(subjects), plan)
    return [
        finding
        for measure in measures
        for finding in _findings(compared, measure, pairs, subjects, rule, bootstrap)
    ]


def _findings(
    compared: Sequence[Compared],
    measure: RegionMeasure,
    pairs: Sequence[tuple[str, str]],
    subjects: int,
    rule: Rule,
    bootstrap: Bootstrap,
) -> Iterator[RegionFinding]:
    variant = _variant(measure, rule)

    def finding(chosen: Sequence[Compared], of: tuple[str, ...]) -> RegionFinding:
        estimate = _estimate(chosen, measure, subjects, bootstrap)
        return RegionFinding(measure=measure, estimate=estimate, variant=variant, readers=of)

    yield finding(compared, ())
    by_pair: dict[tuple[str, str], list[Compared]] = {pair: [] for pair in pairs}
    for one in compared:
        by_pair[one.first, one.second].append(one)
    for pair, chosen in by_pair.items():
        yield finding(chosen, _told_pair(pair, rule))


def _told_pair(pair: tuple[str, str], rule: Rule) -> tuple[str, str]:
    """Return a pair with the reference reader last."""
    return (pair[1], pair[0]) if pair[0] == rule.reference else pair


def _estimate(
    chosen: Sequence[Compared], measure: RegionMeasure, subjects: int, bootstrap: Bootstrap
) -> Estimate:
    upper, lower = _TERMS[measure]
    terms = np.zeros((subjects, 2))
    touched = set()
    for one in chosen:
        above, below = upper(one), lower(one)
        if math.isfinite(above):
            terms[one.subject] += above, below
            touched.add(one.subject)
    statistic = Statistic(
        terms=terms, value=_ratio, subjects=len(touched), undefined=_why(measure, chosen)
    )
    return bootstrap.estimate(statistic)


def _ratio(sums: Floats) -> Floats:
    values: Floats = sums[:, 0] / sums[:, 1]
    return values


def _why(measure: RegionMeasure, chosen: Sequence[Compared]) -> str:
    if not chosen:
        return NO_PAIR
    if measure in {RegionMeasure.HAUSDORFF, RegionMeasure.HAUSDORFF_95}:
        return NO_EDGE
    return NO_UNIT if measure is RegionMeasure.POINT_F1 else "neither drew anything"


def _variant(measure: RegionMeasure, rule: Rule) -> str:
    match measure:
        case RegionMeasure.POINT_F1:
            return f"within {rule.distance_um:g} µm"
        case RegionMeasure.OBJECT_F1:
            return f"IoU from {rule.least_iou:g}"
        case RegionMeasure.HAUSDORFF | RegionMeasure.HAUSDORFF_95:
            return "µm"
        case _:
            return ""


def _one(_compared: Compared) -> float:
    return 1.0


def _matched(found: matching.Matched | None) -> float:
    return math.nan if found is None else 2.0 * found.matched


def _total(found: matching.Matched | None) -> float:
    return math.nan if found is None else float(found.first + found.second)


_Term = Callable[[Compared], float]
_TERMS: dict[RegionMeasure, tuple[_Term, _Term]] = {
    RegionMeasure.DICE: (lambda one: one.dice, _one),
    RegionMeasure.IOU: (lambda one: one.iou, _one),
    RegionMeasure.HAUSDORFF: (lambda one: one.hausdorff_um, _one),
    RegionMeasure.HAUSDORFF_95: (lambda one: one.hausdorff_95_um, _one),
    RegionMeasure.OBJECT_F1: (
        lambda one: _matched(one.objects),
        lambda one: _total(one.objects),
    ),
    RegionMeasure.POINT_F1: (lambda one: _matched(one.points), lambda one: _total(one.points)),
}
_POINT_MEASURES = (RegionMeasure.POINT_F1,)
_AREA_MEASURES = tuple(measure for measure in RegionMeasure if measure not in _POINT_MEASURES)
