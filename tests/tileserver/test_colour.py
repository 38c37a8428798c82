"""Colour profiles: found in each kind of file, and applied exactly as Pillow's ImageCms does."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from records.errors import InputError
from slides_sample import pyramid
from slides_sample.pyramid import Storage
from tests.tileserver.profiles import matrix_profile
from tileserver import colour, iiif, mosaic, readers
from tileserver.colour import ToSrgb
from tileserver.geometry import Region
from tileserver.pool import SlidePool
from tileserver.readers.base import SlideError
from tileserver.service import TileService
from tileserver.sources import SlideSource
from tileserver.views import Views

PROFILE = matrix_profile()


def noise(width, height, seed=1):
    rough = np.random.default_rng(seed).integers(0, 256, (height // 8 + 1, width // 8 + 1, 3))
    return np.kron(rough, np.ones((8, 8, 1)))[:height, :width].astype(np.uint8)


def by_pillow(pixels, profile=PROFILE):
    """Return what Pillow shows of pixels in sRGB, straight from its documentation."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    shown = ImageCms.profileToProfile(
        Image.fromarray(pixels),
        source,
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.getDefaultIntent(source),
        outputMode="RGB",
    )
    return np.asarray(shown)


@pytest.fixture
def svs(tmp_path):
    path = tmp_path / "profiled.svs"
    levels = [noise(700, 500), noise(175, 125)]
    label = np.zeros((40, 40, 3), np.uint8)
    storage = Storage(tile=256, quality=90, subsampling=(1, 1))
    pyramid.write_aperio(
        path, levels, storage, mpp=0.25, objective=40, label=label, icc_profile=PROFILE
    )
    return path


@pytest.fixture
def made(shelf):
    pool = SlidePool(readers.open_slide)
    service = TileService(pool, shelf, quality=90)
    views = Views(service, pool, shelf, quality=90)
    yield service, views
    views.close()
    service.close()


def test_the_way_into_srgb_is_pillows():
    pixels = noise(300, 200)

    shown = ToSrgb(PROFILE).apply(pixels)

    np.testing.assert_array_equal(shown, by_pillow(pixels))
    assert np.abs(shown.astype(int) - pixels).mean() > 3, "the profile would change nothing"


@pytest.mark.parametrize("profile", [b"", b"no profile", PROFILE[:200], bytes(500)])
def test_a_damaged_profile_is_refused_but_told(profile):
    with pytest.raises(SlideError, match="ask without icc=srgb"):
        ToSrgb(profile)

    facts = colour.describe(profile)
    assert facts.byte_count == len(profile)


def test_a_profile_of_another_colour_space_is_refused():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()

    with pytest.raises(SlideError, match="not about RGB"):
        ToSrgb(lab)


def test_profiles_are_found_in_each_kind_of_file(tmp_path, svs):
    tiff, png, plain = tmp_path / "a.tif", tmp_path / "a.png", tmp_path / "b.png"
    tifffile.imwrite(tiff, noise(300, 300), tile=(128, 128), photometric="rgb", iccprofile=PROFILE)
    Image.fromarray(noise(90, 80)).save(png, icc_profile=PROFILE)
    Image.fromarray(noise(90, 80)).save(plain)

    for path, expected in ((svs, PROFILE), (tiff, PROFILE), (png, PROFILE), (plain, None)):
        with readers.open_slide(path) as reader:
            assert reader.icc_profile() == expected, reader.facts.reader


def test_a_profile_of_grey_or_ink_tells_nothing_of_what_is_shown(tmp_path):
    path = tmp_path / "ink.jpg"
    Image.new("CMYK", (90, 80), (10, 80, 20, 0)).save(path, icc_profile=PROFILE)

    with readers.open_slide(path) as reader:
        assert reader.icc_profile() is None


@pytest.mark.anyio
async def test_metadata_tells_the_profile(made, svs):
    service, _ = made

    metadata = await service.metadata(SlideSource(path=svs, name="a"))

    assert metadata.profile.description == "Scanner of tests"
    assert metadata.profile.colour_space == "RGB"
    assert metadata.profile.byte_count == len(PROFILE)


@pytest.mark.anyio
async def test_a_picture_in_srgb_is_the_stored_one_turned_by_pillow(made, svs):
    _, views = made
    source = SlideSource(path=svs, name="a")
    with readers.open_slide(svs) as reader:
        size = reader.facts.size
    request = iiif.parse_request(size, "10,20,400,200", "max", "0", "default.png")

    stored, shown = [
        np.asarray(Image.open(io.BytesIO((await views.picture(source, request, icc=icc)).data)))
        for icc in (False, True)
    ]

    with readers.open_slide(svs) as reader:
        raw = reader.read_region(0, 10, 20, 400, 200)
    np.testing.assert_array_equal(stored, raw)
    np.testing.assert_array_equal(shown, by_pillow(raw))


@pytest.mark.anyio
async def test_tiles_and_raw_regions_in_srgb_differ_by_their_encoding_alone(made, svs):
    service, _ = made
    source = SlideSource(path=svs, name="a")

    plain = await service.tile(source, 10, 0, 0)
    shown = await service.tile(source, 10, 0, 0, icc=True)
    raw = await service.raw_region(source, 0, Region(0, 0, 256, 256), 90, icc=True)

    expected = by_pillow(mosaic.decoded(plain.data)).astype(int)
    assert plain.etag != shown.etag
    for picture in (shown, raw):
        assert np.abs(mosaic.decoded(picture.data) - expected).mean() < 1.5
    again = await service.tile(source, 10, 0, 0, held={shown.etag}, icc=True)
    assert again.data is None


@pytest.mark.anyio
async def test_a_slide_without_profile_is_sent_as_it_is(made, gradient_svs):
    service, _ = made
    source = SlideSource(path=gradient_svs, name="a")

    plain = await service.tile(source, 10, 0, 0)
    shown = await service.tile(source, 10, 0, 0, icc=True)

    assert plain == shown


@pytest.mark.parametrize(("asked", "is_srgb"), [(None, False), ("", False), ("sRGB", True)])
def test_what_is_asked(asked, is_srgb):
    assert colour.is_srgb(asked) is is_srgb
    with pytest.raises(InputError):
        colour.is_srgb("adobe")
