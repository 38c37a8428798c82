"""OME-TIFFs: channels, planes, facts, and XML that lies."""

import numpy as np
import pytest
import tifffile

from tests.tileserver.conftest import read_all
from tileserver import readers
from tileserver.readers.base import SlideError
from tileserver.readers.tiff_reader import TiffReader

OME = """<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"{root}>
<Instrument ID="Instrument:0"><Objective ID="Objective:0" NominalMagnification="40"/></Instrument>
<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint8" SizeX="64" SizeY="48"
SizeC="{c}" SizeZ="{z}" SizeT="1" PhysicalSizeX="325" PhysicalSizeXUnit="nm" PhysicalSizeY="0.325">
{channels}{data}</Pixels></Image></OME>"""


def ome(channels="", data="<TiffData/>", c=2, z=1, root=""):
    return OME.format(channels=channels, data=data, c=c, z=z, root=root)


def write_planes(path, planes, description=None):
    with tifffile.TiffWriter(path, ome=False) as writer:
        for index, plane in enumerate(planes):
            writer.write(
                plane,
                photometric="minisblack",
                description=description if index == 0 else None,
                metadata=None,
                contiguous=False,
            )


def plane(value, dtype=np.uint8):
    return np.full((48, 64), value, dtype)


def test_ome_channels_shine_in_their_colours(tmp_path):
    path = tmp_path / "a.ome.tif"
    red, blue = -16776961, 65535  # 0xFF0000FF and 0x0000FFFF as signed 32 bits
    channels = f'<Channel ID="C:0" Color="{red}"/><Channel ID="C:1" Color="{blue}"/>'
    write_planes(path, [plane(255), plane(51)], ome(channels))

    pixels = read_all(path)

    assert pixels[0, 0].tolist() == [255, 0, 51]
    assert np.ptp(pixels.reshape(-1, 3), axis=0).tolist() == [0, 0, 0]


def test_ome_channels_without_colours_are_coloured_by_their_dye(tmp_path):
    path = tmp_path / "a.ome.tif"
    names = '<Channel ID="C:0" Name="FITC"/><Channel ID="C:1" Name="DAPI"/>'
    write_planes(path, [plane(0), plane(255)], ome(names))

    red, green, blue = read_all(path)[0, 0]

    assert blue == 255
    assert blue > green > red


def test_ome_facts_come_from_its_xml(tmp_path):
    path = tmp_path / "a.ome.tif"
    write_planes(path, [plane(0)] * 6, ome(z=3))

    with readers.open_slide(path) as reader:
        facts = reader.facts

    assert facts.format == "ome-tiff"
    assert facts.mpp_x == pytest.approx(0.325)
    assert facts.mpp_y == pytest.approx(0.325)
    assert facts.objective_power == 40
    assert facts.z_layer_count == 3


def test_the_middle_focal_plane_is_shown(tmp_path):
    path = tmp_path / "a.ome.tif"
    write_planes(path, [plane(10), plane(200), plane(30)], ome(c=1, z=3))

    assert read_all(path)[0, 0].tolist() == [200, 200, 200]


def test_planes_are_found_where_tiff_data_says(tmp_path):
    path = tmp_path / "a.ome.tif"
    data = '<TiffData FirstC="0" IFD="1"/><TiffData FirstC="1" IFD="0"/>'
    colours = '<Channel ID="C:0" Color="-16776961"/><Channel ID="C:1" Color="65535"/>'
    write_planes(path, [plane(40), plane(90)], ome(colours, data))

    assert read_all(path)[0, 0].tolist() == [90, 0, 40]


def test_an_ome_tiff_that_names_another_file_is_refused(tmp_path):
    write_planes(tmp_path / "secret.tif", [plane(7)])
    path = tmp_path / "a.ome.tif"
    data = "".join(
        f'<TiffData FirstC="{c}" IFD="0"><UUID FileName="{name}">urn:uuid:{c}</UUID></TiffData>'
        for c, name in enumerate(["a.ome.tif", "secret.tif"])
    )
    write_planes(path, [plane(1)], ome(data=data, root=' UUID="urn:uuid:0"'))

    with pytest.raises(SlideError, match="several files"):
        readers.open_slide(path)


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><!DOCTYPE OME [<!ENTITY a "aaaa">]>' + ome(),
        ome(c=10**9),
        ome(z=10**6, c=10**6),
        ome(c=-1),
        ome().replace("XYCZT", "XYXXX"),
        ome().replace('SizeX="64"', 'SizeX="64'),
        "<OME></OME>",
    ],
)
def test_hostile_ome_xml_is_refused(tmp_path, text):
    path = tmp_path / "a.ome.tif"
    write_planes(path, [plane(1), plane(2)], text)

    with pytest.raises(SlideError, match=r"a\.ome\.tif"):
        TiffReader(path)
