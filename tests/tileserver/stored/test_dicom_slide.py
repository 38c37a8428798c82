"""DICOM slides: frames sent as they are, to the bit what OpenSlide decodes."""

import os
import shutil

import numpy as np
import openslide
import pytest
import simplejpeg
from hypothesis import given, settings, strategies as st

from tests.tileserver.stored import dicom_files, encoded
from tests.tileserver.stored.dicom_files import JPEG2000, NATIVE, Frames
from tileserver.pool import identify
from tileserver.readers.base import SlideError
from tileserver.stored import dicom
from tileserver.stored.cachefolder import CacheFolder
from tileserver.stored.dicom import DicomError
from tileserver.stored.dicom_slide import open_dicom

SIZE = (1003, 605)


@pytest.fixture
def cache(tmp_path):
    return CacheFolder(tmp_path / "cache", capacity_bytes=2**26)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "slide"
    made.mkdir()
    return made


def picture(width=SIZE[0], height=SIZE[1]):
    return encoded.gradient_levels(width, height)[0]


def write_series(folder, frames=None, downsamples=(1, 4)):
    frames = frames or Frames()
    streams = {}
    for downsample in downsamples:
        pixels = np.ascontiguousarray(picture()[::downsample, ::downsample])
        path = folder / f"{downsample:02}.dcm"
        streams[downsample] = dicom_files.write(path, pixels, frames, mm=0.00025 * downsample)
    return folder / f"{downsamples[0]:02}.dcm", streams


CASES = {
    "basic table": Frames(),
    "no table": Frames(table="none"),
    "extended table": Frames(table="extended"),
    "4:2:2": Frames(subsampling="422"),
    "4:4:4": Frames(subsampling="444"),
    "rgb": Frames(colours="rgb"),
    "tiles of 240": Frames(side=240),
    "tiles of 512": Frames(side=512),
}


