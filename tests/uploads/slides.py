"""Small slides, and zips of slides, made by code."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from slides_sample import gradient


def tiff_slide(folder: Path) -> bytes:
    """Return the bytes of a slide of 501 x 465 pixels in three levels."""
    path = folder / "made.tif"
    gradient.write_gradient_slide(path, width=501, height=465, tile=128, downsamples=(1, 2, 4))
    return path.read_bytes()


def zip_of(members: Mapping[str, bytes], *, method: int = zipfile.ZIP_STORED) -> bytes:
    """Return a zip of files by name."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = method
            archive.writestr(entry, data)
    return sink.getvalue()


def mirax_zip() -> bytes:
    """Return a zip laid out as a MIRAX slide, with nothing in it that a reader could read."""
    return zip_of(
        {
            "case 7/slide.mrxs": b"index",
            "case 7/slide/Slidedat.ini": b"[GENERAL]\n",
            "case 7/slide/Data0000.dat": b"0" * 100_000,
            "__MACOSX/case 7/._slide.mrxs": b"rubbish",
        }
    )
