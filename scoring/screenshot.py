"""Screenshots: a part of a slide as a picture, with what somebody drew on it."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import ImageColor
from sqlmodel import Session

from access import gate
from access.rights import Actor
from records.errors import InputError
from records.filestore import FileStore
from scoring import drawn_answers, lettering, painting
from scoring.drawn_answers import DrawnAnswer
from scoring.outlines import View
from tileserver import render, sources
from tileserver.deepzoom import DeepZoomPyramid
from tileserver.geometry import Region, Size
from tileserver.pool import SlidePool
from tileserver.sources import SlideSource

MAX_PIXELS = 50_000_000
"""Source: seed, GetScreenshot: it "won't work for more than ~50 megapixel images"."""

MAX_SIDE = 65_500
"""Source: ISO/IEC 10918-1: a JPEG has at most 65,535 pixels a side."""

QUALITY = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where slides and annotation files lie."""

    images: FileStore
    annotations: FileStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a screenshot is to show.

    Parameters
    ----------
    l0_region
        In level-0 pixels; None for the whole slide.
    dz_level
        The Deep Zoom level whose resolution the picture has; finer than the finest means that.
    email
        Whose annotations are drawn; None for none.
    question, question_ids
        The only questions whose answers are drawn, by name or by ids; not both.
    has_scale_bar
        Whether a scale bar is drawn where the resolution is known.
    is_turned
        Whether the picture is turned as the slide is shown to readers; the region is told in the
        slide's own pixels all the same, as regions and annotations are everywhere.
    """

    slide_id: int
    dz_level: int
    l0_region: Region | None = None
    email: str | None = None
    question: str | None = None
    question_ids: Collection[int] = ()
    has_scale_bar: bool = True
    is_turned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A screenshot that the actor may have, with everything needed to make it."""

    wanted: Wanted
    source: SlideSource
    answers: Sequence[DrawnAnswer]
    quarter_turns: int = 0


def plan_screenshot(session: Session, actor: Actor, *, wanted: Wanted, stores: Stores) -> Plan:
    """Return what is needed to make a screenshot, so that it is made without the database.

    Raises
    ------
    RightsError
        The actor may not get the study's answers, or no pixels.
    NotFoundError
        There is no such slide, person or question.
    InputError
        Both a question and ids of questions are asked for, or without the person who answered.
    """
    if wanted.question is not None and wanted.question_ids:
        # Source: seed, GetScreenshot: 400 if both scoreIDs and question are specified.
        raise InputError("question and scoreIDs cannot be combined; give one of them")
    slide = gate.slide_with_scores(session, actor, wanted.slide_id)
    source = sources.find_source(session, actor, files=stores.images, slide_id=wanted.slide_id)
    answers: list[DrawnAnswer] = []
    if wanted.email is not None:
        answers = drawn_answers.find_drawn(
            session,
            store=stores.annotations,
            study_id=slide.study_id,
            slide_id=wanted.slide_id,
            email=wanted.email,
            questions=() if wanted.question is None else (wanted.question,),
            question_ids=wanted.question_ids,
        )
    elif wanted.question is not None or wanted.question_ids:
        raise InputError("withAnnotationForUser is missing; expected whose answers are drawn")
    turns = slide.rotation // 90 if wanted.is_turned else 0
    return Plan(wanted=wanted, source=source, answers=answers, quarter_turns=turns)


def make_screenshot(plan: Plan, *, pool: SlidePool) -> bytes:
    """Return a screenshot as JPEG. Takes seconds for large ones; no database is needed.

    Raises
    ------
    InputError
        The region lies outside the slide, or the picture would be too large.
    SlideError
        The slide, or an annotation file, cannot be read.
    """
    with pool.borrow(plan.source.path) as reader:
        facts = reader.facts
        region = _clipped(plan.wanted.l0_region, facts.size)
        out = _picture_size(region, facts.size, plan.wanted.dz_level)
        pixels = np.array(render.render_view(reader, region, out))
    view = View(
        l0_x=region.x,
        l0_y=region.y,
        scale_x=out.width / region.width,
        scale_y=out.height / region.height,
        width=out.width,
        height=out.height,
        l0_width=facts.size.width,
        l0_height=facts.size.height,
    )
    labels = painting.paint_shapes(
        pixels,
        view,
        (
            painting.Layer(_rgb(answer.colour), drawn_answers.load(answer))
            for answer in plan.answers
        ),
    )
    if plan.quarter_turns:
        pixels = np.ascontiguousarray(np.rot90(pixels, -plan.quarter_turns))
    painting.write_labels(pixels, labels, view, quarter_turns=plan.quarter_turns)
    mpp_x, mpp_y = _resolution(plan.source, facts.mpp_x, facts.mpp_y)
    across = mpp_y / view.scale_y if plan.quarter_turns % 2 else mpp_x / view.scale_x
    if plan.wanted.has_scale_bar and across:
        lettering.draw_scale_bar(pixels, across)
    return render.encode_jpeg(pixels, QUALITY)


def _resolution(
    source: SlideSource, mpp_x: float | None, mpp_y: float | None
) -> tuple[float, float]:
    """Return µm per level-0 pixel across and down; 0 where it is not known."""
    own = source.mpp_override
    return own or mpp_x or 0.0, own or mpp_y or mpp_x or 0.0


def _clipped(region: Region | None, slide: Size) -> Region:
    """Return the part of a region that lies on the slide; the whole slide when none is given."""
    if region is None:
        return Region(0, 0, slide.width, slide.height)
    if region.width <= 0 or region.height <= 0:
        raise InputError(
            "width and height must be above 0; all of x, y, width and height 0 is the whole slide"
        )
    left, top = max(region.x, 0), max(region.y, 0)
    right = min(region.x + region.width, slide.width)
    bottom = min(region.y + region.height, slide.height)
    if left >= right or top >= bottom:
        raise InputError(
            f"the region lies outside the slide, which has {slide.width} x {slide.height} pixels"
        )
    return Region(left, top, right - left, bottom - top)


def _picture_size(region: Region, slide: Size, dz_level: int) -> Size:
    """Return the picture's size: at most the slide's own resolution, for more shows nothing more.

    Source: slidescore.md 3.8: clients ask for level 14 of any slide.
    """
    if dz_level < 0:
        raise InputError(f"level must be 0 or above, not {dz_level}")
    steps = max(0, DeepZoomPyramid(slide, 256).max_level - dz_level)
    size = Size(*(max(1, math.ceil(side / 2**steps)) for side in (region.width, region.height)))
    if size.area > MAX_PIXELS or size.longest > MAX_SIDE:
        raise InputError(
            f"the screenshot would have {size.width} x {size.height} pixels; it may have "
            f"{MAX_PIXELS // 10**6} million, and {MAX_SIDE} a side: ask for a lower level or for "
            "smaller parts"
        )
    return size


def _rgb(colour: str) -> lettering.Rgb:
    red, green, blue, *_ = ImageColor.getrgb(colour)
    return red, green, blue
