"""Results as a table of tab-separated columns: the download, and what UploadResults accepts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from scoring.problems import Problems, shown

NAMES = {
    "case_name": "CaseName",
    "slide_id": "ImageID",
    "slide_name": "Image Name",
    "email": "By",
    "tma_row": "TMA Row",
    "tma_column": "TMA Col",
    "tma_sample": "TMA Sample",
    "question": "Question",
    "value": "Answer",
    "modified_on": "lastModifiedOn",
}
"""Our field -> the column's name in a download.

Source: slidescore.md 3.7: NKI's client compares the header without case and TMA for equality. The
names of the other columns are the seed's and the SDK's; how a download with them looks is our
choice.
"""

_ONE_LINE = str.maketrans("\t\r\n", "   ")

# Names under which columns are recognised: lower case, letters and digits only.
_ALIASES = {
    "case": "case_name",
    "name": "slide_name",
    "slide": "slide_name",
    "slidename": "slide_name",
    "slideid": "slide_id",
    "user": "email",
    "email": "email",
    "author": "email",
    "tmacolumn": "tma_column",
    "tmasampleid": "tma_sample",
    "modifiedon": "modified_on",
} | {re.sub(r"[^a-z0-9]", "", name.lower()): known for known, name in NAMES.items()}

_SLIDE = ("slide_id", "slide_name", "email")
_CORE = ("tma_row", "tma_column", "tma_sample")
_ANSWER = ("question", "value")
# Source: slidescore.md 3.7: clients write no header, so the number of columns tells the shape.
_SHAPES: dict[int, tuple[str, ...]] = {
    4: ("case_name", "email", *_ANSWER),
    5: (*_SLIDE, *_ANSWER),
    6: ("case_name", *_SLIDE, *_ANSWER),
    8: (*_SLIDE, *_CORE, *_ANSWER),
    9: ("case_name", *_SLIDE, *_CORE, *_ANSWER),
}
# Source: SDK, toRow: its row about a case repeats the case's name.
_DOUBLED_CASE = ("case_name", "case_name", "email", *_ANSWER)
_EXPECTED = (
    "expected ImageID, Name, By, Question, Answer; with TMA Row, TMA Col, TMA Sample before "
    "Question for a core; with CaseName first for a slide of a case; or CaseName, By, Question, "
    "Answer"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One answer as the table tells it; rows and columns of cores count from 0.

    Parameters
    ----------
    line
        Where it stood, counted from 1; for messages only.
    slide_id
        None for an answer about a case.
    """

    slide_id: int | None
    slide_name: str = ""
    case_name: str | None = None
    email: str
    tma_row: int | None = None
    tma_column: int | None = None
    tma_sample: str | None = None
    question: str
    value: str
    modified_on: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Results:
    """The rows of a table, and what its sender should know about how it was read."""

    rows: tuple[ResultRow, ...]
    notes: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which columns a download has besides those that every one has."""

    cases: bool = False
    cores: bool = False
    modified_on: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields, in order."""
        return (
            *(("case_name",) if self.cases else ()),
            *_SLIDE,
            *(_CORE if self.cores else ()),
            *_ANSWER,
            *(("modified_on",) if self.modified_on else ()),
        )

    def header(self) -> str:
        """Return the first line, without its end."""
        return "\t".join(NAMES[column] for column in self.columns)

    def line(self, row: ResultRow) -> str:
        """Return a row's line, without its end."""
        cells = (getattr(row, column) for column in self.columns)
        # Names may hold tabs or line ends; they become spaces. Answers never do.
        return "\t".join("" if cell is None else str(cell).translate(_ONE_LINE) for cell in cells)


def parse(text: str) -> Results:
    r"""Read a table of results.

    The first line is never an answer (clients send a header, a comment or an empty line); when it
    is the header of a download, it names the columns. Blank lines are passed over. A line ends at
    ``\n`` or ``\r\n``.

    Raises
    ------
    InputError
        Lines that are no rows; each with its number, its column and the expected form.
    """
    problems = Problems()
    rows = tuple(parse_rows(text, problems))
    problems.refuse_if_any()
    return Results(rows, notes_on(text))


def parse_rows(text: str, problems: Problems) -> Iterator[ResultRow]:
    """Read a table row by row, as ``parse`` does, without holding more than one.

    Parameters
    ----------
    problems
        Where lines that are no rows are noted.
    """
    lines = _lines(text)
    columns = header_columns(next(lines))
    for number, line in enumerate(lines, start=2):
        if line and not line.isspace():
            row = read_row(cells_of(line), columns, number, problems)
            if row is not None:
                yield row


