"""The TIFF reader: depths, colours, levels, resolutions, and files that are damaged or hostile."""

import io
import struct

import numpy as np
import pytest
import tifffile
from PIL import Image

from slides_sample import gradient
from slides_sample.pyramid import Storage
from tests.tileserver.conftest import read_all
from tileserver import readers
from tileserver.geometry import Size
from tileserver.readers import tiff_pages
from tileserver.readers.base import SlideError
from tileserver.readers.tiff_reader import TiffReader


def test_camera_bits_stored_in_16_fill_the_range_of_8(tmp_path):
    path = tmp_path / "a.tif"
    pixels = np.zeros((50, 60, 3), np.uint16)
    pixels[:, 30:] = (4095, 2048, 0)
    tifffile.imwrite(path, pixels, photometric="rgb", metadata=None)

    shown = read_all(path)

    assert shown[0, 0].tolist() == [0, 0, 0]
    assert shown[0, 59].tolist() == [255, 128, 0]


def test_grey_of_16_bits_is_stretched_alike_in_every_tile_and_level(tmp_path):
    path = tmp_path / "a.tif"
    ramp = np.tile(np.linspace(300, 2300, 1024).astype(np.uint16), (512, 1))
    with tifffile.TiffWriter(path) as writer:
        options = {"photometric": "minisblack", "tile": (64, 64), "metadata": None}
        writer.write(ramp, **options)
        writer.write(ramp[::2, ::2], subfiletype=1, **options)

    with TiffReader(path) as reader:
        left = reader.read_region(0, 0, 0, 512, 8)
        right = reader.read_region(0, 512, 0, 512, 8)
        half = reader.read_region(1, 0, 0, 512, 8)

    whole = np.concatenate([left, right], axis=1)[0, :, 0].astype(int)
    assert whole[0] == 0
    assert whole[-1] == 255
    assert np.diff(whole).min() >= 0
    assert np.diff(whole).max() <= 1
    assert np.abs(half[0, :, 0].astype(int) - whole[::2]).max() <= 1


def test_floating_point_with_holes_is_shown(tmp_path):
    path = tmp_path / "a.tif"
    values = np.linspace(-3, 5, 200 * 100, dtype=np.float32).reshape(100, 200)
    values[0, 0] = np.nan
    tifffile.imwrite(path, values, photometric="minisblack", metadata=None)

    shown = read_all(path)

    assert shown[0, 0].tolist() == [0, 0, 0]
    assert shown[-1, -1].tolist() == [255, 255, 255]
    assert shown[50, 100, 0] == pytest.approx(128, abs=4)


def test_white_is_zero_is_inverted(tmp_path):
    path = tmp_path / "a.tif"
    grey = np.tile(np.arange(64, dtype=np.uint8), (48, 1))
    tifffile.imwrite(path, grey, photometric="miniswhite", metadata=None)

    with TiffReader(path) as reader:
        shown = reader.read_region(0, 0, 0, 65, 48)

    assert np.array_equal(shown[:, :64, 0], 255 - grey)
    assert shown[0, 64].tolist() == [255, 255, 255]


def test_transparent_pixels_show_the_background(tmp_path):
    path = tmp_path / "a.tif"
    rgba = np.zeros((32, 32, 4), np.uint8)
    rgba[..., 0] = 200
    rgba[:, :16, 3] = 255
    rgba[:, 16:, 3] = 51
    options = {"photometric": "rgb", "extrasamples": ["unassalpha"], "metadata": None}
    tifffile.imwrite(path, rgba, **options)

    shown = read_all(path)

    assert shown[0, 0].tolist() == [200, 0, 0]
    assert shown[0, 31].tolist() == [244, 204, 204]


def test_tiles_that_the_file_leaves_out_are_background(tmp_path):
    path = tmp_path / "a.tif"
    tile = np.full((64, 64, 3), 90, np.uint8)
    options = {"photometric": "rgb", "tile": (64, 64), "compression": "jpeg", "metadata": None}
    tifffile.imwrite(path, iter([tile, None]), shape=(64, 128, 3), dtype=np.uint8, **options)

    shown = read_all(path)

    assert np.abs(shown[:, :64].astype(int) - 90).max() <= 2
    assert shown[:, 64:].min() == 255


