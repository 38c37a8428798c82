"""IIIF requests as text, against what the Image API 3.0 says of each form."""

import pytest
from hypothesis import given, strategies as st

from records.errors import InputError
from tileserver import iiif
from tileserver.deepzoom import DeepZoomPyramid
from tileserver.geometry import Region, Size
from tileserver.iiif import NotImplementedByUsError, OverLimitError, parse_request

# The picture of the specification's own examples.
FULL = Size(300, 200)


def parse(region="full", size="max", rotation="0", picture="default.jpg", full=FULL):
    return parse_request(full, region, size, rotation, picture)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("full", (0, 0, 300, 200)),
        ("square", (50, 0, 200, 200)),
        ("125,15,120,140", (125, 15, 120, 140)),
        ("pct:41.6,7.5,40,70", (125, 15, 120, 140)),
        ("125,15,200,200", (125, 15, 175, 185)),
        ("pct:41.6,7.5,66.6,100", (125, 15, 175, 185)),
        ("pct:.5,0,100,1", (2, 0, 298, 2)),
    ],
)
def test_regions_of_the_specification(text, region):
    assert parse(region=text).region == Region(*region)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("max", (300, 200)),
        ("150,", (150, 100)),
        (",150", (225, 150)),
        ("pct:50", (150, 100)),
        ("225,100", (225, 100)),
        ("!225,100", (150, 100)),
        ("!1000,1000", (300, 200)),
        ("^360,", (360, 240)),
        ("^,240", (360, 240)),
        ("^pct:120", (360, 240)),
        ("^360,360", (360, 360)),
        ("^!360,360", (360, 240)),
        ("^!150,150", (150, 100)),
        ("1,", (1, 1)),
    ],
)
def test_sizes_of_the_specification(text, size):
    assert parse(size=text).size == Size(*size)


def test_max_enlarged_is_as_large_as_the_limits_allow():
    size = parse(size="^max").size

    assert size.area <= iiif.MAX_AREA
    assert (size.width + 2) * (size.height + 2) > iiif.MAX_AREA
    assert size.width / size.height == pytest.approx(1.5, rel=1e-3)


def test_max_of_a_large_slide_is_made_smaller_to_the_limits():
    request = parse(full=Size(60000, 45000))

    assert max(request.size.width, request.size.height) <= iiif.MAX_SIDE
    assert request.size.area <= iiif.MAX_AREA
    assert not request.is_upscaled


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            {"region": text}
            for text in ("", "0,0,0,5", "300,0,1,1", "1,2,3", "-1,0,5,5", "1.5,0,5,5")
        ),
        *({"region": text} for text in ("pct:0,0,0,10", "pct:101,0,1,1", "pct:1e3,0,1,1", "all")),
        *({"region": text} for text in ("\u0661,0,5,5", "9999999999,0,1,1", "nan,0,1,1")),
        *({"size": text} for text in ("", "full", ",", "0,", ",0", "0,0", "pct:0", "pct:", "!5,")),
        *({"size": text} for text in ("301,", ",201", "pct:101", "301,200", "^", "^^5,", "!0,5")),
        *({"rotation": text} for text in ("", "-1", "361", "!", "90deg", "1e2", "!!0")),
        *({"picture": text} for text in ("", "default", "native.jpg", "default.bmp", ".jpg")),
    ],
)
def test_other_forms_are_refused(wrong):
    with pytest.raises(InputError) as raised:
        parse(**wrong)

    assert not isinstance(raised.value, NotImplementedByUsError)


@pytest.mark.parametrize("kind", ["tif", "gif", "pdf", "jp2", "webp"])
def test_formats_that_are_not_offered_are_told_apart(kind):
    with pytest.raises(NotImplementedByUsError):
        parse(picture=f"default.{kind}")


@pytest.mark.parametrize("size", ["^4097,1", "^999999999,999999999", "^3000,3000", "^pct:99999"])
def test_pictures_over_the_limits_are_not_there(size):
    with pytest.raises(OverLimitError):
        parse(size=size)


def test_rotation_and_mirroring():
    request = parse(rotation="!22.5")

    assert (request.mirrored, request.degrees) == (True, 22.5)
    assert parse(rotation="360").degrees == 0


@pytest.mark.parametrize(
    ("parts", "canonical"),
    [
        (("pct:0,0,100,100", "300,200", "0", "color.jpg"), "full/max/0/default.jpg"),
        (("full", "150,", "!0.0", "gray.png"), "full/150,100/!0/gray.png"),
        (("10,20,30,40", "pct:50", "360", "default.jpg"), "10,20,30,40/15,20/0/default.jpg"),
        (("0,0,10,10", "^20,", "22.50", "bitonal.jpg"), "0,0,10,10/^20,20/22.5/bitonal.jpg"),
        (("full", "^max", "90", "default.jpg"), "full/^max/90/default.jpg"),
    ],
)
def test_canonical_forms(parts, canonical):
    assert iiif.canonical(parse(*parts), FULL) == canonical


slides = st.builds(
    DeepZoomPyramid,
    st.builds(Size, st.integers(1, 5000), st.integers(1, 5000)),
    st.sampled_from([128, 240, 256, 512]),
)


@given(slides, st.data())
def test_the_tiles_of_the_document_are_those_of_deep_zoom(pyramid, data):
    """Tiles are asked for as the implementation notes of the API compute them."""
    [tiles] = iiif.describe(pyramid, "https://host/iiif/3/1")["tiles"]
    side, factor = tiles["width"], data.draw(st.sampled_from(tiles["scaleFactors"]))
    width, height = pyramid.size.width, pyramid.size.height
    column = data.draw(st.integers(0, (width - 1) // (side * factor)))
    row = data.draw(st.integers(0, (height - 1) // (side * factor)))
    x, y = column * side * factor, row * side * factor
    w, h = min(side * factor, width - x), min(side * factor, height - y)
    size = f"{-(-w // factor)},{-(-h // factor)}"

    request = parse(f"{x},{y},{w},{h}", size, full=pyramid.size)

    part = iiif.level_part(pyramid, request.region, request.size)
    address = iiif.tile_address(pyramid, part)
    shown = pyramid.tile_region(*address)
    assert (shown.width, shown.height) == (request.size.width, request.size.height)
    # Where a whole slide is a pixel wide or high, several levels show the same.
    dz_level = pyramid.max_level - (factor.bit_length() - 1)
    assert address == (dz_level, column, row) or min(shown.width, shown.height) == 1


@given(slides)
def test_the_sizes_of_the_document_are_whole_levels_within_the_limits(pyramid):
    for size in iiif.describe(pyramid, "https://host/iiif/3/1")["sizes"]:
        request = parse("full", f"{size['width']},{size['height']}", full=pyramid.size)

        part = iiif.level_part(pyramid, request.region, request.size)
        assert part.region == Region(0, 0, size["width"], size["height"])


@given(slides, st.text("0123456789,.pct:!^maxfulsquare/-e", max_size=30), st.sampled_from("rs"))
def test_no_text_is_more_than_refused(pyramid, text, place):
    parts = {"region": text} if place == "r" else {"size": text}
    try:
        request = parse(**parts, full=pyramid.size)
    except (InputError, OverLimitError):
        return

    assert 1 <= request.size.width <= iiif.MAX_SIDE
    assert 1 <= request.size.height <= iiif.MAX_SIDE
    region = request.region
    assert 0 <= region.x < region.x + region.width <= pyramid.size.width
    assert 0 <= region.y < region.y + region.height <= pyramid.size.height
