"""Stained sections: a tissue layout becomes pixels, by the optical density of each dye."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slides_sample import noise, nuclei
from slides_sample.layout import CELL, TissueLayout
from slides_sample.noise import Field
from slides_sample.nuclei import NucleusKind, Plane

Pixels = NDArray[np.uint8]

_GLASS = np.array([244.0, 242.0, 244.0])
_HAEMATOXYLIN = np.array([0.86, 0.98, 0.40])
_BAND = 512

_EPITHELIAL = NucleusKind(length=16.5, breadth=10.5, density=0.80, grain=1.0)
_SPINDLE = NucleusKind(length=19.0, breadth=4.6, density=0.85, grain=0.5)
_LYMPHOCYTE = NucleusKind(length=10.5, breadth=9.8, density=0.98, grain=0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stain:
    """How a section is stained.

    Parameters
    ----------
    counterstain
        Optical density of the second dye in red, green and blue, where it is strongest.
    nuclear
        Whether the second dye marks nuclei (as DAB does) rather than everything else (as eosin).
    haematoxylin
        How strongly nuclei take up haematoxylin, 0 to 1.
    """

    counterstain: tuple[float, float, float]
    nuclear: bool
    haematoxylin: float


EOSIN = Stain(counterstain=(0.10, 0.95, 0.42), nuclear=False, haematoxylin=1.0)
DAB = Stain(counterstain=(0.55, 1.25, 1.75), nuclear=True, haematoxylin=0.62)


@dataclass(frozen=True, slots=True)
class Planes:
    """The amounts of both dyes, shape (height, width); 255 is the most there is."""

    haematoxylin: Plane
    counterstain: Plane


def paint_section(
    layout: TissueLayout,
    stain: Stain,
    rng: np.random.Generator,
    *,
    width: int,
    height: int,
    positivity: float = 0.5,
    zoom: float = 1.0,
) -> Pixels:
    """Return a section's pixels.

    Parameters
    ----------
    layout
        Where what lies.
    stain
        How it is stained.
    rng
        Where chance comes from.
    width, height
        Of the result, in level-0 pixels.
    positivity
        Greatest share of epithelial nuclei that the second dye marks, if it marks nuclei.
    zoom
        Size of nuclei and fibres; 0.5 is a section scanned at half the magnification.

    Returns
    -------
    Pixels
        Shape (height, width, 3), uint8.
    """
    planes = Planes(np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8))
    _paint_ground(planes, layout, stain, rng, zoom)
    _press_nuclei(planes, layout, stain, rng, positivity=positivity, zoom=zoom)
    return _develop(planes, stain)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Textures:
    """What is too fine for the layout: grain and fibres to repeat, and how fibres bend."""

    grain: Field
    fibres: Field
    bend: Field
    tone: Field


def _paint_ground(
    planes: Planes, layout: TissueLayout, stain: Stain, rng: np.random.Generator, zoom: float
) -> None:
    """Lay down everything but nuclei, in bands of rows so that little memory is needed."""
    height, width = planes.haematoxylin.shape
    # A repeat is not seen when the texture is a good part of the picture.
    side = 1024 if width > 2048 else 512
    grain = noise.tileable_texture(rng, side, across=9 * zoom)
    threads = noise.tileable_texture(rng, side, across=4.5 * zoom, along=42 * zoom)
    clumps = noise.tileable_texture(rng, side, across=14 * zoom)
    textures = _Textures(
        grain=grain,
        fibres=noise.standardised(threads + 0.6 * clumps),
        bend=noise.smooth_noise(rng, layout.inside.shape, scale=40, octaves=2),
        tone=noise.smooth_noise(rng, layout.inside.shape, scale=60, octaves=2),
    )
    for top in range(0, height, _BAND):
        band = _Band(top, min(_BAND, height - top), width)
        blue, second = _dye_amounts(band, layout, textures, stain)
        window = np.s_[top : top + band.rows]
        planes.haematoxylin[window] = _as_plane(blue)
        planes.counterstain[window] = _as_plane(second)


def _dye_amounts(
    band: _Band, layout: TissueLayout, textures: _Textures, stain: Stain
) -> tuple[Field, Field]:
    """Return how much haematoxylin and second dye a band takes up between its nuclei, 0 to 1."""
    mottle = band.tile(textures.grain)
    fibre = band.fibres(textures.fibres, textures.bend, layout.flow)
    inside = noise.smoothstep(band.enlarge(layout.inside) + 5 * mottle, -2, 3)
    gland = band.enlarge(layout.gland) + 3 * mottle
    beyond_lining = gland - band.enlarge(layout.lining)
    in_gland = noise.smoothstep(gland, -2, 2)
    lumen = noise.smoothstep(beyond_lining, -3, 3)
    epithelium = inside * in_gland * (1 - lumen)
    cells = noise.smoothstep(band.enlarge(layout.fat) + mottle, 3, 6)
    stroma = inside * (1 - in_gland) * (1 - band.enlarge(layout.fat_share) * cells)
    apex = noise.smoothstep(beyond_lining, -14, -4)
    eosin = stroma * np.clip(0.40 + 0.11 * fibre, 0.04, 0.95)
    eosin += epithelium * (0.46 + 0.05 * mottle + 0.05 * apex)
    blue = stroma * np.clip(0.05 + 0.02 * fibre, 0, 1) + epithelium * (0.20 + 0.03 * mottle)
    shade = 1 + 0.10 * band.enlarge(textures.tone)
    if stain.nuclear:
        return (blue * 0.9 + eosin * 0.16) * shade, eosin * 0.05 * shade
    return blue * shade, (eosin + lumen * inside * 0.03) * shade


@dataclass(frozen=True, slots=True)
class _Band:
    """Some rows of the slide, for which coarse fields are enlarged and textures repeated."""

    top: int
    rows: int
    width: int

    def enlarge(self, field: Field) -> Field:
        """Return the band's part of a coarse field, shape (rows, width)."""
        box = (0.0, self.top / CELL, self.width / CELL, (self.top + self.rows) / CELL)
        within = (box[0], box[1], min(box[2], field.shape[1]), min(box[3], field.shape[0]))
        return noise.resample(field, (self.rows, self.width), within)

    def tile(self, texture: Field) -> Field:
        """Return the band's part of a repeated texture, shape (rows, width)."""
        rows = np.arange(self.top, self.top + self.rows) % len(texture)
        columns = np.arange(self.width) % len(texture)
        return texture[np.ix_(rows, columns)]

    def fibres(self, texture: Field, bend: Field, flow: Field) -> Field:
        """Return wavy fibres, running across or down as ``flow`` says, shape (rows, width)."""
        half = (-(-self.rows // 2), -(-self.width // 2))
        y = (self.top + 2 * np.arange(half[0], dtype=np.float32))[:, None]
        x = (2 * np.arange(half[1], dtype=np.float32))[None, :]
        size = len(texture)
        # Fibres are coarse enough for half the resolution, at a quarter of the work.
        small = _Band(self.top, self.rows, self.width)
        bent = 55 * small.enlarge(bend)[::2, ::2]
        across = texture[(y + bent).astype(int) % size, (x + 0.4 * bent).astype(int) % size]
        down = texture[(x + bent).astype(int) % size, (y + 0.4 * bent).astype(int) % size]
        share = small.enlarge(flow)[::2, ::2]
        mixed = across * (1 - share) + down * share
        return noise.resample(mixed.astype(np.float32), (self.rows, self.width))


def _press_nuclei(
    planes: Planes,
    layout: TissueLayout,
    stain: Stain,
    rng: np.random.Generator,
    *,
    positivity: float,
    zoom: float,
) -> None:
    kinds = [
        NucleusKind(
            length=kind.length * zoom,
            breadth=kind.breadth * zoom,
            density=kind.density,
            grain=kind.grain,
        )
        for kind in (_EPITHELIAL, _SPINDLE, _LYMPHOCYTE)
    ]
    epithelial, spindle, lymphocyte = nuclei.make_stamps(kinds, rng)
    shape = planes.haematoxylin.shape
    slope_y, slope_x = (np.asarray(slope) for slope in np.gradient(layout.gland))

    points = nuclei.scatter(rng, shape, spacing=25 * zoom)
    depth = layout.at(layout.gland, points)
    lined = (depth > 9 * zoom) & (depth < layout.at(layout.lining, points) - 13 * zoom)
    points = points[lined & (layout.at(layout.inside, points) > 12)]
    angles = np.arctan2(layout.at(slope_y, points), layout.at(slope_x, points))
    active = rng.random(len(points)) < positivity * layout.at(layout.active, points)
    for (x, y), angle, is_active in zip(points, angles, active, strict=True):
        stamp = epithelial.pick(angle + rng.normal(0, 0.3), int(rng.integers(99)))
        plane, strength = planes.haematoxylin, stain.haematoxylin
        if stain.nuclear and is_active:
            plane, strength = planes.counterstain, rng.uniform(0.55, 1.0)
        nuclei.press(plane, stamp, int(x), int(y), strength * rng.uniform(0.8, 1.0))

    _press_stroma(planes.haematoxylin, layout, stain, rng, spindle=spindle, zoom=zoom)
    points = nuclei.scatter(rng, shape, spacing=23 * zoom, jitter=0.25)
    crowded = layout.at(layout.inflamed, points) * (layout.at(layout.gland, points) < -6)
    points = points[(rng.random(len(points)) < crowded) & (layout.at(layout.inside, points) > 20)]
    for x, y in points:
        stamp = lymphocyte.pick(rng.uniform(0, np.pi), int(rng.integers(99)))
        nuclei.press(planes.haematoxylin, stamp, int(x), int(y), stain.haematoxylin)


def _press_stroma(
    plane: Plane,
    layout: TissueLayout,
    stain: Stain,
    rng: np.random.Generator,
    *,
    spindle: nuclei.NucleusStamps,
    zoom: float,
) -> None:
    points = nuclei.scatter(rng, plane.shape, spacing=82 * zoom, jitter=0.45)
    loose = (layout.at(layout.gland, points) < -10) & (layout.at(layout.inside, points) > 14)
    points = points[loose & (layout.at(layout.fat_share, points) < 0.3)]
    angles = layout.at(layout.flow, points) * np.pi / 2 + rng.normal(0, 0.35, len(points))
    for (x, y), angle in zip(points, angles, strict=True):
        stamp = spindle.pick(angle, int(rng.integers(99)))
        nuclei.press(plane, stamp, int(x), int(y), stain.haematoxylin * rng.uniform(0.7, 1.0))


def _as_plane(amount: Field) -> Plane:
    return np.clip(amount * 255, 0, 255).astype(np.uint8)


def _develop(planes: Planes, stain: Stain) -> Pixels:
    """Return the colours of the light that both dyes let through (Beer and Lambert's law)."""
    amount = np.arange(256) / 255
    dark = amount[:, None, None] * _HAEMATOXYLIN + amount[None, :, None] * np.array(
        stain.counterstain
    )
    table = np.clip(_GLASS * np.exp(-dark) + 0.5, 0, 255).astype(np.uint8).reshape(-1, 3)
    pixels = np.empty((*planes.haematoxylin.shape, 3), np.uint8)
    for top in range(0, len(pixels), _BAND):
        window = np.s_[top : top + _BAND]
        key = planes.haematoxylin[window].astype(np.uint16) << 8
        key |= planes.counterstain[window]
        np.take(table, key, axis=0, out=pixels[window])
    return pixels
