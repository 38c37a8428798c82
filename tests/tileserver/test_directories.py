"""TIFF directories, looked over before a library reads them."""

import os
import struct

import numpy as np
import pytest
import tifffile
from hypothesis import given, strategies as st

from tests.tileserver.stored import encoded
from tests.tileserver.stored.encoded import Making
from tileserver.readers import directories
from tileserver.readers.directories import DirectoryError, EndsEarlyError, ExcessError


def check(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        directories.check_directories(descriptor)
    finally:
        os.close(descriptor)


def check_bytes(tmp_path, data):
    path = tmp_path / "made.tif"
    path.write_bytes(data)
    check(path)


def directory(entries, following=0):
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + body + struct.pack("<I", following)


HEAD = b"II*\0\x08\0\0\0"


@pytest.mark.parametrize("bigtiff", [True, False])
@pytest.mark.parametrize("subifds", [True, False])
def test_ordinary_files_pass(tmp_path, bigtiff, subifds):
    levels = encoded.gradient_levels(600, 400)

    check(
        encoded.write(tmp_path / "a.tif", levels, making=Making(bigtiff=bigtiff, subifds=subifds))
    )


def test_directories_in_a_ring_end(shared_data):
    check(shared_data / "bad" / "ifd_self_loop.tif")


def test_a_tag_of_a_billion_values_is_refused(tmp_path):
    with pytest.raises(ExcessError, match="tags of more than"):
        check_bytes(tmp_path, HEAD + directory([(324, 4, 10**9, 100)]))


def test_many_tags_are_counted_together(tmp_path):
    entries = [(65000 + n, 4, 4 * 2**20, 100) for n in range(9)]

    with pytest.raises(ExcessError, match="tags of more than"):
        check_bytes(tmp_path, HEAD + directory(entries))


def test_a_directory_of_too_many_entries_is_refused(tmp_path):
    with pytest.raises(ExcessError, match="entries"):
        check_bytes(tmp_path, HEAD + struct.pack("<H", 60000) + bytes(60000 * 12))


def test_a_chain_without_end_is_refused(tmp_path):
    chain = b"".join(directory([], 8 + 6 * (n + 1)) for n in range(5000))

    with pytest.raises(ExcessError, match="directories"):
        check_bytes(tmp_path, HEAD + chain)


def test_sub_directories_are_looked_over_too(tmp_path):
    inner = directory([(324, 4, 10**9, 100)])
    outer = directory([(330, 4, 1, 8 + 18)])

    with pytest.raises(ExcessError, match="tags of more than"):
        check_bytes(tmp_path, HEAD + outer + inner)


@pytest.mark.parametrize("data", [b"", b"II*\0", b"hello, this is text", b"II+\0\x08\0\0\0"])
def test_other_files_are_refused(tmp_path, data):
    with pytest.raises(DirectoryError, match="no TIFF"):
        check_bytes(tmp_path, data)


def test_a_directory_beyond_the_end_is_refused(tmp_path):
    with pytest.raises(EndsEarlyError, match="8 bytes arrived, but its directory points to byte"):
        check_bytes(tmp_path, b"MM\0*\x7f\0\0\0")
    with pytest.raises(EndsEarlyError, match="ends early: 16 bytes arrived"):
        check_bytes(tmp_path, b"MM\0+\0\x08\0\0" + b"\xff" * 8)


@pytest.mark.parametrize("bigtiff", [True, False])
@pytest.mark.parametrize("lost", [1, 1000])
def test_a_file_without_its_last_bytes_is_told(tmp_path, bigtiff, lost):
    path = tmp_path / "a.tif"
    pixels = np.random.default_rng(1).integers(0, 255, (300, 200, 3), np.uint8)
    with tifffile.TiffWriter(path, bigtiff=bigtiff) as writer:
        writer.write(pixels, tile=(128, 128), photometric="rgb", compression="deflate")
    data = path.read_bytes()
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        last = max(map(sum, zip(page.dataoffsets, page.databytecounts, strict=True)))
    check(path)

    with pytest.raises(EndsEarlyError, match=f"{last - lost} bytes arrived.* to byte {last}"):
        check_bytes(tmp_path, data[: last - lost])


def test_plain_strips_that_declare_too_many_bytes_pass(tmp_path):
    strips = [(256, 4, 1, 4), (257, 4, 1, 4), (273, 4, 1, 8), (278, 4, 1, 4), (279, 4, 1, 999)]

    check_bytes(tmp_path, HEAD + directory(strips))
    with pytest.raises(EndsEarlyError):
        check_bytes(tmp_path, HEAD + directory([*strips[:2], (259, 3, 1, 5), *strips[2:]]))


def test_tiles_that_are_left_out_pass(tmp_path):
    check_bytes(tmp_path, HEAD + directory([(324, 4, 1, 0), (325, 4, 1, 500)]))
    check_bytes(tmp_path, HEAD + directory([(324, 4, 1, 5000), (325, 4, 1, 0)]))


@given(data=st.binary(max_size=120))
def test_any_bytes_pass_or_are_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.tif"
    for head in (HEAD, b"MM\0+\0\x08\0\0\0\0\0\0\0\0\0\x10"):
        path.write_bytes(head + data)
        try:
            check(path)
        except DirectoryError:
            continue
