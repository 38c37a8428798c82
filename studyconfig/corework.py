"""Cores of a slide: looked for once, kept, and told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, select

from access import blinding, gate
from access.rights import Actor
from records import audit
from records.errors import ConflictError, InputError, NotFoundError
from records.filestore import FileStore
from records.tables import CoreLayout as StoredLayout, Slide
from studyconfig import content, editing, maps
from studyconfig.cores import layout, qupath
from studyconfig.cores.layout import CoreLayout, CorePlace
from studyconfig.formats.tma_map import TmaMap
from studyconfig.reimport import UnitOfWork
from tileserver import render
from tileserver.geometry import Region, Size
from tileserver.pool import SlidePool


@dataclass(frozen=True, slots=True)
class OpenableSlides:
    """Where slides lie, and what opens them for serving.

    Parameters
    ----------
    root
        The images root.
    pool
        Opens none that was not looked at.
    """

    root: FileStore
    pool: SlidePool


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedCore:
    """Where a person says that a core lies, in level-0 pixels, or that it is missing."""

    row: int
    column: int
    x: float
    y: float
    is_missing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreTask:
    """What it takes to find the cores of a slide.

    Parameters
    ----------
    path
        Of the slide's file, relative to the images root.
    mpp
        µm per level-0 pixel; None: not known.
    core_um
        Diameter of a core in µm, as a person set it.
    hides_samples
        Whether the study keeps sample ids from who asks.
    stamp
        Tells whether a kept layout was made from the same.
    """

    slide_id: int
    path: str
    value: TmaMap
    size: tuple[int, int]
    rotation: int
    mpp: float | None
    core_um: float | None
    hides_samples: bool
    stamp: str

    @property
    def diameter(self) -> float | None:
        """Return the diameter of a core that a person set, in level-0 pixels."""
        return self.core_um / self.mpp if self.core_um and self.mpp else None


def find_cores(
    work: UnitOfWork, slides: OpenableSlides, actor: Actor, *, slide_id: int
) -> tuple[CoreTask, CoreLayout]:
    """Return where the cores of a slide lie, and what they were found from.

    The slide is looked at once, between two transactions; later it is told from the database.

    Raises
    ------
    RightsError
        The actor may not read the slide's study.
    NotFoundError
        There is no such slide, or it has no TMA map.
    SlideError
        The file cannot be read.
    """
    with work.reading() as session:
        task, known = find_task(session, actor, slide_id=slide_id)
    if known is not None:
        return task, known
    found = look(slides, task)
    with work.writing() as session:
        keep(session, actor, task=task, found=found)
    return task, found


def qupath_positions(
    work: UnitOfWork, slides: OpenableSlides, actor: Actor, *, slide_id: int
) -> dict[str, object]:
    """Return the ``TMAPositions.json`` of a slide; one without a map has no cores.

    Raises
    ------
    RightsError
        The actor may not read the slide's study.
    SlideError
        The file cannot be read.
    """
    try:
        task, found = find_cores(work, slides, actor, slide_id=slide_id)
    except NotFoundError:
        return dict(qupath.NO_CORES)
    return qupath.positions(found, size=task.size, mpp=task.mpp, hides_samples=task.hides_samples)


def find_task(
    session: Session, actor: Actor, *, slide_id: int
) -> tuple[CoreTask, CoreLayout | None]:
    """Return what it takes to find the cores of a slide, and where they lie if that is known.

    Raises
    ------
    RightsError
        The actor may not read the slide's study.
    NotFoundError
        There is no such slide, or it has no TMA map.
    """
    slide = gate.readable_slide(session, actor, slide_id)
    stored = {entry.id: entry.value for entry in maps.find_maps(session, slide.study_id)}
    value = stored.get(slide.tma_map_id or 0)
    if value is None or not value.rows:
        raise NotFoundError(f"slide {slide_id} has no TMA map; SetSlideTMAMap gives it one")
    study = gate.readable_study(session, actor, slide.study_id)
    hidden = blinding.find(session, actor, study)
    task = _task(slide, value, hides_samples=hidden.samples)
    kept = session.exec(select(StoredLayout).where(StoredLayout.slide_id == slide_id)).first()
    if kept is None or kept.made_from != task.stamp:
        return task, None
    return task, _layout(kept, task)


def look(slides: OpenableSlides, task: CoreTask) -> CoreLayout:
    """Look for the cores of a slide in a small picture of it.

    Raises
    ------
    SlideError
        The file cannot be read.
    """
    side = layout.overview_side(task.value)
    with slides.pool.borrow(slides.root.resolve(task.path)) as reader:
        size = reader.facts.size
        scale = side / max(size.width, size.height)
        picture = render.render_view(
            reader,
            Region(0, 0, size.width, size.height),
            Size(max(1, round(size.width * scale)), max(1, round(size.height * scale))),
        )
    return layout.find_cores(
        picture, task.value, size=task.size, rotation=task.rotation, diameter=task.diameter
    )


def keep(session: Session, actor: Actor, *, task: CoreTask, found: CoreLayout) -> None:
    """Keep where the cores of a slide lie, so that they are looked for once.

    Raises
    ------
    RightsError
        The actor may not read the slide's study.
    """
    gate.readable_slide(session, actor, task.slide_id)
    row = session.exec(select(StoredLayout).where(StoredLayout.slide_id == task.slide_id)).first()
    row = row or StoredLayout(
        slide_id=task.slide_id, made_from="", is_sure=False, diameter=0, places=""
    )
    row.made_from = task.stamp
    row.is_sure = found.is_sure
    row.diameter = found.diameter
    row.places = json.dumps(
        [[place.x, place.y, int(place.is_seen), int(place.is_missing)] for place in found.places],
        separators=(",", ":"),
    )
    session.add(row)


def set_places(
    session: Session, actor: Actor, *, study_id: int, slide_id: int, moved: Sequence[MovedCore]
) -> None:
    """Accept where the cores of a slide lie, with some of them where a person put them.

    It holds until the slide's file, map, rotation or the size of its cores is another one.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such slide in the study, or it has no TMA map.
    InputError
        A core is none of the map, or lies outside the slide.
    ConflictError
        Its cores were not looked for yet, or the slide has changed since.
    """
    editing.study_slide(session, actor, study_id=study_id, slide_id=slide_id)
    task, known = find_task(session, actor, slide_id=slide_id)
    if known is None:
        raise ConflictError(f"the cores of slide {slide_id} are not known; GetTMACores finds them")
    places = {(place.row, place.column): place for place in known.places}
    width, height = task.size
    for core in moved:
        place = places.get((core.row, core.column))
        if place is None:
            raise InputError(f"the map has no core at row {core.row}, column {core.column}")
        if not (0 <= core.x <= width and 0 <= core.y <= height):
            raise InputError(
                f"the core at row {core.row}, column {core.column} would lie at {core.x:g}, "
                f"{core.y:g}, outside of the slide's {width} x {height} pixels"
            )
        places[core.row, core.column] = replace(
            place, x=core.x, y=core.y, is_missing=core.is_missing
        )
    keep(
        session,
        actor,
        task=task,
        found=replace(known, is_sure=True, places=tuple(places.values())),
    )
    audit.record(
        session,
        actor=actor.label,
        deed="slide.cores",
        subject=f"slide:{slide_id}",
        detail={"moved": [[core.row, core.column, core.x, core.y] for core in moved]},
    )


def set_core_size(
    session: Session, actor: Actor, *, study_id: int, slide_id: int, core_um: float | None
) -> None:
    """Say how large the cores of a slide are; they are looked for again with it.

    Parameters
    ----------
    core_um
        Diameter in µm; None: as large as they are found.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such slide in the study.
    InputError
        No core is as large, or the slide's resolution is not known.
    """
    if core_um is not None and not 10 <= core_um <= 20_000:
        raise InputError(f"coreSize must be 10 to 20000 micrometres, not {core_um:g}")
    slide = editing.study_slide(session, actor, study_id=study_id, slide_id=slide_id)
    if core_um is not None and _mpp(slide) is None:
        raise InputError(
            f"the slide {slide.name!r} does not say how large its pixels are; "
            "SetSlideResolution tells it"
        )
    before, slide.core_um = slide.core_um, core_um
    session.add(slide)
    audit.record(
        session,
        actor=actor.label,
        deed="slide.core-size",
        subject=f"slide:{slide_id}",
        detail={"before": before, "after": core_um},
    )


def _mpp(slide: Slide) -> float | None:
    return slide.mpp_override or slide.mpp_x


def _task(slide: Slide, value: TmaMap, *, hides_samples: bool) -> CoreTask:
    slide_id = content.key(slide)
    facts = [
        *(slide.path, slide.file_size, slide.file_mtime_ns, slide.width, slide.height),
        *(slide.rotation, _mpp(slide), slide.core_um, value.rows, value.ignore),
    ]
    return CoreTask(
        slide_id=slide_id,
        path=slide.path,
        value=value,
        size=(slide.width, slide.height),
        rotation=slide.rotation,
        mpp=_mpp(slide),
        core_um=slide.core_um,
        hides_samples=hides_samples,
        stamp=hashlib.sha256(json.dumps(facts).encode()).hexdigest(),
    )


def _layout(kept: StoredLayout, task: CoreTask) -> CoreLayout:
    addresses = [
        (r, c) for r in range(len(task.value.rows)) for c in range(task.value.column_count)
    ]
    places = []
    for (row, column), (x, y, seen, missing) in zip(
        addresses, json.loads(kept.places), strict=True
    ):
        sample = task.value.rows[row][column]
        places.append(
            CorePlace(
                row=row,
                column=column,
                sample=sample,
                x=x,
                y=y,
                is_seen=bool(seen),
                is_missing=bool(missing),
                is_control=task.value.is_control(sample),
                is_ignored=task.value.is_ignored(sample),
            )
        )
    return CoreLayout(
        rows=len(task.value.rows),
        columns=task.value.column_count,
        rotation=task.rotation,
        diameter=kept.diameter,
        is_sure=kept.is_sure,
        places=tuple(places),
    )
