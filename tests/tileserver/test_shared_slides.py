"""Real slides of many makers, and broken ones: what each must be taken for."""

import time
from dataclasses import dataclass

import numpy as np
import pytest

from tileserver import probe, readers
from tileserver.readers.base import SlideError


@dataclass(frozen=True)
class Expected:
    reader: str
    format: str
    sizes: list
    mpp: float | None = None
    power: float | None = None
    dz_tile: int = 256


SLIDES = {
    "CMU-1-Small-Region.svs": Expected("openslide", "aperio", [(2220, 2967)], 0.499, 20, 240),
    "boxes.png": Expected("vips", "png", [(300, 250)]),
    "boxes.tiff": Expected("tiff", "tiff", [(300, 250), (150, 125), (75, 62), (37, 31)]),
    "boxes_0.dcm": Expected("openslide", "dicom", [(16, 16)], 0.499, 20),
    "boxes_1.dcm": Expected("openslide", "dicom", [(16, 16)], 0.499, 20),
    "cells.ome.tif": Expected("tiff", "ome-tiff", [(93, 131)], 0.25),
    "derived_cmu.jpg": Expected("vips", "jpeg", [(1333, 777), (667, 389), (334, 195)]),
    "derived_cmu.ome.tif": Expected(
        "tiff", "ome-tiff", [(1024, 768), (512, 384), (256, 192)], 0.25
    ),
    "derived_cmu_bigtiff.tif": Expected(
        "tiff", "tiff", [(2220, 1400), (1110, 700), (555, 350), (277, 175), (138, 87)], 0.25
    ),
    "derived_cmu_jp2k_33005.svs": Expected(
        "openslide", "aperio", [(1301, 1103), (325, 276)], 0.499, 20
    ),
    "derived_cmu_trestle.tif": Expected(
        "openslide", "trestle", [(1500, 1200), (750, 600), (375, 300)], 0.499, 20
    ),
    "derived_fluo4.ome.tif": Expected("tiff", "ome-tiff", [(1700, 1500), (850, 750)], 0.5),
    "derived_grid_1024.png": Expected("vips", "png", [(1024, 1024), (512, 512)]),
    "kidney-48-5.tif": Expected("tiff", "tiff", [(1493, 901)]),
    "multi-channel.ome.tif": Expected("tiff", "ome-tiff", [(439, 167)]),
    "multi_frame_jpeg_camelyon_challenge_image.dcm": Expected(
        "openslide", "dicom", [(1152, 700)], 28.969
    ),
    "small.svs": Expected("openslide", "aperio", [(16, 16)], 0.499, 20),
    "test-image.TiFF": Expected("tiff", "tiff", [(501, 465), (250, 232), (125, 116)], dz_tile=128),
    "test3-DAPI-2-(387).ndpi": Expected(
        "openslide",
        "hamamatsu",
        [(3968 >> n, 4864 >> n) for n in range(7)],
        0.228175,
        40,
    ),
}


def test_every_shared_slide_is_known(shared_data):
    assert sorted(path.name for path in (shared_data / "slides").iterdir()) == sorted(SLIDES)


@pytest.mark.parametrize("name", SLIDES)
def test_facts_of_real_slides(shared_data, name):
    facts = probe.describe(shared_data / "slides" / name).facts

    expected = SLIDES[name]
    assert (facts.reader, facts.format) == (expected.reader, expected.format)
    assert [(size.width, size.height) for size in facts.level_sizes] == expected.sizes
    if expected.mpp is None:
        assert (facts.mpp_x, facts.mpp_y) == (None, None)
    else:
        assert facts.mpp_x == pytest.approx(expected.mpp, rel=1e-4)
        assert facts.mpp_y == pytest.approx(expected.mpp, rel=1e-4)
    assert facts.objective_power == expected.power
    assert facts.dz_tile_size == expected.dz_tile


@pytest.mark.parametrize("name", SLIDES)
def test_every_level_of_real_slides_shows_the_same_picture(shared_data, name):
    with readers.open_slide(shared_data / "slides" / name) as reader:
        means = []
        for slide_level, size in enumerate(reader.facts.level_sizes):
            pixels = reader.read_region(slide_level, 0, 0, size.width, size.height)
            means.append(pixels.mean(axis=(0, 1)))

    assert np.abs(np.array(means) - means[0]).max() < 6


def test_all_channels_of_fluorescence_are_seen(shared_data):
    with readers.open_slide(shared_data / "slides" / "derived_fluo4.ome.tif") as reader:
        pixels = reader.read_region(1, 0, 0, 850, 750)

    assert (pixels.max(axis=(0, 1)) > 200).all()
    assert pixels.mean() < 60


BAD = {
    "giant_dims.tif": "ends early: 146 bytes arrived",
    "text.svs": "cannot be opened as a slide",
    "trunc.png": "cannot be opened as a slide",
    "trunc.tif": "ends early: 82170 bytes arrived, but its directory points to byte 196624",
    "zero.svs": "is empty",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_quickly_by_name_alone(shared_data, name):
    start = time.perf_counter()

    with pytest.raises(SlideError, match=BAD[name]) as caught:
        readers.open_slide(shared_data / "bad" / name)

    # To take the size that a file declares at its word would take minutes.
    assert time.perf_counter() - start < 20
    assert caught.value.message.startswith(name)
    assert str(shared_data) not in caught.value.message


def test_a_directory_that_points_to_itself_ends(shared_data):
    description = probe.describe(shared_data / "bad" / "ifd_self_loop.tif")

    assert (description.facts.size.width, description.facts.size.height) == (300, 300)


def test_missing_files_folders_and_pipes_are_no_slides(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe.svs")
    (tmp_path / "folder.svs").mkdir()

    for name, reason in [
        ("none.svs", "is not there"),
        ("pipe.svs", "is not a file"),
        ("folder.svs", "is not a file"),
    ]:
        with pytest.raises(SlideError, match=reason):
            readers.open_slide(tmp_path / name)


def test_every_reader_gives_its_reason(tmp_path):
    path = tmp_path / "a.svs"
    path.write_text("hello")

    with pytest.raises(SlideError) as caught:
        readers.open_slide(path)

    for name, _ in readers.READERS.values():
        assert f"{name}: " in caught.value.message


def test_a_description_is_told_in_words(gradient_svs):
    lines = dict(probe.describe(gradient_svs).lines())

    assert lines["Format"] == "aperio"
    assert lines["Dimensions"] == "1003 x 605"
    assert lines["Levels"] == "3: 1003 x 605 (1/1), 250 x 151 (1/4), 62 x 37 (1/16)"
    assert lines["Resolution"] == "0.25 x 0.25 µm per pixel"
    assert lines["Objective"] == "40x"
