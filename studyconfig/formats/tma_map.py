"""``.map``: a tissue microarray's layout: header properties, an empty line, rows of sample ids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from studyconfig import text

MAX_CORES = 100_000
"""A tissue microarray has some hundred cores; the bound keeps padding from filling the memory."""

MAX_SAMPLE_LENGTH = 400

_PROPERTY_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_ -]*")
_FORCE = "force"
_KNOWN = frozenset({"tmas", "controls", "ignore", _FORCE})
_TRUE = ("true", "yes", "1")
_FALSE = ("false", "no", "0", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TmaMap:
    """The layout of a tissue microarray, as it lies before any rotation.

    Parameters
    ----------
    rows
        Sample ids, top to bottom, left to right, all rows of the same length; ``""`` is no core.
    tmas
        Files of the slides that the map applies to.
    controls
        Sample ids of controls.
    ignore
        Sample ids that are not to be scored.
    force
        Whether the map replaces another one that the slide already has (choice: the header's
        list is lost from the public documentation; only its example tells that it exists).
    other
        Header properties that nothing here reads, as names in lower case and their text.
    """

    rows: tuple[tuple[str, ...], ...] = ()
    tmas: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    force: bool = False
    other: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, header: Mapping[str, str], rows: tuple[tuple[str, ...], ...]) -> TmaMap:
        """Return the map with a header, given as names in lower case and their text."""
        return cls(
            rows=rows,
            tmas=_list(header.get("tmas", "")),
            controls=_list(header.get("controls", "")),
            ignore=_list(header.get("ignore", "")),
            force=header.get(_FORCE, "").lower() in _TRUE,
            other=tuple((name, text) for name, text in header.items() if name not in _KNOWN),
        )

    @property
    def header(self) -> dict[str, str]:
        """Return the header as names and their text; what is empty or false is left out."""
        lists = {"tmas": self.tmas, "controls": self.controls, "ignore": self.ignore}
        found = {name: ", ".join(entries) for name, entries in lists.items() if entries}
        if self.force:
            found[_FORCE] = "true"
        return found | dict(self.other)

    @property
    def column_count(self) -> int:
        """Return the number of columns."""
        return len(self.rows[0]) if self.rows else 0

    def is_control(self, sample: str) -> bool:
        """Tell whether a sample id is a control's, in any case."""
        return sample.lower() in {entry.lower() for entry in self.controls}

    def is_ignored(self, sample: str) -> bool:
        """Tell whether cores of a sample id are not to be scored, in any case."""
        return sample.lower() in {entry.lower() for entry in self.ignore}


def parse(content: str, *, source: str = ".map") -> TmaMap:
    """Read a tissue microarray's layout.

    A file whose first line is empty or no ``property: value`` has no header.

    Parameters
    ----------
    content
        Text of the file.
    source
        Name of the file, for messages.

    Raises
    ------
    ConfigSyntaxError
        The header does not end with an empty line, has a line of another form or a property
        twice; or the map has no core or too many.
    """
    lines = text.lines(content, source=source)
    mistakes = text.Mistakes()
    properties: dict[str, _Property] = {}
    rows: tuple[tuple[str, ...], ...] = ()
    with mistakes.kept():
        header_count = _header_count(lines)
        properties = _properties(lines[:header_count], mistakes)
        rows = _rows(lines[header_count:], source)
    force = properties.get(_FORCE)
    if force is not None and force.value.lower() not in (*_TRUE, *_FALSE):
        with mistakes.kept():
            raise force.line.error(f"force is true or false, not {text.shown(force.value)}")
    mistakes.check()
    return TmaMap.of({entry.name: entry.value for entry in properties.values()}, rows)


def write(value: TmaMap) -> str:
    """Return the text of the file; the empty line is always there, also without a header."""
    header = [f"{name}: {content}".rstrip() for name, content in value.header.items()]
    # A lone space keeps an empty row of a one-column map apart from the end of the file.
    rows = ["\t".join(row) or " " for row in value.rows]
    return "\n".join([*header, "", *rows]) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Property:
    line: text.Line
    name: str
    value: str


def _property(line: text.Line) -> _Property | None:
    # A spreadsheet pads every line with TABs to the width of the map.
    name, colon, value = line.text.rstrip().partition(":")
    name = name.strip()
    if not colon or "\t" in value or not _PROPERTY_NAME.fullmatch(name):
        return None
    return _Property(line=line, name=name.lower(), value=value.strip())


def _header_count(lines: list[text.Line]) -> int:
    """Return how many lines the header has, with the empty line that ends it."""
    if not lines[0].text.strip(" "):
        return 1
    if _property(lines[0]) is None:
        return 0
    mistakes = text.Mistakes()
    for count, line in enumerate(lines, start=1):
        if line.is_blank:
            mistakes.check()
            return count
        with mistakes.kept():
            if _property(line) is None:
                raise line.error(
                    "expected a header line, property: value, or the empty line that ends the "
                    "header"
                )
    mistakes.check()
    raise lines[-1].error("the map is missing: the header ends with an empty line, then come rows")


def _properties(lines: list[text.Line], mistakes: text.Mistakes) -> dict[str, _Property]:
    found: dict[str, _Property] = {}
    for line in lines:
        entry = _property(line)
        if entry is None:
            continue
        with mistakes.kept():
            earlier = found.setdefault(entry.name, entry)
            if earlier is not entry:
                raise line.error(
                    f"{text.shown(entry.name)} stands in line {earlier.line.number} already"
                )
    return found


def _list(content: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in content.split(",") if part.strip())


def _rows(lines: list[text.Line], source: str) -> tuple[tuple[str, ...], ...]:
    if all(line.is_blank for line in lines):
        raise text.ConfigSyntaxError(
            "the map has no cores; expected rows of sample ids, separated by TAB", source=source
        )
    width = max(line.text.count("\t") + 1 for line in lines)
    lines = _without_blank_ends(lines, width)
    if width * len(lines) > MAX_CORES:
        raise lines[0].error(
            f"the map has {len(lines)} rows of {width} columns; at most {MAX_CORES} cores are read"
        )
    rows = []
    mistakes = text.Mistakes()
    for line in lines:
        samples = line.fields("\t")
        for sample in samples:
            with mistakes.kept():
                line.check_length(sample, MAX_SAMPLE_LENGTH, "the sample id")
        # Source: seed, TMA Maps: shorter lines are padded by empty cores.
        rows.append(tuple(sample.text for sample in samples) + ("",) * (width - len(samples)))
    mistakes.check()
    return tuple(rows)


def _without_blank_ends(lines: list[text.Line], width: int) -> list[text.Line]:
    """Drop what only ends the file, but no row: rows of empty cores hold TABs, or a lone space."""
    padding = " " if width > 1 else ""
    first, last = 0, len(lines)
    while not lines[first].text.strip(padding):
        first += 1
    while not lines[last - 1].text.strip(padding):
        last -= 1
    return lines[first:last]
