"""Composition: levels that the file lacks show the same picture, in place and without seams."""

import numpy as np
import openslide
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings, strategies as st

from slides_sample import gradient
from tests.tileserver.stored import encoded
from tests.tileserver.stored.encoded import Encoding, Making
from tileserver.pool import identify
from tileserver.stored.cachefolder import CacheFolder
from tileserver.stored.slide import StoredSlide

SIZE = (1003, 605)


def pixels_of(slide, halvings):
    """Return a whole Deep Zoom level as composed, before it is encoded."""
    grid = slide.pyramid.tile_grid(slide.pyramid.max_level - halvings)
    rows = [
        np.concatenate([slide._composer.pixels(halvings, c, r) for c in range(grid.width)], axis=1)
        for r in range(grid.height)
    ]
    return np.concatenate(rows)


def native_of(slide, halvings):
    """Return halvings of the stored level of which a level is made."""
    stored = [plan.halvings for plan in slide._plans if plan.native is not None]
    return max(h for h in stored if h <= halvings)


def psnr(one, other):
    square = ((one.astype(np.float64) - other) ** 2).mean()
    return np.inf if square == 0 else 10 * np.log10(255**2 / square)


@pytest.mark.parametrize("round_up", [True, False])
@pytest.mark.parametrize("downsamples", [(1,), (1, 4, 16), (1, 2, 4, 8)])
@pytest.mark.parametrize("tile", [128, 240, 256, 512])
def test_every_level_of_a_gradient_has_the_colours_of_its_place(
    tmp_path, open_stored, tile, downsamples, round_up
):
    levels = encoded.gradient_levels(*SIZE, downsamples, round_up)
    encoding = Encoding(tile=tile, colours="ycbcr444", quality=97, padding="edge")
    slide = open_stored(encoded.write(tmp_path / "a.tif", levels, encoding))

    for halvings in range(7):
        footprint = 2**halvings
        got = pixels_of(slide, halvings)
        level = slide.pyramid.level_size(slide.pyramid.max_level - halvings)
        assert got.shape == (level.height, level.width, 3)
        # The last pixels stand for less than a whole square, and are compared elsewhere.
        width, height = SIZE[0] // footprint, SIZE[1] // footprint
        expected = gradient.expected_region((0, 0, width, height), footprint, SIZE)
        error = got[:height, :width] - expected
        assert np.abs(error).max() <= gradient.TOLERANCE
        assert np.abs(error.mean(axis=(0, 1))).max() < 0.4


@pytest.mark.parametrize("colours", ["ycbcr420", "ycbcr444", "rgb"])
@pytest.mark.parametrize("halvings", [1, 2, 3, 4])
def test_no_level_is_shifted(tmp_path, open_stored, halvings, colours):
    levels = encoded.noise_levels(2048, 1536, (1,))
    slide = open_stored(encoded.write(tmp_path / "a.tif", levels, Encoding(colours=colours)))

    got = pixels_of(slide, halvings).astype(np.float64)

    truth = encoded.shrunk(levels[0], 2**halvings).astype(np.float64)
    height, width = truth.shape[:2]
    errors = {}
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            moved = truth[1 + dy : height - 1 + dy, 1 + dx : width - 1 + dx]
            errors[dx, dy] = ((got[1:-1, 1:-1] - moved) ** 2).mean()
    others = [error for shift, error in errors.items() if shift != (0, 0)]
    assert errors[0, 0] < min(others) / 2
    # Half a pixel to one side would favour that side.
    assert errors[1, 0] == pytest.approx(errors[-1, 0], rel=0.15)
    assert errors[0, 1] == pytest.approx(errors[0, -1], rel=0.15)


