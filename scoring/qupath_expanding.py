"""Expanding: answers as QuPath can read them, with the shapes that lie in annotation files."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import Session, col

from records.errors import InputError, SlideError
from records.filestore import FileStore
from records.tables import AnnotationFile
from scoring import annotation_files, drawn_answers
from scoring.drawn_answers import DrawnAnswer
from scoring.formats import annoshapes
from scoring.shapes import Coordinates, FileLink, MaskPack, Pack, Polygon, PolygonPack, Shape

MAX_ITEMS = 100_000
"""Shapes of an annotation file up to which they are told; more would fill QuPath's memory too."""

_FILE = '[{"type":"anno2"'


class Expander:
    """Rewrites answers for QuPath.

    Parameters
    ----------
    session
        Where annotation files are looked up.
    store
        Where they lie.
    """

    def __init__(self, session: Session, store: FileStore) -> None:
        self._session = session
        self._store = store

    def told(self, value: str) -> str:
        """Return an answer as QuPath reads it.

        Source: slidescore.md 5: its Gson reads x and y of points, and sizes of fonts, as whole
        numbers, and refuses the whole answer otherwise. It knows no annotation files.
        """
        if not value.startswith("[{"):
            return value
        if value.startswith(_FILE):
            value = self._expanded(value)
        try:
            items = json.loads(value)
        except (ValueError, RecursionError):
            return value
        if not isinstance(items, list):
            return value
        for item in items:
            if isinstance(item, dict):
                _round(item, ("x", "y") if "type" not in item else ())
                labels = item.get("labels")
                for label in labels if isinstance(labels, list) else ():
                    if isinstance(label, dict):
                        _round(label, ("x", "y", "fontSize"))
        return json.dumps(items, ensure_ascii=False, separators=(",", ":"))

    def _expanded(self, value: str) -> str:
        try:
            [link] = annoshapes.parse(value)
        except (InputError, ValueError):
            return value
        if not isinstance(link, FileLink):
            return value
        items = self._session.scalar(
            select(col(AnnotationFile.item_count)).where(col(AnnotationFile.uuid) == link.uuid)
        )
        if items is None or items > MAX_ITEMS:
            return value
        path = annotation_files.stored_path(self._store, link.uuid)
        try:
            drawn = drawn_answers.load(DrawnAnswer(question="", colour="", value="", file=path))
        except SlideError:
            return value
        return annoshapes.write(list(_shapes(drawn)))


def _shapes(drawn: Iterable[Shape | Pack]) -> Iterable[Shape]:
    for entry in drawn:
        if isinstance(entry, PolygonPack):
            for start, end in zip(entry.starts[:-1], entry.starts[1:], strict=True):
                yield Polygon(outline=Coordinates(entry.corners[start:end]))
        elif not isinstance(entry, MaskPack):
            yield entry


def _round(fields: dict[str, object], names: Iterable[str]) -> None:
    for name in names:
        number = fields.get(name)
        if isinstance(number, float):
            fields[name] = round(number)
