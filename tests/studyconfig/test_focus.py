"""The estimate of blur finds the blur that was made, whatever the stain."""

import contextlib

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageFilter

from studyconfig import focus
from tileserver import readers
from tileserver.pool import SlidePool


@pytest.fixture
def put_picture(files):
    """Write pixels as a tiled TIFF with 1 µm per pixel into the images root."""

    def put(name, pixels):
        tifffile.imwrite(
            files.root / name,
            pixels,
            photometric="rgb",
            tile=(64, 64),
            resolution=(10_000, 10_000),
            resolutionunit="CENTIMETER",
        )
        return name

    return put


def texture(side, blur, *, contrast=40.0):
    """Grey noise, blurred in the Fourier plane by a Gaussian of a standard deviation in pixels."""
    noise = np.random.default_rng(7).normal(size=(side, side))
    frequency = np.fft.fftfreq(side) * 2 * np.pi
    kernel = np.exp(-(blur**2) * (frequency[:, None] ** 2 + frequency[None, :] ** 2) / 2)
    grey = np.fft.ifft2(np.fft.fft2(noise) * kernel).real
    grey = 128 + grey / grey.std() * contrast
    return np.repeat(grey.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def is_out_of_focus(files, name):
    with contextlib.closing(SlidePool(readers.open_slide)) as pool:
        return focus.look(pool, files.resolve(name))


def estimate(files, name):
    with readers.open_slide(files.resolve(name)) as reader:
        return focus.estimate_blur(reader)


@pytest.mark.parametrize("contrast", [12.0, 40.0])
@pytest.mark.parametrize("blur", [1.5, 2.0, 4.0])
def test_the_blur_of_a_texture_is_found(files, put_picture, blur, contrast):
    name = put_picture("t.tif", texture(1024, blur, contrast=contrast))

    # Whole grey values add noise of their own, which matters more the fainter and smoother it is.
    assert estimate(files, name) == pytest.approx(blur, rel=0.3)


def test_sharp_and_blurred_slides_are_told_apart(files, put_picture):
    assert is_out_of_focus(files, put_picture("sharp.tif", texture(1024, 1.5))) is False
    assert is_out_of_focus(files, put_picture("blurred.tif", texture(1024, 5.0))) is True


def test_a_slide_without_tissue_cannot_be_judged(files, put_picture):
    name = put_picture("white.tif", np.full((600, 600, 3), 255, np.uint8))

    assert is_out_of_focus(files, name) is None


def test_tissue_in_a_corner_is_found(files, put_picture):
    pixels = np.full((2048, 2048, 3), 240, np.uint8)
    pixels[1600:1984, 1600:1984] = texture(384, 1.5)
    # The edge of tissue is as blurred as the rest of it.
    blurred = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(5)))

    assert is_out_of_focus(files, put_picture("corner.tif", pixels)) is False
    assert is_out_of_focus(files, put_picture("blurred.tif", blurred)) is True


@pytest.mark.parametrize("side", [1, 17, 255])
def test_small_pictures_are_no_trouble(files, put_picture, side):
    noise = np.random.default_rng(7).integers(0, 256, (side, side, 3), np.uint8)

    assert is_out_of_focus(files, put_picture("small.tif", noise)) is (None if side < 16 else False)


@pytest.mark.slow
@pytest.mark.parametrize(("blur", "expected"), [(0, False), (1, False), (4, True), (8, True)])
def test_a_real_section_is_judged(files, put_picture, shared_data, blur, expected):
    with readers.open_slide(shared_data / "slides" / "CMU-1-Small-Region.svs") as reader:
        size = reader.facts.size
        pixels = reader.read_region(0, 0, 0, size.width, size.height)
    image = Image.fromarray(pixels).resize((size.width // 2, size.height // 2))
    blurred = image.filter(ImageFilter.GaussianBlur(blur)) if blur else image

    assert is_out_of_focus(files, put_picture("section.tif", np.asarray(blurred))) is expected
