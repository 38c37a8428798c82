"""What a study holds and what its files want, compared: what to add and what to update.

Source: seed, Importing: "nothing gets removed, only added".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Generic, TypeVar

from studyconfig.formats.emails import Member
from studyconfig.formats.scores import QuestionLine
from studyconfig.formats.tma_map import TmaMap

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideFile:
    """What a slide's file is. Sizes in bytes and level-0 pixels, mpp in µm per pixel."""

    size: int
    mtime_ns: int
    reader: str
    width: int
    height: int
    level_count: int
    mpp_x: float | None = None
    mpp_y: float | None = None
    objective_power: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySlide:
    """A slide of a study; as a wish, None leaves a property as it is.

    Parameters
    ----------
    path
        Relative to the images root, with ``/``: what a slide is known by.
    name
        How the study calls it.
    rotation
        Degrees clockwise: 0, 90, 180 or 270.
    map_name
        Its TMA map; as a wish, empty text takes the map away.
    file
        What its file is; None: as known.
    """

    path: str
    name: str | None = None
    rotation: int | None = None
    map_name: str | None = None
    file: SlideFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyContent:
    """All that configuration files say about a study.

    Parameters
    ----------
    settings
        Names of ``.config`` properties and their values as text.
    members
        People, in order.
    questions
        The scoring sheet, in order.
    maps
        TMA maps by name.
    slides
        Slides, in order.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    questions: tuple[QuestionLine, ...] = ()
    maps: Mapping[str, TmaMap] = field(default_factory=dict)
    slides: tuple[StudySlide, ...] = ()


class Deed(StrEnum):
    """What becomes of a thing."""

    ADD = "added"
    UPDATE = "updated"
    KEEP = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Generic[T_co]):
    """One thing before and after; ``key`` is its name, address or path."""

    key: str
    before: T_co | None
    after: T_co

    @property
    def deed(self) -> Deed:
        """Return what becomes of the thing."""
        if self.before is None:
            return Deed.ADD
        return Deed.KEEP if self.before == self.after else Deed.UPDATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What applying a study's files does, thing by thing; things no file names are not in it.

    Parameters
    ----------
    question_order
        Names of all questions of the study, in their order afterwards.
    reordered
        Whether questions that were there change their order.
    warnings
        Sentences about wishes that are not fulfilled.
    """

    settings: tuple[Change[str], ...] = ()
    members: tuple[Change[Member], ...] = ()
    questions: tuple[Change[QuestionLine], ...] = ()
    maps: tuple[Change[TmaMap], ...] = ()
    slides: tuple[Change[StudySlide], ...] = ()
    question_order: tuple[str, ...] = ()
    reordered: bool = False
    warnings: tuple[str, ...] = ()

    def by_kind(self) -> dict[str, Sequence[Change[object]]]:
        """Return the changes under the words for what they change, in the plural."""
        return {
            "settings": self.settings,
            "people": self.members,
            "questions": self.questions,
            "TMA maps": self.maps,
            "slides": self.slides,
        }

    @property
    def is_empty(self) -> bool:
        """Tell whether applying them changes nothing."""
        return not self.reordered and all(
            change.deed is Deed.KEEP for group in self.by_kind().values() for change in group
        )


def plan(current: StudyContent, wanted: StudyContent) -> Changes:
    """Compare what a study holds with what its files want.

    Rights of people and cells of maps are only added to what is there; other properties that a
    file names replace what is there; things and properties no file names stay.

    Parameters
    ----------
    current
        The study as the database has it; every slide complete.
    wanted
        What the files say; slides that are not in ``current`` must have their ``file``.
    """
    maps = _maps(current.maps, wanted.maps)
    slides, warnings = _slides(current, wanted)
    known = {question.name: question for question in current.questions}
    lines = known | {question.name: question for question in wanted.questions}
    order = order_by_conditions(
        # The file's questions stand in the file's order.
        merged_order([question.name for question in wanted.questions], list(known)),
        lines,
    )
    return Changes(
        settings=tuple(
            Change(key=name, before=current.settings.get(name), after=value)
            for name, value in wanted.settings.items()
        ),
        members=_members(current.members, wanted.members),
        questions=tuple(
            Change(key=question.name, before=known.get(question.name), after=question)
            for question in wanted.questions
        ),
        maps=maps,
        slides=slides,
        question_order=order,
        reordered=common_order(order, known) != list(known),
        warnings=warnings,
    )


def slide_name(path: str) -> str:
    """Return the name that a slide has until somebody gives it another one.

    Source: SDK tests/test_study_creation.py: ``test-image.TiFF`` is ``test-image``.
    """
    return PurePosixPath(path).stem


def merged_order(leading: Sequence[str], following: Sequence[str]) -> tuple[str, ...]:
    """Put names into the leading order; others follow the one they follow in the other order."""
    order = list(leading)
    named = set(order)
    place = 0
    for name in following:
        if name in named:
            place = order.index(name) + 1
        else:
            order.insert(place, name)
            place += 1
    return tuple(order)


