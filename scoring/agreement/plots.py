"""Plots of agreement: forest, pairs of readers, confusion and Bland-Altman, as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from scoring.agreement import bland_altman, svg
from scoring.agreement.bland_altman import Limits
from scoring.agreement.confusion import Confusion
from scoring.agreement.ratings import Floats, Ratings, Scale
from scoring.agreement.report import Agreement, Finding, Measure
from scoring.agreement.svg import Drawing

_PAD = 24
_ROW = 24
_CELL = 52
# At the strongest, ink stands out from a cell by 5 to 1 on light and dark pages, so it never
# changes its colour between cells that differ by little.
_FAINTEST, _STRONGEST = 0.06, 0.7

_OVERALL = (
    Measure.PERCENT_AGREEMENT,
    Measure.FLEISS_KAPPA,
    Measure.LIGHT_KAPPA,
    Measure.KRIPPENDORFF_ALPHA,
    Measure.ICC_1_1,
    Measure.ICC_2_1,
    Measure.ICC_3_1,
)
_MOST_PAIRS = 45


def short_names(readers: Sequence[str]) -> dict[str, str]:
    """Return readers' e-mail addresses without the domain, where that still tells them apart."""
    local = [reader.split("@", 1)[0] for reader in readers]
    if len(set(local)) < len(readers):
        local = list(readers)
    return {reader: svg.shortened(name) for reader, name in zip(readers, local, strict=True)}


def forest(found: Agreement, question: str) -> str | None:
    """Draw each coefficient with its interval: all readers, each answer, each pair of readers.

    Returns
    -------
    str or None
        None when nothing could be computed.
    """
    names = short_names([reader.name for reader in found.readers])
    sections = [
        ("All readers", [row for row in found.findings if row.measure in _OVERALL], _overall_name),
        ("By answer", found.find(Measure.SPECIFIC_AGREEMENT), lambda row: row.answer or ""),
        (
            _kappa_title(found),
            found.find(Measure.COHEN_KAPPA, _pair_variant(found))[:_MOST_PAIRS],
            lambda row: " – ".join(names[reader] for reader in row.readers),
        ),
    ]
    shown = [
        (title, [(name(row), row) for row in rows if row.estimate.value is not None])
        for title, rows, name in sections
    ]
    shown = [(title, rows) for title, rows in shown if rows]
    return _forest(shown, question, found) if shown else None


def _forest(
    sections: list[tuple[str, list[tuple[str, Finding]]]], question: str, found: Agreement
) -> str:
    every = [row for _title, rows in sections for row in rows]
    left = _PAD + svg.widest([svg.shortened(name, 40) for name, _row in every]) + 16
    # Titles are bold, and a little wider.
    left = max(left, 180, _PAD + 1.1 * svg.widest([title for title, _rows in sections]) + 8)
    lows = [
        row.estimate.interval.low if row.estimate.interval else row.estimate.value or 0.0
        for _name, row in every
    ]
    low = min(0.0, math.floor(min(lows) * 5) / 5)
    span = 420.0
    height = 78 + sum(_ROW * (len(rows) + 1) + 10 for _title, rows in sections) + 46
    picture = Drawing(left + span + 190, height, f"Agreement about {question}: forest plot")
    _heading(picture, question, f"Coefficients with {found.plan.level:.0%} intervals")

    axis = _Axis(low, 1.0, left, left + span)
    place = axis.place

    bottom = height - 46
    for tick in svg.ticks(low, 1.0):
        kind = "axis" if abs(tick) < 1e-9 else "grid"
        picture.line(place(tick), 72, place(tick), bottom, kind)
        picture.text(place(tick), bottom + 18, svg.number(tick), "muted small", anchor="middle")
    y = 78.0
    for title, rows in sections:
        picture.text(_PAD, y + 14, title, "head")
        y += _ROW
        for name, row in rows:
            picture.text(_PAD, y + 14, svg.shortened(name, 40))
            _whisker(picture, row, y + 10, place, left + span + 16)
            y += _ROW
        y += 10
    return picture.svg()


def _whisker(
    picture: Drawing, row: Finding, y: float, place: Callable[[float], float], right: float
) -> None:
    value, interval = row.estimate.value, row.estimate.interval
    if value is None:
        return
    if interval is None:
        picture.circle(place(value), y, 4, "hollow")
        picture.text(right, y + 4, f"{_coefficient(value)}  no interval", "muted")
        return
    picture.line(place(interval.low), y, place(interval.high), y, "reach")
    picture.circle(place(value), y, 5, "dot")
    reach = f"{_coefficient(interval.low)} to {_coefficient(interval.high)}"
    picture.text(right, y + 4, _coefficient(value), "head")
    picture.text(right + 46, y + 4, reach, "muted")


