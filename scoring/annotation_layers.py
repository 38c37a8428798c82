"""Annotation layers: the shapes of one answer, made ready to be asked by box and zoom.

A layer is made of one answer as it was given, and answers are never changed: what was drawn anew is
another answer, of another number. So a layer lies in the cache under its answer's number, instant
and size, and can neither be stale nor reach beyond a transaction that was rolled back. It may be
deleted at any time.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, col

from access.rights import Actor
from records import filestore, question_types
from records.errors import InputError, NotFoundError
from records.filestore import FileStore
from records.tables import AnnotationFile, Answer, Core, Question, Slide, User
from scoring import annotation_files, drawn_answers, reach
from scoring.drawn_answers import DrawnAnswer
from scoring.layers import layerfile, making
from scoring.layers.layerfile import DamagedLayerError, Layer
from scoring.layers.making import SlideSize
from tileserver.stored.cachefolder import CacheFolder

SMALL_CHARS = 200_000
"""Answers up to which a layer is made in memory whenever it is asked for: some 20 ms."""

CAPACITY_BYTES = 8 << 30
"""Room for layers on disk: a million polygons of 30 corners take half a GiB."""

MOST_OPEN = 64
FORMAT = 1
"""Part of every layer's name; to be raised when the same answer makes another layer."""

_SUFFIX = "layer"
_AT_ONCE = 5000
_Row = tuple[int, datetime, str | None, int]
_DRAWN = tuple(kind.id for kind in question_types.QUESTION_TYPES if kind.is_annotation)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSource:
    """An answer that is drawn, with all that tells its layer apart.

    Parameters
    ----------
    uuid
        Of the annotation file that holds the shapes, or None.
    char_count
        Of the answer's text.
    size
        Of the slide.
    """

    answer_id: int
    given_at: datetime
    uuid: str | None
    char_count: int
    size: SlideSize

    @property
    def key(self) -> bytes:
        """Return 16 bytes that stand for the answer as it was given."""
        named = repr(
            (
                FORMAT,
                self.answer_id,
                self.given_at.isoformat(),
                self.uuid,
                self.char_count,
                self.size,
            )
        )
        return hashlib.blake2b(named.encode(), digest_size=16).digest()

    @property
    def is_small(self) -> bool:
        """Tell whether the layer is made in memory when it is asked for."""
        return self.uuid is None and self.char_count <= SMALL_CHARS


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnEntry:
    """An answer that is drawn on a slide, as a list tells it."""

    source: LayerSource
    question_id: int
    question: str
    email: str
    tma_row: int | None
    tma_column: int | None
    items: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFilter:
    """Which drawn answers are wanted; None asks for all."""

    email: str | None = None
    question: str | None = None
    question_id: int | None = None
    core_id: int | None = None
    answer_id: int | None = None


def find_drawn_entries(
    session: Session, actor: Actor, *, study_id: int, slide_id: int, wanted: LayerFilter
) -> list[DrawnEntry]:
    """Return the current drawn answers about a slide and its cores that the actor may see.

    Raises
    ------
    RightsError
        The actor may see no answers of the study.
    NotFoundError
        There is no such study, or no such slide in it.
    """
    only = reach.only_user_in_reach(session, actor, study_id)
    slide = session.get(Slide, slide_id)
    if slide is None or slide.study_id != study_id:
        raise NotFoundError(f"there is no slide {slide_id} in study {study_id}")
    conditions = [
        col(Answer.study_id) == study_id,
        col(Answer.slide_id) == slide_id,
        col(Answer.is_current),
        col(Question.type_id).in_(_DRAWN),
        col(Answer.value) != "",
        *_conditions(wanted),
    ]
    if only is not None:
        conditions.append(col(Answer.user_id) == only)
    size = SlideSize(width=slide.width, height=slide.height)
    rows = session.execute(
        _entries().where(*conditions).order_by(col(Question.position), col(Answer.id))
    )
    return [
        DrawnEntry(
            source=_source((row[0], row[1], row[2], row[3]), size),
            question_id=row[4],
            question=row[5],
            email=row[6],
            tma_row=row[7],
            tma_column=row[8],
            items=row[9],
        )
        for row in rows
    ]


def find_layer_source(
    session: Session, actor: Actor, *, study_id: int, slide_id: int, wanted: LayerFilter
) -> LayerSource:
    """Return the one drawn answer that is asked for.

    Raises
    ------
    RightsError
        The actor may see no answers of the study.
    NotFoundError
        There is no such study, slide or answer.
    InputError
        Several answers are meant.
    """
    found = find_drawn_entries(session, actor, study_id=study_id, slide_id=slide_id, wanted=wanted)
    if not found:
        raise NotFoundError("there is no such drawn answer about this slide")
    if len(found) > 1:
        raise InputError(
            f"{len(found)} drawn answers are meant; give email, question and, of a core, tmaCoreId "
            "(AnnotationLayers lists them)"
        )
    return found[0].source


