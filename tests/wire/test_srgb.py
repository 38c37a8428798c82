"""Colours turned into sRGB, wherever pixels are asked for; Pillow's ImageCms as oracle."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import numpy as np
import pytest
import requests
from PIL import Image, ImageCms

from coverslip.client import Server as Reader
from slides_sample import gradient, pyramid
from slides_sample.pyramid import Storage
from tests.tileserver.profiles import matrix_profile
from tests.wire.served import Server

PROFILE = matrix_profile()
SIZE = (600, 400)


@pytest.fixture(scope="module")
def slide_id(server: Server, tmp_path_factory: pytest.TempPathFactory) -> int:
    pixels = np.clip(gradient.expected_region((0, 0, *SIZE), 1, SIZE) + 0.5, 0, 255)
    path = tmp_path_factory.mktemp("srgb") / "profiled.svs"
    pyramid.write_aperio(
        path,
        [pixels.astype(np.uint8)],
        Storage(tile=256, quality=95),
        mpp=0.5,
        objective=20,
        label=np.zeros((40, 40, 3), np.uint8),
        icc_profile=PROFILE,
    )
    client = server.client()
    client.upload_file(str(path), "srgb")
    [slide] = client.get_images(client.reimport("srgb")["id"])
    return slide["id"]


def turned(pixels: np.ndarray) -> np.ndarray:
    way = ImageCms.buildTransform(io.BytesIO(PROFILE), ImageCms.createProfile("sRGB"), "RGB", "RGB")
    return np.asarray(ImageCms.applyTransform(Image.fromarray(pixels), way))


def picture(reply: requests.Response) -> np.ndarray:
    assert reply.status_code == 200, reply.text
    return np.asarray(Image.open(io.BytesIO(reply.content)).convert("RGB"))


def assert_near(shown: np.ndarray, expected: np.ndarray) -> None:
    assert np.abs(shown.astype(int) - expected).mean() < 2


def test_the_profile_is_told(server: Server, slide_id: int) -> None:
    metadata = server.call("GetImageMetadata", imageId=slide_id).json()["metadata"]

    assert metadata["iccProfile"] == {
        "description": "Scanner of tests",
        "colorSpace": "RGB",
        "byteCount": len(PROFILE),
    }


def test_iiif_turns_exactly(server: Server, slide_id: int) -> None:
    address = server.url + server.call("GetTileServer", imageId=slide_id).json()["iiif"]
    url = f"{address}/20,30,400,200/max/0/default.png"

    stored, shown = (picture(requests.get(u, timeout=30)) for u in (url, f"{url}?icc=srgb"))

    np.testing.assert_array_equal(shown, turned(stored))
    assert np.abs(shown.astype(int) - stored).mean() > 5


def test_tiles_raw_regions_and_many_tiles_turn_too(server: Server, slide_id: int) -> None:
    token = server.call("GetTileServer", imageId=slide_id).json()
    url = f"{server.url}/i/{slide_id}/{token['urlPart']}/i_files/10/0_0.jpeg"
    cookies = {"t": token["cookiePart"]}
    stored = requests.get(url, cookies=cookies, timeout=30)
    expected = turned(picture(stored))

    tile = requests.get(f"{url}?icc=srgb", cookies=cookies, timeout=30)
    assert_near(picture(tile), expected)
    assert tile.headers["etag"] != stored.headers["etag"]

    part = {"imageId": slide_id, "level": 0, "x": 0, "y": 0, "width": 256, "height": 256}
    assert_near(picture(server.call("GetRawTile", icc="srgb", jpegQuality=95, **part)), expected)

    many = server.call("GetTiles", imageId=slide_id, tiles="10/0_0", icc="srgb")
    assert many.content[8:] == tile.content


def test_the_reader_asks_for_it(server: Server, slide_id: int) -> None:
    async def read(*, srgb: bool) -> np.ndarray:
        async with Reader(server.url, server.token, srgb=srgb) as reader:
            return await (await reader.slide(slide_id)).read_region((10, 10), (200, 200))

    stored, shown = (asyncio.run(read(srgb=srgb)) for srgb in (False, True))
    assert_near(shown, turned(stored))


@pytest.mark.parametrize("call", ["GetRawTile", "GetTiles"])
def test_other_colours_are_refused(server: Server, slide_id: int, call: str) -> None:
    part = {"level": 0, "x": 0, "y": 0, "width": 9, "height": 9, "tiles": "10/0_0"}

    reply = server.call(call, imageId=slide_id, icc="adobe", **part)

    assert reply.status_code == 400
    assert "icc must be srgb" in reply.json()["error"]


def test_a_damaged_profile_is_told_where_it_is_needed_only(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "damaged.tif"
    Image.new("RGB", (300, 200), (90, 60, 30)).save(path, icc_profile=b"no profile at all" * 20)
    client = server.client()
    client.upload_file(str(path), "damaged")
    [slide] = client.get_images(client.reimport("damaged")["id"])

    told = server.call("GetImageMetadata", imageId=slide["id"]).json()["metadata"]["iccProfile"]
    part = {"level": 0, "x": 0, "y": 0, "width": 9, "height": 9, "imageId": slide["id"]}

    assert told == {"description": None, "colorSpace": None, "byteCount": 340}
    assert server.call("GetRawTile", **part).status_code == 200
    refused = server.call("GetRawTile", icc="srgb", **part)
    assert refused.status_code == 422
    assert "colour profile cannot be used" in refused.json()["error"]
