import numpy as np
import pytest

from slides_sample import layout, section
from slides_sample.section import DAB, EOSIN


def paint(stain, seed=5, positivity=0.8):
    rng = np.random.default_rng(seed)
    plan = layout.plan_core(rng, 500, crowding=0.8)
    side = plan.inside.shape[0] * layout.CELL
    return section.paint_section(
        plan, stain, rng, width=side, height=side, positivity=positivity, zoom=0.6
    )


def test_the_same_seed_gives_the_same_pixels():
    assert np.array_equal(paint(EOSIN), paint(EOSIN))
    assert not np.array_equal(paint(EOSIN), paint(EOSIN, seed=6))


def test_glass_around_the_tissue_is_bright_and_even():
    corner = paint(EOSIN)[:20, :20]

    assert corner.min() > 235
    assert np.ptp(corner.reshape(-1, 3), axis=0).max() <= 2


def test_haematoxylin_and_eosin_make_purple_and_pink():
    red, green, blue = (paint(EOSIN)[..., channel].astype(int) for channel in range(3))

    pink = (red > 200) & (green < 190) & (blue > green)
    purple = (red < 140) & (blue > green + 15)

    assert pink.mean() > 0.1
    assert purple.mean() > 0.03


@pytest.mark.parametrize(("positivity", "low", "high"), [(0.0, 0.0, 0.001), (1.5, 0.02, 0.5)])
def test_brown_nuclei_appear_with_positivity(positivity, low, high):
    red, _, blue = (paint(DAB, positivity=positivity)[..., c].astype(int) for c in range(3))

    brown = red > blue + 30

    assert low <= brown.mean() <= high
