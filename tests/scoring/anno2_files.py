"""Annotation files made by the vendor's own encoder, and zips made by hand."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import tarfile
import zipfile
from pathlib import Path

import brotli
from slidescore.lib.AnnoClasses import Heatmap, Points, Polygons
from slidescore.lib.Encoder import Encoder
from slidescore.lib.utils import read_slidescore_json


def encoded(items: Points | Polygons | Heatmap, folder: Path) -> Path:
    """Write an anno2 zip with the vendor's encoder."""
    path = folder / "anno2.zip"
    with contextlib.redirect_stdout(io.StringIO()):
        encoder = Encoder(items)
        encoder.generate_tile_data()
        encoder.populate_lookup_tables()
        encoder.dump_to_file(str(path))
    return path


def from_anno1(shapes: list[dict[str, object]], folder: Path) -> Path:
    """Write an anno2 zip of anno1 shapes with the vendor's encoder."""
    return encoded(read_slidescore_json(copy.deepcopy(shapes)), folder)


def zipped(entries: dict[str, bytes], **options: int) -> bytes:
    """Return a zip of entries, the same at any time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:
        for name, data in entries.items():
            entry = zipfile.ZipInfo(name)
            archive.writestr(entry, data, compress_type=archive.compression)
    return buffer.getvalue()


def metadata(kind: str, **changes: object) -> bytes:
    """Return system_metadata.json."""
    return json.dumps({"version": "0.2.0", "type": kind, "numItems": 1, **changes}).encode()


def points_zip(points: object, **changes: object) -> bytes:
    """Return a zip of points as JSON."""
    text = points if isinstance(points, bytes) else json.dumps(points).encode()
    return zipped(
        {
            "system_metadata.json": metadata("points", **changes),
            "anno1_points.json.br": brotli.compress(text, quality=1),
        }
    )


def tarred(files: dict[str, bytes]) -> bytes:
    """Return a tar.gz of files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()