@pytest.mark.parametrize("halvings", [1, 2])
@pytest.mark.parametrize("colours", ["ycbcr420", "ycbcr444", "rgb"])
def test_no_seam_shows_between_tiles(tmp_path, open_stored, colours, halvings):
    levels = encoded.noise_levels(2048, 1536, (1,))
    encoding = Encoding(colours=colours, tile=128)
    slide = open_stored(encoded.write(tmp_path / "a.tif", levels, encoding))

    got = pixels_of(slide, halvings).astype(np.float64)

    truth = encoded.shrunk(levels[0], 2**halvings)
    error = np.abs(got - truth).mean(axis=(0, 2))
    at_seams = np.concatenate([error[128::128], error[127:-1:128]]).mean()
    assert at_seams < 1.25 * error.mean()
    steps = np.abs(np.diff(got, axis=1)).mean(axis=(0, 2))
    true_steps = np.abs(np.diff(truth.astype(np.float64), axis=1)).mean(axis=(0, 2))
    assert abs((steps - true_steps)[127::128].mean()) < 2.0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    width=st.integers(130, 1100),
    height=st.integers(130, 1100),
    tile=st.sampled_from([128, 240, 256]),
    downsamples=st.sampled_from([(1,), (1, 4), (1, 2, 8), (1, 8)]),
    round_up=st.booleans(),
)
def test_levels_are_means_of_the_stored_level_below(
    tmp_path_factory, width, height, tile, downsamples, round_up
):
    folder = tmp_path_factory.mktemp("means")
    levels = encoded.gradient_levels(width, height, downsamples, round_up)
    path = encoded.write(folder / "a.tif", levels, Encoding(tile=tile, colours="ycbcr444"))
    cache = CacheFolder(folder / "cache", capacity_bytes=2**26)
    slide = StoredSlide.open(identify(path), cache, quality=90)
    try:
        for halvings in range(slide.pyramid.max_level + 1):
            native = native_of(slide, halvings)
            got = pixels_of(slide, halvings)
            if halvings - native <= 3:
                below, factor = pixels_of(slide, native), 2 ** (halvings - native)
            else:
                below, factor = pixels_of(slide, halvings - 1), 2
            expected = encoded.shrunk(below, factor)
            assert got.shape == expected.shape
            assert np.abs(got.astype(int) - expected).max() <= 4
    finally:
        slide.close()


@pytest.mark.parametrize("colours", ["ycbcr420", "rgb"])
def test_padding_never_shows(tmp_path, open_stored, colours):
    white = [np.full((605 >> n, 1003 >> n, 3), 250, np.uint8) for n in (0, 2, 4)]
    encoding = Encoding(colours=colours, padding="black", quality=95)
    slide = open_stored(encoded.write(tmp_path / "a.tif", white, encoding))

    for halvings in range(slide.pyramid.max_level + 1):
        # Where padding begins within a square of 8 x 8 (or 16 x 16) pixels, JPEG itself ripples.
        assert np.median(pixels_of(slide, halvings)) >= 249
        assert pixels_of(slide, halvings).min() > 215


def test_column_that_the_level_lacks_repeats_its_last_pixels(tmp_path, open_stored):
    levels = encoded.gradient_levels(2049, 1025, (1, 4))
    assert levels[1].shape == (256, 512, 3)
    slide = open_stored(encoded.write(tmp_path / "a.tif", levels, Encoding(colours="ycbcr444")))

    whole = pixels_of(slide, 2)

    assert whole.shape == (257, 513, 3)
    np.testing.assert_array_equal(whole[:, 512], whole[:, 511])
    np.testing.assert_array_equal(whole[256], whole[255])
    assert encoded.at_once(slide, slide.pyramid.max_level - 2, 1, 0) is not None
    assert slide.fast(slide.pyramid.max_level - 2, 2, 0) is None
    assert encoded.decoded(slide.slow(slide.pyramid.max_level - 2, 2, 1)).shape == (1, 1, 3)


def test_edge_tiles_are_cut_from_what_other_libraries_decode(tmp_path, open_stored):
    making = Making(description=encoded.aperio(*SIZE))
    path = encoded.write(tmp_path / "a.svs", encoded.noise_levels(*SIZE), making=making)
    slide = open_stored(path)

    whole = pixels_of(slide, 0)

    with openslide.OpenSlide(path) as oracle:
        expected = np.asarray(oracle.read_region((0, 0), 0, SIZE))[..., :3]
    np.testing.assert_array_equal(whole, expected)


def test_missing_tiles_are_white(tmp_path, open_stored):
    making = Making(missing=frozenset({(0, 0, 0), (0, 3, 2)}))
    slide = open_stored(
        encoded.write(tmp_path / "a.tif", encoded.gradient_levels(*SIZE, (1,)), making=making)
    )

    whole = pixels_of(slide, 0)

    assert (whole[:256, :256] == 255).all()
    assert (whole[512:, 768:] == 255).all()
    assert (encoded.decoded(encoded.at_once(slide, 10, 0, 0)) == 255).all()
    assert (pixels_of(slide, 1)[:128, :128] == 255).all()
    assert not (pixels_of(slide, 1)[:128, 129:140] == 255).any()


