"""Plots: well-formed, within their frames, and safe whatever names they show."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import numpy as np
import pytest

from scoring.agreement import plots, report, svg
from scoring.agreement.ratings import Scale, categorical_ratings, numeric_ratings
from scoring.agreement.resampling import Plan

PLAN = Plan(draws=200)
HOSTILE = '<script>alert("1")</script>&\x00\ud800'
READERS = ["anna@a.example", "ben@b.example", f"{HOSTILE}@c.example"]


def named(scale: Scale, readers=READERS):
    generator = np.random.default_rng(1)
    rows = np.clip(generator.integers(0, 3, (40, 1)) + generator.integers(0, 2, (40, 3)), 0, 2)
    names = ["low", HOSTILE, "a rather long name of an answer, longer than a cell is wide"]
    return categorical_ratings(rows.tolist(), categories=names, scale=scale, readers=readers)


def measured():
    generator = np.random.default_rng(2)
    values = generator.normal(50, 20, (40, 1)) + generator.normal(0, 5, (40, 3))
    return numeric_ratings(values, readers=READERS)


def pictures() -> dict[str, str | None]:
    """Draw one of each."""
    ordered, numbers = named(Scale.ORDINAL), measured()
    of_answers = report.measure_agreement(ordered, PLAN)
    of_numbers = report.measure_agreement(numbers, PLAN)
    return {
        "forest of answers": plots.forest(of_answers, HOSTILE),
        "forest of numbers": plots.forest(of_numbers, "Ki-67"),
        "pairs of answers": plots.pair_map(of_answers, HOSTILE),
        "pairs of numbers": plots.pair_map(of_numbers, "Ki-67"),
        "pooled": plots.confusion_matrix(of_answers.confusions[0], HOSTILE),
        "of a pair": plots.confusion_matrix(of_answers.confusions[2], HOSTILE),
        "bland-altman": plots.bland_altman_plot(numbers, 0, 2, HOSTILE),
    }


PICTURES = pictures()


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_well_formed_and_shows_names_as_text(name: str):
    root = ElementTree.fromstring(PICTURES[name].encode())

    kinds = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert kinds <= {"svg", "title", "style", "rect", "line", "circle", "text"}


@pytest.mark.parametrize("name", PICTURES)
def test_everything_lies_within_the_frame(name: str):
    root = ElementTree.fromstring(PICTURES[name].encode())
    width, height = float(root.get("width")), float(root.get("height"))

    outside = []
    for element in root.iter():
        for key, most in (("x", width), ("x1", width), ("x2", width), ("cx", width)):
            if key in element.attrib and not 0 <= float(element.get(key)) <= most:
                outside.append(element.attrib)
        for key in ("y", "y1", "y2", "cy"):
            if key in element.attrib and not 0 <= float(element.get(key)) <= height:
                outside.append(element.attrib)
        if element.tag.endswith("text") and "transform" not in element.attrib:
            reach = (
                7.2
                * len(element.text or "")
                * {"start": 1, "middle": 0.5, "end": 0}[element.get("text-anchor")]
            )
            if float(element.get("x")) + reach > width + 1:
                outside.append((element.text, width))
    assert outside == []


def test_bland_altman_places_every_subject_by_mean_and_difference():
    ratings = numeric_ratings(np.array([[10, 12.0], [20, 21], [30, 27], [math.nan, 5]]))

    root = ElementTree.fromstring(plots.bland_altman_plot(ratings, 0, 1, "Q").encode())

    points = [e for e in root.iter() if e.get("class") == "point"]
    assert len(points) == 3
    across = [float(point.get("cx")) for point in points]
    along = [float(point.get("cy")) for point in points]
    assert across == sorted(across)
    # Differences -2, -1, 3: up is more.
    assert along == sorted(along, reverse=True)
    assert (along[0] - along[1]) * 4 == pytest.approx(along[1] - along[2], abs=0.1)


def test_forest_shows_values_intervals_and_their_absence():
    agreeing = categorical_ratings([[0, 0], [1, 1]] * 10, categories=["no", "yes"])

    shown = plots.forest(report.measure_agreement(agreeing, PLAN), "Q")

    assert shown.count('class="hollow"') == shown.count("no interval") > 3


def test_pair_map_is_signed_for_numbers():
    values = np.array([[1, 3.0], [2, 4], [5, 7.5]])

    shown = plots.pair_map(report.measure_agreement(numeric_ratings(values), PLAN), "Q")

    assert "−2.17" in shown
    assert ">2.17<" in shown


def test_nothing_to_draw_draws_nothing():
    empty = categorical_ratings([], categories=["no", "yes"], readers=[])
    apart = numeric_ratings(np.array([[1, math.nan], [math.nan, 2.0]]))
    found = report.measure_agreement(empty, PLAN)

    assert plots.forest(found, "Q") is None
    assert plots.pair_map(found, "Q") is None
    assert plots.bland_altman_plot(apart, 0, 1, "Q") is None


def test_readers_keep_their_domains_where_names_alone_are_not_unique():
    assert plots.short_names(["a@x.org", "b@y.org"]) == {"a@x.org": "a", "b@y.org": "b"}
    assert plots.short_names(["a@x.org", "a@y.org"])["a@x.org"] == "a@x.org"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-35, 24, [-30, -20, -10, 0, 10, 20]),
        (3, 3, [3]),
        (0.00012, 0.00031, [0.00015, 0.0002, 0.00025, 0.0003]),
    ],
)
def test_ticks_are_round_numbers(low, high, expected):
    assert svg.ticks(low, high) == pytest.approx(expected)


def test_numbers_have_a_true_minus_and_no_negative_nought():
    assert svg.fixed(-0.001, 2) == "0.00"
    assert svg.fixed(-1234.5, 1) == "−1,234.5"
    assert svg.number(-4.236) == "−4.24"
    assert svg.number(0.0) == "0"
