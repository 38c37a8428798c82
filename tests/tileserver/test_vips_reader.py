import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from tileserver import readers
from tileserver.geometry import Size
from tileserver.readers import vips_reader
from tileserver.readers.base import SlideError
from tileserver.readers.vips_reader import VipsReader


def quadrants(mode="RGB"):
    """Return a picture of 64 x 48 with four colours: red, green / blue, white."""
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:24, :32] = (255, 0, 0)
    pixels[:24, 32:] = (0, 255, 0)
    pixels[24:, :32] = (0, 0, 255)
    pixels[24:, 32:] = (255, 255, 255)
    return Image.fromarray(pixels).convert(mode)


def corners(path):
    with readers.open_slide(path) as reader:
        assert reader.facts.reader == "vips"
        size = reader.facts.size
        pixels = reader.read_region(0, 0, 0, size.width, size.height)
    return [pixels[y, x].tolist() for y in (5, -6) for x in (5, -6)]


RED, GREEN, BLUE, WHITE = [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.webp"])
def test_colours_survive(tmp_path, name):
    quadrants().convert("P").save(tmp_path / "p.png")
    if name == "a.tif":
        quadrants("P").save(tmp_path / name)
    elif name == "a.webp":
        quadrants().save(tmp_path / name, lossless=True)
    else:
        quadrants("P").save(tmp_path / name)

    assert corners(tmp_path / name) == [RED, GREEN, BLUE, WHITE]


def test_grey_becomes_equal_red_green_and_blue(tmp_path):
    Image.fromarray(np.full((30, 40), 77, np.uint8)).save(tmp_path / "a.png")

    assert corners(tmp_path / "a.png") == [[77, 77, 77]] * 4


def test_grey_of_16_bits_keeps_its_upper_bits(tmp_path):
    Image.fromarray(np.full((30, 40), 0x4D00, np.uint16)).save(tmp_path / "a.png")

    assert corners(tmp_path / "a.png") == [[77, 77, 77]] * 4


def test_transparent_pixels_show_white(tmp_path):
    image = quadrants("RGBA")
    image.putalpha(
        Image.fromarray(np.repeat(np.array([[255], [0]], np.uint8), 24, 0)).resize((64, 48))
    )
    image.save(tmp_path / "a.png")

    assert corners(tmp_path / "a.png") == [RED, GREEN, WHITE, WHITE]


def test_cmyk_becomes_colours_not_its_negative(tmp_path):
    ink = np.zeros((40, 40, 4), np.uint8)
    ink[:20, :, 1:3] = 255  # magenta and yellow: red
    Image.fromarray(ink, "CMYK").save(tmp_path / "a.tif")

    upper, _, lower, _ = corners(tmp_path / "a.tif")

    assert upper[0] > 180
    assert max(upper[1:]) < 90
    assert min(lower) > 240


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (1, [RED, GREEN, BLUE, WHITE]),
        (3, [WHITE, BLUE, GREEN, RED]),
        (6, [BLUE, RED, WHITE, GREEN]),
        (8, [GREEN, WHITE, RED, BLUE]),
    ],
)
def test_photographs_stand_the_way_up_that_exif_says(tmp_path, orientation, expected):
    exif = Image.Exif()
    exif[0x0112] = orientation
    quadrants().save(tmp_path / "a.jpg", quality=95, subsampling=0, exif=exif)

    found = np.array(corners(tmp_path / "a.jpg")).astype(int)

    assert np.abs(found - expected).max() <= 6


def test_a_rotated_tiff_is_left_to_this_reader(tmp_path):
    extra = [(274, 3, 1, 6, True)]
    tifffile.imwrite(
        tmp_path / "a.tif",
        np.asarray(quadrants()),
        photometric="rgb",
        extratags=extra,
        metadata=None,
    )

    assert corners(tmp_path / "a.tif") == [BLUE, RED, WHITE, GREEN]


def test_levels_are_halves_down_to_one_tile(tmp_path):
    Image.fromarray(np.zeros((1201, 2003, 3), np.uint8)).save(tmp_path / "a.png")

    with VipsReader(tmp_path / "a.png") as reader:
        assert reader.facts.level_sizes == (Size(2003, 1201), Size(1002, 601), Size(501, 301))
        assert reader.facts.downsamples == (1, 2, 4)


def test_large_pictures_are_kept_in_a_file_with_the_same_pixels(tmp_path, monkeypatch):
    pixels = np.random.default_rng(1).integers(0, 255, (700, 900, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    with VipsReader(tmp_path / "a.png") as reader:
        in_memory = reader.read_region(1, 0, 0, 450, 350)
    monkeypatch.setattr(vips_reader, "MAX_MEMORY_BYTES", 1000)

    with VipsReader(tmp_path / "a.png") as reader:
        assert np.array_equal(reader.read_region(0, 0, 0, 900, 700), pixels)
        assert np.array_equal(reader.read_region(1, 0, 0, 450, 350), in_memory)


def test_a_picture_with_too_many_pixels_is_refused_by_its_header(tmp_path, monkeypatch):
    Image.fromarray(np.zeros((500, 500), np.uint8)).save(tmp_path / "a.png")
    monkeypatch.setattr(vips_reader, "MAX_PIXELS", 500 * 499)

    with pytest.raises(SlideError, match=r"a\.png has 500 x 500 pixels"):
        VipsReader(tmp_path / "a.png")


def test_a_file_that_was_replaced_shows_its_new_pixels(tmp_path):
    Image.fromarray(np.full((50, 50, 3), 10, np.uint8)).save(tmp_path / "a.png")
    with VipsReader(tmp_path / "a.png") as reader:
        before = reader.read_region(0, 0, 0, 1, 1)
    Image.fromarray(np.full((50, 50, 3), 99, np.uint8)).save(tmp_path / "a.png")

    with VipsReader(tmp_path / "a.png") as reader:
        after = reader.read_region(0, 0, 0, 1, 1)

    assert (before[0, 0, 0], after[0, 0, 0]) == (10, 99)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_cut_picture_is_refused_when_it_is_opened(tmp_path, form):
    stream = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), np.uint8)
    Image.fromarray(noise).save(stream, form)
    path = tmp_path / "cut"
    path.write_bytes(stream.getvalue()[: len(stream.getvalue()) * 2 // 3])

    with pytest.raises(SlideError, match="cut cannot be decoded"):
        VipsReader(path)


@pytest.mark.parametrize(
    "head", [b"GIF89a", b"<svg xmlns=", b"%PDF-1.7", b"#?RADIANCE", b"RIFFxxxxAVI "]
)
def test_other_formats_are_not_even_tried(tmp_path, head):
    path = tmp_path / "a.png"
    path.write_bytes(head + b" " * 100)

    with pytest.raises(SlideError, match="no PNG, JPEG, WebP, BMP or TIFF"):
        VipsReader(path)


def test_resolution_of_a_photograph_is_not_that_of_a_microscope(tmp_path):
    quadrants().save(tmp_path / "a.jpg", dpi=(300, 300))

    with VipsReader(tmp_path / "a.jpg") as reader:
        assert (reader.facts.mpp_x, reader.facts.mpp_y) == (None, None)


def test_resolution_of_a_microscope_is_taken_from_a_png(tmp_path):
    quadrants().save(tmp_path / "a.png", dpi=(50_800, 25_400))

    with VipsReader(tmp_path / "a.png") as reader:
        assert reader.facts.mpp_x == pytest.approx(0.5, rel=1e-3)
        assert reader.facts.mpp_y == pytest.approx(1.0, rel=1e-3)
