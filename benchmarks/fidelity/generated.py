"""Generated slides: every layout of stored tiles that is served, small enough to compare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.tileserver.stored import dicom_files, encoded
from tests.tileserver.stored.dicom_files import JPEG2000, Frames
from tests.tileserver.stored.encoded import Encoding, Making

SIZE = (1283, 901)
_SPARSE = frozenset({(0, 1, 1), (0, 2, 1), (0, 0, 3)})

Make = Callable[[Path], object]


def _tiff(
    *,
    size: tuple[int, int] = SIZE,
    downsamples: tuple[int, ...] = (1, 4),
    floor: bool = False,
    making: Making | None = None,
    **how: object,
) -> Make:
    def make(path: Path) -> object:
        levels = encoded.noise_levels(*size, downsamples)
        if floor:
            levels = [
                level[: size[1] // downsample, : size[0] // downsample]
                for level, downsample in zip(levels, downsamples, strict=True)
            ]
        return encoded.write(path, levels, Encoding(**how), making)  # type: ignore[arg-type]

    return make


def _sparse(path: Path) -> object:
    full = encoded.noise_levels(*SIZE, (1,))[0].copy()
    for _, column, row in _SPARSE:
        full[row * 256 : (row + 1) * 256, column * 256 : (column + 1) * 256] = 255
    levels = [full, encoded.shrunk(full, 4)]
    return encoded.write(path, levels, Encoding(), Making(missing=_SPARSE))


def _dicom(frames: Frames) -> Make:
    def make(path: Path) -> object:
        path.parent.mkdir()
        for number, level in enumerate(encoded.noise_levels(*SIZE, (1, 4))):
            name = path if not number else path.with_name("smaller.dcm")
            dicom_files.write(name, level, frames, mm=0.00025 * 4**number)
        return path

    return make


def _picture(width: int, height: int, **options: object) -> Make:
    def make(path: Path) -> object:
        return Image.fromarray(encoded.noise_levels(width, height, (1,))[0]).save(path, **options)

    return make


def _turned(path: Path) -> object:
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = encoded.noise_levels(1100, 900, (1,))[0]
    return Image.fromarray(pixels).save(path, quality=95, exif=exif)


_APERIO = encoded.aperio(*SIZE)
_MAKERS: dict[str, Make] = {
    "tiles-240.tif": _tiff(tile=240),
    "tiles-256.tif": _tiff(downsamples=(1, 4, 16)),
    "tiles-512.tif": _tiff(tile=512),
    "levels-floored.tif": _tiff(downsamples=(1, 2, 4, 8), floor=True),
    "levels-ceiled.tif": _tiff(downsamples=(1, 2, 4, 8)),
    "one-level.tif": _tiff(downsamples=(1,)),
    "ycbcr-422.tif": _tiff(colours="ycbcr422"),
    "ycbcr-444.tif": _tiff(colours="ycbcr444"),
    "rgb-app14.tif": _tiff(colours="rgb", marked=True),
    "rgb-unmarked.tif": _tiff(colours="rgb"),
    "full-streams.tif": _tiff(abbreviated=False),
    "bigtiff-subifds.tif": _tiff(making=Making(bigtiff=True, subifds=True)),
    "sparse.tif": _sparse,
    "edge-of-1-px.tif": _tiff(size=(1025, 769)),
    "padded-white.tif": _tiff(padding="edge"),
    "aperio.svs": _tiff(downsamples=(1, 4, 16), making=Making(description=_APERIO)),
    "jpeg2000-rgb.svs": _tiff(colours="jp2k_rgb", making=Making(description=_APERIO)),
    "jpeg2000-ycbcr.svs": _tiff(colours="jp2k_ycbcr", making=Making(description=_APERIO)),
    "dicom/jpeg.dcm": _dicom(Frames(subsampling="422")),
    "dicom-rgb/jpeg.dcm": _dicom(Frames(colours="rgb", table="extended")),
    "dicom-j2k/jpeg2000.dcm": _dicom(Frames(syntax=JPEG2000, table="none")),
    "picture.png": _picture(1283, 901),
    "large-picture.png": _picture(4507, 1301),
    "turned.jpg": _turned,
}


def make_slides(folder: Path) -> list[Path]:
    """Make the slides, and return the file of each by which it is opened.

    Parameters
    ----------
    folder
        Empty, or with slides that were made before.
    """
    found = []
    for name, make in _MAKERS.items():
        path = folder / name
        if not path.exists():
            make(path)
        found.append(path)
    return found