def pair_map(found: Agreement, question: str) -> str | None:
    """Draw what each two readers have in common: Cohen's kappa, or of numbers their bias.

    Returns
    -------
    str or None
        None when there is no pair.
    """
    numeric = found.scale is Scale.INTERVAL
    rows = (
        found.find(Measure.BIAS)
        if numeric
        else found.find(Measure.COHEN_KAPPA, _pair_variant(found))
    )
    values = {row.readers: row.estimate.value for row in rows if row.readers}
    if not values:
        return None
    readers = [reader.name for reader in found.readers if reader.answers]
    names = short_names(readers)
    subtitle = "Bias: mean of row less column" if numeric else _kappa_title(found)
    greatest = max((abs(value) for value in values.values() if value is not None), default=0)

    digits = svg.digits_for(greatest) if numeric else 2

    def cell(row: int, column: int) -> tuple[str, float, str]:
        if row == column:
            return "", 0, "cell"
        pair = (readers[row], readers[column])
        value = values.get(pair)
        if value is None and (back := values.get(pair[::-1])) is not None:
            value = -back if numeric else back
        if value is None:
            return "–", 0, "cell"
        strength = abs(value) / greatest if numeric and greatest else abs(value)
        words = svg.fixed(value, digits)
        return words, strength, "warm" if value < 0 else "cell"

    labels = [names[reader] for reader in readers]
    return _grid(question, subtitle, labels, labels, cell, f"Pairs of readers: {question}")


def confusion_matrix(table: Confusion, question: str) -> str | None:
    """Draw a table of answers; the colour is the share of the row.

    Returns
    -------
    str or None
        None when there is no pair of answers.
    """
    if not table.counts.sum():
        return None
    totals = table.counts.sum(axis=1)
    names = short_names(table.readers)
    if table.readers:
        first, second = (names[reader] for reader in table.readers)
        subtitle = f"Rows: {first} · columns: {second}"
    else:
        subtitle = "Every two readers' answers about a subject, in both orders"

    def cell(row: int, column: int) -> tuple[str, float, str]:
        count = int(table.counts[row, column])
        share = count / totals[row] if totals[row] else 0.0
        return f"{count:,}", share, "cell" if row == column else "warm"

    labels = [svg.shortened(category, 18) for category in table.categories]
    return _grid(question, subtitle, labels, labels, cell, f"Confusion matrix: {question}")


def _grid(
    question: str,
    subtitle: str,
    rows: list[str],
    columns: list[str],
    cell: Callable[[int, int], tuple[str, float, str]],
    title: str,
) -> str:
    """Draw a table of coloured cells, names turned where they are wider than a cell."""
    turned = svg.widest(columns) > _CELL - 4
    left = _PAD + svg.widest(rows) + 12
    top = 76 + (svg.widest(columns) + 8 if turned else 22)
    width = max(
        left + _CELL * len(columns) + _PAD, _PAD * 2 + 9.5 * len(svg.shortened(question, 60))
    )
    width = max(width, _PAD * 2 + svg.widest([subtitle]))
    picture = Drawing(width, top + _CELL * len(rows) + _PAD, title)
    _heading(picture, question, subtitle)
    for column, name in enumerate(columns):
        x = left + _CELL * (column + 0.5)
        if turned:
            picture.text(x + 4, top - 8, name, "muted", turned=True)
        else:
            picture.text(x, top - 8, name, "muted", anchor="middle")
    for row, name in enumerate(rows):
        y = top + _CELL * row
        picture.text(left - 10, y + _CELL / 2 + 4, name, "muted", anchor="end")
        for column in range(len(columns)):
            x = left + _CELL * column
            words, strength, kind = cell(row, column)
            opacity = _FAINTEST + (_STRONGEST - _FAINTEST) * min(strength, 1)
            if words:
                picture.rectangle(x + 1, y + 1, _CELL - 2, _CELL - 2, kind, opacity=opacity)
            picture.text(x + _CELL / 2, y + _CELL / 2 + 4, words, anchor="middle")
    return picture.svg()


