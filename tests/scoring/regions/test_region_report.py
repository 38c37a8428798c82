"""The report on drawings: by hand, with intervals over subjects."""

from __future__ import annotations

import numpy as np
import pytest

from records.errors import InputError
from scoring.agreement.resampling import Plan
from scoring.regions import drawings, report
from scoring.regions.report import DrawnSubject, RegionMeasure, Rule
from scoring.shapes import Brush, Coordinates, Ellipse, Points, Polyline, Rect

PLAN = Plan(draws=500)
RULE = Rule()


def subject(shifts: dict[str, float], *, is_scaled: bool = True) -> DrawnSubject:
    """Give a subject on which each reader drew a square of 100 µm, shifted."""
    return DrawnSubject(
        name="s",
        is_scaled=is_scaled,
        drawings={
            reader: drawings.make_drawing([Rect(x=shift, y=0, width=100, height=100)])
            for reader, shift in shifts.items()
        },
    )


def measured(subjects, *, rule=RULE, drawn_points=False, plan=PLAN):
    readers = sorted({reader for one in subjects for reader in one.drawings})
    compared = [
        found
        for number, one in enumerate(subjects)
        for found in report.compare_subject(number, one, rule=rule, drawn_points=drawn_points)
    ]
    findings = report.measure_regions(
        compared,
        readers=readers,
        subjects=len(subjects),
        rule=rule,
        plan=plan,
        drawn_points=drawn_points,
    )
    return {(finding.measure, finding.readers): finding.estimate for finding in findings}


def test_means_over_subjects_by_hand():
    found = measured([subject({"a": 0, "b": shift}) for shift in (0, 20, 50, 100)])

    # Shared: 100, 80, 50 and 0 per cent of each square.
    assert found[RegionMeasure.DICE, ()].value == pytest.approx((1 + 0.8 + 0.5 + 0) / 4)
    assert found[RegionMeasure.IOU, ()].value == pytest.approx((1 + 80 / 120 + 50 / 150 + 0) / 4)
    assert found[RegionMeasure.HAUSDORFF, ()].value == pytest.approx((0 + 20 + 50 + 100) / 4)
    # Of objects with IoU from 0.5 on: the first two.
    assert found[RegionMeasure.OBJECT_F1, ()].value == pytest.approx(2 * 2 / 8)
    assert found[RegionMeasure.DICE, ("a", "b")] == found[RegionMeasure.DICE, ()]


def test_interval_is_over_subjects_and_holds_the_value():
    shifts = np.random.default_rng(1).uniform(0, 100, 40)

    estimate = measured([subject({"a": 0, "b": shift}) for shift in shifts])[RegionMeasure.DICE, ()]

    assert estimate.subjects == 40
    assert estimate.interval.low < estimate.value < estimate.interval.high
    # Of a mean, about two standard errors either side.
    error = np.std(1 - shifts / 100, ddof=1) / np.sqrt(40)
    assert estimate.interval.high - estimate.interval.low == pytest.approx(3.92 * error, rel=0.15)


def test_a_reference_reader_is_held_against_each_other():
    found = measured(
        [subject({"a": 0, "b": 10, "c": 40}) for _ in range(3)], rule=Rule(reference="b")
    )

    pairs = [readers for measure, readers in found if measure is RegionMeasure.DICE and readers]
    assert pairs == [("a", "b"), ("c", "b")]
    assert found[RegionMeasure.DICE, ()].value == pytest.approx((0.9 + 0.7) / 2)


def test_who_has_not_drawn_on_a_subject_is_left_out_of_it():
    found = measured([subject({"a": 0, "b": 50}), subject({"a": 0}), subject({"a": 0, "b": 0})])

    assert found[RegionMeasure.DICE, ()].value == pytest.approx(0.75)
    assert found[RegionMeasure.DICE, ()].subjects == 2


def test_without_resolution_there_are_no_distances():
    found = measured([subject({"a": 0, "b": 50}, is_scaled=False)] * 3)

    assert found[RegionMeasure.DICE, ()].value == pytest.approx(0.5)
    assert found[RegionMeasure.HAUSDORFF, ()].value is None
    assert found[RegionMeasure.HAUSDORFF, ()].reason == report.NO_EDGE


def points(*places: tuple[float, float]):
    return drawings.make_drawing([Points(places=Coordinates(places))])


def test_points_are_counted_over_all_subjects():
    subjects = [
        DrawnSubject(
            name="s",
            is_scaled=True,
            drawings={"a": points((0, 0), (50, 50)), "b": points((3, 4), (500, 500), (600, 600))},
        )
    ] * 3

    found = measured(subjects, rule=Rule(distance_um=5), drawn_points=True)

    assert found[RegionMeasure.POINT_F1, ()].value == pytest.approx(2 * 1 / 5)
    assert {measure for measure, _ in found} == {RegionMeasure.POINT_F1}


@pytest.mark.parametrize(
    ("subjects", "reason"),
    [([], report.NO_READER), ([subject({"a": 0})], report.ONE_READER)],
)
def test_fewer_than_two_readers_are_told(subjects, reason):
    assert {estimate.reason for estimate in measured(subjects).values()} == {reason}


def test_readers_who_never_met_have_no_number():
    found = measured([subject({"a": 0}), subject({"b": 0}), subject({"a": 0})])

    assert found[RegionMeasure.DICE, ("a", "b")].reason == report.NO_PAIR


def test_drawing_is_scaled_in_both_directions_and_counts_what_it_skips():
    drawing = drawings.make_drawing(
        [
            Rect(x=0, y=0, width=10, height=10),
            Ellipse(x=100, y=100, radius_x=float("nan"), radius_y=1),
            Polyline(line=Coordinates([[0, 0], [1, 1]])),
            Brush(positive=(Coordinates([[5, 0], [15, 0], [15, 10], [5, 10]]),)),
        ],
        unit_x=0.5,
        unit_y=2,
    )

    assert drawing.area.area == pytest.approx(15 * 0.5 * 10 * 2)
    assert len(drawing.objects) == 2
    assert drawing.skipped == 2
    assert drawing.points.tolist() == [[2.5, 10], [5, 10]]


def test_a_million_shapes_are_not_compared(monkeypatch):
    monkeypatch.setattr(drawings, "MAX_OBJECTS", 3)

    with pytest.raises(InputError, match="too large to be compared"):
        drawings.make_drawing([Rect(x=0, y=0, width=1, height=1)] * 4)