def common_order(order: Iterable[str], names: Collection[str]) -> list[str]:
    """Return those of an order that are among some names."""
    return [name for name in order if name in names]


def order_by_conditions(order: Sequence[str], lines: Mapping[str, QuestionLine]) -> tuple[str, ...]:
    """Move questions that stand above the one they depend on to behind it."""
    placed: dict[str, None] = {}
    waiting: dict[str, list[str]] = {}
    for name in order:
        condition = lines[name].condition
        if (
            condition is not None
            and condition.question in lines.keys() - {name}
            and condition.question not in placed
        ):
            waiting.setdefault(condition.question, []).append(name)
            continue
        ready = [name]
        while ready:
            first = ready.pop(0)
            placed[first] = None
            ready = waiting.pop(first, []) + ready
    # Questions that depend on one another in a circle keep their places at the end.
    return (*placed, *(name for name in order if name not in placed))


def _members(current: Sequence[Member], wanted: Sequence[Member]) -> tuple[Change[Member], ...]:
    known = {member.email: member for member in current}
    changes = []
    for member in wanted:
        before = known.get(member.email)
        after = member
        if before is not None:
            # Source: seed, Users: "you can't remove rights from a user this way".
            after = Member(
                email=member.email,
                can_score=before.can_score or member.can_score,
                can_edit=before.can_edit or member.can_edit,
                can_get_results=before.can_get_results or member.can_get_results,
            )
        changes.append(Change(key=member.email, before=before, after=after))
    return tuple(changes)


def _maps(
    current: Mapping[str, TmaMap], wanted: Mapping[str, TmaMap]
) -> tuple[Change[TmaMap], ...]:
    return tuple(
        Change(key=name, before=current.get(name), after=_grown(current.get(name), tma_map))
        for name, tma_map in wanted.items()
    )


def _grown(before: TmaMap | None, after: TmaMap) -> TmaMap:
    """Keep the rows and columns that the new map does not have: answers may stand on them."""
    if before is None:
        return after
    width = max(before.column_count, after.column_count)
    rows = []
    for index in range(max(len(before.rows), len(after.rows))):
        old = before.rows[index] if index < len(before.rows) else ()
        new = after.rows[index] if index < len(after.rows) else ()
        row = new + old[len(new) :]
        rows.append(row + ("",) * (width - len(row)))
    return replace(after, rows=tuple(rows))


def _slides(
    current: StudyContent, wanted: StudyContent
) -> tuple[tuple[Change[StudySlide], ...], tuple[str, ...]]:
    known = {slide.path: slide for slide in current.slides}
    after = {slide.path: _merged(known.get(slide.path), slide) for slide in wanted.slides}
    explicit = {slide.path for slide in wanted.slides if slide.map_name is not None}
    warnings = _apply_headers(known, after, explicit, wanted.maps)
    changes = tuple(
        Change(key=path, before=known.get(path), after=slide) for path, slide in after.items()
    )
    return changes, warnings


def _merged(before: StudySlide | None, wish: StudySlide) -> StudySlide:
    if before is None:
        before = StudySlide(path=wish.path, name=slide_name(wish.path), rotation=0)
    return StudySlide(
        path=wish.path,
        name=before.name if wish.name is None else wish.name,
        rotation=before.rotation if wish.rotation is None else wish.rotation,
        map_name=before.map_name if wish.map_name is None else wish.map_name or None,
        file=before.file if wish.file is None else wish.file,
    )


def _apply_headers(
    known: Mapping[str, StudySlide],
    after: dict[str, StudySlide],
    explicit: set[str],
    maps: Mapping[str, TmaMap],
) -> tuple[str, ...]:
    """Give the slides that headers of maps name (``tmas``) their map; ``.images`` stands above."""
    warnings = []
    slides = {**known, **after}
    for map_name, tma_map in maps.items():
        for entry in tma_map.tmas:
            named = [slide for slide in slides.values() if is_called(slide, entry)]
            if not named:
                warnings.append(f"{map_name}: tmas names {entry}, which is no slide of the study")
            for slide in named:
                if slide.path in explicit:
                    continue
                if slide.map_name in {None, map_name} or tma_map.force:
                    slides[slide.path] = after[slide.path] = replace(slide, map_name=map_name)
                else:
                    warnings.append(
                        f"{map_name}: {entry} keeps its map {slide.map_name}; "
                        "force: true in the header would replace it"
                    )
    return tuple(warnings)


def is_called(slide: StudySlide, entry: str) -> bool:
    """Tell whether a header means a slide: by path, file name or name, in any case."""
    path = PurePosixPath(slide.path)
    names = {slide.path, path.name, path.stem, slide.name or path.stem}
    return entry.replace("\\", "/").lower() in {name.lower() for name in names}