def find_large(session: Session, *, after: int) -> tuple[list[LayerSource], int]:
    """Return current drawn answers whose layers are worth making ahead, from one number on.

    Returns
    -------
    sources, last
        Those among the next thousands of answers, and the number up to which was looked.
    """
    last = session.scalar(
        select(func.max(col(Answer.id))).where(
            col(Answer.id) > after, col(Answer.id) <= after + _AT_ONCE
        )
    )
    if last is None:
        # A gap of many numbers, or the end.
        following = session.scalar(select(func.min(col(Answer.id))).where(col(Answer.id) > after))
        return [], after if following is None else following - 1
    query = (
        select(
            col(Answer.id),
            col(Answer.created_at),
            col(AnnotationFile.uuid),
            func.length(col(Answer.value)),
            col(Slide.width),
            col(Slide.height),
        )
        .join(Question, col(Question.id) == col(Answer.question_id))
        .join(Slide, col(Slide.id) == col(Answer.slide_id))
        .outerjoin(AnnotationFile, col(AnnotationFile.id) == col(Answer.annotation_file_id))
        .where(
            col(Answer.id) > after,
            col(Answer.id) <= last,
            col(Answer.is_current),
            col(Question.type_id).in_(_DRAWN),
        )
    )
    rows = session.execute(query).all()
    sources = [
        _source((number, given_at, uuid, chars), SlideSize(width=width, height=height))
        for number, given_at, uuid, chars, width, height in rows
    ]
    return [source for source in sources if not source.is_small], last


def read_answer(session: Session, *, source: LayerSource, store: FileStore) -> DrawnAnswer:
    """Return what a layer is made of; the right to it was checked when its source was found."""
    row = session.execute(
        select(col(Answer.value), col(Question.name))
        .join(Question, col(Question.id) == col(Answer.question_id))
        .where(col(Answer.id) == source.answer_id)
    ).first()
    if row is None:
        raise NotFoundError("the answer was deleted just now")
    path = None if source.uuid is None else annotation_files.stored_path(store, source.uuid)
    return DrawnAnswer(question=row[1], colour="", value=row[0], file=path)


class LayerShelf:
    """Keeps layers: the small in memory, the large in files of the cache, mapped while in use.

    Safe for threads; of several that want the same layer made, one makes it and the others wait.

    Parameters
    ----------
    cache
        Holds the files.
    """

    def __init__(self, cache: CacheFolder) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._open: OrderedDict[bytes, Layer] = OrderedDict()

    def ready(self, source: LayerSource) -> Layer | None:
        """Return a layer that is made already, or None."""
        key = source.key
        with self._lock:
            layer = self._open.get(key)
            if layer is not None:
                self._open.move_to_end(key)
                return layer
        try:
            layer = layerfile.open_layer(self._path(key))
        except (OSError, DamagedLayerError):
            return None
        return self._keep(key, layer)

    def make(self, source: LayerSource, answer: DrawnAnswer) -> Layer:
        """Return a layer, made of its answer if need be. Takes seconds for millions of shapes.

        Raises
        ------
        SlideError
            The annotation file is gone, or damaged.
        """
        if source.is_small:
            return self._keep(
                source.key, making.make_layer(drawn_answers.load(answer), source.size)
            )
        with self._cache.building(source.key):
            known = self.ready(source)
            if known is not None:
                return known
            path = self._path(source.key)
            with filestore.atomic_path(path) as part, part.open("wb") as stream:
                making.write_layer(drawn_answers.load(answer), source.size, stream)
            self._cache.grew(path.stat().st_size)
            return self._keep(source.key, layerfile.open_layer(path))

    def _path(self, key: bytes) -> Path:
        return self._cache.path(key, _SUFFIX)

    def _keep(self, key: bytes, layer: Layer) -> Layer:
        with self._lock:
            self._open[key] = layer
            self._open.move_to_end(key)
            while len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)
        return layer


def _entries() -> Select[int, datetime, str, int, int, str, str, int, int, int]:
    return (
        select(
            col(Answer.id),
            col(Answer.created_at),
            col(AnnotationFile.uuid),
            func.length(col(Answer.value)),
            col(Question.id),
            col(Question.name),
            col(User.email),
            col(Core.row),
            col(Core.column),
            col(AnnotationFile.item_count),
        )
        .join(Question, col(Question.id) == col(Answer.question_id))
        .join(User, col(User.id) == col(Answer.user_id))
        .outerjoin(Core, col(Core.id) == col(Answer.core_id))
        .outerjoin(AnnotationFile, col(AnnotationFile.id) == col(Answer.annotation_file_id))
    )


def _conditions(wanted: LayerFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.email is not None:
        found.append(col(User.email) == wanted.email.strip().lower())
    if wanted.question is not None:
        found.append(col(Question.name) == wanted.question)
    if wanted.question_id is not None:
        found.append(col(Question.id) == wanted.question_id)
    if wanted.core_id is not None:
        found.append(col(Answer.core_id) == wanted.core_id)
    if wanted.answer_id is not None:
        found.append(col(Answer.id) == wanted.answer_id)
    return found


def _source(row: _Row, size: SlideSize) -> LayerSource:
    answer_id, given_at, uuid, char_count = row
    return LayerSource(
        answer_id=answer_id,
        given_at=given_at,
        uuid=uuid,
        char_count=char_count,
        size=size,
    )
