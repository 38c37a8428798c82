"""Every format of annotations: what is written is read back, and real files survive."""

from __future__ import annotations

import io
import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from hypothesis import given, settings, strategies as st

from records.errors import InputError
from scoring import conversion, shapes
from scoring.conversion import Setting
from scoring.formats import asap, coco, coco_runs, imagescope
from scoring.formats.answer_tsv import Author
from scoring.marked import Losses, Marked, Traits, singly
from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    FileLink,
    Points,
    Polyline,
    Rect,
)
from tests.scoring.formats.marks import COLOURS, LINES, NUMBERS, OUTLINES, POINTS, RECTS, square
from tests.scoring.strategies import ANSWERS

PAIRS = st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS).map(
    lambda ends: Polyline(line=Coordinates([ends[:2], ends[2:]]))
)
NAMED = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8)
HOLED = st.builds(
    lambda x, y: Brush(positive=(square(x, y, 90),), negative=(square(x + 9, y + 9, 20),)),
    NUMBERS,
    NUMBERS,
)
AUTHOR = Author(slide_id=7, slide_name="slide", email="reader@example.org")
SETTING = Setting(mpp=0.25, author=AUTHOR)


def written(name: str, marked: list[Marked], losses: Losses | None = None) -> bytes:
    found = Losses() if losses is None else losses
    return b"".join(conversion.by_name(name).write(marked, found, SETTING))


def read(data: bytes, losses: Losses | None = None) -> list[Marked]:
    return list(singly(conversion.read(io.BytesIO(data), Losses() if losses is None else losses)))


