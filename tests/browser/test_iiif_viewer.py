"""OpenSeadragon in Chromium shows by IIIF, from another site, what it shows by Deep Zoom."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openslide
import pytest
from PIL import Image

from slides_sample import samples
from tests.browser.conftest import Browser, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(200)]

KINDS = ("dzi", "iiif")
VIEWS = [
    {"x": 1024, "y": 768, "width": 600, "height": 400, "scale": 1},
    {"x": 300, "y": 1111, "width": 500, "height": 300, "scale": 1},
    {"x": 512, "y": 512, "width": 1200, "height": 800, "scale": 2},
    {"x": 0, "y": 0, "width": 3200, "height": 2400, "scale": 8},
]


@pytest.fixture(scope="module")
def shown(
    browser: Browser, site: Site, slides: dict[str, int], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Show each view by each protocol, and give the folder of what was seen."""
    folder = tmp_path_factory.mktemp("iiif")
    slide_id = slides[samples.HE_NAME]
    token = site.call("GetTileServer", imageId=slide_id)
    given = {
        "base": site.url,
        "iiif": f"{site.url}{token['iiif']}/info.json",
        "dzi": f"{site.url}/i/{slide_id}/{token['urlPart']}/i.dzi",
        "cookie": token["cookiePart"],
        "views": VIEWS,
        "folder": str(folder),
    }
    browser.walk_to_end("iiif.mjs", given, timeout_s=150)
    return folder


def _pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


@pytest.mark.parametrize("number", range(4))
def test_both_protocols_show_the_same_pixels(shown: Path, number: int) -> None:
    by_dzi, by_iiif = (_pixels(shown / f"{kind}-{number}.png") for kind in KINDS)

    view = VIEWS[number]
    size = (view["height"] // view["scale"], view["width"] // view["scale"], 3)
    assert by_dzi.shape == by_iiif.shape == size
    np.testing.assert_array_equal(by_dzi, by_iiif)
    assert by_iiif.std() > 5, "nothing is shown"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(4))
def test_tiles_in_the_browser_are_the_pixels_that_openslide_reads(
    shown: Path, site: Site, kind: str, number: int
) -> None:
    tile = json.loads((shown / f"{kind}-{number}.json").read_text())
    side = tile["width"]
    pixels = np.array(tile["rgba"]).reshape(side, side, 4)

    with openslide.OpenSlide(site.slide_file) as slide:
        corner = (tile["column"] * side, tile["row"] * side)
        expected = np.asarray(slide.read_region(corner, 0, (side, side)).convert("RGB")).astype(int)

    # Chromium decodes JPEG by the same library, with a colour conversion of its own.
    difference = np.abs(pixels[..., :3] - expected)
    assert difference.max() <= 2
    assert difference.mean() < 0.2
