"""What every reader must do, tried on one picture stored in many ways."""

from concurrent.futures import ThreadPoolExecutor

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from slides_sample import gradient
from tileserver import readers
from tileserver.geometry import Size

WIDTH, HEIGHT = 1003, 605


def picture():
    colours = gradient.expected_region((0, 0, WIDTH, HEIGHT), 1, (WIDTH, HEIGHT))
    return np.clip(colours + 0.5, 0, 255).astype(np.uint8)


def write_svs(path, request):
    path.write_bytes(request.getfixturevalue("gradient_svs").read_bytes())


def write_pyramid(path, request):
    path.write_bytes(request.getfixturevalue("gradient_tiff").read_bytes())


def write_pages(**options):
    def write(path, request):
        tifffile.imwrite(path, picture(), metadata=None, **options)

    return write


def write_planar(path, request):
    planes = np.moveaxis(picture(), 2, 0)
    options = {"photometric": "rgb", "planarconfig": "separate", "compression": "lzw"}
    tifffile.imwrite(path, planes, metadata=None, tile=(64, 64), **options)


def write_ome(path, request):
    options = {"photometric": "rgb", "tile": (128, 128)}
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(picture(), subifds=1, metadata={"axes": "YXS"}, **options)
        writer.write(picture()[::2, ::2], subfiletype=1, **options)


def write_image(path, request):
    Image.fromarray(picture()).save(path, quality=98, subsampling=0)


def write_webp(path, request):
    path.write_bytes(imagecodecs.webp_encode(picture(), lossless=True))


STRIPS = {"photometric": "rgb", "rowsperstrip": 7}
CASES = {
    "aperio": ("a.svs", write_svs, "openslide", 10),
    "pyramid": ("a.tif", write_pyramid, "tiff", 0.5),
    "one strip": ("a.tif", write_pages(photometric="rgb", rowsperstrip=HEIGHT), "tiff", 0.5),
    "big endian": ("a.tif", write_pages(byteorder=">", **STRIPS), "tiff", 0.5),
    "lzw strips": ("a.tif", write_pages(compression="lzw", predictor=2, **STRIPS), "tiff", 0.5),
    "zstd strips": ("a.tif", write_pages(compression="zstd", **STRIPS), "tiff", 0.5),
    "big tiff": ("a.tif", write_pages(photometric="rgb", bigtiff=True, tile=(48, 80)), "tiff", 0.5),
    "jpeg 2000": (
        "a.tif",
        write_pages(photometric="rgb", compression="jpeg2000", tile=(256, 256)),
        "tiff",
        0.5,
    ),
    "planar": ("a.tif", write_planar, "tiff", 0.5),
    "ome": ("a.ome.tif", write_ome, "tiff", 0.5),
    "png": ("a.png", write_image, "vips", 0.5),
    "jpeg": ("a.JPG", write_image, "vips", 10),
    "webp": ("a.webp", write_webp, "vips", 0.5),
}


@pytest.fixture(params=CASES)
def case(request, tmp_path):
    name, write, reader_name, tolerance = CASES[request.param]
    path = tmp_path / "slide" / name
    path.parent.mkdir()
    write(path, request)
    with readers.open_slide(path) as reader:
        assert reader.facts.reader == reader_name
        yield reader, tolerance


def test_level_0_is_the_picture(case):
    reader, tolerance = case

    pixels = reader.read_region(0, 0, 0, WIDTH, HEIGHT)

    assert reader.facts.size == Size(WIDTH, HEIGHT)
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert pixels.dtype == np.uint8
    expected = gradient.expected_region((0, 0, WIDTH, HEIGHT), 1, (WIDTH, HEIGHT))
    assert np.abs(pixels - expected).max() <= tolerance


def test_a_region_is_the_same_part_of_the_picture(case):
    reader, _ = case
    whole = reader.read_region(0, 0, 0, WIDTH, HEIGHT)

    for x, y, width, height in [
        (0, 0, 1, 1),
        (250, 130, 300, 40),
        (1002, 604, 1, 1),
        (7, 599, 9, 6),
    ]:
        part = reader.read_region(0, x, y, width, height)
        assert np.array_equal(part, whole[y : y + height, x : x + width])


def test_beyond_the_edges_there_is_background(case):
    reader, _ = case
    inside = reader.read_region(0, 0, 0, WIDTH, HEIGHT)

    around = reader.read_region(0, -20, -10, WIDTH + 50, HEIGHT + 30)
    far = reader.read_region(0, 10 * WIDTH, -5 * HEIGHT, 30, 20)

    assert np.array_equal(around[10 : 10 + HEIGHT, 20 : 20 + WIDTH], inside)
    around[10 : 10 + HEIGHT, 20 : 20 + WIDTH] = 255
    assert around.min() == 255
    assert far.shape == (20, 30, 3)
    assert far.min() == 255


def test_levels_fall_in_size_and_keep_the_shape(case):
    reader, _ = case
    facts = reader.facts

    assert len(facts.level_sizes) == len(facts.downsamples)
    assert facts.downsamples[0] == 1
    for size, downsample in zip(facts.level_sizes, facts.downsamples, strict=True):
        assert size.width == pytest.approx(WIDTH / downsample, abs=1)
        assert size.height == pytest.approx(HEIGHT / downsample, abs=1)
    assert sorted(facts.downsamples) == list(facts.downsamples)


def test_every_level_shows_the_whole_slide(case):
    reader, tolerance = case

    for slide_level, size in enumerate(reader.facts.level_sizes):
        downsample = round(reader.facts.downsamples[slide_level])
        pixels = reader.read_region(slide_level, 0, 0, size.width, size.height)
        region = (0, 0, size.width, size.height)
        expected = gradient.expected_region(region, downsample, (WIDTH, HEIGHT))
        # The last column and row may be half beyond the edge; how that is filled is the writer's.
        inner = np.abs(pixels - expected)[:-1, :-1]
        assert inner.mean() <= max(1.5, tolerance)


def test_many_threads_read_the_same_pixels(case):
    reader, _ = case
    places = [(x, y) for x in range(0, 900, 111) for y in range(0, 500, 97)]
    alone = [reader.read_region(0, x, y, 100, 90) for x, y in places]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda place: reader.read_region(0, *place, 100, 90), places * 4))

    assert all(
        np.array_equal(found, alone[index % len(places)]) for index, found in enumerate(together)
    )