def marks(shape_kinds: st.SearchStrategy, traits: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(st.builds(Marked, shape=shape_kinds, traits=traits), min_size=1, max_size=6)


@given(
    marks(
        OUTLINES | PAIRS | POINTS | RECTS | HOLED,
        st.builds(Traits, group=NAMED, colour=COLOURS, name=NAMED),
    )
)
@settings(deadline=None, max_examples=40)
def test_asap(marked):
    losses = Losses()

    assert read(written("asap", marked, losses), losses) == marked
    assert losses.lines() == []


@given(
    marks(
        OUTLINES | PAIRS | RECTS | HOLED,
        st.builds(Traits, group=NAMED, colour=COLOURS, name=NAMED),
    )
)
@settings(deadline=None, max_examples=40)
def test_imagescope(marked):
    losses = Losses()

    assert read(written("imagescope", marked, losses), losses) == marked
    assert losses.lines() == []


@given(marks(OUTLINES | POINTS | RECTS, st.builds(Traits, group=NAMED, colour=COLOURS)))
@settings(deadline=None, max_examples=40)
def test_coco(marked):
    losses = Losses()

    found = read(written("coco", marked, losses), losses)

    assert [(one.shape, one.traits) for one in found] == [(m.shape, m.traits) for m in marked]
    assert [one.id for one in found] == [str(number) for number in range(1, len(marked) + 1)]
    assert losses.lines() == []


@given(ANSWERS)
@settings(deadline=None, max_examples=60)
def test_anno1(answer):
    drawn = [shape for shape in answer if not isinstance(shape, FileLink)]

    found = read(written("anno1", [Marked(shape=shape) for shape in drawn]))

    assert [one.shape for one in found] == drawn


@given(marks(OUTLINES, st.just(Traits())) | marks(POINTS, st.just(Traits())))
@settings(deadline=None, max_examples=30)
def test_coordinate_tables(marked):
    found = read(written("tsv", marked))

    if isinstance(marked[0].shape, Points):
        places = np.concatenate([one.shape.places.array for one in marked])
        assert [one.shape for one in found] == [Points(places=Coordinates(places))]
    else:
        assert found == marked


@given(marks(OUTLINES | LINES | RECTS | HOLED, st.builds(Traits, group=NAMED)))
@settings(deadline=None, max_examples=30)
def test_results(marked):
    losses = Losses()

    found = read(written("results", marked, losses), losses)

    groups = dict.fromkeys(one.traits.group for one in marked)
    expected = [one.shape for group in groups for one in marked if one.traits.group == group]
    assert [one.shape for one in found] == expected
    assert {one.traits.group for one in found} == set(groups)
    assert dict(found[0].traits.metadata)["by"] == AUTHOR.email
    assert losses.lines() == []


@pytest.mark.parametrize("form", ["geojson", "asap", "imagescope", "coco", "anno1"])
def test_real_files_survive_the_way_through_every_format(shared_data: Path, form):
    paths = sorted((shared_data / "annotations").iterdir())
    assert len(paths) > 15
    for path in paths:
        original = read(path.read_bytes())

        found = read(written(form, original))

        before, after = (
            [
                geometry
                for one in marked
                for geometry in shapely.get_parts(shapes.geometry(one.shape)).tolist()
            ]
            for marked in (original, found)
        )
        if form == "coco":
            before = [geometry for geometry in before if geometry.geom_type != "LineString"]
        if form in {"asap", "imagescope"} and "poly" in path.name:
            # Open lines are cut into their segments.
            assert sum(g.length for g in before) == pytest.approx(sum(g.length for g in after))
        elif (form == "imagescope" and "point" in path.name) or "dot" in path.name:
            assert len(before) == len(after)
        else:
            assert len(before) == len(after), path.name
            assert all(a.equals(b) for a, b in zip(before, after, strict=True)), path.name


# Source: the form of files that ImageScope writes, as published programs read them.
IMAGESCOPE = """<?xml version="1.0" encoding="UTF-8"?>
<Annotations MicronsPerPixel="0.252100">
 <Annotation Id="1" Name="" ReadOnly="0" NameReadOnly="0" LineColorReadOnly="0" Incremental="0"
  Type="4" LineColor="65280" Visible="1" Selected="1" MarkupImagePath="" MacroName="">
  <Attributes><Attribute Name="Description" Id="0" Value="Tumour"/></Attributes>
  <Regions>
   <RegionAttributeHeaders><AttributeHeader Id="9999" Name="Region" ColumnWidth="-1"/>
   </RegionAttributeHeaders>
   <Region Id="1" Type="0" Zoom="0.05" Selected="0" Length="9" Area="9" Text="a" NegativeROA="0">
    <Attributes/><Vertices><Vertex X="0" Y="0" Z="0"/><Vertex X="90.5" Y="0" Z="0"/>
    <Vertex X="90" Y="90" Z="0"/><Vertex X="0" Y="90" Z="0"/></Vertices></Region>
   <Region Id="2" Type="0" NegativeROA="1"><Vertices><Vertex X="10" Y="10"/><Vertex X="20" Y="10"/>
    <Vertex X="20" Y="20"/></Vertices></Region>
   <Region Id="3" Type="1"><Vertices><Vertex X="5" Y="6"/><Vertex X="15" Y="6"/>
    <Vertex X="15" Y="26"/><Vertex X="5" Y="26"/></Vertices></Region>
   <Region Id="4" Type="2"><Vertices><Vertex X="10" Y="20"/><Vertex X="30" Y="60"/></Vertices>
   </Region>
   <Region Id="5" Type="3"><Vertices><Vertex X="1" Y="2"/><Vertex X="3" Y="4"/></Vertices></Region>
   <Region Id="6" Type="4"><Vertices><Vertex X="1" Y="2"/><Vertex X="3" Y="4"/></Vertices></Region>
  </Regions><Plots/>
 </Annotation>
</Annotations>"""


def test_every_region_of_imagescope_is_read():
    found = read(IMAGESCOPE.encode())

    outline = Coordinates([[0, 0], [90.5, 0], [90, 90], [0, 90]])
    hole = Coordinates([[10, 10], [20, 10], [20, 20]])
    line = Polyline(line=Coordinates([[1, 2], [3, 4]]))
    assert [one.shape for one in found] == [
        Brush(positive=(outline,), negative=(hole,)),
        Rect(x=5, y=6, width=10, height=20),
        Ellipse(x=20, y=40, radius_x=10, radius_y=20),
        line,
        line,
    ]
    assert {(one.traits.group, one.traits.colour) for one in found} == {("Tumour", "#00ff00")}
    assert found[0].traits.name == "a"


def test_imagescope_lengths_and_colours_are_what_they_say():
    marked = [
        Marked(
            shape=Rect(x=0, y=0, width=100, height=50), traits=Traits(group="T", colour="#ff8000")
        ),
        Marked(shape=Ellipse(x=50, y=50, radius_x=30, radius_y=20)),
    ]

    root = ElementTree.fromstring(written("imagescope", marked))

    assert root.get("MicronsPerPixel") == "0.250000"
    layer, _ = root.findall("Annotation")
    # Blue, green, red from the highest byte on: orange is mostly in the lowest.
    assert layer.get("LineColor") == str(0xFF | 0x80 << 8)
    rect, ellipse = root.iter("Region")
    assert (rect.get("Length"), rect.get("Area")) == ("300.0", "5000.0")
    assert (rect.get("LengthMicrons"), rect.get("AreaMicrons")) == ("75.0", "312.5")
    assert float(ellipse.get("Area")) == pytest.approx(np.pi * 600, rel=0.001)


def test_asap_output_is_what_asap_loads():
    # Source: ASAP, annotation/XmlRepository.cpp: these elements, and every group that is named.
    marked = [
        Marked(shape=shape, traits=Traits(group="Tumour & <co>", colour="#ff0000"))
        for shape in (Rect(x=0, y=0, width=9, height=9), Points(places=Coordinates([[1, 2]])))
    ]

    root = ElementTree.fromstring(written("asap", marked))

    assert [child.tag for child in root] == ["Annotations", "AnnotationGroups"]
    groups = {group.get("Name") for group in root.iter("Group")}
    for annotation in root.iter("Annotation"):
        assert annotation.get("Type") in {"Rectangle", "Dot"}
        assert annotation.get("PartOfGroup") in groups
        coordinates = annotation.findall("Coordinates/Coordinate")
        assert [node.get("Order") for node in coordinates] == [
            str(number) for number in range(len(coordinates))
        ]


def test_coco_holes_keep_their_area_as_even_odd_and_nonzero_fill():
    brush = Brush(
        positive=(square(0, 0, 90), square(500, 0, 9)),
        negative=(square(9, 9, 20), square(50, 30, 10)),
    )

    (entry,) = json.loads(written("coco", [Marked(shape=brush)]))["annotations"]

    area = shapes.area_px2(brush)
    assert entry["area"] == pytest.approx(area)
    for ring in entry["segmentation"]:
        assert len(ring) % 2 == 0
    drawn = shapely.union_all(
        [shapely.Polygon(np.reshape(ring, (-1, 2))).buffer(0) for ring in entry["segmentation"]]
    )
    assert drawn.area == pytest.approx(area)
    assert entry["bbox"] == [0, 0, 509, 180]


def packed(counts: list[int]) -> str:
    """Pack run lengths as pycocotools' rleToString does."""
    text = ""
    for index, count in enumerate(counts):
        value = count - (counts[index - 2] if index > 2 else 0)
        more = True
        while more:
            bits = value & 31
            value >>= 5
            more = value != -1 if bits & 16 else value != 0
            text += chr((bits | 32 if more else bits) + 48)
    return text


@given(st.integers(1, 12), st.integers(1, 12), st.data())
@settings(deadline=None, max_examples=60)
def test_masks_of_coco_are_outlined_exactly(height, width, data):
    bits = data.draw(st.lists(st.booleans(), min_size=height * width, max_size=height * width))
    mask = np.array(bits).reshape(height, width)
    plain = coco_runs.write(mask)

    for counts in (plain["counts"], packed(plain["counts"])):
        shape = coco_runs.parse({"size": plain["size"], "counts": counts})

        if not mask.any():
            assert shape is None
            continue
        area = shapes.geometry(shape)
        pixels = [
            area.covers(shapely.box(x, y, x + 1, y + 1))
            for y in range(height)
            for x in range(width)
        ]
        assert area.area == mask.sum()
        assert pixels == mask.ravel().tolist()


def test_coco_categories_may_stand_anywhere_and_masks_boxes_and_keypoints_are_read():
    annotations = [
        {"id": 5, "category_id": 2, "bbox": [1, 2, 3, 4], "image_id": 1, "score": 0.5},
        {"id": 6, "category_id": 2, "keypoints": [1, 2, 2, 0, 0, 0], "image_id": 1},
        {"id": 7, "category_id": 9, "segmentation": {"size": [2, 2], "counts": [1, 2, 1]}},
        {"id": 8, "segmentation": []},
    ]
    categories = [{"id": 2, "name": "Nest", "color": [255, 0, 0]}]
    images = [{"id": 1, "file_name": "a"}, {"id": 2, "file_name": "b"}]
    text = json.dumps(
        {"info": {"x": [1]}, "annotations": annotations, "images": images, "categories": categories}
    )
    losses = Losses()

    box, points, mask = read(text.encode(), losses)

    assert box.shape == Rect(x=1, y=2, width=3, height=4)
    assert (box.traits.group, box.traits.colour) == ("Nest", "#ff0000")
    assert box.traits.measurements == (("score", 0.5),)
    assert points.shape == Points(places=Coordinates([[1, 2]]))
    assert (mask.id, mask.traits.group) == ("7", "9")
    assert shapes.area_px2(mask.shape) == 2
    assert losses.lines() == [
        "2 × images put into one: a file here holds one slide",
        "1 × annotation without segmentation, box and keypoints left out",
    ]


@pytest.mark.parametrize(
    ("segmentation", "told"),
    [
        ({"size": [0, 5], "counts": [1]}, "segmentation.size is [0, 5]"),
        ({"size": [9, 10**9], "counts": [1]}, "expected [height, width]"),
        ({"size": [2, 2], "counts": [1, 9]}, "cover more pixels than the mask has"),
        ({"size": [2, 2], "counts": [-1]}, "expected whole numbers"),
        ({"size": [2, 2], "counts": "\x7f"}, "no packed text"),
        ({"size": [2, 2], "counts": "oooooooooooo"}, "no packed text"),
        ({"size": [2, 2], "counts": "o"}, "is cut off"),
        ({"size": [2, 2], "counts": 5}, "must be a JSON array"),
        ([[1, 2, 3]], "a polygon must be [x1, y1, x2, y2, …]"),
        ([[1, 2, "3", 4]], "a polygon holds '3'; expected numbers"),
    ],
)
def test_wrong_segmentations_are_refused(segmentation, told):
    text = json.dumps({"annotations": [{"id": 1, "segmentation": segmentation}]})

    with pytest.raises(InputError) as caught:
        list(coco.parse(io.BytesIO(text.encode()), Losses()))

    assert told in caught.value.message
    assert "annotation 1" in caught.value.message


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<Annotations ", "<Notes ", "starts with the element 'Notes'"),
        ("Annotations", "Notes", "starts with the element 'Notes'; expected Annotations"),
        ('Type="3"', 'Type="9"', "region 5: Type is '9'; expected 0 (freehand)"),
        ('X="90.5"', 'X="nan"', "line 9: region 1: X is 'nan'; expected a finite number"),
        ('LineColor="65280"', 'LineColor="red"', "LineColor is 'red'"),
    ],
)
def test_wrong_imagescope_is_refused(old, new, told):
    with pytest.raises(InputError) as caught:
        list(imagescope.parse(io.BytesIO(IMAGESCOPE.replace(old, new).encode()), Losses()))

    assert told in caught.value.message


def test_decimal_commas_are_read_as_points():
    xml = IMAGESCOPE.replace('X="90.5"', 'X="90,5"').encode()

    assert read(xml) == read(IMAGESCOPE.encode())


def test_nested_groups_of_asap_are_told():
    losses = Losses()
    xml = (
        '<ASAP_Annotations><Annotations/><AnnotationGroups><Group Name="a" PartOfGroup="None"/>'
        '<Group Name="b" PartOfGroup="a"/></AnnotationGroups></ASAP_Annotations>'
    )

    assert list(asap.parse(io.BytesIO(xml.encode()), losses)) == []
    assert losses.lines() == ["1 × nesting of groups undone"]
