import io

import numpy as np
import pytest
import simplejpeg
from hypothesis import given, settings, strategies as st
from PIL import Image

from records.errors import InputError
from slides_sample import gradient
from slides_sample.pyramid import Storage
from tileserver import geometry, readers, render
from tileserver.deepzoom import TileOutsideLevelError
from tileserver.geometry import Region, Scale, Size
from tileserver.readers import base
from tileserver.readers.base import SlideError, SlideFacts

WIDTH, HEIGHT = 1003, 605
TILES = Size(256, 256)


class FormulaReader:
    """A slide of any size whose pixels are the gradient's; it remembers what was read."""

    def __init__(self, size, levels, tile_size=TILES):
        self.facts = SlideFacts(
            reader="formula",
            format="formula",
            level_sizes=tuple(levels),
            downsamples=tuple(geometry.level_scale(size, level).mean for level in levels),
            tile_size=tile_size,
        )
        self.reads = []

    def read_region(self, slide_level, l_x, l_y, width, height):
        self.reads.append((slide_level, l_x, l_y, width, height))
        level = self.facts.level_sizes[slide_level]
        scale = geometry.level_scale(self.facts.size, level)
        size = (self.facts.size.width, self.facts.size.height)
        region = (l_x * scale.x, l_y * scale.y, width, height)
        pixels = np.clip(gradient.expected_region(region, scale.x, size) + 0.5, 0, 255)
        outside_x = (np.arange(l_x, l_x + width) < 0) | (np.arange(l_x, l_x + width) >= level.width)
        outside_y = (np.arange(l_y, l_y + height) < 0) | (
            np.arange(l_y, l_y + height) >= level.height
        )
        pixels[outside_y] = 255
        pixels[:, outside_x] = 255
        return pixels.astype(np.uint8)


def whole_level(reader, dz_level, overview=None):
    """Return a Deep Zoom level put together from its tiles."""
    pyramid = reader.facts.pyramid
    size, grid = pyramid.level_size(dz_level), pyramid.tile_grid(dz_level)
    pixels = np.zeros((size.height, size.width, 3), np.uint8)
    for row in range(grid.height):
        for column in range(grid.width):
            part = pyramid.tile_region(dz_level, column, row)
            tile = render.render_tile(reader, dz_level, column, row, overview)
            assert tile.shape == (part.height, part.width, 3)
            pixels[part.y : part.y + part.height, part.x : part.x + part.width] = tile
    return pixels


def expected_level(reader, dz_level):
    pyramid = reader.facts.pyramid
    size = pyramid.level_size(dz_level)
    full = (reader.facts.size.width, reader.facts.size.height)
    region = (0, 0, size.width, size.height)
    return gradient.expected_region(region, pyramid.downsample(dz_level), full)


@pytest.mark.parametrize("with_overview", [False, True])
@pytest.mark.parametrize("kind", ["gradient_tiff", "gradient_svs"])
def test_every_deep_zoom_level_has_the_colours_of_the_formula(request, kind, with_overview):
    with readers.open_slide(request.getfixturevalue(kind)) as reader:
        overview = render.render_overview(reader) if with_overview else None
        for dz_level in range(reader.facts.pyramid.level_count):
            found = whole_level(reader, dz_level, (lambda: overview) if with_overview else None)
            error = found - expected_level(reader, dz_level)
            # The last column and row are means of what the slide has of them; the formula goes on.
            inner = error[:-1, :-1]
            if inner.size:
                assert np.abs(inner).max() <= 8
                # A shift by half a pixel of this level would show here.
                assert np.abs(inner.mean(axis=(0, 1))).max() <= 0.8
        mean = gradient.expected_region((0, 0, WIDTH, HEIGHT), 1, (WIDTH, HEIGHT)).mean(axis=(0, 1))
        assert np.abs(whole_level(reader, 0)[0, 0] - mean).max() <= 3


