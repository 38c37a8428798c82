"""Stored indexes: which files have one, what it holds, and how it is kept."""

import os

import numpy as np
import pytest
import tifffile

from tests.tileserver.stored import encoded
from tests.tileserver.stored.encoded import Encoding, Making
from tileserver.geometry import Size
from tileserver.stored import index as indexes
from tileserver.stored.index import COMPOSED, MISSING

SIZE = (1003, 605)


def build(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return indexes.build_index(descriptor, path.name)
    finally:
        os.close(descriptor)


def levels_of(index):
    return [(level.halvings, (level.size.width, level.size.height)) for level in index.levels]


@pytest.mark.parametrize("bigtiff", [True, False])
@pytest.mark.parametrize("tile", [128, 240, 256, 512])
def test_offsets_are_those_of_the_file(tmp_path, tile, bigtiff):
    path = encoded.write(
        tmp_path / "a.tif",
        encoded.gradient_levels(*SIZE),
        Encoding(tile=tile),
        Making(bigtiff=bigtiff),
    )

    index = build(path)

    assert (index.size, index.tile_size) == (Size(*SIZE), tile)
    assert levels_of(index) == [(0, (1003, 605)), (2, (250, 151)), (4, (62, 37))]
    with tifffile.TiffFile(path) as file:
        for level, page in zip(index.levels, file.pages, strict=True):
            assert level.offsets.tolist() == list(page.dataoffsets)
            assert level.byte_counts.tolist() == list(page.databytecounts)


def test_a_file_that_was_read_before_is_found_from_its_beginning(tmp_path):
    path = encoded.write(tmp_path / "a.tif", encoded.gradient_levels(*SIZE))
    descriptor = os.open(path, os.O_RDONLY)

    found = [indexes.build_index(descriptor, path.name) for _ in range(2)]

    os.close(descriptor)
    assert [len(index.levels) for index in found] == [3, 3]


def test_levels_may_be_rounded_up(tmp_path):
    levels = encoded.gradient_levels(*SIZE, round_up=True)

    index = build(encoded.write(tmp_path / "a.tif", levels))

    assert levels_of(index) == [(0, (1003, 605)), (2, (251, 152)), (4, (63, 38))]


def test_levels_of_sub_directories_are_found(tmp_path):
    levels = encoded.gradient_levels(*SIZE, (1, 2, 4))

    index = build(encoded.write(tmp_path / "a.tif", levels, making=Making(subifds=True)))

    assert [level.halvings for level in index.levels] == [0, 1, 2]


def test_levels_that_are_no_power_of_two_are_left_out(tmp_path):
    levels = encoded.gradient_levels(*SIZE, (1, 3, 4))

    index = build(encoded.write(tmp_path / "a.tif", levels))

    assert [level.halvings for level in index.levels] == [0, 2]


def test_pictures_of_other_things_are_left_out(tmp_path):
    levels = encoded.gradient_levels(*SIZE)
    label = np.zeros((300, 300, 3), np.uint8)

    index = build(encoded.write(tmp_path / "a.tif", [*levels, label]))

    assert [level.halvings for level in index.levels] == [0, 2, 4]


def test_philips_levels_are_cut_to_what_shows_the_slide(tmp_path):
    levels = encoded.gradient_levels(1024, 768, (1, 2, 4, 8), round_up=True)
    description = '<?xml version="1.0"?><DataObject ObjectType="DPUfsImport"></DataObject>'
    making = Making(philips=True, description=description, extra={"software": "Philips DP v1.0"})

    index = build(encoded.write(tmp_path / "a.tiff", levels, making=making))

    assert levels_of(index) == [
        (0, (1024, 768)),
        (1, (512, 384)),
        (2, (256, 192)),
        (3, (128, 96)),
    ]
    assert (index.levels[1].columns, index.levels[1].rows) == (2, 2)


def test_missing_tiles_are_background_or_composed(tmp_path):
    # Of level 2, tile 0 0 lies over 16 tiles of level 0; at level 0, nothing lies beneath.
    missing = frozenset({(0, 1, 1), (1, 0, 0)})

    index = build(
        encoded.write(
            tmp_path / "a.tif", encoded.gradient_levels(*SIZE), making=Making(missing=missing)
        )
    )

    assert index.levels[0].byte_counts.reshape(3, 4)[1, 1] == MISSING
    assert index.levels[1].byte_counts.tolist() == [COMPOSED]
    assert index.levels[2].byte_counts[0] > 0


def test_aperio_tiles_over_missing_ones_are_composed(tmp_path):
    making = Making(missing=frozenset({(0, 1, 1)}), description=encoded.aperio(*SIZE))

    index = build(encoded.write(tmp_path / "a.svs", encoded.gradient_levels(*SIZE), making=making))

    assert index.levels[1].byte_counts.tolist() == [COMPOSED]
    assert index.levels[2].byte_counts.tolist() == [COMPOSED]


def test_a_file_without_any_tile_is_all_background(tmp_path):
    missing = frozenset((0, c, r) for c in range(4) for r in range(3))
    levels = encoded.gradient_levels(*SIZE, (1,))

    index = build(encoded.write(tmp_path / "a.tif", levels, making=Making(missing=missing)))

    assert index.levels[0].byte_counts.tolist() == [MISSING] * 12


def test_slides_with_tiles_of_unusual_size_are_of_another_kind(tmp_path):
    levels = encoded.gradient_levels(300, 200, (1,))

    assert build(encoded.write(tmp_path / "a.tif", levels, Encoding(tile=64))).levels == ()


@pytest.mark.parametrize(("tag", "value"), [(284, 2), (258, (12, 12, 12)), (262, 5), (259, 8)])
def test_pixels_of_another_kind_are_left_to_readers(tmp_path, tag, value):
    path = encoded.write(tmp_path / "a.tif", encoded.gradient_levels(*SIZE))
    assert build(path).levels
    with tifffile.TiffFile(path, mode="r+b") as file:
        file.pages[0].tags[tag].overwrite(value)

    assert build(path).levels == ()


def test_signed_pixels_are_left_to_readers(tmp_path):
    making = Making(extra={"extratags": [(65000, 3, 3, (2, 2, 2), True)]})
    path = encoded.write(tmp_path / "a.tif", encoded.gradient_levels(*SIZE), making=making)
    assert build(path).levels
    with tifffile.TiffFile(path) as file:
        offset = file.pages[0].tags[65000].offset
    with path.open("r+b") as file:
        file.seek(offset)
        file.write((339).to_bytes(2, "little"))

    assert build(path).levels == ()


def test_turned_pictures_are_left_to_readers(tmp_path):
    making = Making(extra={"extratags": [(274, 3, 1, 6, True)]})

    path = encoded.write(tmp_path / "a.tif", encoded.gradient_levels(*SIZE), making=making)

    assert build(path).levels == ()


@pytest.mark.parametrize(
    "making",
    [
        Making(extra={"extratags": [(65420, 4, 1, 1, True)]}),
        Making(extra={"extratags": [(700, 1, 21, b"<xmp><iScan></iScan>\0", True)]}),
        Making(description="<scn xmlns='http://www.leica-microsystems.com/scn/2010'></scn>"),
        Making(description="Objective Power=20;OverlapsXY= 0 0 8 8", extra={"software": "MedScan"}),
    ],
    ids=["hamamatsu", "ventana", "leica", "trestle"],
)
def test_stitched_slides_are_left_to_readers(tmp_path, making):
    path = encoded.write(tmp_path / "a.tif", encoded.gradient_levels(*SIZE), making=making)

    assert build(path).levels == ()


def test_streams_that_contradict_the_file_are_left_to_readers(tmp_path):
    path = encoded.write(
        tmp_path / "a.tif", encoded.gradient_levels(*SIZE), Encoding(colours="rgb", marked=True)
    )
    with tifffile.TiffFile(path, mode="r+b") as file:
        for page in file.pages:
            page.tags[262].overwrite(6)

    assert build(path).levels == ()


def test_one_damaged_tile_does_not_condemn_the_slide(tmp_path):
    path = encoded.write(tmp_path / "a.tif", encoded.gradient_levels(*SIZE))
    offset = int(build(path).levels[0].offsets[0])
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(bytes(64))

    assert [level.halvings for level in build(path).levels] == [0, 2, 4]


def test_every_hostile_file_is_of_another_kind(shared_data):
    for path in sorted((shared_data / "bad").iterdir()):
        assert build(path).levels == (), path.name


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9, 0.99, 0.999])
def test_files_cut_short_never_crash(tmp_path, cut):
    path = encoded.write(tmp_path / "a.tif", encoded.gradient_levels(*SIZE))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * cut)])

    index = build(path)

    assert index.levels == () or index.size == Size(*SIZE)


