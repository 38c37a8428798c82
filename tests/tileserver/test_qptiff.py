"""QPTIFF and many-channel OME-TIFF, made by tifffile: channels, colours, levels, 16 bits."""

import numpy as np
import pytest
import tifffile

from tileserver import readers, render
from tileserver.geometry import Size
from tileserver.readers import qptiff
from tileserver.readers.base import SlideError

WIDTH, HEIGHT = 1100, 900
CHANNELS = [("DAPI", (0, 0, 255)), ("Opal 520", (0, 255, 0)), ("Opal 690", (255, 0, 0))]


def planes(dtype=np.uint16, brightest=4000):
    """Return three channels: each a bright square of its own on a dark field."""
    made = np.full((3, HEIGHT, WIDTH), brightest // 100, dtype)
    for number in range(3):
        made[number, 100:800, 50 + 350 * number : 350 + 350 * number] = brightest
    return made


def described(kind, name="", colour=None, objective="20x"):
    parts = [f"<ImageType>{kind}</ImageType>", f"<Objective>{objective}</Objective>"]
    if name:
        parts += [f"<Name>{name}</Name>", f"<Color>{','.join(map(str, colour))}</Color>"]
    root = "PerkinElmer-QPI-ImageDescription"
    return f'<?xml version="1.0" encoding="utf-16"?>\r\n<{root}>{"".join(parts)}</{root}>'


def write_qptiff(path, made, *, levels=(1, 2, 4), skip=(), compression="lzw"):
    options = {
        "tile": (256, 256),
        "compression": compression,
        "metadata": None,
        "resolution": (20_000, 20_000),
        "resolutionunit": "CENTIMETER",
        "software": "PerkinElmer-QPI",
        "photometric": "minisblack",
    }
    with tifffile.TiffWriter(path) as writer:
        for level in levels:
            kind = "FullResolution" if level == 1 else "ReducedResolution"
            for number, (name, colour) in enumerate(CHANNELS):
                if (level, number) not in skip:
                    writer.write(
                        made[number, ::level, ::level],
                        description=described(kind, name, colour),
                        subfiletype=int(level > 1),
                        **options,
                    )
            if level == 1:
                thumbnail = np.full((90, 110, 3), 128, np.uint8)
                writer.write(
                    thumbnail,
                    photometric="rgb",
                    description=described("Thumbnail"),
                    metadata=None,
                )
        label = np.full((200, 200, 3), 200, np.uint8)
        writer.write(label, photometric="rgb", description=described("Label"), metadata=None)
    return path


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("compression", ["lzw", "deflate", None])
def test_channels_are_shown_in_their_colours_on_every_level(tmp_path, dtype, compression):
    brightest = 200 if dtype == np.uint8 else 4000
    path = write_qptiff(tmp_path / "a.qptiff", planes(dtype, brightest), compression=compression)

    with readers.open_slide(path) as reader:
        facts = reader.facts
        assert (facts.reader, facts.format, facts.objective_power) == ("tiff", "qptiff", 20)
        assert facts.level_sizes == (Size(1100, 900), Size(550, 450), Size(275, 225))
        assert (facts.mpp_x, facts.mpp_y) == (0.5, 0.5)
        for level, scale in enumerate((1, 2, 4)):
            size = facts.level_sizes[level]
            pixels = reader.read_region(level, 0, 0, size.width, size.height)
            for number, (_, colour) in enumerate(CHANNELS):
                inside = pixels[450 // scale, (200 + 350 * number) // scale].astype(int)
                assert np.abs(inside - colour).max() < 60
                assert (inside > 150).tolist() == [part == 255 for part in colour]
            assert pixels[10 // scale, 10 // scale].max() < 60


def test_levels_that_lack_a_channel_are_passed_over(tmp_path):
    path = write_qptiff(tmp_path / "a.qptiff", planes(), skip={(2, 1)})

    with readers.open_slide(path) as reader:
        assert reader.facts.level_sizes == (Size(1100, 900), Size(275, 225))


def test_bright_field_is_colour(tmp_path):
    colours = np.moveaxis(planes(np.uint8, 200), 0, 2)
    options = {"photometric": "rgb", "tile": (256, 256), "metadata": None}
    with tifffile.TiffWriter(tmp_path / "a.qptiff") as writer:
        writer.write(colours, description=described("FullResolution"), **options)
        writer.write(
            colours[::2, ::2], description=described("ReducedResolution"), subfiletype=1, **options
        )

    with readers.open_slide(tmp_path / "a.qptiff") as reader:
        assert len(reader.facts.level_sizes) == 2
        assert np.array_equal(reader.read_region(0, 0, 0, WIDTH, HEIGHT), colours)


def test_one_without_a_slide_is_told(tmp_path):
    tifffile.imwrite(
        tmp_path / "a.qptiff",
        np.zeros((64, 64), np.uint8),
        description=described("Label"),
        metadata=None,
    )

    with pytest.raises(SlideError, match=r"a\.qptiff is a QPTIFF without a slide"):
        readers.open_slide(tmp_path / "a.qptiff")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<PerkinElmer-QPI-ImageDescription>",
        '<!DOCTYPE a [<!ENTITY b "c">]><PerkinElmer-QPI-ImageDescription>&b;'
        "</PerkinElmer-QPI-ImageDescription>",
        "<PerkinElmer-QPI-ImageDescription>" + " " * 2**20,
    ],
)
def test_descriptions_that_are_none_are_refused(text):
    with pytest.raises(ValueError, match="description"):
        qptiff.parse(text)


@pytest.mark.parametrize("colour", ["", "1,2", "300,0,0", "a,b,c", "1,2,3,4", "-1,0,0"])
def test_colours_that_are_none_are_left_out(colour):
    text = described("FullResolution", "DAPI", (1, 2, 3)).replace("1,2,3", colour)

    assert qptiff.parse(text).colour is None


@pytest.mark.parametrize("axes", ["CYX", "ZCYX", "TCZYX"])
def test_ome_channels_have_the_colours_that_the_file_gives(tmp_path, axes):
    made = planes()
    shape = [{"T": 2, "Z": 3}.get(axis, 1) for axis in axes[:-2]]
    stack = np.zeros(
        (*[n if a != "C" else 3 for n, a in zip(shape, axes, strict=False)], *made.shape[1:]),
        np.uint16,
    )
    # Only the first time and the middle plane show the squares.
    place = tuple({"T": 0, "Z": 1}.get(axis, slice(None)) for axis in axes[:-2])
    stack[place] = made
    argb = [int.from_bytes(bytes((*colour, 255)), "big", signed=True) for _, colour in CHANNELS]
    metadata = {"axes": axes, "Channel": {"Name": [n for n, _ in CHANNELS], "Color": argb}}
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(
        path, stack, ome=True, photometric="minisblack", tile=(256, 256), metadata=metadata
    )

    with readers.open_slide(path) as reader:
        assert reader.facts.z_layer_count == (3 if "Z" in axes else 1)
        pyramid = reader.facts.pyramid
        tile = render.render_tile(reader, pyramid.max_level - 1, 0, 0)
        assert np.abs(tile[200, 100].astype(int) - (0, 0, 255)).max() < 10
        tile = render.render_tile(reader, pyramid.max_level - 1, 1, 0)
        assert np.abs(tile[200, 20].astype(int) - (0, 255, 0)).max() < 10
