"""Other people's clients read the pixels that OpenSlide reads, unmodified; see test_other_clients.

``DLUP_PYTHON`` names a Python with ``dlup`` (0.9 or newer) and ``aiohttp``; ``SLIDESCORE_NKI`` the
program ``slidescore`` of slidescore-api, beside whose Python its library is found.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import openslide
from PIL import Image

from tests.wire.served import Server
from tests.wire.test_client import slide_id, svs  # noqa: F401 fixtures
from tests.wire.test_other_clients import DLUP, NKI, needs_dlup, needs_nki

# Within the tiles that the file stores: those at the edges are cut and encoded once more.
PARTS = [((0, 0), (300, 200)), ((301, 203), (500, 300)), ((130, 5), (64, 500))]

_DLUP_READS = """
import json, sys, warnings
import numpy as np
warnings.simplefilter("ignore")
from dlup.backends.slidescore_backend import SlideScoreSlide
slide = SlideScoreSlide(sys.argv[1], api_token=sys.argv[2])
assert slide.dimensions == (1003, 605), slide.dimensions
assert slide.spacing == (0.25, 0.25), slide.spacing
for number, (location, size) in enumerate(json.loads(sys.argv[3])):
    region = np.asarray(slide.read_region(tuple(location), 0, tuple(size)))
    np.save(f"{sys.argv[4]}/{number}.npy", region[..., :3])
slide.close()
"""

_NKI_READS = """
import sys
from slidescore_api.api import APIClient
client = APIClient(sys.argv[1], sys.argv[2])
client.base_url = sys.argv[1]  # Without it the client refuses to ask for its own base_url.
client.set_cookie(int(sys.argv[3]))
client.get_tile(10, 2, 3).save(sys.argv[4], format="PNG")
"""


def run(python: str, *words: str) -> None:
    done = subprocess.run(
        [python, "-c", *words], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def expected(path: Path, location: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    with openslide.OpenSlide(path) as slide:
        return np.asarray(slide.read_region(location, 0, size).convert("RGB"))


@needs_dlup
def test_dlup_reads_the_pixels_of_openslide(
    server: Server,
    slide_id: int,  # noqa: F811
    svs: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    study_id = server.call("GetSlideDetails", imageid=slide_id).json()["studyID"]
    address = f"{server.url}/Image/Details?imageId={slide_id}&studyId={study_id}"

    run(
        DLUP,
        _DLUP_READS,
        address,
        server.token,
        str([[*map(list, p)] for p in PARTS]),
        str(tmp_path),
    )

    for number, (location, size) in enumerate(PARTS):
        shown = np.load(tmp_path / f"{number}.npy")
        np.testing.assert_array_equal(shown, expected(svs, location, size))


@needs_nki
def test_nki_reads_the_pixels_of_openslide(
    server: Server,
    slide_id: int,  # noqa: F811
    svs: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    picture = tmp_path / "tile.png"
    python = str(Path(NKI).with_name("python"))

    run(python, _NKI_READS, f"{server.url}/", server.token, str(slide_id), str(picture))

    shown = np.asarray(Image.open(picture).convert("RGB"))
    np.testing.assert_array_equal(shown, expected(svs, (256, 384), (128, 128)))
