"""Slides of many makers: which are stored slides, and that they look as other libraries show."""

from dataclasses import dataclass

import numpy as np
import openslide
import pytest
import tifffile

from tests.tileserver.stored import encoded
from tests.tileserver.stored.encoded import Making
from tileserver import readers, render
from tileserver.pool import identify
from tileserver.stored.slide import StoredSlide


@dataclass(frozen=True)
class Expected:
    halvings: list
    stored_tiles: int
    """Tiles that are sent as the file has them."""


STORED = {
    "CMU-1-Small-Region.svs": Expected([0], 9 * 12),
    "derived_cmu_bigtiff.tif": Expected([0, 1, 2, 3, 4], 8 * 5 + 4 * 2 + 2 * 1),
    "derived_cmu_jp2k_33005.svs": Expected([0, 2], 0),
    "derived_cmu_trestle.tif": Expected([0, 1, 2], 5 * 4 + 2 * 2 + 1),
    "test-image.TiFF": Expected([0, 1, 2], 3 * 3 + 1),
}


def addresses(slide, dz_level):
    grid = slide.pyramid.tile_grid(dz_level)
    return [(dz_level, c, r) for r in range(grid.height) for c in range(grid.width)]


def psnr(one, other):
    square = ((one.astype(np.float64) - other) ** 2).mean()
    return np.inf if square == 0 else 10 * np.log10(255**2 / square)


def test_only_slides_with_such_tiles_are_stored_slides(shared_data, cache):
    found = []
    for path in sorted((shared_data / "slides").iterdir()):
        slide = StoredSlide.open(identify(path), cache, quality=90)
        if slide is not None:
            found.append(path.name)
            slide.close()

    assert found == sorted(STORED)


def test_no_hostile_file_is_a_stored_slide(shared_data, cache):
    for path in sorted((shared_data / "bad").iterdir()):
        assert StoredSlide.open(identify(path), cache, quality=90) is None


@pytest.mark.parametrize("name", STORED)
def test_stored_levels_show_what_the_reader_shows(shared_data, open_stored, name):
    path = shared_data / "slides" / name
    slide = open_stored(path, quality=95)
    expected = STORED[name]
    top = slide.pyramid.max_level

    assert [p.halvings for p in reversed(slide._plans) if p.native] == expected.halvings
    equal = 0
    with readers.open_slide(path) as reader:
        assert slide.pyramid == reader.facts.pyramid
        for halvings in expected.halvings:
            for address in addresses(slide, top - halvings):
                shown = encoded.decoded(slide.slow(*address))
                oracle = render.render_tile(reader, *address)
                if slide._plans[address[0]].is_stored(*address[1:]):
                    np.testing.assert_array_equal(shown, oracle)
                    equal += 1
                else:
                    assert psnr(shown, oracle) > 30
    assert equal == expected.stored_tiles


@pytest.mark.parametrize("name", STORED)
def test_composed_levels_look_like_the_readers(shared_data, open_stored, name):
    path = shared_data / "slides" / name
    slide = open_stored(path, quality=95)

    with readers.open_slide(path) as reader:
        for dz_level in range(7, slide.pyramid.level_count):
            errors = []
            for address in addresses(slide, dz_level):
                shown = encoded.decoded(slide.slow(*address)).astype(np.float64)
                errors.append(((shown - render.render_tile(reader, *address)) ** 2).mean())
            assert 10 * np.log10(255**2 / max(np.mean(errors), 1e-9)) > 35


def philips(level_count):
    """Return the description by which OpenSlide knows a Philips file."""
    spacings = "".join(
        '<DataObject ObjectType="PixelDataRepresentation"><Attribute Name="DICOM_PIXEL_SPACING">'
        f'"{0.00025 * 2**n}" "{0.00025 * 2**n}"</Attribute></DataObject>'
        for n in range(level_count)
    )
    return (
        '<?xml version="1.0"?><DataObject ObjectType="DPUfsImport">'
        '<Attribute Name="PIM_DP_SCANNED_IMAGES"><Array><DataObject ObjectType="DPScannedImage">'
        '<Attribute Name="PIM_DP_IMAGE_TYPE">WSI</Attribute>'
        '<Attribute Name="PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE"><Array>'
        f"{spacings}</Array></Attribute></DataObject></Array></Attribute></DataObject>"
    )


