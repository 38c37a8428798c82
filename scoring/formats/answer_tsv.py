"""Answers in a table of results as marked shapes, and marked shapes as rows of such a table."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Self

from records.errors import InputError
from scoring import spool
from scoring.formats import anno1, answer_lines
from scoring.formats.results_tsv import Layout, ResultRow
from scoring.marked import Carrier, Losses, MarkedPack, Piece, Traits

NAME = "results TSV"

_KEEPS = ("group", "label", "metadata")
_ANSWER_CHARS = 64_000_000
_HELD_BYTES = 8 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Whose answers the rows are, and about which slide."""

    slide_id: int = 0
    slide_name: str = ""
    email: str = ""


def parse(stream: BinaryIO, losses: Losses) -> Iterator[Piece]:
    """Read the drawn answers of a table of results; the question is their class.

    Answers that are no annotations are left out. Slide and reader are kept as metadata.

    Raises
    ------
    InputError
        It is no such table.
    """
    slides = set()
    for row, answer in answer_lines.read(stream, source=NAME):
        if not row.value.startswith("["):
            losses.add("answer that is no annotation left out")
            continue
        slides.add((row.slide_id, row.slide_name))
        yield from _shapes(row, answer, losses)
    if len(slides) > 1:
        losses.add("slides put into one: a file here holds one slide", len(slides))


def write(
    pieces: Iterable[Piece], losses: Losses, *, author: Author | None = None
) -> Iterator[bytes]:
    """Write a row for each class: its shapes, and one for its points.

    Parameters
    ----------
    author
        Whose rows they are; without one, slide and reader of the shapes' own metadata.
    """
    carrier = Carrier(NAME, _KEEPS, losses)
    layout = Layout(modified_on=False)
    yield layout.header().encode() + b"\n"
    with _Gathered() as answers:
        for piece in pieces:
            carrier.note(piece)
            for item, traits in zip(anno1.items(piece, carrier), _traits(piece), strict=False):
                answers.add((author or _author(traits), traits.group), item)
        for (whose, group), size in answers.sizes.items():
            losses.add("answer too long to be uploaded as text", size > _ANSWER_CHARS)
            row = ResultRow(
                slide_id=whose.slide_id,
                slide_name=whose.slide_name,
                email=whose.email,
                question=group or "Annotation",
                value="",
            )
            # The answer is the last column.
            yield layout.line(row).encode() + b"["
            yield from answers.told((whose, group))
            yield b"]\n"


class _Gathered:
    """Answers that grow side by side: in a file, and but little of them in memory.

    Attributes
    ----------
    sizes
        Author and class of each answer, as they came -> its bytes.
    """

    def __init__(self) -> None:
        self.sizes: dict[tuple[Author, str], int] = {}
        self._file = spool.open_file()
        self._runs: dict[tuple[Author, str], list[tuple[int, int]]] = {}
        self._held: dict[tuple[Author, str], list[bytes]] = {}
        self._held_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, key: tuple[Author, str], item: bytes) -> None:
        """Add an element to an answer."""
        size = self.sizes.get(key, 0)
        text = b"," + item if size else item
        self.sizes[key] = size + len(text)
        self._held.setdefault(key, []).append(text)
        self._held_bytes += len(text)
        if self._held_bytes > _HELD_BYTES:
            self._put_away()

    def told(self, key: tuple[Author, str]) -> Iterator[bytes]:
        """Yield an answer, piece by piece."""
        self._put_away()
        for start, size in self._runs[key]:
            self._file.seek(start)
            yield self._file.read(size)

    def _put_away(self) -> None:
        place = self._file.seek(0, os.SEEK_END)
        for key, texts in self._held.items():
            size = self._file.write(b"".join(texts))
            self._runs.setdefault(key, []).append((place, size))
            place += size
        self._held, self._held_bytes = {}, 0


def _shapes(row: ResultRow, answer: BinaryIO, losses: Losses) -> Iterator[Piece]:
    metadata = (
        ("imageId", str(row.slide_id or "")),
        ("imageName", row.slide_name),
        ("by", row.email),
    )
    traits = Traits(group=row.question, metadata=tuple(item for item in metadata if item[1]))
    try:
        yield from anno1.parse(answer, losses, traits=traits)
    except InputError as error:
        raise InputError(error.reason, source=NAME, line=row.line) from None


def _traits(piece: Piece) -> Iterable[Traits]:
    """Return the traits of each item of a piece."""
    return piece.traits if isinstance(piece, MarkedPack) else itertools.repeat(piece.traits)


def _author(traits: Traits) -> Author:
    """Return what an earlier table said of a shape."""
    said = dict(traits.metadata)
    slide_id, email = said.get("imageId", ""), said.get("by", "")
    if not (slide_id.isascii() and slide_id.isdigit() and len(slide_id) < 19 and email):
        raise InputError(
            "rows of results need the slide's imageId and the reader's e-mail address", source=NAME
        )
    return Author(slide_id=int(slide_id), slide_name=said.get("imageName", ""), email=email)
