"""The reader for scripts against a running server, with OpenSlide as oracle."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import openslide
import pytest
from PIL import Image

from coverslip import blocking
from coverslip.client import Server as Reader, Slide
from coverslip.errors import MissingError, RefusedError, TileError, UnreachableError
from slides_sample import gradient, pyramid
from slides_sample.pyramid import Storage
from tests.wire.served import Server, free_port

T = TypeVar("T")
WIDTH, HEIGHT = 1003, 605


def gradient_level(downsample: int) -> np.ndarray:
    columns, rows = WIDTH // downsample, HEIGHT // downsample
    colours = gradient.expected_region((0, 0, columns, rows), downsample, (WIDTH, HEIGHT))
    return np.clip(colours + 0.5, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def svs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an Aperio file with levels 1, 4 and 16, and a label."""
    levels = [gradient_level(downsample) for downsample in (1, 4, 16)]
    path = tmp_path_factory.mktemp("client") / "reader.svs"
    label = np.full((40, 60, 3), (200, 30, 40), np.uint8)
    pyramid.write_aperio(
        path, levels, Storage(tile=128, quality=95), mpp=0.25, objective=40, label=label
    )
    return path


@pytest.fixture(scope="module")
def slide_id(server: Server, svs: Path) -> int:
    client = server.client()
    client.upload_file(str(svs), "client")
    study_id = client.reimport("client")["id"]
    [slide] = client.get_images(study_id)
    return slide["id"]


def run(server: Server, slide_id: int, use: Callable[[Slide], Awaitable[T]], **options) -> T:
    async def do() -> T:
        async with Reader(server.url, server.token, **options) as reader:
            return await use(await reader.slide(slide_id))

    return asyncio.run(do())


def test_a_slide_tells_what_the_server_tells(server: Server, slide_id: int) -> None:
    async def use(slide: Slide):
        return slide.metadata

    metadata = run(server, slide_id, use)
    assert metadata.name == "reader"
    assert metadata.size == (WIDTH, HEIGHT)
    assert metadata.level_sizes == ((1003, 605), (250, 151), (62, 37))
    assert metadata.downsamples == (1, 4, 16)
    assert metadata.mpp == (0.25, 0.25)
    assert metadata.associated_images == ("label", "thumbnail")
    assert metadata.icc_profile is None


def openslide_region(svs: Path, location: tuple[int, int], level: int, size: tuple[int, int]):
    with openslide.OpenSlide(svs) as slide:
        image = slide.read_region(location, level, size)
    return np.asarray(Image.alpha_composite(Image.new("RGBA", size, "white"), image).convert("RGB"))


@pytest.mark.parametrize(
    ("location", "level", "size"),
    [
        ((0, 0), 0, (190, 170)),
        ((301, 203), 0, (500, 300)),
        ((-60, -40), 0, (200, 200)),
        ((5000, 5000), 0, (20, 20)),
        ((0, 0), 1, (128, 128)),
    ],
)
def test_regions_of_stored_tiles_are_those_of_openslide(
    server: Server,
    slide_id: int,
    svs: Path,
    location: tuple[int, int],
    level: int,
    size: tuple[int, int],
) -> None:
    ours = run(server, slide_id, lambda slide: slide.read_region(location, size, level=level))

    np.testing.assert_array_equal(ours, openslide_region(svs, location, level, size))


