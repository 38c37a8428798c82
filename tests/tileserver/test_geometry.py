import pytest
from hypothesis import given, strategies as st

from tileserver import geometry
from tileserver.geometry import Scale, Size


@given(
    width=st.integers(2000, 200_000),
    height=st.integers(2000, 200_000),
    downsample=st.sampled_from([1, 2, 3, 4, 5, 8, 16, 32, 64]),
    round_up=st.booleans(),
)
def test_scale_of_a_rounded_level_is_the_whole_number_it_was_shrunk_by(
    width, height, downsample, round_up
):
    extra = downsample - 1 if round_up else 0
    level = Size((width + extra) // downsample, (height + extra) // downsample)

    assert geometry.level_scale(Size(width, height), level) == Scale(downsample, downsample)


def test_a_level_whose_last_row_was_dropped_still_has_scale_16():
    # Source: tile-speed measurements: OpenSlide calls this 16.0014 and reads the finer level.
    assert geometry.level_scale(Size(60000, 45000), Size(3750, 2812)) == Scale(16, 16)


def test_a_level_of_another_shape_has_one_scale_per_direction():
    assert geometry.level_scale(Size(1000, 1000), Size(400, 300)) == Scale(2.5, 1000 / 300)


@pytest.mark.parametrize(
    ("times", "expected"), [(0, (5, 3)), (1, (3, 2)), (2, (2, 1)), (9, (1, 1))]
)
def test_halving_rounds_up_and_stops_at_one_pixel(times, expected):
    assert geometry.halved(Size(5, 3), times) == Size(*expected)
