import pytest
from PIL import Image

from tileserver import readers
from tileserver.readers.base import SlideError

HAMAMATSU = """\
[Virtual Microscope Specimen]
NoLayers=1
NoJpegColumns=1
NoJpegRows=1
ImageFile=own.jpg
MapFile=own.jpg
OptimisationFile=
MacroImage=own.jpg
SourceLens=20
PhysicalWidth=100000
PhysicalHeight=100000
"""


@pytest.fixture
def folder(tmp_path):
    """Give a folder with a picture of its own, beside that of another study."""
    for name in ("mine/own.jpg", "theirs/secret.jpg"):
        path = tmp_path / name
        path.parent.mkdir()
        Image.new("RGB", (640, 480), (200, 20, 20)).save(path, restart_marker_rows=1)
    return tmp_path / "mine"


@pytest.mark.parametrize("name", ["slide.vms", "slide.png"])
def test_a_hamamatsu_index_names_files_beside_it(folder, name):
    (folder / name).write_text(HAMAMATSU)

    with readers.open_slide(folder / name) as slide:
        assert slide.facts.format == "hamamatsu"
        assert slide.facts.associated_images == ("macro",)


@pytest.mark.parametrize("name", ["slide.vms", "slide.png"])
@pytest.mark.parametrize("key", ["ImageFile", "MapFile", "MacroImage"])
def test_a_hamamatsu_index_leads_to_no_other_folder(folder, name, key):
    (folder / name).write_text(HAMAMATSU.replace(f"{key}=own", f"{key} = ../theirs/secret"))

    with pytest.raises(SlideError, match=r"names '\.\./theirs/secret\.jpg'; expected a file"):
        readers.open_slide(folder / name)


@pytest.mark.parametrize("line", ["FILE_0=../../theirs/Data0000.dat", "INDEXFILE=../Index.dat"])
def test_a_mirax_index_leads_to_no_other_folder(folder, line):
    (folder / "slide.mrxs").write_bytes(b"index")
    (folder / "slide").mkdir()
    (folder / "slide" / "Slidedat.ini").write_text(f"\ufeff[DATAFILE]\r\n{line}\r\n")

    with pytest.raises(SlideError, match="its index names"):
        readers.open_slide(folder / "slide.mrxs")
