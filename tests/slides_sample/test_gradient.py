import numpy as np
import pytest
import tifffile
from hypothesis import given, strategies as st

from slides_sample import gradient
from slides_sample.pyramid import Storage


@given(
    corner=st.tuples(st.integers(0, 2900), st.integers(0, 1900)),
    footprint=st.sampled_from([2, 3, 4, 16, 100, 256, 700]),
)
def test_colour_of_a_square_is_the_mean_of_its_pixels(corner, footprint):
    size = (3001, 2003)
    fine = gradient.expected_region((*corner, footprint, footprint), 1, size)

    coarse = gradient.expected_region((*corner, 1, 1), footprint, size)

    assert coarse[0, 0] == pytest.approx(fine.mean(axis=(0, 1)), abs=1e-6)


def test_one_pixel_of_shift_changes_the_colour_of_almost_every_pixel():
    size = (3001, 2003)
    here = gradient.expected_region((1000, 700, 300, 300), 1, size)
    there = gradient.expected_region((1001, 700, 300, 300), 1, size)

    shift = np.abs(here - there)[..., 2]

    assert (shift > 0.5).mean() > 0.97


@pytest.mark.parametrize("round_up", [False, True])
def test_every_stored_level_holds_the_expected_colours(tmp_path, round_up):
    path = tmp_path / "gradient.tif"

    gradient.write_gradient_slide(
        path,
        width=701,
        height=483,
        tile=64,
        downsamples=(1, 2, 16),
        round_up=round_up,
        storage=Storage(tile=64, compression="deflate"),
    )

    with tifffile.TiffFile(path) as file:
        levels = [page.asarray() for page in file.pages]
    extra = int(round_up)
    assert [level.shape[:2] for level in levels] == [
        (483, 701),
        (241 + extra, 350 + extra),
        (30 + extra, 43 + extra),
    ]
    for level, downsample in zip(levels, (1, 2, 16), strict=True):
        expected = gradient.expected_region(
            (0, 0, level.shape[1], level.shape[0]), downsample, (701, 483)
        )
        assert np.abs(level - expected).max() <= 0.5


def test_jpeg_stays_within_the_stated_tolerance(tmp_path):
    path = tmp_path / "gradient.tif"

    gradient.write_gradient_slide(path, width=701, height=483, tile=128, downsamples=(1,))

    with tifffile.TiffFile(path) as file:
        pixels = file.pages[0].asarray().astype(float)
    expected = gradient.expected_region((0, 0, 701, 483), 1, (701, 483))
    assert np.abs(pixels - expected).max() <= gradient.TOLERANCE
