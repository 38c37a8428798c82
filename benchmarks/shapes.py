"""A layer of many polygons, put on a slide of a running server as an annotation file."""

from __future__ import annotations

import base64

import numpy as np
import requests

from benchmarks.tiles.product import Product
from scoring.formats import anno2_writing
from scoring.formats.anno2_writing import Contents

MODEL = "model@example.org"
QUESTION = "Nuclei"
CORNERS = 30


def upload_layer(server: Product, slide_id: int, count: int, size: tuple[int, int]) -> None:
    """Have a model answer a question with round polygons of 10 to 25 pixels, evenly spread.

    Parameters
    ----------
    server
        Whose first study holds the slide.
    slide_id
        Of the slide.
    count
        Of the polygons.
    size
        Width and height of the slide in pixels.
    """
    server.call("AddQuestion", studyId=1, questionSpec=f"{QUESTION}\tAnnoShapes\t#1fd3ff")
    server.call("AddUser", studyId=1, email=MODEL, rights="canscore")
    _, made = server.call(
        "CreateAnno2", studyId=1, email=MODEL, imageId=slide_id, question=QUESTION
    )
    if not isinstance(made, dict) or "uploadToken" not in made:
        raise SystemExit(f"CreateAnno2 answered {made!r}")
    corners = make_corners(count, size)
    contents = Contents(rings=[corners.reshape(-1, 2)], counts=[CORNERS] * count)
    _send(server, made["uploadToken"], anno2_writing.write(contents))


def make_corners(
    count: int, size: tuple[int, int]
) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """Return corners of shape (count, 30, 2), whole level-0 pixels."""
    rng = np.random.default_rng(7)
    angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    circle = np.stack((np.cos(angles), np.sin(angles)), axis=-1)
    middles = rng.uniform(50, np.array(size) - 50, (count, 2))[:, None]
    corners = np.empty((count, CORNERS, 2), dtype=np.int32)
    for start in range(0, count, 50_000):
        part = slice(start, start + 50_000)
        radii = rng.uniform(5, 12.5, (len(middles[part]), 1, 1))
        corners[part] = np.rint(middles[part] + radii * circle)
    return corners


def _send(server: Product, ticket: str, body: bytes) -> None:
    base = f"http://127.0.0.1:{server.port}"
    told = {"filename": "layer.anno2", "uploadtoken": ticket, "apitoken": server.token}
    coded = (f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())
    heads = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {server.token}"}
    made = requests.post(
        f"{base}/files",
        headers={**heads, "Upload-Length": str(len(body)), "Upload-Metadata": ",".join(coded)},
        timeout=60,
    )
    made.raise_for_status()
    upload_id = made.headers["Location"].rsplit("/", 1)[-1]
    kind = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    requests.patch(
        f"{base}/files/{upload_id}", data=body, headers={**heads, **kind}, timeout=120
    ).raise_for_status()
    status, reply = server.call("FinishUpload", id=upload_id, token=ticket)
    if status != 200:
        raise SystemExit(f"FinishUpload answered {status}: {reply!r}")