@pytest.mark.slow
@given(
    width=st.integers(300, 1600),
    height=st.integers(300, 1600),
    downsamples=st.sampled_from([(1,), (1, 2, 4), (1, 4, 16), (1, 3, 9), (1, 5), (1, 8)]),
    round_up=st.booleans(),
    side=st.sampled_from([128, 240, 256, 512]),
)
@settings(max_examples=25, deadline=None)
def test_no_level_is_shifted_whatever_the_stored_levels(width, height, downsamples, round_up, side):
    size = Size(width, height)
    levels = [
        Size(-(-width // d), -(-height // d)) if round_up else Size(width // d, height // d)
        for d in downsamples
    ]
    reader = FormulaReader(size, levels, Size(side, side))
    pyramid = reader.facts.pyramid

    for dz_level in range(pyramid.max_level - 5, pyramid.level_count):
        expected = expected_level(reader, dz_level)[:-2, :-2]
        error = whole_level(reader, dz_level)[:-2, :-2] - expected
        assert np.abs(error).max() <= 9
        # A picture shifted by d pixels differs by d times its slope; least squares give d.
        for axis in (0, 1):
            slope = np.gradient(expected, axis=axis)
            slope -= slope.mean(axis=(0, 1))
            assert abs((error * slope).sum() / (slope**2).sum()) <= 0.1


def test_tiles_are_cut_from_one_level_without_seams(gradient_tiff):
    with readers.open_slide(gradient_tiff) as reader:
        pyramid = reader.facts.pyramid
        for dz_level in (pyramid.max_level - 1, pyramid.max_level - 3):
            size = pyramid.level_size(dz_level)
            whole = render.render_level_part(
                reader, dz_level, Region(0, 0, size.width, size.height), None
            )
            assert np.array_equal(whole_level(reader, dz_level), whole)


class PixelReader(FormulaReader):
    """A slide of given pixels, without smaller levels."""

    def __init__(self, pixels):
        size = Size(pixels.shape[1], pixels.shape[0])
        super().__init__(size, [size])
        self.pixels = pixels

    def read_region(self, slide_level, l_x, l_y, width, height):
        self.reads.append((slide_level, l_x, l_y, width, height))
        return self.pixels[l_y : l_y + height, l_x : l_x + width]


@pytest.mark.parametrize("shape", [(1, 3), (3, 1)])
def test_a_pixel_at_the_edge_is_the_mean_of_what_there_is(shape):
    pixels = np.zeros((3, 3), np.uint8)
    pixels[2], pixels[:, 2] = 240, 240
    reader = PixelReader(np.repeat(pixels[: shape[0], : shape[1], None], 3, axis=2))

    tile = render.render_tile(reader, 0, 0, 0)

    assert tile[0, 0].tolist() == [80, 80, 80]


@pytest.mark.parametrize("out", [Size(377, 283), Size(1500, 1100), Size(303, 227)])
def test_blocks_of_a_fractional_scale_meet_without_seams(monkeypatch, out):
    # Noise shows every pixel that a filter misses. It is far from black and white, so that nothing
    # is cut off where enlarging overshoots.
    rng = np.random.default_rng(1)
    reader = PixelReader(rng.integers(80, 170, (1100, 1500, 3), np.uint8))
    region = Region(33, 21, 1211, 907)
    whole = render.render_view(reader, region, out)
    monkeypatch.setattr(render, "_BLOCK_PIXELS", 90 * 90)

    in_blocks = render.render_view(reader, region, out)

    assert len(reader.reads) > 20
    assert np.abs(in_blocks.astype(int) - whole).max() <= 2


def test_a_level_with_a_row_dropped_is_read_itself_not_the_finer_one():
    # Source: tile-speed measurements: OpenSlide's 16.0014 makes others read sixteen times as much.
    reader = FormulaReader(
        Size(60000, 45000), [Size(60000, 45000), Size(15000, 11250), Size(3750, 2812)]
    )
    pyramid = reader.facts.pyramid
    dz_level = pyramid.max_level - 4

    tile = render.render_tile(reader, dz_level, 3, pyramid.tile_grid(dz_level).height - 1)

    assert {slide_level for slide_level, *_ in reader.reads} == {2}
    assert tile.shape[0] == 2813 % 256
    assert np.array_equal(tile[-1], tile[-2])


def test_no_read_leaves_the_level():
    reader = FormulaReader(Size(60001, 45003), [Size(60001, 45003), Size(3750, 2812)])
    pyramid = reader.facts.pyramid

    for dz_level in range(pyramid.max_level - 8, pyramid.level_count):
        grid = pyramid.tile_grid(dz_level)
        render.render_tile(reader, dz_level, grid.width - 1, grid.height - 1)

    for slide_level, x, y, width, height in reader.reads:
        level = reader.facts.level_sizes[slide_level]
        assert x >= 0
        assert y >= 0
        assert x + width <= level.width
        assert y + height <= level.height


def test_memory_is_bounded_however_much_a_tile_shows():
    reader = FormulaReader(Size(40000, 300), [Size(40000, 300)])

    render.render_overview(reader)

    assert max(width * height for _, _, _, width, height in reader.reads) <= 2**22


def test_rows_are_read_whole_where_the_file_has_strips():
    reader = FormulaReader(Size(9000, 4000), [Size(9000, 4000)], Size(9000, 16))

    render.render_overview(reader)

    assert {width for _, _, _, width, _ in reader.reads} == {9000}
    assert max(width * height for _, _, _, width, height in reader.reads) <= 2**22


def test_a_slide_without_levels_that_is_too_large_says_so(monkeypatch):
    reader = FormulaReader(Size(100_000, 100_000), [Size(100_000, 100_000)])

    with pytest.raises(SlideError, match="pyramidal TIFF"):
        render.render_overview(reader)
    assert reader.reads == []


def test_small_levels_are_made_from_the_overview():
    reader = FormulaReader(Size(8000, 6000), [Size(8000, 6000)])
    overview = render.render_overview(reader)
    reader.reads.clear()

    for dz_level in range(render.overview_level(reader.facts.pyramid) + 1):
        whole_level(reader, dz_level, lambda: overview)

    assert reader.reads == []


def test_a_tile_outside_the_level_is_refused_before_reading():
    reader = FormulaReader(Size(WIDTH, HEIGHT), [Size(WIDTH, HEIGHT)])

    with pytest.raises(TileOutsideLevelError):
        render.render_tile(reader, 10, 4, 0)
    assert reader.reads == []


def test_a_raw_region_starts_at_its_level_0_address(gradient_tiff):
    with readers.open_slide(gradient_tiff) as reader:
        pixels = render.render_raw_region(reader, 1, l0_x=400, l0_y=200, width=70, height=50)

    expected = gradient.expected_region((400, 200, 70, 50), 4, (WIDTH, HEIGHT))
    assert np.abs(pixels - expected).max() <= 0.5


@pytest.mark.parametrize(("l0_x", "l0_y"), [(10**15, 0), (-(10**15), -(10**15)), (0, 10**9)])
def test_a_raw_region_far_outside_is_background(gradient_tiff, gradient_svs, l0_x, l0_y):
    for path in (gradient_tiff, gradient_svs):
        with readers.open_slide(path) as reader:
            pixels = render.render_raw_region(reader, 0, l0_x=l0_x, l0_y=l0_y, width=9, height=7)
        assert pixels.shape == (7, 9, 3)
        assert pixels.min() == 255


def test_a_raw_region_beyond_the_edge_keeps_its_size(gradient_tiff):
    with readers.open_slide(gradient_tiff) as reader:
        pixels = render.render_raw_region(reader, 0, l0_x=WIDTH - 3, l0_y=-2, width=10, height=6)

    assert pixels.shape == (6, 10, 3)
    assert (pixels[:2] == 255).all()
    assert (pixels[:, 3:] == 255).all()
    assert (pixels[2:, :3] != 255).any()


@pytest.mark.parametrize(
    ("slide_level", "width", "height", "reason"),
    [
        (3, 10, 10, "there is no level 3"),
        (-1, 10, 10, "there is no level -1"),
        (0, 2001, 10, "1 to 2000"),
        (0, 10, 0, "1 to 2000"),
        (0, -5, 10, "1 to 2000"),
    ],
)
def test_raw_regions_out_of_bounds_are_refused(gradient_tiff, slide_level, width, height, reason):
    with readers.open_slide(gradient_tiff) as reader, pytest.raises(InputError, match=reason):
        render.render_raw_region(reader, slide_level, l0_x=0, l0_y=0, width=width, height=height)


@pytest.mark.parametrize("out", [Size(100, 60), Size(301, 181), Size(1003, 605), Size(2000, 1210)])
def test_a_view_of_the_whole_slide_has_its_colours_at_any_size(gradient_tiff, out):
    with readers.open_slide(gradient_tiff) as reader:
        pixels = render.render_view(reader, Region(0, 0, WIDTH, HEIGHT), out)

    footprint = WIDTH / out.width
    expected = gradient.expected_region((0, 0, out.width, out.height), footprint, (WIDTH, HEIGHT))
    inner = np.s_[4:-4, 4:-4]
    assert pixels.shape == (out.height, out.width, 3)
    assert np.abs(pixels - expected)[inner].max() <= 8
    assert np.abs((pixels - expected)[inner].mean(axis=(0, 1))).max() < 0.8


def test_a_view_beyond_the_slide_shows_background(gradient_tiff):
    with readers.open_slide(gradient_tiff) as reader:
        pixels = render.render_view(reader, Region(-500, -300, 2003, 1205), Size(200, 120))

    assert pixels[:25].min() == 255
    assert pixels[:, :45].min() == 255
    assert pixels[50:70, 90:110].max() < 255


def test_a_view_of_one_pixel_is_enlarged():
    reader = FormulaReader(Size(WIDTH, HEIGHT), [Size(WIDTH, HEIGHT)])

    pixels = render.render_view(reader, Region(300, 200, 1, 1), Size(50, 50))

    expected = gradient.expected_region((300, 200, 1, 1), 1, (WIDTH, HEIGHT))[0, 0]
    assert np.abs(pixels[25, 25] - expected).max() <= 3


@pytest.mark.parametrize("quality", [1, 9, 50, 85, 90, 100])
def test_tiles_are_jfif(quality):
    pixels = base.filled(33, 17, (10, 200, 90))

    data = render.encode_jpeg(pixels, quality)

    # Source: the vendor's test_get_raw_tile looks for JFIF.
    assert data.startswith(b"\xff\xd8\xff\xe0")
    assert data[6:10] == b"JFIF"
    assert Image.open(io.BytesIO(data)).size == (33, 17)
    assert np.abs(simplejpeg.decode_jpeg(data).astype(int) - pixels).max() <= (
        40 if quality < 50 else 6
    )


def test_higher_quality_keeps_more():
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)

    sizes = [len(render.encode_jpeg(noise, quality)) for quality in (9, 50, 85, 100)]

    assert sizes == sorted(sizes)


@pytest.mark.parametrize(
    ("longest", "expected"), [(100, (75, 100)), (1000, (300, 400)), (1, (1, 1))]
)
def test_a_picture_is_fitted_but_not_enlarged(longest, expected):
    assert render.fit(base.filled(400, 300, (1, 2, 3)), longest).shape[:2] == expected


@pytest.mark.parametrize("out", [Size(100, 100), Size(100, 20), Size(20, 100)])
def test_scale_between_levels_never_takes_a_coarser_level_than_wanted(out):
    reader = FormulaReader(Size(4000, 4000), [Size(4000, 4000), Size(1000, 1000)])

    render.render_view(reader, Region(0, 0, 399, 399), out)

    assert {slide_level for slide_level, *_ in reader.reads} == {0}
    assert geometry.level_scale(Size(4000, 4000), Size(1000, 1000)) == Scale(4, 4)


def test_one_pixel_slides_have_one_tile(tmp_path):
    path = tmp_path / "dot.tif"
    storage = Storage(tile=16, compression="deflate")
    gradient.write_gradient_slide(path, width=1, height=1, downsamples=(1,), storage=storage)

    with readers.open_slide(path) as reader:
        assert reader.facts.pyramid.level_count == 1
        assert render.render_tile(reader, 0, 0, 0).shape == (1, 1, 3)
