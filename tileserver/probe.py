"""Probing: what a slide file is, in words, and whether its pixels can be read."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tileserver import readers
from tileserver.geometry import Region, Size
from tileserver.readers.base import SlideFacts

_LOOK_SIDE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideDescription:
    """A slide file as it was found.

    Parameters
    ----------
    file_name
        Without its folder.
    byte_count
        Of the file itself; some formats have more files beside it.
    facts
        What the reader knows.
    dz_level_count
        How many Deep Zoom levels it is served as.
    """

    file_name: str
    byte_count: int
    facts: SlideFacts
    dz_level_count: int

    def lines(self) -> list[tuple[str, str]]:
        """Return what is known as pairs of label and value, for people."""
        facts = self.facts
        levels = (
            f"{size.width} x {size.height} (1/{downsample:g})"
            for size, downsample in zip(facts.level_sizes, facts.downsamples, strict=True)
        )
        return [
            ("File", f"{self.file_name}, {self.byte_count} bytes"),
            ("Format", facts.format),
            ("Reader", facts.reader),
            ("Dimensions", f"{facts.size.width} x {facts.size.height}"),
            ("Levels", f"{len(facts.level_sizes)}: {', '.join(levels)}"),
            ("Tile size", f"{facts.tile_size.width} x {facts.tile_size.height}"),
            ("Deep Zoom", f"{self.dz_level_count} levels, tiles of {facts.dz_tile_size}"),
            ("Resolution", _resolution(facts)),
            ("Objective", f"{facts.objective_power:g}x" if facts.objective_power else "not told"),
            ("Focal planes", str(facts.z_layer_count)),
            ("Other pictures", ", ".join(facts.associated_images) or "none"),
        ]


def describe(path: Path) -> SlideDescription:
    """Open a slide file, and read a little of its first and last level.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    SlideError
        No reader opens it, or its pixels cannot be decoded.
    """
    with readers.open_slide(path) as reader:
        facts = reader.facts
        # A plain picture was decoded whole by then, and all its levels are made of that.
        looked_at = {0} if facts.reader == "vips" else {0, len(facts.level_sizes) - 1}
        for slide_level in looked_at:
            size = facts.level_sizes[slide_level]
            width, height = min(size.width, _LOOK_SIDE), min(size.height, _LOOK_SIDE)
            # From the corner of a tile, so that one is decoded and not four.
            x = _aligned((size.width - width) // 2, facts.tile_size.width)
            y = _aligned((size.height - height) // 2, facts.tile_size.height)
            reader.read_region(slide_level, x, y, width, height)
    return SlideDescription(
        file_name=path.name,
        byte_count=path.stat().st_size,
        facts=facts,
        dz_level_count=facts.pyramid.level_count,
    )


def to_plain(facts: SlideFacts) -> dict[str, Any]:
    """Return facts as numbers, texts and lists, as JSON holds them."""
    return dataclasses.asdict(facts)


def from_plain(plain: dict[str, Any]) -> SlideFacts:
    """Return the facts that ``to_plain`` took apart, also after a way through JSON.

    Raises
    ------
    KeyError, TypeError
        They are not such facts.
    """
    background, bounds = plain["background"], plain["bounds"]
    made = {
        "level_sizes": tuple(Size(**size) for size in plain["level_sizes"]),
        "downsamples": tuple(plain["downsamples"]),
        "tile_size": Size(**plain["tile_size"]),
        "background": None if background is None else tuple(background),
        "bounds": None if bounds is None else Region(**bounds),
        "associated_images": tuple(plain["associated_images"]),
    }
    return SlideFacts(**{**plain, **made})


def _aligned(position: int, step: int) -> int:
    return position - position % step


def _resolution(facts: SlideFacts) -> str:
    if facts.mpp_x is None or facts.mpp_y is None:
        return "not told, or not plausible"
    return f"{facts.mpp_x:.5g} x {facts.mpp_y:.5g} µm per pixel"