def test_headers_changed_at_random_never_crash(tmp_path):
    path = encoded.write(tmp_path / "a.tif", encoded.gradient_levels(300, 200, (1, 2)))
    whole = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        start = file.pages[0].offset
    rng = np.random.default_rng(5)
    for _ in range(300):
        broken = bytearray(whole)
        for _ in range(int(rng.integers(1, 6))):
            broken[start + int(rng.integers(0, 300))] = int(rng.integers(0, 256))
        path.write_bytes(broken)

        index = build(path)

        assert sum(len(level.offsets) for level in index.levels) < 10_000


def saved(tmp_path):
    path = encoded.write(
        tmp_path / "a.tif",
        encoded.gradient_levels(*SIZE),
        making=Making(missing=frozenset({(1, 0, 0)})),
    )
    index = build(path)
    indexes.save_index(tmp_path / "kept" / "a.index", b"k" * 16, index)
    return index, tmp_path / "kept" / "a.index"


def test_saved_index_is_loaded_as_it_was(tmp_path):
    index, path = saved(tmp_path)

    loaded = indexes.load_index(path, b"k" * 16)

    assert (loaded.size, loaded.tile_size) == (index.size, index.tile_size)
    for one, other in zip(loaded.levels, index.levels, strict=True):
        assert one.offsets.tolist() == other.offsets.tolist()
        assert one.byte_counts.tolist() == other.byte_counts.tolist()
        assert one.offsets.dtype == np.int64
        for name in ("halvings", "size", "columns", "rows", "compression", "photometric", "tables"):
            assert getattr(one, name) == getattr(other, name)


def test_that_a_slide_is_of_another_kind_is_kept_too(tmp_path):
    indexes.save_index(tmp_path / "none.index", b"k" * 16, indexes.NO_INDEX)

    assert indexes.load_index(tmp_path / "none.index", b"k" * 16).levels == ()


def test_index_of_another_file_is_not_loaded(tmp_path):
    _, path = saved(tmp_path)

    assert indexes.load_index(path, b"o" * 16) is None


def test_missing_index_is_not_loaded(tmp_path):
    assert indexes.load_index(tmp_path / "none.index", b"k" * 16) is None


def test_damaged_index_is_not_loaded(tmp_path):
    _, path = saved(tmp_path)
    whole = path.read_bytes()

    for cut in (0, 10, 40, len(whole) - 1):
        path.write_bytes(whole[:cut])
        assert indexes.load_index(path, b"k" * 16) is None
    for position in (0, 9, 14, 30, len(whole) - 9):
        broken = bytearray(whole)
        broken[position] ^= 1
        path.write_bytes(broken)
        assert indexes.load_index(path, b"k" * 16) is None
