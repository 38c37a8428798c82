"""SVG: shapes and words in, a picture out that suits light and dark pages."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# The colours are those of the web pages (web/src/ui/tokens.css), light and dark.
_LIGHT = {
    "surface": "#ffffff",
    "ink": "#171717",
    "muted": "#666666",
    "line": "#dedede",
    "axis": "#858585",
    "accent": "#0a6a72",
    "fill": "#0a6a72",
    "warm": "#855000",
}
_DARK = {
    "surface": "#1c1c1c",
    "ink": "#ededed",
    "muted": "#9c9c9c",
    "line": "#353535",
    "axis": "#7d7d7d",
    "accent": "#62cbd1",
    "fill": "#22757d",
    "warm": "#9a6a1c",
}
_SHAPES = """
text { font-family: Inter, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  font-size: 12px; font-variant-numeric: tabular-nums; }
.title { font-size: 16px; font-weight: 600; }
.head { font-weight: 600; }
.small { font-size: 11px; }
.reach { stroke-width: 2; stroke-linecap: round; }
.limit { stroke-width: 1.5; stroke-dasharray: 6 4; }
.bias, .hollow { stroke-width: 2; }
.zero { stroke-dasharray: 2 3; }
.dot { stroke-width: 1.5; }
.point { fill-opacity: 0.45; }
.band { fill-opacity: 0.12; }
"""
# Literal colours, no variables: word processors and librsvg know no variables.
_COLOURS = """
text { fill: %(ink)s; }
.surface { fill: %(surface)s; }
.muted { fill: %(muted)s; }
.grid { stroke: %(line)s; }
.axis, .zero { stroke: %(axis)s; }
.reach, .limit, .bias { stroke: %(accent)s; }
.dot { fill: %(accent)s; stroke: %(surface)s; }
.hollow { fill: %(surface)s; stroke: %(accent)s; }
.point, .band { fill: %(accent)s; }
.cell { fill: %(fill)s; }
.warm { fill: %(warm)s; }
"""
_STYLE = f"{_SHAPES}{_COLOURS % _LIGHT}@media (prefers-color-scheme: dark) {{{_COLOURS % _DARK}}}\n"

LETTER = 7.2
"""Width to allow for a letter of 12 px, in pixels: of a wide font's average."""


class Drawing:
    """A picture, drawn element by element.

    Parameters
    ----------
    width, height
        Pixels at normal size.
    title
        What the picture shows, for those who do not see it.
    """

    def __init__(self, width: float, height: float, title: str) -> None:
        self.width = width
        self.height = height
        self._title = title
        self._elements: list[str] = []

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """Draw a line between two points, of a kind of the style sheet."""
        self._add("line", kind, x1=x1, y1=y1, x2=x2, y2=y2)

    def rectangle(
        self, x: float, y: float, width: float, height: float, kind: str, *, opacity: float = 1
    ) -> None:
        """Fill a rectangle, or frame it."""
        shown = {} if opacity == 1 else {"fill-opacity": opacity}
        self._add("rect", kind, x=x, y=y, width=width, height=height, **shown)

    def circle(self, x: float, y: float, radius: float, kind: str) -> None:
        """Fill a circle around a point."""
        self._add("circle", kind, cx=x, cy=y, r=radius)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        kind: str = "",
        *,
        anchor: str = "start",
        turned: bool = False,
    ) -> None:
        """Write words; the point is on their base line, at their start, middle or end.

        Parameters
        ----------
        turned
            Whether they run upwards.
        """
        turn = f' transform="rotate(-90 {_figure(x)} {_figure(y)})"' if turned else ""
        self._elements.append(
            f'<text x="{_figure(x)}" y="{_figure(y)}" class="{kind}" '
            f'text-anchor="{anchor}"{turn}>{escape(_xml(words))}</text>'
        )

    def svg(self) -> str:
        """Return the picture as text."""
        width, height = _figure(self.width), _figure(self.height)
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" aria-label={quoteattr(_xml(self._title))}>',
            f"<title>{escape(_xml(self._title))}</title>",
            f"<style>{_STYLE}</style>",
            f'<rect class="surface" width="{width}" height="{height}"/>',
            *self._elements,
            "</svg>",
        ]
        return "\n".join(lines) + "\n"

    def _add(self, name: str, kind: str, **places: float) -> None:
        attributes = " ".join(f'{key}="{_figure(value)}"' for key, value in places.items())
        self._elements.append(f'<{name} class="{kind}" {attributes}/>')


def ticks(low: float, high: float, most: int = 7) -> list[float]:
    """Return round numbers from low to high, at most so many."""
    span = high - low
    if not span > 0:
        return [low]
    step = 10.0 ** math.floor(math.log10(span / most))
    for factor in (1, 2, 5, 10, 20):
        first = math.ceil(low / (step * factor) - 1e-9)
        last = math.floor(high / (step * factor) + 1e-9)
        if last - first < most:
            return [place * step * factor for place in range(first, last + 1)]
    return [low, high]


def number(value: float, digits: int = 3) -> str:
    """Return a number for people, with a true minus sign."""
    text = f"{value:.{digits}g}"
    if "e" not in text and text.lstrip("-").replace(".", "").strip("0") == "":
        return "0"
    return text.replace("-", "−")


def digits_for(greatest: float) -> int:
    """Return how many decimals give a table's greatest number three figures."""
    return max(0, 2 - math.floor(math.log10(greatest))) if greatest > 0 else 0


def fixed(value: float, decimals: int) -> str:
    """Return a number with so many decimals, a true minus sign and no negative nought."""
    return f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", "−")


def shortened(words: str, most: int = 26) -> str:
    """Return words, cut in the middle when they are too long."""
    if len(words) <= most:
        return words
    tail = (most - 1) // 3
    return f"{words[: most - 1 - tail]}…{words[-tail:]}"


def widest(words: Iterable[str]) -> float:
    """Return the width to allow for the widest of some texts of 12 px, in pixels."""
    return LETTER * max((len(text) for text in words), default=0)


def _figure(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _xml(words: str) -> str:
    return _NOT_XML.sub("\ufffd", words)
