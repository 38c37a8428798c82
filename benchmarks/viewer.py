"""Time to sharp: `python -m benchmarks.viewer [ROUNDS]`.

A slide of 18,000 x 13,500 pixels is served by two workers. Chromium plays one trace of pans and
zooms, with 40 ms and 50 Mbit/s between it and the server, in the viewer and in OpenSeadragon with
its default options over the same tiles, in turns. The table tells how long after each act the view
was at rest and sharp, and what was asked of the server. Then a layer of a million polygons is put
on the slide, and the times between frames are taken while it is panned by a held key; and at last
the reader draws over 20,000 shapes of an own answer.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from benchmarks import shapes
from benchmarks.tiles import product
from scripts import build_web
from slides_sample import pyramid, samples
from slides_sample.pyramid import Pixels, Storage

REPEATS = 3
MPP = 0.25
DOWNSAMPLES = (1, 4, 16)
LATENCY_MS = 40
MBIT = 50
ROUNDS = 3
COUNT = 1_000_000
ZOOMS = (16, 8, 4, 1)
OWN_COUNT = 20_000
OWN_ZOOM = 4
OWN_QUESTION = "Cells"
PASSWORD = "Viewer-Bench-2026"  # noqa: S105  (of an account that lives as long as the run)
EMAIL = "bench@example.org"
_LIMIT_S = 900


def main() -> None:
    """Measure, and print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        slide = folder / "large.tif"
        width, height = write_slide(slide)
        data = folder / "data"
        token = product.make_data(data)
        _set_password(data)
        with product.serve(data, token, folder / "log") as server:
            done, log = server.add_study("bench", [(slide.name, slide)])
            if not done:
                raise SystemExit(log)
            [slide_id] = server.slide_ids("bench").values()
            server.wait_until_quiet()
            given = {
                "base": f"http://127.0.0.1:{server.port}",
                "email": EMAIL,
                "password": PASSWORD,
                "studyId": 1,
                "slideId": slide_id,
                "width": width,
                "height": height,
                "mpp": MPP,
                "latencyMs": LATENCY_MS,
                "mbit": MBIT,
                "rounds": rounds,
                "chromium": build_web.find_chromium() or "chromium",
            }
            sys.stdout.write(table(_played("sharpness.mjs", given)))
            shapes.upload_layer(server, slide_id, COUNT, (width, height))
            given["zooms"] = ZOOMS
            sys.stdout.write(frame_table(_played("frames.mjs", given)["seen"]))
            server.call(
                "AddQuestion", studyId=1, questionSpec=f"{OWN_QUESTION}\tAnnoShapes\t#ffd60a"
            )
            own = {"question": OWN_QUESTION, "count": OWN_COUNT, "zoom": OWN_ZOOM}
            sys.stdout.write(edit_table(_played("edits.mjs", {**given, **own})["seen"]))


def write_slide(path: Path) -> tuple[int, int]:
    """Write the sample section several times beside itself, and return width and height."""
    samples.make_sample_slides(path.parent / "samples")
    section = tifffile.imread(path.parent / "samples" / samples.HE_NAME, key=0)
    height, width = section.shape[:2]
    shape = (REPEATS * height, REPEATS * width, 3)
    with tempfile.TemporaryDirectory() as name:
        whole: Pixels = np.memmap(Path(name) / "pixels", dtype=np.uint8, mode="w+", shape=shape)
        for row in range(REPEATS):
            for column in range(REPEATS):
                top, left = row * height, column * width
                whole[top : top + height, left : left + width] = section
        levels = [whole, *(pyramid.shrink(whole, factor) for factor in DOWNSAMPLES[1:])]
        pyramid.write_plain(path, levels, Storage(), mpp=MPP)
    return shape[1], shape[0]


def _set_password(data: Path) -> None:
    words = ["user", "add", EMAIL, "--admin", "--password-stdin", "--data", str(data)]
    coverslip = Path(sys.executable).with_name("coverslip")
    subprocess.run(  # noqa: S603  (our own program and words)
        [coverslip, *words], input=PASSWORD, text=True, capture_output=True, check=True
    )


def _played(script: str, given: Mapping[str, object]) -> dict[str, list[dict[str, Any]]]:
    node = build_web.find_node(bundled_node=False)
    done = subprocess.run(  # noqa: S603  (our own script)
        [node.node, f"e2e/{script}", json.dumps(given)],
        cwd=build_web.WEB,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LIMIT_S,
    )
    if done.returncode != 0:
        raise SystemExit(done.stderr[-4000:])
    found: dict[str, list[dict[str, Any]]] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(seen: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return the table of docs/performance.md."""
    names = {"ours": "this viewer", "plain": "OpenSeadragon, default options"}
    lines = [
        "| p50 and p95 | sharp after a pan | after a zoom | of that waiting for tiles | "
        "frames on the way that were sharp | tiles | MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for key, rounds in seen.items():
        acts = [act for one in rounds for act in one["acts"]]
        moving = sum(act["frames"] for act in acts)
        cells = [
            names[key],
            *(
                _spread([act["sharpMs"] for act in acts if act["kind"] == kind])
                for kind in ("pan", "zoom")
            ),
            _spread([act["waitedMs"] for act in acts]),
            f"{100 * sum(act['sharpFrames'] for act in acts) / max(1, moving):.0f} %",
            f"{statistics.mean(one['tiles'] for one in rounds):.0f}",
            f"{statistics.mean(one['bytes'] for one in rounds) / 1e6:.1f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def frame_table(seen: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of how long frames last while a view is panned over a layer."""
    lines = [
        f"| {COUNT:,} polygons, zoom | frames, p50 and p99 | without the layer | longest task |",
        "|---|---|---|---|",
    ]
    for zoom in ZOOMS:
        with_it, without = (
            next(one for one in seen if one["zoom"] == zoom and one["isShown"] is shown)
            for shown in (True, False)
        )
        cells = [_spread(one["between"], 99) for one in (with_it, without)]
        lines.append(f"| 1 : {zoom} | {cells[0]} | {cells[1]} | {with_it['longest']:.0f} ms |")
    return "\n".join(["", *lines, ""])


def edit_table(seen: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of how long frames last while one draws over shapes of an own answer."""
    lines = [
        f"| {OWN_COUNT:,} own shapes, 1 : {OWN_ZOOM} | frames, p50 and p99 | longest, after it |",
        "|---|---|---|",
        *(
            f"| {one['act']} | {_spread(one['between'], 99)} | {one['longest']:.0f} ms |"
            for one in seen
        ),
    ]
    return "\n".join(["", *lines, ""])


def _spread(values: Sequence[float], high: int = 95) -> str:
    middle, most = np.percentile(values, (50, high), method="nearest")
    return f"{middle:.0f} and {most:.0f} ms"


if __name__ == "__main__":
    main()