def test_tile_that_only_finer_levels_have_is_made_of_them(tmp_path, open_stored):
    levels = encoded.noise_levels(*SIZE)
    whole = open_stored(encoded.write(tmp_path / "a.tif", levels, Encoding(colours="ycbcr444")))
    holed = open_stored(
        encoded.write(
            tmp_path / "b.tif",
            levels,
            Encoding(colours="ycbcr444"),
            Making(missing=frozenset({(1, 0, 0)})),
        )
    )

    for halvings in (2, 3):
        truth = encoded.shrunk(levels[0], 2**halvings)
        made, stored = pixels_of(holed, halvings), pixels_of(whole, halvings)
        assert psnr(made, truth) > psnr(stored[: len(truth)], truth) - 1


def test_black_that_scanners_write_over_missing_tiles_is_not_shown(tmp_path, open_stored):
    levels = [level.copy() for level in encoded.gradient_levels(1024, 768)]
    # What scanners make of missing tiles in the levels above.
    levels[1][:64, :64] = 0
    levels[2][:16, :16] = 0
    making = Making(missing=frozenset({(0, 0, 0)}), description=encoded.aperio(1024, 768))
    slide = open_stored(encoded.write(tmp_path / "a.svs", levels, making=making))

    for halvings in range(6):
        corner = pixels_of(slide, halvings)[: 256 >> halvings, : 256 >> halvings]
        assert (corner == 255).all()


def test_a_slide_of_missing_tiles_is_white_at_once(tmp_path, open_stored):
    missing = frozenset((0, c, r) for c in range(4) for r in range(3))
    slide = open_stored(
        encoded.write(
            tmp_path / "a.tif",
            encoded.gradient_levels(*SIZE, (1,)),
            making=Making(missing=missing),
        )
    )

    for dz_level in range(slide.pyramid.level_count):
        grid = slide.pyramid.tile_grid(dz_level)
        last = (dz_level, grid.width - 1, grid.height - 1)
        region = slide.pyramid.tile_region(*last)
        white = np.full((region.height, region.width, 3), 255)
        np.testing.assert_array_equal(encoded.decoded(slide.slow(*last)), white)
        np.testing.assert_array_equal(encoded.decoded(encoded.at_once(slide, *last)), white)


def test_an_empty_slide_of_the_greatest_size_costs_little(tmp_path, open_stored):
    path = encoded.write(
        tmp_path / "a.tif",
        [np.zeros((1024, 1024, 3), np.uint8)],
        Encoding(tile=1024),
        Making(missing=frozenset({(0, 0, 0)})),
    )
    count = 2**20
    with tifffile.TiffFile(path, mode="r+b") as file:
        tags = file.pages[0].tags
        tags[256].overwrite(count)
        tags[257].overwrite(count)
        tags[324].overwrite([0] * 1024**2)
        tags[325].overwrite([0] * 1024**2)
    slide = open_stored(path)

    assert slide.pyramid.size.width == count
    for dz_level in (0, 8, 15, 20):
        assert (encoded.decoded(slide.slow(dz_level, 0, 0)) == 255).all()


@pytest.mark.parametrize(("colours", "least"), [("jp2k_rgb", 60), ("jp2k_ycbcr", 48)])
def test_jpeg2000_shows_what_openslide_shows(tmp_path, open_stored, colours, least):
    making = Making(description=encoded.aperio(*SIZE))
    path = encoded.write(
        tmp_path / "a.svs", encoded.noise_levels(*SIZE), Encoding(colours=colours), making
    )
    slide = open_stored(path)

    with openslide.OpenSlide(path) as oracle:
        for number, halvings in enumerate((0, 2, 4)):
            got = pixels_of(slide, halvings)
            size = oracle.level_dimensions[number]
            expected = np.asarray(oracle.read_region((0, 0), number, size))[..., :3]
            assert psnr(got[: size[1], : size[0]], expected) > least


def test_single_level_slides_have_every_level(tmp_path, open_stored):
    levels = encoded.gradient_levels(3072, 256, (1,))
    slide = open_stored(
        encoded.write(tmp_path / "a.tif", levels, Encoding(tile=128, colours="ycbcr444"))
    )

    for dz_level in range(slide.pyramid.level_count):
        size = slide.pyramid.level_size(dz_level)
        assert pixels_of(slide, slide.pyramid.max_level - dz_level).shape == (
            size.height,
            size.width,
            3,
        )
    means = [pixels_of(slide, halvings).mean() for halvings in range(8)]
    assert max(means) - min(means) < 0.7
