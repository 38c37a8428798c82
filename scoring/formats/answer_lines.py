"""Lines of a table of results, one after the other, with answers of any length.

Of a long line, which only an annotation makes, the answer is told as a stream and never kept as a
whole; all others are read as ``results_tsv`` reads them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from records.errors import InputError
from scoring.formats import results_tsv
from scoring.formats.results_tsv import ResultRow
from scoring.problems import Problems

if TYPE_CHECKING:
    from typing_extensions import Buffer

MAX_LINE_BYTES = 1 << 20
"""Lines up to this length are read as a whole; a longer one may hold so much besides its answer."""

_PIECE_BYTES = 1 << 18
_MAY_FOLLOW = frozenset({"", "modified_on"})


def read(stream: BinaryIO, *, source: str) -> Iterator[tuple[ResultRow, BinaryIO]]:
    """Yield each row with its answer, which ends with the next row.

    Parameters
    ----------
    source
        What messages call the table.

    Yields
    ------
    tuple
        A row, of whose ``value`` only the beginning may be there, and its answer, to be read
        onwards.

    Raises
    ------
    InputError
        A line is no row, or no UTF-8; the message tells its number, its column and the expected
        form.
    """
    table = _Table(stream, source)
    while line := table.line():
        if _is_long(line):
            yield from table.long(line)
            continue
        text = table.text(line).removesuffix("\n")
        if text and not text.isspace():
            row = table.row(results_tsv.cells_of(text))
            yield row, io.BytesIO(row.value.encode())


def _is_long(line: bytes) -> bool:
    """Tell whether a line is the beginning of a longer one."""
    return len(line) == MAX_LINE_BYTES and not line.endswith(b"\n")


class _Table:
    """A table behind its first line, which is its header or nothing."""

    def __init__(self, stream: BinaryIO, source: str) -> None:
        self._stream = stream
        self._source = source
        self._number = 0
        first = self.line()
        self._columns: tuple[str, ...] | None = None
        if _is_long(first):
            # Never an answer, whatever it holds.
            _Answer(first, stream).end()
        else:
            header = self.text(first).removeprefix("\ufeff").removesuffix("\n")
            self._columns = results_tsv.header_columns(header)

    def line(self) -> bytes:
        """Return the next line with its end, or the beginning of a long one."""
        self._number += 1
        return self._stream.readline(MAX_LINE_BYTES)

    def text(self, line: bytes) -> str:
        """Return a line, or a part of it, as text."""
        try:
            return line.decode()
        except UnicodeDecodeError:
            raise self._error("is no UTF-8 text") from None

    def row(self, cells: list[str]) -> ResultRow:
        """Return the cells of a line as a row."""
        problems = Problems()
        row = results_tsv.read_row(cells, self._columns, self._number, problems)
        problems.refuse_if_any()
        if row is None:
            raise self._error("is no row")
        return row

    def long(self, head: bytes) -> Iterator[tuple[ResultRow, BinaryIO]]:
        """Yield the row that begins so, and its answer; then go to the end of the line."""
        columns = self._columns
        # Without a header, the answer is the last column.
        place = head.count(b"\t") if columns is None else columns.index("value")
        behind = () if columns is None else columns[place + 1 :]
        *before, begun = head.split(b"\t", place)
        if len(before) < place or not _MAY_FOLLOW.issuperset(behind):
            raise self._error(
                f"has more than {MAX_LINE_BYTES >> 20} MiB before its answer, or a column behind "
                "it; expected all but lastModifiedOn before so long an answer"
            )
        cells = [*map(self.text, before), self.text(begun[:1]), *("" for _ in behind)]
        answer = _Answer(begun, self._stream)
        yield self.row(cells), io.BufferedReader(answer, _PIECE_BYTES)
        if answer.end() != len(behind):
            raise self._error("has other columns behind its answer than the header")

    def _error(self, reason: str) -> InputError:
        return InputError(reason, source=self._source, line=self._number)


class _Answer(io.RawIOBase):
    """An answer up to the end of its cell.

    Parameters
    ----------
    begun
        What was read of it, and perhaps of the cells behind it.
    stream
        Gives the rest of the line.
    """

    def __init__(self, begun: bytes, stream: BinaryIO) -> None:
        self._pending = begun
        self._stream = stream
        self._is_over = False

    def readable(self) -> bool:
        """Tell that it is made for reading."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Read the next bytes of the answer."""
        if self._is_over:
            return 0
        view = memoryview(buffer)
        piece, self._pending = self._pending[: len(view)], self._pending[len(view) :]
        piece = piece or self._stream.readline(len(view))
        cell, end, rest = piece.partition(b"\t")
        if end:
            self._pending = end + rest + self._pending
        elif cell.endswith(b"\n"):
            self._pending = b"\n"
        self._is_over = bool(end) or cell.endswith(b"\n")
        view[: len(cell)] = cell
        return len(cell)

    def end(self) -> int:
        """Pass over the rest of the line, and return how many cells there are behind the answer."""
        count = 0
        piece = self._pending
        while not piece.endswith(b"\n") and (more := self._stream.readline(_PIECE_BYTES)):
            count += piece.count(b"\t")
            piece = more
        return count + piece.count(b"\t")