@pytest.mark.parametrize(("location", "level"), [((850, 480), 0), ((600, 300), 1)])
def test_regions_at_the_edges_are_within_what_jpeg_loses(
    server: Server, slide_id: int, location: tuple[int, int], level: int
) -> None:
    """Tiles at the edges are cut, and encoded once more. Oracle: the level as it was written."""
    ours = run(server, slide_id, lambda slide: slide.read_region(location, (120, 90), level=level))

    written = gradient_level(4**level)
    x, y = (side // 4**level for side in location)
    there = written[y : y + 90, x : x + 120].astype(int)
    difference = np.abs(ours[: there.shape[0], : there.shape[1]] - there)
    # The level's last column and row were dropped when it was written, not by us.
    assert difference.mean() < 2.5
    assert np.percentile(difference, 99) < 12
    if (there.shape[1] + 1, there.shape[0] + 1) < (120, 90):
        assert (ours[there.shape[0] + 1 :] == 255).all()


def test_a_region_at_any_resolution_shows_what_is_there(server: Server, slide_id: int) -> None:
    ours = run(server, slide_id, lambda slide: slide.read_region((100, 60), (120, 90), mpp=0.8))

    whole = run(server, slide_id, lambda slide: slide.read_region((0, 0), (WIDTH, HEIGHT)))
    box = (100, 60, 100 + 120 * 3.2, 60 + 90 * 3.2)
    theirs = Image.fromarray(whole).resize((120, 90), Image.Resampling.BOX, box=box)
    assert np.abs(ours.astype(int) - np.asarray(theirs)).mean() < 2


def test_tiles_cover_the_slide_once_and_in_order(server: Server, slide_id: int) -> None:
    async def use(slide: Slide):
        canvas = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        seen = []
        async for tile in slide.tiles(batch=3, ahead=1):
            height, width = tile.pixels.shape[:2]
            assert not canvas[tile.y : tile.y + height, tile.x : tile.x + width].any()
            canvas[tile.y : tile.y + height, tile.x : tile.x + width] = tile.pixels
            seen.append(tile.address)
        return canvas, seen, await slide.read_region((0, 0), (WIDTH, HEIGHT))

    canvas, seen, region = run(server, slide_id, use)
    assert seen == [(10, column, row) for row in range(5) for column in range(8)]
    np.testing.assert_array_equal(canvas, region)


def test_tiles_of_a_region_are_those_that_touch_it(server: Server, slide_id: int) -> None:
    async def use(slide: Slide):
        found = slide.tiles(downsample=2, region=(600, 100, 10, 10))
        return [(tile.address, tile.x, tile.y) async for tile in found]

    assert run(server, slide_id, use) == [((9, 2, 0), 512, 0)]


def test_leaving_off_ends_what_was_fetched_ahead(server: Server, slide_id: int) -> None:
    async def use(slide: Slide):
        async for tile in slide.tiles(batch=1):
            first = tile
            break
        return first.address, (await slide.thumbnail(64)).shape

    assert run(server, slide_id, use) == ((10, 0, 0), (39, 64, 3))


def test_the_label_is_read(server: Server, slide_id: int) -> None:
    label = run(server, slide_id, lambda slide: slide.associated_image("label"))

    assert label.shape == (40, 60, 3)
    assert np.abs(label.reshape(-1, 3).mean(0) - (200, 30, 40)).max() < 4


def test_what_cannot_be_asked_is_told_before_it_is_sent(server: Server, slide_id: int) -> None:
    for options, words in (
        ({"level": 3}, "levels 0 to 2"),
        ({"level": 0, "mpp": 1}, "not both"),
        ({"mpp": -1}, "more than 0"),
    ):
        with pytest.raises(ValueError, match=words):
            run(server, slide_id, lambda slide, o=options: slide.read_region((0, 0), (5, 5), **o))


def test_errors_say_what_is_wrong(server: Server, slide_id: int) -> None:
    async def slide_of(url: str, token: str, which: int):
        async with Reader(url, token) as reader:
            return await reader.slide(which)

    with pytest.raises(RefusedError):
        asyncio.run(slide_of(server.url, "wrong", slide_id))
    with pytest.raises(MissingError, match="no slide 99999"):
        asyncio.run(slide_of(server.url, server.token, 99999))
    with pytest.raises(UnreachableError):
        asyncio.run(slide_of(f"http://127.0.0.1:{free_port()}", server.token, slide_id))


def test_a_tile_that_is_not_there_stands_as_an_error_among_others(
    server: Server, slide_id: int
) -> None:
    async def use(slide: Slide):
        return await slide._server.tiles(slide.id, [(10, 0, 0), (10, 50, 0), (10, 1, 0)])

    first, second, third = run(server, slide_id, use)
    assert first.shape == third.shape == (128, 128, 3)
    assert isinstance(second, TileError)
    assert (second.status, second.address) == (404, (10, 50, 0))


def test_the_same_without_async(server: Server, slide_id: int) -> None:
    address = f"{server.url}/Image/Details?imageId={slide_id}&studyId=1"

    with blocking.open_slide(address, server.token) as slide:
        region = slide.read_region((10, 20), (30, 40))
        tiles = list(slide.tiles(downsample=4))
        for _ in slide.tiles():
            break

    assert region.shape == (40, 30, 3)
    assert [tile.address for tile in tiles] == [(8, 0, 0), (8, 1, 0), (8, 0, 1), (8, 1, 1)]
    assert tiles[-1].pixels.shape == (24, 123, 3)
