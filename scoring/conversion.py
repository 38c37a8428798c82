"""Conversion: every format of annotations by its name, by its file's ending and by its bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from records.errors import InputError
from scoring import decompress
from scoring.formats import (
    anno1,
    anno2,
    anno2_shapes,
    answer_tsv,
    asap,
    coco,
    geojson,
    imagescope,
    plain_tsv,
)
from scoring.formats.answer_tsv import Author
from scoring.formats.coco import Picture
from scoring.marked import Losses, Marked, Piece, Traits
from scoring.shapes import Pack, Shape

MAX_GUNZIPPED_BYTES = 64 << 30
"""The most that a compressed file of text may hold; it is never in memory as a whole."""

_HEAD_BYTES = 4096

Reader = Callable[[BinaryIO, Losses], Iterator[Piece]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a format may say of the slide besides its shapes.

    Parameters
    ----------
    mpp
        µm per level-0 pixel; None where it is not known.
    """

    picture: Picture | None = None
    mpp: float | None = None
    author: Author | None = None


Writer = Callable[[Iterable[Piece], Losses, Setting], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Parameters
    ----------
    name
        As it is asked for.
    title
        As messages call it.
    endings
        Of its files, the usual one first.
    """

    name: str
    title: str
    endings: tuple[str, ...]
    media_type: str
    parse: Reader
    write: Writer


def _plainly(write: Callable[[Iterable[Piece], Losses], Iterator[bytes]]) -> Writer:
    return lambda pieces, losses, setting: write(pieces, losses)


_JSON, _XML, _TSV = "application/json", "application/xml", "text/tab-separated-values"

FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format(
            "geojson",
            geojson.NAME,
            (".geojson", ".geo.json"),
            "application/geo+json",
            geojson.parse,
            _plainly(geojson.write),
        ),
        Format("asap", asap.NAME, (".asap.xml", ".xml"), _XML, asap.parse, _plainly(asap.write)),
        Format(
            "imagescope",
            imagescope.NAME,
            (".imagescope.xml",),
            _XML,
            imagescope.parse,
            lambda pieces, losses, setting: imagescope.write(pieces, losses, mpp=setting.mpp),
        ),
        Format(
            "coco",
            coco.NAME,
            (".coco.json",),
            _JSON,
            coco.parse,
            lambda pieces, losses, setting: coco.write(pieces, losses, picture=setting.picture),
        ),
        Format("anno1", anno1.NAME, (".json",), _JSON, anno1.parse, _plainly(anno1.write)),
        Format(
            "anno2",
            anno2_shapes.NAME,
            (".zip", ".anno2"),
            "application/zip",
            anno2_shapes.parse,
            _plainly(anno2_shapes.write),
        ),
        Format(
            "results",
            answer_tsv.NAME,
            (".results.tsv", ".txt"),
            _TSV,
            answer_tsv.parse,
            lambda pieces, losses, setting: answer_tsv.write(pieces, losses, author=setting.author),
        ),
        Format("tsv", plain_tsv.NAME, (".tsv",), _TSV, plain_tsv.parse, _plainly(plain_tsv.write)),
    )
}


def by_name(name: str) -> Format:
    """Return the format of a name in any case.

    Raises
    ------
    InputError
        There is none; the message lists them.
    """
    found = FORMATS.get(name.strip().lower())
    if found is None:
        raise InputError(f"{name!r} is no format; there are: {', '.join(FORMATS)}")
    return found


def by_file_name(name: str) -> Format:
    """Return the format that the ending of a file to be written asks for.

    Raises
    ------
    InputError
        No format has that ending.
    """
    plain = name.lower().removesuffix(".gz")
    endings = ((ending, form) for form in FORMATS.values() for ending in form.endings)
    for ending, form in sorted(endings, key=lambda entry: -len(entry[0])):
        if plain.endswith(ending):
            return form
    known = ", ".join(form.endings[0] for form in FORMATS.values())
    raise InputError(f"the ending of {name!r} belongs to no format; expected one of {known}")


def by_content(stream: BinaryIO) -> Format:
    """Return the format of a file by its first bytes; the stream stands at its start again.

    Raises
    ------
    InputError
        It is none of them.
    """
    head = stream.read(_HEAD_BYTES)
    stream.seek(0)
    if head.startswith(b"\x1f\x8b"):
        head = decompress.gunzipped(stream, most_bytes=MAX_GUNZIPPED_BYTES).read(_HEAD_BYTES)
        stream.seek(0)
    if head.startswith(b"PK\x03\x04"):
        return FORMATS["anno2"]
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return FORMATS["asap" if b"<ASAP_Annotations" in text else "imagescope"]
    if text.startswith(b"["):
        return FORMATS["geojson" if b'"Feature"' in text else "anno1"]
    if text.startswith(b"{"):
        is_geojson = any(sign in text for sign in (b'"Feature', b'"geometry"', b'"coordinates"'))
        return FORMATS["geojson" if is_geojson else "coco"]
    first = text.split(b"\n")[0]
    if first and not first.strip(b"0123456789+-.eE \t\r"):
        return FORMATS["tsv"]
    if b"\t" in text:
        return FORMATS["results"]
    known = ", ".join(form.title for form in FORMATS.values())
    raise InputError(f"the file is none of {known}")


def read(stream: BinaryIO, losses: Losses, form: Format | None = None) -> Iterator[Piece]:
    """Return the shapes of a file; text may be compressed by gzip.

    Parameters
    ----------
    stream
        Seekable.
    form
        Its format; None to tell it by its bytes.

    Raises
    ------
    InputError
        It is not of that format.
    """
    form = form or by_content(stream)
    magic = stream.read(2)
    stream.seek(0)
    if magic != b"\x1f\x8b":
        return form.parse(stream, losses)
    if form.name == "anno2":
        # A zip is read from its end; and gzipped JSON is an annotation file by itself.
        return _gunzipped_zip(stream, losses, form)
    return form.parse(decompress.gunzipped(stream, most_bytes=MAX_GUNZIPPED_BYTES), losses)


def _gunzipped_zip(stream: BinaryIO, losses: Losses, form: Format) -> Iterator[Piece]:
    inner = decompress.gunzipped(stream, most_bytes=anno2.MAX_FILE_BYTES)
    if inner.read(2) != b"PK":
        stream.seek(0)
        return form.parse(stream, losses)
    inner.seek(0)
    return form.parse(io.BytesIO(inner.read()), losses)


def of_shapes(drawn: Sequence[Shape | Pack], traits: Traits) -> Iterator[Piece]:
    """Return shapes with the same traits as pieces."""
    return (Marked(shape=shape, traits=traits) for shape in drawn)