def test_a_pyramid_in_sub_pages_is_found(tmp_path):
    path = tmp_path / "a.tif"
    picture = np.zeros((600, 800, 3), np.uint8)
    with tifffile.TiffWriter(path) as writer:
        options = {"photometric": "rgb", "tile": (128, 128), "metadata": None}
        writer.write(picture, subifds=2, **options)
        writer.write(picture[::2, ::2], subfiletype=1, **options)
        writer.write(picture[::4, ::4], subfiletype=1, **options)

    with TiffReader(path) as reader:
        assert reader.facts.level_sizes == (Size(800, 600), Size(400, 300), Size(200, 150))


def test_labels_and_other_pictures_are_no_levels(tmp_path):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        for shape in [(600, 800), (300, 400), (90, 300), (70, 70)]:
            pixels = np.zeros((*shape, 3), np.uint8)
            writer.write(pixels, photometric="rgb", tile=(64, 64), metadata=None)

    with TiffReader(path) as reader:
        assert reader.facts.level_sizes == (Size(800, 600), Size(400, 300))


def test_a_thumbnail_before_the_picture_does_not_take_its_place(tmp_path):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        for shape in [(150, 200, 3), (600, 800, 3)]:
            writer.write(np.zeros(shape, np.uint8), photometric="rgb", tile=(64, 64), metadata=None)

    with TiffReader(path) as reader:
        assert reader.facts.size == Size(800, 600)


@pytest.mark.parametrize(
    ("resolution", "unit", "expected"),
    [
        ((40_000, 40_000), "CENTIMETER", 0.25),
        ((50_800, 50_800), "INCH", 0.5),
        ((72, 72), "INCH", None),
        ((96, 96), "INCH", None),
        ((300, 300), "INCH", None),
        ((2400, 2400), "INCH", None),
        ((1, 1), "CENTIMETER", None),
        ((10, 10), "CENTIMETER", None),
        ((4000, 4000), "NONE", None),
    ],
)
def test_only_resolutions_of_microscopes_are_believed(tmp_path, resolution, unit, expected):
    path = tmp_path / "a.tif"
    pixels = np.zeros((20, 20, 3), np.uint8)
    options = {"photometric": "rgb", "resolution": resolution, "resolutionunit": unit}
    tifffile.imwrite(path, pixels, metadata=None, **options)

    with readers.open_slide(path) as reader:
        found = (reader.facts.mpp_x, reader.facts.mpp_y)

    assert found == (pytest.approx(expected), pytest.approx(expected))


def test_imagej_says_microns_in_its_own_way(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path,
        np.zeros((20, 20), np.uint8),
        imagej=True,
        resolution=(2.0, 2.0),
        metadata={"unit": "um"},
    )

    with readers.open_slide(path) as reader:
        assert reader.facts.mpp_x == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("tile", "expected"), [(240, 240), (512, 512), (1024, 1024), (64, 256), (2048, 256)]
)
def test_deep_zoom_tiles_are_the_files_where_that_is_sensible(tmp_path, tile, expected):
    path = tmp_path / "a.tif"
    pixels = np.zeros((100, 100, 3), np.uint8)
    tifffile.imwrite(path, pixels, photometric="rgb", tile=(tile, tile), metadata=None)

    with TiffReader(path) as reader:
        assert reader.facts.dz_tile_size == expected


def tiled_file(path, data):
    """Write a TIFF of one 64 x 64 tile with the given JPEG stream in it."""
    stream = io.BytesIO()
    options = {"photometric": "rgb", "tile": (64, 64), "compression": "jpeg", "metadata": None}
    tifffile.imwrite(stream, np.zeros((64, 64, 3), np.uint8), **options)
    content = bytearray(stream.getvalue())
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        page = file.pages[0]
        counts = page.tags["TileByteCounts"]
        content[page.dataoffsets[0] :] = data
        struct.pack_into("<I", content, counts.valueoffset, len(data))
    path.write_bytes(content)


def test_a_tile_that_declares_more_pixels_than_fit_is_refused_before_decoding(tmp_path):
    path = tmp_path / "a.tif"
    stream = io.BytesIO()
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(stream, "JPEG")
    bomb = bytearray(stream.getvalue())
    frame = bomb.index(b"\xff\xc0")
    struct.pack_into(">HH", bomb, frame + 5, 65500, 65500)
    tiled_file(path, bytes(bomb))

    with TiffReader(path) as reader, pytest.raises(SlideError, match="65500 x 65500"):
        reader.read_region(0, 0, 0, 64, 64)