@pytest.mark.parametrize("case", CASES)
def test_whole_tiles_are_the_frames_to_the_bit(folder, cache, case):
    path, streams = write_series(folder, CASES[case])
    side = CASES[case].side

    slide = open_dicom(identify(path), cache, quality=85)

    assert slide.pyramid.tile_size == side
    assert (slide.pyramid.size.width, slide.pyramid.size.height) == SIZE
    with openslide.OpenSlide(path) as theirs:
        assert theirs.dimensions == SIZE
        level, columns = slide.pyramid.max_level, -(-SIZE[0] // side)
        for row in range(SIZE[1] // side):
            for column in range(SIZE[0] // side):
                assert slide.is_stored(level, column, row)
                data = slide.slow(level, column, row)
                assert encoded.at_once(slide, level, column, row) == data
                # The entropy-coded part is the file's own.
                scan = streams[1][row * columns + column].partition(b"\xff\xda")[2]
                assert data.partition(b"\xff\xda")[2].rstrip(b"\0") == scan.rstrip(b"\0")
                region = theirs.read_region((column * side, row * side), 0, (side, side))
                assert np.array_equal(simplejpeg.decode_jpeg(data), np.asarray(region)[..., :3])
    slide.close()


@pytest.mark.parametrize("case", CASES)
def test_edges_and_other_levels_show_the_same_picture(folder, cache, case):
    path, _ = write_series(folder, CASES[case])
    slide = open_dicom(identify(path), cache, quality=95)

    for halvings in range(6):
        level = slide.pyramid.max_level - halvings
        size, grid = slide.pyramid.level_size(level), slide.pyramid.tile_grid(level)
        shown = np.zeros((size.height, size.width, 3))
        for row in range(grid.height):
            for column in range(grid.width):
                part = slide.pyramid.tile_region(level, column, row)
                tile = simplejpeg.decode_jpeg(slide.slow(level, column, row))
                shown[part.y : part.y + part.height, part.x : part.x + part.width] = tile
        expected = encoded.gradient_levels(*SIZE, (1 << halvings,))[0][: size.height, : size.width]
        common = shown[: expected.shape[0], : expected.shape[1]]
        # Taking every second pixel, as the writer did, shifts a gradient a little.
        assert np.abs(common - expected).mean() < 4
    slide.close()


def test_a_real_file_is_bit_equal(folder, cache, shared_data):
    name = "multi_frame_jpeg_camelyon_challenge_image.dcm"
    path = shutil.copy(shared_data / "slides" / name, folder / name)
    slide = open_dicom(identify(folder / name), cache, quality=85)

    with openslide.OpenSlide(path) as theirs:
        level = slide.pyramid.max_level
        for column in range(4):
            for row in range(2):
                ours = simplejpeg.decode_jpeg(encoded.at_once(slide, level, column, row))
                region = theirs.read_region((column * 256, row * 256), 0, (256, 256))
                assert np.array_equal(ours, np.asarray(region)[..., :3])
    slide.close()


def test_jpeg_2000_is_decoded_and_sent_as_jpeg(folder, cache):
    path, _ = write_series(folder, Frames(syntax=JPEG2000))
    slide = open_dicom(identify(path), cache, quality=95)

    ours = simplejpeg.decode_jpeg(slide.slow(slide.pyramid.max_level, 1, 1))

    assert np.abs(ours.astype(int) - picture()[256:512, 256:512]).max() < 12
    with openslide.OpenSlide(path) as theirs:
        region = np.asarray(theirs.read_region((256, 256), 0, (256, 256)))[..., :3]
        assert np.array_equal(region, picture()[256:512, 256:512])
    slide.close()


def test_any_file_of_the_series_opens_all_of_it(folder, cache):
    write_series(folder, downsamples=(1, 2, 4))
    small = np.ascontiguousarray(picture()[::8, ::8])
    dicom_files.write(folder / "thumbnail.dcm", small, mm=0.002, kind="THUMBNAIL")
    dicom_files.write(folder / "other.dcm", picture(2000, 800), series="1.2.9")
    (folder / "notes.txt").write_text("hello")
    (folder / "empty.dcm").write_bytes(b"")

    for name in ("01.dcm", "02.dcm", "04.dcm"):
        slide = open_dicom(identify(folder / name), cache, quality=85)
        assert (slide.pyramid.size.width, slide.pyramid.size.height) == SIZE
        assert slide.is_stored(slide.pyramid.max_level - 1, 0, 0)
        assert slide.is_stored(slide.pyramid.max_level, 0, 0)
        slide.close()


def test_the_index_is_kept_and_made_anew_when_a_file_changes(folder, cache, monkeypatch):
    path, _ = write_series(folder)
    open_dicom(identify(path), cache, quality=85).close()
    read = []
    monkeypatch.setattr(
        dicom,
        "read_image",
        lambda descriptor, real=dicom.read_image: read.append(1) or real(descriptor),
    )

    open_dicom(identify(path), cache, quality=85).close()
    assert read == []

    other = np.ascontiguousarray(picture()[::4, ::4][::-1])
    dicom_files.write(folder / "04.dcm", other, mm=0.001)
    slide = open_dicom(identify(path), cache, quality=85)
    assert read
    shown = simplejpeg.decode_jpeg(slide.slow(slide.pyramid.max_level - 2, 0, 0))
    assert np.abs(shown[:100, :250].astype(int) - other[:100, :250]).mean() < 4
    slide.close()


LEFT_ALONE = {
    "pieces": Frames(table="pieces"),
    "not compressed": Frames(syntax=NATIVE),
    "scattered": Frames(overrides={0x00209311: ("CS", "TILED_SPARSE")}),
    "planes": Frames(overrides={0x00280008: ("IS", "24")}),
    "part of a concatenation": Frames(overrides={0x00209161: ("UI", "1.2.7")}),
    "grey": Frames(overrides={0x00280002: ("US", 1)}),
    "16 bits": Frames(overrides={0x00280100: ("US", 16)}),
    "unknown colours": Frames(overrides={0x00280004: ("CS", "PALETTE COLOR")}),
    "no picture of the slide": Frames(overrides={0x00080008: ("CS", "ORIGINAL\\PRIMARY\\LABEL")}),
    "another class": Frames(overrides={0x00080016: ("UI", "1.2.840.10008.5.1.4.1.1.2")}),
    "tiles of 64": Frames(side=64),
    "wrong tile size": Frames(overrides={0x00280010: ("US", 512), 0x00280011: ("US", 512)}),
    "no number of frames": Frames(overrides={0x00280008: ("IS", "many")}),
    "huge": Frames(overrides={0x00480006: ("UL", 2**31)}),
    "no size": Frames(overrides={0x00480006: None}),
}


@pytest.mark.parametrize("case", LEFT_ALONE)
def test_others_are_left_to_a_reader(folder, cache, case):
    path, _ = write_series(folder, LEFT_ALONE[case], (1,))

    assert open_dicom(identify(path), cache, quality=85) is None


def test_a_series_whose_largest_file_is_cut_is_left_to_a_reader(folder, cache):
    path, _ = write_series(folder)
    os.truncate(path, path.stat().st_size - 5000)

    assert open_dicom(identify(folder / "04.dcm"), cache, quality=85) is None


def test_a_file_that_is_gone_is_told(folder, cache):
    path, _ = write_series(folder)
    file = identify(path)
    path.unlink()

    with pytest.raises(SlideError, match=r"01\.dcm is not there"):
        open_dicom(file, cache, quality=85)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.dcm"
    dicom_files.write(path, picture(300, 260))
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(132, 1200))] = data.draw(st.integers(0, 255))
    path.write_bytes(whole[: data.draw(st.integers(132, len(whole)))])
    descriptor = os.open(path, os.O_RDONLY)
    try:
        dicom.find_frames(descriptor, dicom.read_image(descriptor))
    except DicomError:
        pass
    finally:
        os.close(descriptor)


def test_sequences_within_sequences_end(tmp_path):
    nested = b"\x08\x00\x15\x11SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    path = tmp_path / "a.dcm"
    path.write_bytes(bytes(128) + b"DICM" + nested * 5000)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with pytest.raises(DicomError, match="sequences within"):
            dicom.read_image(descriptor)
    finally:
        os.close(descriptor)
