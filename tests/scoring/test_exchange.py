"""Exchange with ASAP: through the calls, with real files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scoring.formats import asap_xml
from tests.scoring.builders import READER, deeds, kept

RED, BLUE = "#e6194b", "#0000ff"


def xml(*annotations: str) -> str:
    return f"<ASAP_Annotations><Annotations>{''.join(annotations)}</Annotations></ASAP_Annotations>"


def one(kind: str, colour: str, *places: tuple[float, float], group: str = "None") -> str:
    coordinates = "".join(
        f'<Coordinate Order="{order}" X="{x}" Y="{y}"/>' for order, (x, y) in enumerate(places)
    )
    return (
        f'<Annotation Name="A" Type="{kind}" PartOfGroup="{group}" Color="{colour}">'
        f"<Coordinates>{coordinates}</Coordinates></Annotation>"
    )


TRIANGLE = ((10, 10), (40, 10), (40, 40))


def send(room, text, questions_map=None, **more):
    return room.call(
        "UploadASAPAnnotations",
        imageId=room.study.slide_id,
        user=READER,
        asapAnnotation=text,
        questionsMap=questions_map,
        **more,
    ).json()


def answers(room):
    found = room.call("Scores", studyId=room.study.id).json()
    return {entry["question"]: json.loads(entry["answer"]) for entry in found}


def test_mapped_and_unmapped_colours_of_the_sdks_file_are_imported(room, shared_data: Path):
    # Source: SDK, tests/test_upload_asap.py; its points lie far outside the slide.
    text = (shared_data / "annotations" / "slidescore_sdk_asap.xml").read_text()

    reply = send(room, text, f"{RED};Regions")

    assert reply == {
        "success": True,
        "log": "1 annotation of colour #000000 imported into 'Imported annotation 1'\n"
        "1 annotation imported into 'Regions'",
    }
    assert {question: len(value) for question, value in answers(room).items()} == {
        "Regions": 1,
        "Imported annotation 1": 1,
    }
    assert answers(room)["Regions"][0]["points"][0] == {"x": 40444, "y": 37114}


def test_colours_are_mapped_in_any_case_and_by_group(room):
    text = (
        "<ASAP_Annotations><Annotations>"
        + one("Polygon", "#F4FA58", *TRIANGLE, group="tissue")
        + "</Annotations><AnnotationGroups>"
        '<Group Name="tissue" PartOfGroup="None" Color="#64FE2E"/>'
        "</AnnotationGroups></ASAP_Annotations>"
    )

    send(room, text, "#64fe2e;Regions")

    assert list(answers(room)) == ["Regions"]


def test_new_questions_are_made_by_colour_and_kind_and_found_again(room):
    text = xml(
        one("Polygon", BLUE, *TRIANGLE),
        one("Dot", BLUE, (5, 5)),
        one("PointSet", BLUE, (6, 6), (7, 7)),
        one("Polygon", RED, *TRIANGLE),
    )

    send(room, text)
    again = send(room, text)

    assert again["success"]
    assert {question: len(value) for question, value in answers(room).items()} == {
        "Imported annotation 1": 1,
        "Imported annotation 2": 3,
        "Imported annotation 3": 1,
    }
    with room.database.reading() as session:
        assert deeds(session).count("question.add") == 3
        assert all(is_current for _, _, is_current in kept(session))


def test_mapped_colour_and_an_earlier_imports_may_answer_the_same_question(room):
    send(room, xml(one("Polygon", BLUE, *TRIANGLE)))

    both = xml(one("Polygon", BLUE, *TRIANGLE), one("Polygon", RED, *TRIANGLE))
    reply = send(room, both, f"{RED};Imported annotation 1")

    assert reply["success"] is True
    assert {question: len(value) for question, value in answers(room).items()} == {
        "Imported annotation 1": 2
    }


def test_new_questions_take_the_name_that_is_given(room):
    send(room, xml(one("Dot", BLUE, (5, 5))), annotationName="Mitoses")

    assert list(answers(room)) == ["Mitoses 1"]


def test_points_among_shapes_become_small_ellipses(room):
    # Source: slidescore.md 5: QuPath does so.
    send(room, xml(one("Dot", RED, (5, 6)), one("Polygon", RED, *TRIANGLE)), f"{RED};Regions")

    ellipse, polygon = answers(room)["Regions"]
    assert ellipse == {
        "type": "ellipse",
        "center": {"x": 5, "y": 6},
        "size": {"x": 10, "y": 10},
    }
    assert polygon["type"] == "polygon"


def test_second_import_replaces_the_first_as_current(room):
    send(room, xml(one("Dot", RED, (5, 6))), f"{RED};Cells")
    send(room, xml(one("Dot", RED, (7, 8))), f"{RED};Cells")

    assert answers(room) == {"Cells": [{"x": 7, "y": 8}]}
    with room.database.reading() as session:
        assert [is_current for _, _, is_current in kept(session)] == [False, True]


@pytest.mark.parametrize(
    ("text", "questions_map", "told"),
    [
        ("<html/>", None, "starts with the element 'html'"),
        (xml(one("Dot", RED, (1, 1))), f"{RED};Nonsense", "has no question 'Nonsense'"),
        (xml(one("Dot", RED, (1, 1))), f"{RED};Remarks", "'Remarks' is of type FreeText"),
        (xml(one("Dot", RED, (1, 1))), "red;Regions", "'red' is no colour"),
        (xml(one("Polygon", RED, *TRIANGLE)), f"{RED};Cells", "'A' is a Polygon"),
        (xml(one("Dot", RED, ("NaN", 1))), None, "X is 'NaN'"),
    ],
)
def test_wrong_import_is_told_and_leaves_nothing(room, text, questions_map, told):
    reply = send(room, text, questions_map)

    assert reply["success"] is False
    assert told in reply["log"]
    assert answers(room) == {}
    with room.database.reading() as session:
        assert "question.add" not in deeds(session)


def test_hostile_files_are_refused(room, shared_data: Path):
    for name in ("billion_laughs.xml", "xxe_file.xml", "coord_nan.xml"):
        reply = send(room, (shared_data / "bad" / name).read_text())

        assert reply["success"] is False, name
    assert answers(room) == {}


def test_unknown_slide_is_told(room):
    reply = room.call(
        "UploadASAPAnnotations", imageId=999, user=READER, asapAnnotation=xml()
    ).json()

    assert reply["log"] == "there is no slide 999"


def export(room, **more):
    parameters = {"imageid": room.study.slide_id, "user": READER, **more}
    return room.call("ExportASAPAnnotations", verb="GET", **parameters)


def test_exported_annotations_are_those_that_were_imported(room, shared_data: Path):
    source = (shared_data / "annotations" / "GPL_pathml-tutorial_tumor_031.xml").read_text()
    send(room, source, "#64FE2E;Regions\n#F4FA58;Regions")

    reply = export(room)

    # Source: slidescore.md 3.10: clients tell success by the first sign.
    assert reply.text.startswith("<")
    file = asap_xml.parse(reply.text)
    expected = asap_xml.parse(source).annotations
    assert [group.name for group in file.groups] == ["Regions"]
    assert {annotation.colour for annotation in file.annotations} == {"#3cb44b"}
    for ours, theirs in zip(file.annotations, expected, strict=True):
        assert np.array_equal(ours.places.array, theirs.places.array)


def test_export_holds_the_question_asked_for_or_all(room):
    send(room, xml(one("Dot", RED, (5, 6)), one("Polygon", BLUE, *TRIANGLE)), f"{RED};Cells")

    def kinds(**more):
        return [entry.kind for entry in asap_xml.parse(export(room, **more).text).annotations]

    assert kinds() == ["Dot", "Polygon"]
    assert kinds(question="Cells") == ["Dot"]


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"user": "nobody@example.org"}, "nobody has the address nobody@example.org"),
        ({"question": "Nonsense"}, "there is no question 'Nonsense'"),
        ({"question": "Remarks"}, "is of type FreeText, which is not drawn"),
        ({"imageid": 999}, "there is no slide 999"),
    ],
)
def test_export_that_cannot_be_is_told(room, parameters, told):
    send(room, xml(one("Dot", RED, (5, 6))))

    reply = export(room, **parameters).json()

    assert reply["success"] is False
    assert told in reply["log"]


def test_export_needs_the_right_to_get_scores(room):
    token = room.make_token("CanUploadScores")

    assert export(room, token=token).status_code == 401