@pytest.mark.parametrize("data", [b"\xff\xd8 no JPEG at all", b"\xff\xd8\xff\xd9", b"\0" * 99])
def test_a_damaged_tile_is_a_slide_error_that_says_where(tmp_path, data):
    path = tmp_path / "a.tif"
    tiled_file(path, data)

    with TiffReader(path) as reader, pytest.raises(SlideError, match=r"a\.tif.*column 0, row 0"):
        reader.read_region(0, 0, 0, 64, 64)


def test_a_tile_behind_the_end_is_a_slide_error_and_the_others_are_read(tmp_path):
    path = tmp_path / "a.tif"
    storage = Storage(tile=64, compression="deflate")
    gradient.write_gradient_slide(path, width=256, height=256, downsamples=(1,), storage=storage)
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        order = np.argsort(page.dataoffsets)
        last = int(order[-1])
        end = page.dataoffsets[last] + page.databytecounts[last]
        header_is_first = page.offset < page.dataoffsets[0]
    assert header_is_first
    with path.open("r+b") as stream:
        stream.truncate(end - 20)

    with TiffReader(path) as reader:
        assert reader.read_region(0, 0, 0, 192, 256).shape == (256, 192, 3)
        with pytest.raises(SlideError, match="cut short"):
            reader.read_region(0, 192, 192, 64, 64)


def header_only(path, width, height, *, tile, counts=1):
    """Write a TIFF whose header promises what is not there."""
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (277, 3, 1, 1),
        (322, 4, 1, tile),
        (323, 4, 1, tile),
        (324, 4, counts, 8),
        (325, 4, counts, 10),
    ]
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    path.write_bytes(
        struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + body + struct.pack("<I", 0)
    )


@pytest.mark.parametrize(
    ("width", "height", "tile", "reason"),
    [
        (2**31 - 1, 2**31 - 1, 256, "declares 2147483647 x 2147483647 pixels"),
        (2**20, 2**20, 256, "lists 1 tiles"),
        (60_000, 60_000, 60_016, "256 MiB"),
        (2**21, 2**21, 2**21, "256 MiB"),
        (256, 256, 0, r"a\.tif"),
        (0, 256, 256, r"a\.tif"),
    ],
)
def test_sizes_declared_without_pixels_are_refused(tmp_path, width, height, tile, reason):
    path = tmp_path / "a.tif"
    header_only(path, width, height, tile=tile)

    with pytest.raises(SlideError, match=reason):
        TiffReader(path)


def test_a_strip_too_large_to_decode_is_left_to_a_reader_that_streams(tmp_path, monkeypatch):
    path = tmp_path / "a.tif"
    pixels = np.random.default_rng(1).integers(0, 255, (300, 400, 3), np.uint8)
    options = {"photometric": "rgb", "compression": "deflate", "rowsperstrip": 300}
    tifffile.imwrite(path, pixels, metadata=None, **options)
    monkeypatch.setattr(tiff_pages, "MAX_SEGMENT_BYTES", 100_000)

    with readers.open_slide(path) as reader:
        assert reader.facts.reader == "vips"
        assert np.array_equal(reader.read_region(0, 0, 0, 400, 300), pixels)


def test_long_plain_strips_are_read_in_parts(tmp_path):
    path = tmp_path / "a.tif"
    pixels = np.random.default_rng(1).integers(0, 255, (3000, 900, 3), np.uint8)
    tifffile.imwrite(path, pixels, photometric="rgb", rowsperstrip=1024, metadata=None)

    with TiffReader(path) as reader:
        assert reader.facts.tile_size.height < 1024
        assert np.array_equal(reader.read_region(0, 0, 0, 900, 3000), pixels)


def test_a_page_that_follows_itself_does_not_loop(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((40, 40, 3), np.uint8), photometric="rgb", metadata=None)
    with tifffile.TiffFile(path) as file:
        offset = file.pages[0].offset
    content = bytearray(path.read_bytes())
    count = struct.unpack_from("<H", content, offset)[0]
    struct.pack_into("<I", content, offset + 2 + 12 * count, offset)
    path.write_bytes(content)

    with TiffReader(path) as reader:
        assert reader.facts.size == Size(40, 40)


def test_the_cache_of_tiles_is_bounded():
    cache = tiff_pages.SegmentCache()
    tile = np.zeros(2**20, np.uint8)

    for index in range(100):
        cache.put((1, index), tile.copy())

    kept = [index for index in range(100) if cache.get((1, index)) is not None]
    assert kept == list(range(92, 100))
