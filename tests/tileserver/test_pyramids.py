"""Large plain pictures, turned into tiles once: the same picture, in every kind of pixels."""

import os
import time

import imagecodecs
import numpy as np
import pytest
import simplejpeg
import tifffile
from PIL import Image

from tests.tileserver.profiles import matrix_profile
from tileserver import readers, render
from tileserver.inspection import Inspections
from tileserver.opening import SlideOpener
from tileserver.pool import SlidePool, identify
from tileserver.pyramids import Pyramids
from tileserver.readers.base import SlideError
from tileserver.stored import plain_pyramid
from tileserver.stored.cachefolder import CacheFolder
from tileserver.verdicts import Verdicts

WIDTH, HEIGHT = 4111, 1027
QUALITY = 85


def picture():
    """Return soft colours, which JPEG keeps well, with a different corner each."""
    x = np.linspace(0, 1, WIDTH)[None, :, None]
    y = np.linspace(0, 1, HEIGHT)[:, None, None]
    colours = np.array([[(250, 40, 60), (30, 220, 80)], [(40, 60, 240), (240, 230, 210)]])
    upper = colours[0, 0] * (1 - x) + colours[0, 1] * x
    lower = colours[1, 0] * (1 - x) + colours[1, 1] * x
    mixed = upper * (1 - y) + lower * y
    return (mixed + 12 * np.sin(60 * x) * np.cos(9 * y)).clip(0, 255).astype(np.uint8)


def write_grey16(path):
    grey = picture()[..., 1].astype(np.uint16) * 257
    Image.fromarray(grey).save(path)


def write_rgb16(path):
    path.write_bytes(imagecodecs.png_encode(picture().astype(np.uint16) * 257))


def write_palette(path):
    Image.fromarray(picture()).quantize(200).save(path)


def write_alpha(path):
    image = Image.fromarray(picture()).convert("RGBA")
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:, WIDTH // 2 :] = 96
    image.putalpha(Image.fromarray(alpha))
    image.save(path)


def write_cmyk(path):
    Image.fromarray(picture()).convert("CMYK").save(path, quality=95)


