"""Formats of annotations at scale: `python -m benchmarks.annotation_formats [COUNT …]`.

For each count, by default 100,000, polygons of 30 corners in an anno2 file are written in every
format (export) and read again (import), each in a process of its own: polygons a second, and the
peak of its memory. `--points COUNT`: points through the vendor's own encoder, our reader and
writer, and the vendor's own decoder, which must tell the same places.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import json
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.annotations import SIDE, peak_mib, say, write_input
from scoring import conversion, marked
from scoring.conversion import FORMATS, Setting
from scoring.formats import anno2_shapes
from scoring.formats.answer_tsv import Author
from scoring.formats.coco import Picture
from scoring.marked import Losses, Marked
from scoring.shapes import Points

COUNTS = (100_000,)
COMPRESSED = ("anno1", "geojson")
SETTING = Setting(
    picture=Picture(file_name="slide", width=SIDE, height=SIDE),
    mpp=0.25,
    author=Author(slide_id=1, slide_name="slide", email="reader@example.org"),
)


def export(name: str, source: Path, target: Path) -> dict[str, float]:
    """Write the polygons of a file in a format."""
    began = time.perf_counter()
    with source.open("rb") as stream, target.open("wb") as out:
        for block in FORMATS[name].write(conversion.read(stream, Losses()), Losses(), SETTING):
            out.write(block)
    return {"seconds": time.perf_counter() - began, "peak_mib": peak_mib()}


def load(name: str, source: Path) -> dict[str, float]:
    """Read the polygons of a file of a format."""
    began = time.perf_counter()
    with source.open("rb") as stream:
        pieces = conversion.read(stream, Losses(), FORMATS[name])
        count = sum(marked.count(piece) for piece in pieces)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "peak_mib": peak_mib(), "count": count}


def points(count: int) -> dict[str, object]:
    """Send random places through the vendor's encoder and ours, and compare what comes out."""
    places = np.unique(np.random.default_rng(3).integers(0, SIDE, (count, 2)), axis=0)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        path = Path(folder) / "points.zip"
        times = [time.perf_counter()]
        _encode_by_vendor(places, path)
        times.append(time.perf_counter())
        with path.open("rb") as stream:
            found = list(anno2_shapes.parse(stream, Losses()))
        times.append(time.perf_counter())
        data = b"".join(anno2_shapes.write(found, Losses()))
        times.append(time.perf_counter())
        theirs = _decoded_by_vendor(data)
        times.append(time.perf_counter())
    ours = [
        piece.shape.places.array
        for piece in found
        if isinstance(piece, Marked) and isinstance(piece.shape, Points)
    ]
    names = ("vendor_encodes_s", "read_s", "write_s", "vendor_decodes_s")
    return {
        "places": len(places),
        "same_read": bool(np.array_equal(np.unique(np.concatenate(ours), axis=0), places)),
        "same_back": bool(np.array_equal(np.unique(theirs, axis=0), places)),
        **dict(zip(names, np.diff(times).round(2).tolist(), strict=True)),
    }


def _encode_by_vendor(places: npt.NDArray[np.int64], path: Path) -> None:
    # The vendor's package is for development, and slow to load.
    from slidescore.lib.AnnoClasses import Points as VendorPoints
    from slidescore.lib.Encoder import Encoder

    items = VendorPoints()
    for x, y in places.tolist():
        items.addPoint(x, y)
    encoder = Encoder(items)
    encoder.generate_tile_data()
    encoder.populate_lookup_tables()
    encoder.dump_to_file(str(path))


def _decoded_by_vendor(data: bytes) -> npt.NDArray[np.int64]:
    from slidescore.lib.Decoder import Decoder

    decoder = Decoder(zipfile.ZipFile(io.BytesIO(data)))
    decoder.decode()
    return np.array(decoder.items.flattened_points, dtype=np.int64).reshape(-1, 2)


def _in_own_process(*words: str) -> dict[str, float]:
    run = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "benchmarks.annotation_formats", *words],
        check=True,
        capture_output=True,
    )
    found: dict[str, float] = json.loads(run.stdout)
    return found


def measure(count: int, names: list[str], folder: Path) -> None:
    """Print a line for each format."""
    source = folder / "polygons.anno2"
    write_input(source, count)
    say(f"{count:,} polygons | export /s | peak MiB | MiB | import /s | peak MiB")
    for name in names:
        target = folder / f"out.{name}"
        out = _in_own_process("--export", name, str(source), str(target))
        mib = target.stat().st_size / 2**20
        back = _in_own_process("--load", name, str(target))
        if back["count"] != count:
            raise SystemExit(f"{name}: {back['count']} of {count} polygons came back")
        say(
            f"  {name:10} | {count / out['seconds']:,.0f} | {out['peak_mib']:.0f} | {mib:,.0f} "
            f"| {count / back['seconds']:,.0f} | {back['peak_mib']:.0f}"
        )
        if name in COMPRESSED:
            packed = folder / f"out.{name}.gz"
            with target.open("rb") as plain, gzip.open(packed, "wb", 6) as stream:
                shutil.copyfileobj(plain, stream)
            back = _in_own_process("--load", name, str(packed))
            say(f"  {name}.gz | | | | {count / back['seconds']:,.0f} | {back['peak_mib']:.0f}")
            packed.unlink()
        target.unlink()


def main() -> None:
    """Measure what the command asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.annotation_formats")
    parser.add_argument("counts", nargs="*", type=int, default=COUNTS, metavar="COUNT")
    parser.add_argument(
        "--format", action="append", choices=FORMATS, help="only this one; repeated"
    )
    parser.add_argument("--points", type=int, metavar="COUNT", help="points by the vendor's code")
    # What the benchmark's own processes do.
    parser.add_argument("--export", nargs=3, metavar=("FORMAT", "SOURCE", "TARGET"))
    parser.add_argument("--load", nargs=2, metavar=("FORMAT", "SOURCE"))
    told = parser.parse_args()
    if told.export:
        name, source, target = told.export
        say(json.dumps(export(name, Path(source), Path(target))))
    elif told.load:
        name, source = told.load
        say(json.dumps(load(name, Path(source))))
    elif told.points:
        say(json.dumps(points(told.points), indent=1))
    else:
        with tempfile.TemporaryDirectory() as folder:
            for count in told.counts:
                measure(count, told.format or list(FORMATS), Path(folder))


if __name__ == "__main__":
    main()