def notes_on(text: str) -> tuple[str, ...]:
    """Return what the sender of a table should know about how it is read."""
    first = next(_lines(text))
    if header_columns(first) is not None or len(cells_of(first)) not in _SHAPES:
        return ()
    return (f"line 1 was taken as a header, not as an answer: {shown(first)}",)


def write(results: Results) -> str:
    """Write a table with a header, and with the columns that its rows need."""
    layout = layout_of(results.rows)
    return "".join(f"{line}\n" for line in (layout.header(), *map(layout.line, results.rows)))


def layout_of(rows: Iterable[ResultRow]) -> Layout:
    """Return the columns that rows need."""
    found: Sequence[ResultRow] = tuple(rows)
    return Layout(
        cases=any(row.case_name is not None for row in found),
        cores=any(row.tma_row is not None for row in found),
        modified_on=any(row.modified_on is not None for row in found),
    )


def _lines(text: str) -> Iterator[str]:
    """Return the lines of a text, at least one, without ever holding all of them."""
    start = 1 if text.startswith("\ufeff") else 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]


def cells_of(line: str) -> list[str]:
    """Return the cells of a line without its end."""
    return line.removesuffix("\r").split("\t")


def header_columns(line: str) -> tuple[str, ...] | None:
    """Return the fields that a header names, or None when the line is no header."""
    names = [re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in cells_of(line)]
    columns = tuple(_ALIASES.get(name, "") for name in names)
    needed = {"email", "question", "value"}
    if not needed <= set(columns) or not {"slide_id", "case_name"} & set(columns):
        return None
    return columns if len(set(columns) - {""}) == len(columns) - columns.count("") else None


def read_row(
    cells: list[str], columns: tuple[str, ...] | None, line: int, problems: Problems
) -> ResultRow | None:
    """Return the cells of a line as a row, or None when they are none.

    Parameters
    ----------
    columns
        The fields that the header names, if there is one.
    line
        Its number, counted from 1.
    problems
        Where what is wrong with it is noted.
    """
    shape = columns or _shape(cells)
    if shape is None:
        problems.add(line, f"has {len(cells)} columns; {_EXPECTED}")
        return None
    if len(cells) != len(shape):
        problems.add(line, f"has {len(cells)} columns where the header has {len(shape)}")
        return None
    fields = dict(zip(shape, cells, strict=True))
    wrong = _wrong_cells(fields)
    for message in wrong:
        problems.add(line, message)
    return None if wrong else _built(fields, line)


def _shape(cells: list[str]) -> tuple[str, ...] | None:
    if len(cells) == 5 and cells[0] == cells[1] and not _is_number(cells[0]):
        return _DOUBLED_CASE
    return _SHAPES.get(len(cells))


def _wrong_cells(fields: dict[str, str]) -> list[str]:
    wrong = [
        f"{NAMES[name]} is {shown(fields[name])}; expected a whole number"
        for name in ("slide_id", "tma_row", "tma_column")
        if fields.get(name, "").strip() and not _is_number(fields[name])
    ]
    wrong += [
        f"{NAMES[name]} is empty; expected {form}"
        for name, form in (("email", "an e-mail address"), ("question", "a question's name"))
        if not fields[name].strip()
    ]
    halves = [bool(fields.get(name, "").strip()) for name in ("tma_row", "tma_column")]
    if any(halves) and not all(halves):
        wrong.append("TMA Row and TMA Col: one of them is empty; expected both, or neither")
    if "\r" in fields["value"]:
        wrong.append(f"Answer {shown(fields['value'])} holds a line break; expected one line")
    slide = fields.get("slide_id", "").strip()
    if slide in {"", "0"} and not fields.get("case_name", "").strip():
        wrong.append(f"ImageID is {shown(slide)}; expected a slide's id, or a CaseName before it")
    return wrong


def _built(fields: dict[str, str], line: int) -> ResultRow:
    def number(name: str) -> int | None:
        cell = fields.get(name, "").strip()
        return int(cell) if cell else None

    tma_row, tma_column = number("tma_row"), number("tma_column")
    has_core = tma_row is not None and tma_column is not None
    return ResultRow(
        # Source: SDK, SlideScoreResult: it writes 0 for the missing image of a case's answer.
        slide_id=number("slide_id") or None,
        slide_name=fields.get("slide_name", "").strip(),
        case_name=fields.get("case_name", "").strip() or None,
        email=fields["email"].strip(),
        tma_row=tma_row,
        tma_column=tma_column,
        tma_sample=fields.get("tma_sample", "").strip() if has_core else None,
        question=fields["question"].strip(),
        value=fields["value"],
        modified_on=fields.get("modified_on", "").strip() or None,
        line=line,
    )


def _is_number(cell: str) -> bool:
    cell = cell.strip()
    return cell.isascii() and cell.isdigit() and len(cell) < 19
