"""Passthrough: tiles as the file stores them, to the bit what other libraries decode."""

import os

import imagecodecs
import numpy as np
import openslide
import pytest
import tifffile

from tests.tileserver.stored import encoded
from tests.tileserver.stored.encoded import Encoding, Making
from tileserver.readers.base import SlideError
from tileserver.stored.levels import JPEG

SIZE = (1003, 605)
COLOURS = ["ycbcr420", "ycbcr444", "rgb"]


def inner_tiles(slide):
    """Yield address, stored level and tile of every inner tile of a slide."""
    for dz_level, plan in enumerate(slide._plans):
        if plan.native is not None:
            for row in range(plan.native.inner_rows):
                for column in range(plan.native.inner_columns):
                    yield (dz_level, column, row), plan.native.level


def evict(path):
    """Make the system forget a file's bytes."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


@pytest.mark.parametrize("abbreviated", [True, False])
@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("colours", COLOURS)
@pytest.mark.parametrize("tile", [128, 240, 256, 512])
def test_tiles_decode_to_the_bit_as_openslide_decodes_them(
    tmp_path, open_stored, tile, colours, marked, abbreviated
):
    encoding = Encoding(tile=tile, colours=colours, marked=marked, abbreviated=abbreviated)
    making = Making(description=encoded.aperio(*SIZE))
    levels = encoded.noise_levels(*SIZE)
    path = encoded.write(tmp_path / "a.svs", levels, encoding, making)
    slide = open_stored(path)

    found = 0
    with openslide.OpenSlide(path) as oracle:
        for address, level in inner_tiles(slide):
            _, column, row = address
            number = level.halvings // 2
            corner = [round(n * tile * oracle.level_downsamples[number]) for n in (column, row)]
            expected = np.asarray(oracle.read_region(corner, number, (tile, tile)))[..., :3]
            np.testing.assert_array_equal(encoded.decoded(slide.slow(*address)), expected)
            found += 1
    assert found == (SIZE[0] // tile) * (SIZE[1] // tile) + (250 // tile) * (151 // tile)


@pytest.mark.parametrize("bigtiff", [True, False])
@pytest.mark.parametrize("colours", COLOURS)
def test_tiles_decode_to_the_bit_as_tifffile_decodes_them(tmp_path, open_stored, colours, bigtiff):
    path = encoded.write(
        tmp_path / "a.tif",
        encoded.noise_levels(*SIZE),
        Encoding(colours=colours),
        Making(bigtiff=bigtiff),
    )
    slide = open_stored(path)

    with tifffile.TiffFile(path) as file:
        pictures = [page.asarray() for page in file.pages]
    for address, level in inner_tiles(slide):
        _, column, row = address
        x, y = 256 * column, 256 * row
        expected = pictures[level.halvings // 2][y : y + 256, x : x + 256]
        np.testing.assert_array_equal(encoded.decoded(slide.slow(*address)), expected)


def test_fast_gives_what_slow_gives(tmp_path, open_stored):
    slide = open_stored(encoded.write(tmp_path / "a.tif", encoded.noise_levels(*SIZE)))

    addresses = [address for address, _ in inner_tiles(slide)]

    assert len(addresses) == 6
    for address in addresses:
        assert encoded.at_once(slide, *address) == slide.slow(*address)


def test_scan_is_sent_byte_for_byte(tmp_path, open_stored):
    path = encoded.write(tmp_path / "a.tif", encoded.noise_levels(*SIZE))
    slide = open_stored(path)

    data = path.read_bytes()
    for address, level in inner_tiles(slide):
        _, column, row = address
        index = row * level.columns + column
        offset, count = int(level.offsets[index]), int(level.byte_counts[index])
        stored = data[offset : offset + count]
        sent = slide.slow(*address)
        scan = stored.index(b"\xff\xda")
        assert sent.endswith(stored[scan:])


def test_rgb_tiles_tell_browsers_so(tmp_path, open_stored):
    encoding = Encoding(colours="rgb", marked=False)
    slide = open_stored(encoded.write(tmp_path / "a.tif", encoded.noise_levels(*SIZE), encoding))

    sent = slide.slow(slide.pyramid.max_level, 0, 0)

    # Transform 0: what is stored are red, green and blue.
    assert sent[2:18] == b"\xff\xee\x00\x0eAdobe\0\x64\0\0\0\0\0"


def test_other_decoders_see_the_same_colours(tmp_path, open_stored):
    for colours in COLOURS:
        path = encoded.write(
            tmp_path / f"{colours}.tif", encoded.noise_levels(*SIZE), Encoding(colours=colours)
        )
        sent = open_stored(path).slow(10, 0, 0)

        np.testing.assert_array_equal(imagecodecs.jpeg8_decode(sent), encoded.decoded(sent))


def test_tile_that_is_not_in_memory_is_not_waited_for(tmp_path, open_stored):
    path = encoded.write(tmp_path / "a.tif", encoded.noise_levels(2600, 2600, (1,)))
    slide = open_stored(path)
    address = (slide.pyramid.max_level, 4, 4)
    assert encoded.at_once(slide, *address) is not None
    evict(path)

    if slide.fast(*address) is not None:
        pytest.skip("this file system keeps what it is told to forget")
    data = slide.slow(*address)

    assert encoded.at_once(slide, *address) == data


def test_without_such_reading_tiles_are_read_plainly(tmp_path, open_stored, monkeypatch):
    path = encoded.write(tmp_path / "a.tif", encoded.noise_levels(*SIZE))
    slide = open_stored(path)
    monkeypatch.setattr("tileserver.stored.files._NOWAIT", None)

    assert slide.fast(10, 0, 0) == slide.slow(10, 0, 0)


def test_file_systems_without_such_reading_are_left_to_threads(tmp_path, open_stored, monkeypatch):
    def refuse(*arguments):
        raise OSError(95, "Operation not supported")

    slide = open_stored(encoded.write(tmp_path / "a.tif", encoded.noise_levels(*SIZE)))
    with monkeypatch.context() as patched:
        patched.setattr("os.preadv", refuse)
        assert slide.fast(10, 0, 0) is None

    assert slide.fast(10, 0, 0) is None
    assert slide.slow(10, 0, 0)


def damaged_slide(tmp_path, open_stored, change):
    """Return a slide whose tile 1 0 was changed after it was opened."""
    path = encoded.write(tmp_path / "a.tif", encoded.noise_levels(*SIZE))
    slide = open_stored(path)
    level = slide._plans[-1].native.level
    offset, count = int(level.offsets[1]), int(level.byte_counts[1])
    with path.open("r+b") as file:
        file.seek(offset)
        stream = bytearray(file.read(count))
        change(stream)
        file.seek(offset)
        file.write(stream)
    return slide


def test_tile_that_declares_a_giant_is_refused(tmp_path, open_stored):
    def enlarge(stream):
        stream[7:11] = b"\xff\xff\xff\xff"

    slide = damaged_slide(tmp_path, open_stored, enlarge)

    assert slide.fast(10, 1, 0) is None
    with pytest.raises(SlideError, match=r"column 1, row 0 .* declares 65535 x 65535 pixels"):
        slide.slow(10, 1, 0)
    with pytest.raises(SlideError, match="column 1, row 0"):
        slide.slow(9, 0, 0)


def test_tile_smaller_than_its_place_is_refused(tmp_path, open_stored):
    def shrink(stream):
        stream[7:11] = b"\x00\x10\x00\x10"

    slide = damaged_slide(tmp_path, open_stored, shrink)

    assert slide.fast(10, 1, 0) is None
    with pytest.raises(SlideError, match="smaller than a tile"):
        slide.slow(10, 1, 0)


def test_tile_of_rubbish_is_refused_and_others_are_not(tmp_path, open_stored):
    def wipe(stream):
        stream[:] = bytes(len(stream))

    slide = damaged_slide(tmp_path, open_stored, wipe)

    assert slide.fast(10, 1, 0) is None
    with pytest.raises(SlideError, match="no JPEG stream"):
        slide.slow(10, 1, 0)
    assert encoded.at_once(slide, 10, 0, 0) is not None


def test_tile_behind_the_end_of_the_file_is_refused(tmp_path, open_stored):
    path = encoded.write(tmp_path / "a.tif", encoded.noise_levels(*SIZE, (1,)))
    slide = open_stored(path)
    os.truncate(path, path.stat().st_size // 2)

    answers = []
    for row in range(2):
        for column in range(3):
            try:
                slide.slow(10, column, row)
            except SlideError as error:
                answers.append(error.message)
    assert answers
    assert all("cut short" in answer for answer in answers)


def test_tile_of_implausible_length_is_not_read(tmp_path, open_stored):
    path = encoded.write(tmp_path / "a.tif", encoded.noise_levels(*SIZE, (1,)))
    with tifffile.TiffFile(path, mode="r+b") as file:
        counts = list(file.pages[0].databytecounts)
        counts[1] = 2**31 - 1
        file.pages[0].tags[325].overwrite(counts)
    os.truncate(path, 2**31 + 2**20)  # So long that the tile would be there.
    slide = open_stored(path)

    assert slide.fast(10, 1, 0) is None
    with pytest.raises(SlideError, match="2147483647 bytes"):
        slide.slow(10, 1, 0)


def test_jpeg2000_is_never_passed_through(tmp_path, open_stored):
    making = Making(description=encoded.aperio(*SIZE))
    path = encoded.write(
        tmp_path / "a.svs", encoded.noise_levels(*SIZE), Encoding(colours="jp2k_rgb"), making
    )
    slide = open_stored(path)

    assert slide._plans[-1].native.level.compression != JPEG
    assert slide.fast(10, 0, 0) is None
    assert slide.slow(10, 0, 0)[:2] == b"\xff\xd8"
