"""A Leica slide made here: a scan that covers a part of the glass, as MIRAX slides have, too."""

import numpy as np
import openslide
import pytest
import tifffile

from tests.tileserver.stored import encoded
from tileserver import probe, readers, render
from tileserver.geometry import Region, Size
from tileserver.pool import identify
from tileserver.stored.cachefolder import CacheFolder
from tileserver.stored.slide import StoredSlide

GLASS = Size(2048, 1536)
SCAN = Region(512, 256, 1024, 768)
NM = 250

XML = """<?xml version="1.0"?>
<scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01" uuid="urn:uuid:1">
 <collection name="a" uuid="urn:uuid:2" sizeX="{glass_x}" sizeY="{glass_y}" orientation="0">
  <barcode>x</barcode>
  <image name="macro" uuid="urn:uuid:3"><creationDate>2026-01-01</creationDate>
   <device model="SCN400" version="1"/>
   <pixels sizeX="256" sizeY="192"><dimension sizeX="256" sizeY="192" r="0" ifd="0"/></pixels>
   <view sizeX="{glass_x}" sizeY="{glass_y}" offsetX="0" offsetY="0" spacingZ="0"/>
   <scanSettings><objectiveSettings><objective>0.6</objective></objectiveSettings>
    <illuminationSettings><illuminationSource>brightfield</illuminationSource>
    <numericalAperture>0.01</numericalAperture></illuminationSettings></scanSettings>
  </image>
  <image name="main" uuid="urn:uuid:4"><creationDate>2026-01-01</creationDate>
   <device model="SCN400" version="1"/>
   <pixels sizeX="1024" sizeY="768"><dimension sizeX="1024" sizeY="768" r="0" ifd="1"/>
    <dimension sizeX="256" sizeY="192" r="1" ifd="2"/></pixels>
   <view sizeX="{scan_x}" sizeY="{scan_y}" offsetX="{off_x}" offsetY="{off_y}" spacingZ="0"/>
   <scanSettings><objectiveSettings><objective>40</objective></objectiveSettings>
    <illuminationSettings><illuminationSource>brightfield</illuminationSource>
    <numericalAperture>0.2</numericalAperture></illuminationSettings></scanSettings>
  </image>
 </collection>
</scn>"""


@pytest.fixture
def leica(tmp_path):
    scan, small = encoded.gradient_levels(SCAN.width, SCAN.height, (1, 4))
    macro = np.full((192, 256, 3), 230, np.uint8)
    text = XML.format(
        glass_x=GLASS.width * NM,
        glass_y=GLASS.height * NM,
        scan_x=SCAN.width * NM,
        scan_y=SCAN.height * NM,
        off_x=SCAN.x * NM,
        off_y=SCAN.y * NM,
    )
    path = tmp_path / "a.scn"
    options = {"tile": (256, 256), "photometric": "rgb", "compression": "jpeg", "metadata": None}
    options |= {"compressionargs": {"level": 95}, "resolutionunit": "CENTIMETER"}
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        writer.write(macro, description=text, resolution=(5000, 5000), **options)
        writer.write(scan, resolution=(40_000, 40_000), **options)
        writer.write(small, resolution=(10_000, 10_000), **options)
    return path


def test_bounds_are_told_and_the_whole_glass_is_served(leica):
    assert openslide.OpenSlide.detect_format(leica) == "leica"

    facts = probe.describe(leica).facts

    assert (facts.reader, facts.format, facts.size) == ("openslide", "leica", GLASS)
    assert facts.bounds == SCAN
    assert facts.mpp_x == pytest.approx(0.25)
    assert facts.objective_power == 40
    assert "macro" in facts.associated_images
    assert probe.from_plain(probe.to_plain(facts)) == facts


def test_glass_without_a_scan_is_background_on_every_level(leica):
    scan = encoded.gradient_levels(SCAN.width, SCAN.height)[0]
    with readers.open_slide(leica) as reader:
        pyramid = reader.facts.pyramid
        for halvings in (0, 1, 2, 3):
            level, factor = pyramid.max_level - halvings, 1 << halvings
            size = pyramid.level_size(level)
            whole = np.zeros((size.height, size.width, 3), np.uint8)
            grid = pyramid.tile_grid(level)
            for row in range(grid.height):
                for column in range(grid.width):
                    part = pyramid.tile_region(level, column, row)
                    tile = render.render_tile(reader, level, column, row)
                    whole[part.y : part.y + part.height, part.x : part.x + part.width] = tile
            left, top = SCAN.x // factor, SCAN.y // factor
            right, bottom = left + SCAN.width // factor, top + SCAN.height // factor
            inside = whole[top:bottom, left:right].astype(int)
            assert np.abs(inside - encoded.shrunk(scan, factor)).mean() < 3
            whole[top - 2 : bottom + 2, left - 2 : right + 2] = 255
            assert whole.min() == 255


def test_scans_with_places_of_their_own_are_no_stored_slides(leica, tmp_path):
    cache = CacheFolder(tmp_path / "cache", capacity_bytes=2**20)

    assert StoredSlide.open(identify(leica), cache, quality=85) is None
