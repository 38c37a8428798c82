"""The command ``coverslip convert``: annotations of one format as a file of another, offline."""

from __future__ import annotations

import contextlib
import gzip
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import numpy as np
import typer

from records import filestore
from records.errors import InputError
from scoring import conversion, marked as marking
from scoring.conversion import FORMATS, Setting
from scoring.formats.answer_tsv import Author
from scoring.formats.coco import Picture
from scoring.marked import Losses, MarkedPack, Piece
from tileserver import probe

_BLOCK_BYTES = 1 << 20
_NAMES = ", ".join(FORMATS)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command()
    def convert(  # noqa: PLR0913 - options, all by name
        source: Annotated[Path, typer.Argument(metavar="IN", help="The file to read; .gz too.")],
        target: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write; .gz too.")],
        *,
        from_: Annotated[
            str, typer.Option("--from", help=f"Format of IN, else told by its bytes: {_NAMES}.")
        ] = "",
        to: Annotated[
            str, typer.Option("--to", help="Format of OUT, else told by its ending.")
        ] = "",
        slide: Annotated[
            Path | None, typer.Option(help="The slide: its name, size and µm per pixel.")
        ] = None,
        mpp: Annotated[
            float | None,
            typer.Option(help="µm per pixel, instead of the slide's.", min=0.001, max=1000),
        ] = None,
        image_id: Annotated[int, typer.Option(help="For results: the slide's id.", min=0)] = 0,
        email: Annotated[str, typer.Option(help="For results: the reader's address.")] = "",
        force: Annotated[bool, typer.Option("--force", help="Replace OUT.")] = False,
    ) -> None:
        """Convert annotations between formats; tells what OUT cannot carry.

        Endings: .geojson, .xml (ASAP), .imagescope.xml, .coco.json, .json (anno1), .zip (anno2),
        .results.tsv and .tsv (coordinates). Files of millions of shapes are read piece by piece.
        """
        if target.exists() and not force:
            raise InputError(f"{target.name} is there already; --force replaces it")
        reader = conversion.by_name(from_) if from_ else None
        writer = conversion.by_name(to) if to else conversion.by_file_name(target.name)
        author = Author(slide_id=image_id, email=email) if image_id and email else None
        setting = _setting(slide, mpp, author)
        losses = Losses()
        with _opened(source) as stream, _progress(source) as show:
            pieces = _watched(conversion.read(stream, losses, reader), stream, show)
            counted = _Counted(pieces, setting.picture, losses)
            try:
                _write(target, writer.write(counted, losses, setting))
            except InputError as error:
                raise InputError(f"{source.name}: {error.message}") from None
        typer.echo(f"{counted.count:,} shapes written to {target.name} ({writer.title})")
        for line in losses.lines():
            typer.echo(f"warning: {line}", err=True)


def _setting(slide: Path | None, mpp: float | None, author: Author | None) -> Setting:
    if slide is None:
        return Setting(mpp=mpp, author=author)
    facts = probe.describe(slide).facts
    picture = Picture(file_name=slide.name, width=facts.size.width, height=facts.size.height)
    return Setting(picture=picture, mpp=mpp or facts.mpp_x, author=author)


@contextlib.contextmanager
def _opened(source: Path) -> Iterator[BinaryIO]:
    try:
        with source.open("rb") as stream:
            yield stream
    except OSError as error:
        raise InputError(f"{source.name} cannot be read: {error.strerror}") from None


def _write(target: Path, blocks: Iterable[bytes]) -> None:
    """Write a file whole or not at all."""
    with filestore.atomic_path(target.absolute()) as path, path.open("wb") as plain:
        opened: gzip.GzipFile | io.BufferedWriter = (
            gzip.GzipFile(fileobj=plain, mode="wb", compresslevel=6)
            if target.name.lower().endswith(".gz")
            else plain
        )
        buffer = bytearray()
        for block in blocks:
            buffer += block
            if len(buffer) >= _BLOCK_BYTES:
                opened.write(bytes(buffer))
                buffer.clear()
        opened.write(bytes(buffer))
        if opened is not plain:
            opened.close()


@contextlib.contextmanager
def _progress(source: Path) -> Iterator[Callable[[int], None]]:
    """Yield what is to be told how many bytes were read; shows a bar on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda place: None
        return
    length = source.stat().st_size
    with typer.progressbar(length=length, label=f"Reading {source.name}", file=sys.stderr) as bar:
        yield lambda place: bar.update(place - bar.pos)


def _watched(
    pieces: Iterable[Piece], stream: BinaryIO, show: Callable[[int], None]
) -> Iterator[Piece]:
    for piece in pieces:
        show(stream.tell())
        yield piece


class _Counted:
    """Pieces on their way; counts the shapes, and notes those that lie beyond the slide."""

    def __init__(self, pieces: Iterable[Piece], picture: Picture | None, losses: Losses) -> None:
        self.count = 0
        self._pieces = pieces
        self._picture = picture
        self._losses = losses

    def __iter__(self) -> Iterator[Piece]:
        for piece in self._pieces:
            self.count += marking.count(piece)
            if self._picture is not None and isinstance(piece, MarkedPack):
                self._check(piece, self._picture)
            yield piece

    def _check(self, pack: MarkedPack, picture: Picture) -> None:
        size = np.array((picture.width, picture.height))
        outside = (pack.corners < 0) | (pack.corners > size)
        self._losses.add("corners beyond the slide kept", int(outside.any(axis=1).sum()))