def write_turned(path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(picture()).save(path, quality=95, exif=exif)


def write_webp(path):
    path.write_bytes(imagecodecs.webp_encode(picture(), level=95))


def saving(**options):
    return lambda path: Image.fromarray(picture()).save(path, **options)


def striped(**options):
    def write(path):
        tifffile.imwrite(path, picture(), photometric="rgb", rowsperstrip=64, **options)

    return write


def write_tiff16(path):
    twelve = (picture().astype(np.uint16) * 16).clip(0, 4095)
    tifffile.imwrite(path, twelve, photometric="rgb", rowsperstrip=100, metadata=None)


def write_channels(path):
    planes = np.moveaxis(picture(), 2, 0).astype(np.uint16) * 10
    metadata = {"axes": "CYX", "Channel": {"Name": ["DAPI", "FITC", "Cy5"]}}
    tifffile.imwrite(path, planes, photometric="minisblack", ome=True, metadata=metadata)


KINDS = {
    "png": ("a.png", saving()),
    "jpeg": ("a.jpg", saving(quality=95)),
    "webp": ("a.webp", write_webp),
    "bmp": ("a.bmp", saving()),
    "grey of 16 bits": ("a.png", write_grey16),
    "colours of 16 bits": ("a.png", write_rgb16),
    "palette": ("a.png", write_palette),
    "alpha": ("a.png", write_alpha),
    "cmyk": ("a.jpg", write_cmyk),
    "turned by exif": ("a.jpg", write_turned),
    "strips": ("a.tif", striped(compression="lzw")),
    "one strip": ("a.tif", lambda path: tifffile.imwrite(path, picture(), photometric="rgb")),
    "strips of 12 bits": ("a.tif", write_tiff16),
    "channels": ("a.ome.tif", write_channels),
}


@pytest.fixture(scope="module")
def inspections():
    made = Inspections()
    yield made
    made.close()


@pytest.fixture
def cache(tmp_path):
    return CacheFolder(tmp_path / "cache", capacity_bytes=2**28)


@pytest.fixture
def opener(inspections, cache):
    made = SlideOpener(
        Verdicts(inspections, cache),
        Pyramids(inspections, cache, quality=QUALITY),
        cache,
        quality=QUALITY,
    )
    yield made
    made.close()


def opened(opener, path):
    """Return the stored slide, after it was made where that takes place in the background."""
    file = identify(path)
    for _ in range(600):
        slide = opener.open_stored(file)
        if slide is not None:
            assert not opener.is_settled(file)
            return slide
        time.sleep(0.05)
    return pytest.fail("no pyramid was made")


@pytest.mark.parametrize("kind", KINDS)
def test_tiles_of_the_pyramid_show_what_the_reader_shows(tmp_path, opener, kind):
    name, write = KINDS[kind]
    path = tmp_path / name
    write(path)

    slide = opened(opener, path)

    with readers.open_slide(path) as reader:
        pyramid = reader.facts.pyramid
        assert (slide.pyramid.size, slide.pyramid.tile_size) == (pyramid.size, pyramid.tile_size)
        for dz_level in (pyramid.max_level, pyramid.max_level - 1, pyramid.max_level - 5):
            grid = pyramid.tile_grid(dz_level)
            for column, row in {(0, 0), (grid.width - 1, grid.height - 1), (grid.width // 2, 0)}:
                ours = simplejpeg.decode_jpeg(slide.slow(dz_level, column, row))
                theirs = render.render_tile(reader, dz_level, column, row)
                assert ours.shape == theirs.shape
                error = np.abs(ours.astype(int) - theirs)
                assert error.mean() < 3, (dz_level, column, row)
    slide.close()


@pytest.mark.parametrize("kind", ["png", "turned by exif", "channels"])
def test_readers_of_large_pictures_keep_the_facts(tmp_path, opener, kind):
    name, write = KINDS[kind]
    path = tmp_path / name
    write(path)
    opened(opener, path).close()

    with opener.open_reader(path) as ours, readers.open_slide(path) as theirs:
        assert (ours.facts.reader, ours.facts.format) == (theirs.facts.reader, theirs.facts.format)
        assert ours.facts.size == theirs.facts.size
        assert (ours.facts.mpp_x, ours.facts.mpp_y) == (theirs.facts.mpp_x, theirs.facts.mpp_y)
        region = (0, 1000, 400, 300, 200)
        error = np.abs(ours.read_region(*region).astype(int) - theirs.read_region(*region))
        assert error.mean() < 2


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif"])
def test_large_pictures_keep_the_profile_of_their_colours(tmp_path, opener, name):
    profile = matrix_profile()
    Image.fromarray(picture()).save(tmp_path / name, icc_profile=profile)
    opened(opener, tmp_path / name).close()

    with opener.open_reader(tmp_path / name) as reader:
        assert reader.icc_profile() == profile


def test_small_pictures_have_no_pyramid(tmp_path, opener, cache):
    Image.fromarray(picture()[:, :4096]).save(tmp_path / "a.png")

    assert opener.open_stored(identify(tmp_path / "a.png")) is None
    assert not list(cache._root.glob("*/*.pyramid"))


def test_slides_with_levels_have_no_pyramid(tmp_path, opener, cache):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        options = {"photometric": "rgb", "tile": (256, 256), "compression": "deflate"}
        writer.write(picture(), subifds=1, metadata=None, **options)
        writer.write(picture()[::2, ::2], subfiletype=1, metadata=None, **options)

    assert opener.open_stored(identify(tmp_path / "a.tif")) is None
    assert not list(cache._root.glob("*/*.pyramid"))


def test_a_pyramid_is_made_once_and_again_for_another_file(tmp_path, opener, cache):
    path = tmp_path / "a.png"
    saving()(path)
    opened(opener, path).close()
    [first] = cache._root.glob("*/*.pyramid")
    made_at = first.stat().st_ino

    opened(opener, path).close()
    assert first.stat().st_ino == made_at

    Image.fromarray(picture()[::-1]).save(path)
    slide = opened(opener, path)
    corner = simplejpeg.decode_jpeg(slide.slow(slide.pyramid.max_level, 0, 0))[5, 5]
    assert np.abs(corner.astype(int) - picture()[-6, 5]).max() < 12
    slide.close()


def test_a_pyramid_that_was_deleted_is_made_again(tmp_path, opener, cache):
    path = tmp_path / "a.png"
    saving()(path)
    opened(opener, path).close()
    for kept in cache._root.glob("*/*"):
        if kept.is_file():
            kept.unlink()

    slide = opened(opener, path)

    assert slide.slow(0, 0, 0)
    slide.close()


def test_a_picture_cut_short_has_none_and_says_why(tmp_path, opener, cache):
    path = tmp_path / "a.png"
    saving()(path)
    os.truncate(path, path.stat().st_size // 2)

    with pytest.raises(SlideError, match=r"a\.png cannot be opened .*damaged or cut short"):
        opener.open_stored(identify(path))
    with pytest.raises(SlideError), SlidePool(opener.open_reader).borrow(path):
        pass
    assert not list(cache._root.glob("*/*.pyramid"))
    assert not list(cache._root.glob("*/.*"))


def test_progress_is_told_up_to_the_end(tmp_path):
    path = tmp_path / "a.tif"
    striped()(path)
    told = []

    plain_pyramid.make(path, tmp_path / "out.tif", quality=85, progress=told.append)

    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] > 0.95
    assert len(told) >= 6
