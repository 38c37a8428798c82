"""Other people's clients, unmodified, as far as they are installed somewhere.

They are no dependencies of the tests, for they pin old releases or are large. Each is told by an
environment variable, and passed over where that is not set:

``SLIDESCORE_NKI``
    The program ``slidescore`` of github.com/NKI-AI/slidescore-api: ``pip install`` a checkout of it
    into an environment of its own.
``DLUP_PYTHON``
    A Python with ``dlup[remote_backends]`` (0.9 or newer).
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.wire.served import Server, WiredStudy

NKI = os.environ.get("SLIDESCORE_NKI", "")
DLUP = os.environ.get("DLUP_PYTHON", "")
needs_nki = pytest.mark.skipif(not NKI, reason="SLIDESCORE_NKI names no program slidescore")
needs_dlup = pytest.mark.skipif(not DLUP, reason="DLUP_PYTHON names no Python with dlup")

TRIANGLE = [
    {
        "type": "polygon",
        "points": [{"x": 10, "y": 10}, {"x": 60, "y": 10}, {"x": 60, "y": 70}],
    }
]
BRUSH = [
    {
        "type": "brush",
        "positivePolygons": [
            [{"x": 0, "y": 0}, {"x": 90, "y": 0}, {"x": 90, "y": 90}, {"x": 0, "y": 90}]
        ],
        "negativePolygons": [
            [{"x": 20, "y": 20}, {"x": 40, "y": 20}, {"x": 40, "y": 40}, {"x": 20, "y": 40}]
        ],
    },
    {"type": "rect", "corner": {"x": 5, "y": 6}, "size": {"x": 7, "y": 8}},
    {"type": "ellipse", "center": {"x": 50, "y": 60}, "size": {"x": 10, "y": 20}},
]
POINTS = [{"x": 3, "y": 4}, {"x": 5, "y": 6}]


def nki(server: Server, study: WiredStudy, folder: Path, *words: str | Path) -> None:
    token = folder / "token"
    token.write_text(server.token)
    # Its address must end with a slash: it joins names to it as a browser does.
    common = ["--slidescore-url", f"{server.url}/", "-t", token, "-s", str(study.id), "--no-log"]
    done = subprocess.run(
        [NKI, *common, *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def answers_of(server: Server, study: WiredStudy, email: str) -> dict[str, str]:
    return {row.question: row.answer for row in server.client().get_results(study.id, email=email)}


def save(server: Server, study: WiredStudy, email: str, **answers: object) -> None:
    rows = [
        f"{study.slide_id}\t{study.slide_name}\t{email}\t{question}\t"
        + (answer if isinstance(answer, str) else json.dumps(answer))
        for question, answer in answers.items()
    ]
    sent = {"studyId": study.id, "results": "\n".join(["", *rows])}
    assert server.call("UploadResults", verb="POST", **sent).json()["success"] is True


@needs_nki
def test_nki_uploads_labels_from_a_table(server: Server, study: WiredStudy, tmp_path: Path):
    table = tmp_path / "labels.tsv"
    # It makes double quotes of single ones, so that a table may hold Python's own notation.
    table.write_text(
        f"{study.slide_id}\t{study.slide_name}\tnki@example.org\tTumour\t{TRIANGLE!r}\n"
        f"{study.slide_id}\t{study.slide_name}\tnki@example.org\tRemark\tas it is\n"
    )

    nki(server, study, tmp_path, "upload-labels-from-csv", "-r", table)

    told = answers_of(server, study, "nki@example.org")
    assert told["Remark"] == "as it is"
    assert json.loads(told["Tumour"]) == TRIANGLE


@needs_nki
def test_nki_downloads_labels_in_each_of_its_forms(
    server: Server, study: WiredStudy, tmp_path: Path
):
    email = "nki.reads@example.org"
    save(server, study, email, Tumour=TRIANGLE, Mitoses=POINTS)

    def download(form: str, *words: str) -> Path:
        folder = tmp_path / form
        nki(server, study, tmp_path, "download-labels", "-u", email, "-o", form, *words, folder)
        return folder

    raw = (download("RAW") / "annotations.txt").read_text().splitlines()
    told = json.loads((download("JSON") / f"{study.slide_id}.json").read_text())
    geojson = download("GEOJSON", "-q", "Tumour")

    start = f"{study.slide_id}\t{study.slide_name}\t{email}\t"
    assert sorted(line.removeprefix(start).split("\t")[0] for line in raw) == ["Mitoses", "Tumour"]
    assert told["study_id"] == study.id
    assert {entry["question"] for entry in told["annotations"]} == {"Tumour", "Mitoses"}
    [file] = [path for path in geojson.rglob("*") if path.is_file()]
    [feature] = json.loads(file.read_text())["features"]
    assert feature["geometry"]["type"] in {"Polygon", "MultiPolygon"}


_READ_BY_DLUP = """
import json, sys, warnings
warnings.simplefilter("ignore")
from dlup.annotations import SlideAnnotations
found = SlideAnnotations.from_slidescore_tsv(sys.argv[1], user_email=sys.argv[2])
print(json.dumps({
    "polygons": sorted([p.label, round(p.area, 1)] for p in found.polygons),
    "boxes": [[b.label, list(b.coordinates), list(b.size)] for b in found.boxes],
    "points": sorted([p.label, p.x, p.y] for p in found.points),
    "tags": sorted([t.label, [a.label for a in t.attributes]] for t in found.tags),
}))
"""


@needs_dlup
def test_dlup_imports_our_table(server: Server, study: WiredStudy, tmp_path: Path):
    email = "dlup@example.org"
    save(server, study, email, Tumour=BRUSH, Mitoses=POINTS, Remark="höher, «besser»", Grade="High")
    table = tmp_path / "study.tsv"
    reply = server.call("DownloadResults", studyId=study.id, format="tsv", shape="long")
    table.write_bytes(reply.content)

    done = subprocess.run(
        [DLUP, "-c", _READ_BY_DLUP, table, email],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["points"] == [["Mitoses", 3, 4], ["Mitoses", 5, 6]]
    assert told["boxes"] == [["Tumour", [5, 6], [7, 8]]]
    assert told["tags"] == [["Grade", ["High"]], ["Remark", ["höher, «besser»"]]]
    # The brush less its hole, and the ellipse of radii 10 and 20 as a polygon of 100 corners.
    areas = [area for _, area in told["polygons"]]
    assert areas == pytest.approx([627.9, 90 * 90 - 20 * 20], abs=1)
