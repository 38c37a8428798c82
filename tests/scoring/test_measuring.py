"""Measuring answers: every shape with its place, of texts and of collections."""

from __future__ import annotations

import json

import numpy as np
import pytest

from scoring import drawn_answers, measuring
from scoring.drawn_answers import DrawnAnswer
from scoring.measures import Resolution
from scoring.shapes import PolygonPack

HALF = Resolution(mpp_x=0.5, mpp_y=0.5)


def answer(*items: dict) -> DrawnAnswer:
    return DrawnAnswer(question="Q", colour="", value=json.dumps(items), file=None)


def test_shapes_keep_their_places_among_points_and_heat_maps():
    drawn = answer(
        {"x": 1, "y": 2},
        {"x": 3, "y": 4},
        {"type": "rect", "corner": {"x": 0, "y": 0}, "size": {"x": 10, "y": 20}},
        {"type": "heatmap", "x": 0, "y": 0, "height": 4, "data": [[1]]},
        {"type": "polyline", "points": [{"x": 0, "y": 0}, {"x": 30, "y": 40}]},
    )

    found, is_cut = measuring.measure_answer(drawn, HALF)

    assert [(one.index, one.type) for one in found] == [(2, "rect"), (4, "polyline")]
    assert found[0].measured.area_um2 == pytest.approx(50)
    assert found[1].measured.length_um == pytest.approx(25)
    assert is_cut is False


def test_holes_of_a_collection_are_cut_out(monkeypatch):
    pack = PolygonPack(
        corners=np.array([[0, 0], [9, 0], [9, 9], [0, 9], [1, 1], [3, 1], [3, 3], [1, 3]]),
        starts=np.array([0, 4, 8]),
        holes={0: (1,)},
    )
    monkeypatch.setattr(drawn_answers, "load", lambda _: (pack,))

    [found], _ = measuring.measure_answer(answer(), HALF)

    assert (found.index, found.type) == (0, "brush")
    assert found.measured.area_um2 == pytest.approx((81 - 4) / 4)


def test_what_is_beyond_the_first_thousands_is_told(monkeypatch):
    monkeypatch.setattr(measuring, "MAX_SHAPES", 2)
    rect = {"type": "rect", "corner": {"x": 0, "y": 0}, "size": {"x": 1, "y": 1}}

    found, is_cut = measuring.measure_answer(answer(rect, rect, rect), None)

    assert (len(found), is_cut) == (2, True)
    assert found[0].measured.area_um2 is None
