"""Answers in a table of results as marked shapes, and marked shapes as rows of such a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from records.errors import InputError
from scoring.formats import anno1, annoshapes, results_tsv
from scoring.formats.results_tsv import Layout, ResultRow
from scoring.marked import Carrier, Losses, Marked, Piece, Traits, singly
from scoring.shapes import FileLink

NAME = "results TSV"

MAX_BYTES = 512 << 20
"""The whole text is kept while its rows are read."""

_KEEPS = ("group", "label")
_ANSWER_CHARS = 64_000_000


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
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError(f"has more than {MAX_BYTES >> 20} MiB", source=NAME)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise InputError("is no UTF-8 text", source=NAME) from None
    slides = set()
    for row in results_tsv.parse(text).rows:
        if not row.value.startswith("["):
            losses.add("answer that is no annotation left out")
            continue
        slides.add((row.slide_id, row.slide_name))
        yield from _shapes(row, losses)
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
    carrier = Carrier(NAME, (*_KEEPS, "metadata"), losses)
    answers: dict[tuple[Author, str], list[bytes]] = {}
    sizes = 0
    for piece in pieces:
        carrier.note(piece)
        for single in singly([piece]):
            whose = author or _author(single.traits)
            items = list(anno1.items(single, carrier))
            sizes += sum(map(len, items))
            if sizes > MAX_BYTES:
                raise InputError(f"more than {MAX_BYTES >> 20} MiB of answers are too many for TSV")
            answers.setdefault((whose, single.traits.group), []).extend(items)
    layout = Layout(modified_on=False)
    yield layout.header().encode() + b"\n"
    for (whose, group), items in answers.items():
        value = "[" + b",".join(items).decode() + "]"
        losses.add("answer too long to be uploaded as text", len(value) > _ANSWER_CHARS)
        row = ResultRow(
            slide_id=whose.slide_id,
            slide_name=whose.slide_name,
            email=whose.email,
            question=group or "Annotation",
            value=value,
        )
        yield layout.line(row).encode() + b"\n"


def _shapes(row: ResultRow, losses: Losses) -> Iterator[Marked]:
    metadata = (
        ("imageId", str(row.slide_id or "")),
        ("imageName", row.slide_name),
        ("by", row.email),
    )
    traits = Traits(group=row.question, metadata=tuple(item for item in metadata if item[1]))
    try:
        drawn = annoshapes.parse(row.value)
    except InputError as error:
        raise InputError(error.reason, source=NAME, line=row.line) from None
    for shape in drawn:
        if isinstance(shape, FileLink):
            losses.add("link to an annotation file left out")
        else:
            yield Marked(shape=shape, traits=traits)


def _author(traits: Traits) -> Author:
    """Return what an earlier table said of a shape."""
    said = dict(traits.metadata)
    slide_id, email = said.get("imageId", ""), said.get("by", "")
    if not (slide_id.isascii() and slide_id.isdigit() and len(slide_id) < 19 and email):
        raise InputError(
            "rows of results need the slide's imageId and the reader's e-mail address", source=NAME
        )
    return Author(slide_id=int(slide_id), slide_name=said.get("imageName", ""), email=email)