def test_philips_slides_hide_their_padding(tmp_path, open_stored):
    levels = encoded.noise_levels(1024, 1536, (1, 2, 4, 8))
    making = Making(
        philips=True,
        description=philips(4),
        missing=frozenset({(0, 1, 1), (0, 3, 5)}),
        extra={"software": "Philips DP v1.0"},
    )
    path = encoded.write(tmp_path / "a.tiff", levels, making=making)
    slide = open_stored(path, quality=95)

    with readers.open_slide(path) as reader:
        assert reader.facts.format == "philips"
        assert slide.pyramid == reader.facts.pyramid
        for halvings in range(4):
            for address in addresses(slide, slide.pyramid.max_level - halvings):
                shown = encoded.decoded(slide.slow(*address))
                oracle = render.render_tile(reader, *address)
                assert psnr(shown, oracle) > (30 if halvings else 60)
    assert (encoded.decoded(encoded.at_once(slide, 11, 1, 1)) == 255).all()


@pytest.mark.parametrize("round_up", [True, False])
@pytest.mark.parametrize("subifds", [True, False])
@pytest.mark.parametrize("bigtiff", [True, False])
def test_plain_pyramids_show_what_the_reader_shows(
    tmp_path, open_stored, bigtiff, subifds, round_up
):
    levels = encoded.gradient_levels(1403, 1105, (1, 2, 4), round_up)
    making = Making(bigtiff=bigtiff, subifds=subifds)
    path = encoded.write(tmp_path / "a.tif", levels, making=making)
    slide = open_stored(path, quality=95)

    with readers.open_slide(path) as reader:
        assert slide.pyramid == reader.facts.pyramid
        for dz_level in range(6, slide.pyramid.level_count):
            for address in addresses(slide, dz_level):
                shown = encoded.decoded(slide.slow(*address))
                oracle = render.render_tile(reader, *address)
                assert shown.shape == oracle.shape
                assert psnr(shown, oracle) > 38
                if slide._plans[dz_level].is_stored(*address[1:]):
                    np.testing.assert_array_equal(shown, oracle)


def test_aperio_slides_with_missing_tiles_look_as_openslide_shows_them(tmp_path, open_stored):
    levels = [level.copy() for level in encoded.gradient_levels(1024, 1024)]
    levels[1][64:128, 64:128] = 0
    making = Making(missing=frozenset({(0, 1, 1)}), description=encoded.aperio(1024, 1024))
    path = encoded.write(tmp_path / "a.svs", levels, making=making)
    slide = open_stored(path, quality=95)

    shown = encoded.decoded(slide.slow(8, 0, 0)).astype(int)

    with openslide.OpenSlide(path) as oracle:
        rgba = np.asarray(oracle.read_region((0, 0), 1, (256, 256)))
    # OpenSlide leaves clear what no tile covers, and shows the finer level beside it.
    clear = rgba[..., 3] == 0
    assert clear[70:120, 70:120].all()
    assert (shown[70:120, 70:120] == 255).all()
    assert np.abs(shown - rgba[..., :3])[140:250, 10:250].mean() < 2


def test_ome_tiff_is_served_from_its_sub_directories(tmp_path, open_stored):
    levels = encoded.noise_levels(1403, 1105, (1, 2, 4))
    path = tmp_path / "a.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        for number, level in enumerate(levels):
            writer.write(
                level,
                tile=(256, 256),
                photometric="rgb",
                compression="jpeg",
                compressionargs={"level": 90},
                subifds=2 if number == 0 else None,
                subfiletype=int(number > 0),
            )
    slide = open_stored(path, quality=95)

    with readers.open_slide(path) as reader:
        assert reader.facts.format == "ome-tiff"
        assert slide.pyramid == reader.facts.pyramid
        for halvings in range(3):
            for address in addresses(slide, slide.pyramid.max_level - halvings):
                if slide._plans[address[0]].is_stored(*address[1:]):
                    shown = encoded.decoded(encoded.at_once(slide, *address))
                    np.testing.assert_array_equal(shown, render.render_tile(reader, *address))
    assert encoded.at_once(slide, slide.pyramid.max_level - 2, 0, 0) is not None
