"""The measures of fidelity see what they are there to see."""

import numpy as np
import openslide
import pytest

from benchmarks.deepzoom_fidelity import MAX_SEAM
from benchmarks.fidelity import measures
from tests.tileserver.stored import encoded

SIDE = 256


def picture():
    return encoded.noise_levels(900, 700, (1,))[0]


def test_equal_pictures_are_told_as_equal():
    found = measures.compare(picture(), picture().astype(float), SIDE)

    assert (found.psnr, found.largest, found.mean) == (measures.EQUAL_DB, 0, 0)
    assert (found.shift, found.seam) == (0, 0)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_picture_beside_its_place_is_seen(axis):
    found = measures.compare(np.roll(picture(), 1, axis=axis), picture().astype(float), SIDE)

    assert found.shift > 0.45


@pytest.mark.parametrize("axis", [0, 1])
def test_a_tile_beside_its_place_is_a_seam(axis):
    smooth = encoded.gradient_levels(900, 700)[0]
    moved = smooth.copy()
    part = [slice(None), slice(None)]
    part[axis] = slice(SIDE, 2 * SIDE)
    moved[tuple(part)] = np.clip(moved[tuple(part)].astype(int) + 9, 0, 255)

    assert measures.compare(moved, smooth.astype(float), SIDE).seam > 2
    assert measures.compare(smooth, smooth.astype(float) + 3, SIDE).seam == pytest.approx(0)


def test_noise_all_over_is_no_seam():
    noise = np.random.default_rng(3).normal(0, 8, picture().shape)
    ours = np.clip(picture() + noise, 0, 255).astype(np.uint8)

    found = measures.compare(ours, picture().astype(float), SIDE)

    assert abs(found.seam) < 1
    assert 28 < found.psnr < 32


@pytest.mark.parametrize("axis", [0, 1])
def test_torn_tissue_is_seen(shared_data, axis):
    with openslide.OpenSlide(shared_data / "slides" / "CMU-1-Small-Region.svs") as slide:
        tissue = np.asarray(slide.read_region((200, 600), 0, (1200, 1000)))[..., :3]
    tissue = np.ascontiguousarray(np.moveaxis(tissue, axis, 0))
    moved, repeated = tissue.copy(), tissue.copy()
    for start in range(SIDE, len(tissue), 2 * SIDE):
        moved[start : start + SIDE] = np.roll(tissue, 1, axis=0)[start : start + SIDE]
    repeated[SIDE - 1 :: SIDE] = tissue[SIDE - 2 :: SIDE][: len(repeated[SIDE - 1 :: SIDE])]

    for torn in (moved, repeated):
        found = measures.compare(
            np.moveaxis(torn, 0, axis), np.moveaxis(tissue, 0, axis).astype(float), SIDE
        )
        assert found.seam > MAX_SEAM
