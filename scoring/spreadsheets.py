"""Spreadsheets: tables of cells as TSV, CSV or XLSX, safe to open."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import IO

import xlsxwriter

from records.errors import InputError

Cell = str | int | float | None

# Source: Microsoft's "Excel specifications and limits".
MAX_XLSX_ROWS = 1_048_576
MAX_XLSX_COLUMNS = 16_384
MAX_XLSX_CHARS = 32_767

_ONE_LINE = str.maketrans("\t\r\n", "   ")
# Source: OWASP, CSV Injection: what a spreadsheet takes for a formula, in half and full width.
_FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")


class Format(StrEnum):
    """How a table is written."""

    TSV = "tsv"
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """The type in HTTP."""
        return {
            Format.TSV: "text/tab-separated-values; charset=utf-8",
            Format.CSV: "text/csv; charset=utf-8",
            Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }[self]


def write(file: IO[bytes], rows: Iterable[Sequence[Cell]], *, form: Format, columns: int) -> None:
    """Write a table row by row, whatever its length.

    Parameters
    ----------
    file
        Where it is written; stays open.
    rows
        The header first.
    columns
        How many cells a row has.

    Raises
    ------
    InputError
        An XLSX cannot hold so many rows or columns.
    """
    if form is Format.XLSX:
        _write_xlsx(file, rows, columns)
        return
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    if form is Format.CSV:
        # With a byte order mark, or Excel takes UTF-8 for the machine's own code page.
        text.write("\ufeff")
        csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    else:
        for row in rows:
            text.write("\t".join(_plain(cell) for cell in row) + "\n")
    text.detach()


def number_of(text: str) -> str | float | int:
    """Return the number that an answer to a numeric question is, or the text as it stands."""
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def _write_xlsx(file: IO[bytes], rows: Iterable[Sequence[Cell]], columns: int) -> None:
    if columns > MAX_XLSX_COLUMNS:
        raise InputError(
            f"the table has {columns:,} columns; an XLSX holds {MAX_XLSX_COLUMNS:,}: take csv"
        )
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("Results")
        head = book.add_format({"bold": True, "quote_prefix": True})
        # Marks a text as text, so that it stays one when somebody edits the cell.
        quoted = book.add_format({"quote_prefix": True})
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows):
            if number == MAX_XLSX_ROWS:
                raise InputError(f"an XLSX holds {MAX_XLSX_ROWS:,} rows only: take csv")
            for column, cell in enumerate(row):
                if isinstance(cell, int | float):
                    sheet.write_number(number, column, cell)
                elif cell:
                    style = quoted if _FORMULA.match(cell) else None
                    sheet.write_string(number, column, _fitting(cell), style if number else head)


def _fitting(cell: str) -> str:
    """Return a text that a cell can hold; what is too long is told, never cut."""
    if len(cell) <= MAX_XLSX_CHARS:
        return cell
    return f"({len(cell):,} characters: too long for a cell of XLSX; take csv or tsv)"


def _harmless(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula; numbers stay as they are."""
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _plain(cell: Cell) -> str:
    return "" if cell is None else str(cell).translate(_ONE_LINE)