def bland_altman_plot(
    ratings: Ratings, first: int, second: int, question: str, *, level: float = 0.95
) -> str | None:
    """Draw two readers' differences over their means, with bias and limits of agreement.

    Parameters
    ----------
    first, second
        Columns of the readers.

    Returns
    -------
    str or None
        None when fewer than two subjects have both answers.
    """
    left, right = ratings.numbers(first), ratings.numbers(second)
    both = ~np.isnan(left) & ~np.isnan(right)
    means, differences = (left[both] + right[both]) / 2, left[both] - right[both]
    limits = bland_altman.normal_limits(differences, level=level)
    if limits is None:
        return None
    names = short_names([ratings.readers[first], ratings.readers[second]])
    a, b = names[ratings.readers[first]], names[ratings.readers[second]]
    picture = Drawing(790, 470, f"Bland–Altman plot of {a} and {b}: {question}")
    about = f"{a} and {b}, {limits.subjects:,} subjects; limits: bias ± 1.96 standard deviations"
    _heading(picture, question, about)
    ends = [limits.lower_interval.low, limits.upper_interval.high]
    across = _Axis(*_widened(means), 84, 610)
    along = _Axis(*_widened(np.concatenate([differences, ends, [0.0]])), 400, 76)
    _axes(picture, across, along, f"Mean of {a} and {b}", f"{a} − {b}")
    _limits(picture, limits, across, along)
    for x, y in zip(means, differences, strict=True):
        picture.circle(across.place(x), along.place(y), 3.5, "point")
    return picture.svg()


class _Axis:
    """Places numbers between two pixels."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high, self.start, self.end = low, high, start, end

    def place(self, value: float) -> float:
        return self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low)


def _limits(picture: Drawing, limits: Limits, across: _Axis, along: _Axis) -> None:
    """Draw bias and limits with their intervals, and name them on the right."""
    lines = [
        (limits.lower, limits.lower_interval, "limit", "Lower limit"),
        (limits.bias, limits.bias_interval, "bias", "Bias"),
        (limits.upper, limits.upper_interval, "limit", "Upper limit"),
    ]
    ends = [end for _, interval, *_ in lines for end in (interval.low, interval.high)]
    digits = svg.digits_for(max(map(abs, ends)))
    for value, interval, kind, _name in lines:
        top, bottom = along.place(interval.high), along.place(interval.low)
        picture.rectangle(across.start, top, across.end - across.start, bottom - top, "band")
        picture.line(across.start, along.place(value), across.end, along.place(value), kind)
    heights = _apart([along.place(value) for value, *_rest in lines], 32)
    for (value, interval, _kind, name), y in zip(lines, heights, strict=True):
        reach = f"{svg.fixed(interval.low, digits)} to {svg.fixed(interval.high, digits)}"
        picture.text(across.end + 12, y - 2, f"{name}  {svg.fixed(value, digits)}", "head")
        picture.text(across.end + 12, y + 13, reach, "muted small")


def _axes(picture: Drawing, across: _Axis, along: _Axis, below: str, beside: str) -> None:
    left, right, bottom, top = across.start, across.end, along.start, along.end
    for tick in svg.ticks(across.low, across.high):
        x = across.place(tick)
        picture.line(x, bottom, x, bottom + 5, "axis")
        picture.text(x, bottom + 20, svg.number(tick, 4), "muted small", anchor="middle")
    for tick in svg.ticks(along.low, along.high):
        y = along.place(tick)
        picture.line(left, y, right, y, "zero" if abs(tick) < 1e-12 else "grid")
        picture.text(left - 8, y + 4, svg.number(tick, 4), "muted small", anchor="end")
    picture.line(left, bottom, right, bottom, "axis")
    picture.text((left + right) / 2, bottom + 44, below, anchor="middle")
    picture.text(26, (top + bottom) / 2, beside, anchor="middle", turned=True)


def _heading(picture: Drawing, question: str, subtitle: str) -> None:
    picture.text(_PAD, 34, svg.shortened(question, 60), "title")
    picture.text(_PAD, 54, subtitle, "muted")


def _widened(values: Floats) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    slack = (high - low) * 0.05 or abs(low) * 0.05 or 1.0
    return low - slack, high + slack


def _apart(places: list[float], distance: float) -> list[float]:
    """Move labels that would overlap apart; the first is the lowest, and the middle one stays."""
    low, middle, high = places
    return [max(low, middle + distance), middle, min(high, middle - distance)]


def _overall_name(row: Finding) -> str:
    return f"{row.measure.value}, {row.variant}" if row.variant else row.measure.value


def _pair_variant(found: Agreement) -> str:
    return "quadratic" if found.scale is Scale.ORDINAL else "unweighted"


def _kappa_title(found: Agreement) -> str:
    return f"Cohen's kappa of pairs, {_pair_variant(found)}"


def _coefficient(value: float) -> str:
    return svg.fixed(value, 2)
