"""NKI's client and dlup's slide backend, unmodified, read a study; see ``test_other_clients``."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.wire.served import SLIDE_SIZE, Server, WiredStudy
from tests.wire.test_other_clients import DLUP, NKI, needs_dlup, needs_nki

_READ_BY_NKI = """
import json, pathlib, sys
from slidescore_api.api import build_client
url, token, study, folder = sys.argv[1:]
client = build_client(url, token)
images = client.get_images(int(study))
config = client.get_config(int(study))
client.base_url = url
client.set_cookie(images[0]["id"])
print(json.dumps({
    "images": [[i["id"], i["name"], i["studyID"]] for i in images],
    "questions": [[q["name"], q["typeName"], q["valuesAllowed"]] for q in config["scores"]],
    "people": [p["email"] for p in config["emails"]],
    "metadata": client.get_image_metadata(images[0]["id"]),
    "file": str(client.download_slide(int(study), images[0], pathlib.Path(folder))),
    "fileSize": images[0]["fileSize"],
    "tile": client.get_tile(9, 0, 0).size,
}))
"""

_READ_BY_DLUP = """
import json, sys, warnings
warnings.simplefilter("ignore")
import PIL.Image, numpy as np  # dlup 0.9.4 uses PIL.Image without importing it.
from dlup.backends.slidescore_backend import open_slide
slide = open_slide(sys.argv[1])
region = slide.read_region((100, 60), 0, (200, 150))
np.save(sys.argv[2], region.to_numpy())
print(json.dumps([slide.dimensions, slide.spacing, slide.level_count]))
"""


def told(python: Path, script: str, *words: str | Path, **environment: str) -> object:
    done = subprocess.run(
        [python, "-c", script, *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@needs_nki
def test_nki_reads_a_study(server: Server, study: WiredStudy, tmp_path: Path):
    python = Path(NKI).with_name("python")

    found = told(python, _READ_BY_NKI, f"{server.url}/", server.token, str(study.id), tmp_path)

    assert isinstance(found, dict)
    assert found["images"] == [[study.slide_id, study.slide_name, study.id]]
    assert found["questions"][2] == ["Tumour", "AnnoShapes", "#e6194b"]
    # Other tests answer in this study as people of their own.
    assert "reader@example.org" in found["people"]
    assert (found["metadata"]["level0Width"], found["metadata"]["level0Height"]) == SLIDE_SIZE
    assert Path(found["file"]).stat().st_size == found["fileSize"]
    assert found["tile"][0] > 0


@needs_dlup
def test_dlup_reads_the_pixels_of_a_slide(server: Server, study: WiredStudy, tmp_path: Path):
    address = f"{server.url}/Image/Details?imageId={study.slide_id}&studyId={study.id}"
    pixels = tmp_path / "region.npy"

    dimensions, spacing, _ = told(  # type: ignore[misc]
        Path(DLUP), _READ_BY_DLUP, address, pixels, SLIDESCORE_API_TOKEN=server.token
    )

    assert tuple(dimensions) == SLIDE_SIZE
    assert spacing is None or spacing[0] == pytest.approx(spacing[1])
    stored = tifffile.imread(server.data / "images" / study.name / "test-image.TiFF", key=0)
    # The file's tiles are JPEG; what dlup pastes together is at most encoded once more, at edges.
    difference = np.abs(np.load(pixels).astype(int) - stored[60:210, 100:300].astype(int))
    assert difference.mean() < 4
