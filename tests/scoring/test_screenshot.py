"""Screenshots, as clients ask for them."""

from __future__ import annotations

import gzip
import io

import numpy as np
import pytest
from PIL import Image

from tests.scoring.anno2_files import points_zip
from tests.scoring.builders import READER

POLYGON = (
    '[{"type":"polygon","points":[{"x":100,"y":100},{"x":300,"y":100},{"x":300,"y":200},'
    '{"x":100,"y":200}]}]'
)


def shoot(room, **parameters):
    reply = room.call(
        "GetScreenshot",
        verb="GET",
        **{"imageid": room.study.slide_id, "level": 14, "showScalebar": "false", **parameters},
    )
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "image/jpeg"
    return np.asarray(Image.open(io.BytesIO(reply.content)))


def refused(room, **parameters):
    reply = room.call(
        "GetScreenshot",
        verb="GET",
        **{"imageid": room.study.slide_id, "level": 14, **parameters},
    )
    return reply.status_code, reply.json()["error"]


def answer(room, question, value, email=READER):
    line = f"{room.study.slide_id}\tone\t{email}\t{question}\t{value}"
    reply = room.call("UploadResults", studyId=room.study.id, results=f"\n{line}").json()
    assert reply["success"], reply


def coloured(pixels):
    return (pixels.max(axis=2).astype(int) - pixels.min(axis=2)) > 40


@pytest.mark.parametrize(
    ("level", "size"),
    [(14, (600, 400)), (10, (600, 400)), (9, (300, 200)), (7, (75, 50)), (0, (1, 1))],
)
def test_whole_slide_has_the_size_of_the_level_and_never_more_than_its_own(room, level, size):
    # Source: slidescore.md 3.8: clients ask for level 14 of any slide.
    pixels = shoot(room, level=level)

    assert (pixels.shape[1], pixels.shape[0]) == size


def test_all_zero_is_the_whole_slide(room):
    pixels = shoot(room, x=0, y=0, width=0, height=0)

    assert pixels.shape[:2] == (400, 600)


def test_region_is_in_pixels_of_the_finest_level(room):
    answer(room, "Regions", POLYGON)

    pixels = shoot(room, x=80, y=80, width=100, height=60, level=9, withAnnotationForUser=READER)

    assert pixels.shape[:2] == (30, 50)
    assert coloured(pixels)[9:12, 20:].any()
    assert not coloured(pixels)[:6].any()


def test_region_is_cut_at_the_slides_edges(room):
    assert shoot(room, x=-50, y=350, width=100, height=100).shape[:2] == (50, 50)


def test_region_may_come_with_a_decimal_point(room):
    assert shoot(room, x="10.0", y=0, width="99.6", height=50).shape[:2] == (50, 100)


def test_annotations_of_the_person_are_drawn_in_the_questions_colour(room):
    answer(room, "Regions", POLYGON)

    plain = shoot(room)
    drawn = shoot(room, withAnnotationForUser=READER)

    assert not coloured(plain).any()
    assert np.abs(drawn[100, 200].astype(int) - [0x3C, 0xB4, 0x4B]).max() < 40


def test_only_the_questions_asked_for_are_drawn(room):
    answer(room, "Regions", POLYGON)
    answer(room, "Cells", '[{"x":500,"y":300}]')

    def seen(**wanted):
        found = coloured(shoot(room, withAnnotationForUser=READER, **wanted))
        return bool(found[100, 150:250].any()), bool(found[295:305, 495:505].any())

    assert seen() == (True, True)
    assert seen(question="Regions") == (True, False)
    assert seen(scoreIDs="4") == (False, True)
    assert seen(scoreIDs=" 4, 5 ") == (True, True)
    assert seen(question="") == (True, True)


def test_annotations_of_others_are_not_drawn(room):
    answer(room, "Regions", POLYGON)
    answer(room, "Remarks", "here", email="other@example.org")

    assert not coloured(shoot(room, withAnnotationForUser="other@example.org")).any()


def test_shapes_with_null_coordinates_are_left_out(room):
    broken = '[{"type":"ellipse","center":{"x":null,"y":null},"size":{"x":9,"y":9}},'
    answer(room, "Regions", broken + POLYGON[1:])

    assert coloured(shoot(room, withAnnotationForUser=READER)).any()


@pytest.mark.parametrize(
    "data",
    [points_zip([{"x": 200, "y": 100}]), gzip.compress(b'[{"x":200,"y":100}]')],
    ids=["zip", "gzip"],
)
def test_annotation_files_are_drawn(room, tmp_path, data):
    made = room.call(
        "CreateAnno2",
        studyId=room.study.id,
        imageId=room.study.slide_id,
        question="Cells",
        email=READER,
    ).json()
    room.arrive(made["annoUUID"], data, tmp_path)

    pixels = shoot(room, withAnnotationForUser=READER)

    assert np.abs(pixels[100, 200].astype(int) - [0xE6, 0x19, 0x4B]).max() < 40
    assert coloured(pixels).sum() < 200


def test_annotation_file_that_is_gone_is_told(room, tmp_path):
    made = room.call(
        "CreateAnno2",
        studyId=room.study.id,
        imageId=room.study.slide_id,
        question="Cells",
        email=READER,
    ).json()
    room.arrive(made["annoUUID"], points_zip([{"x": 200, "y": 100}]), tmp_path)
    (path,) = room.stores.annotations.root.rglob("*.anno2")
    path.unlink()

    assert refused(room, withAnnotationForUser=READER) == (
        422,
        "the annotation file of Cells cannot be read",
    )


def test_scale_bar_is_drawn_unless_refused(room):
    def has_bar(**parameters):
        return bool((shoot(room, **parameters)[350:] < 200).any())

    assert has_bar(showScalebar=None)
    assert has_bar(showScalebar="true")
    assert not has_bar(showScalebar="false")


@pytest.mark.parametrize(
    ("parameters", "status", "told"),
    [
        # Source: seed, GetScreenshot: its error codes.
        ({"question": "Regions", "scoreIDs": "5"}, 400, "question and scoreIDs cannot be combined"),
        ({"imageid": 999}, 404, "there is no slide 999"),
        ({"level": None}, 400, "the parameter level is missing"),
        ({"level": -1}, 400, "level must be 0 or above, not -1"),
        ({"x": 10, "y": 10}, 400, "width and height must be above 0"),
        ({"x": 0, "y": 0, "width": -5, "height": 5}, 400, "width and height must be above 0"),
        ({"x": 700, "y": 0, "width": 5, "height": 5}, 400, "lies outside the slide"),
        ({"question": "Regions"}, 400, "withAnnotationForUser is missing"),
        ({"withAnnotationForUser": "no@example.org"}, 404, "nobody has the address"),
        ({"withAnnotationForUser": READER, "scoreIDs": "a"}, 400, "scoreIDs must be whole"),
    ],
)
def test_wrong_request_has_its_status_and_reason(room, parameters, status, told):
    answer(room, "Regions", POLYGON)

    code, error = refused(room, **parameters)

    assert code == status
    assert told in error


def test_unknown_or_undrawn_question_is_told(room):
    answer(room, "Regions", POLYGON)

    assert refused(room, withAnnotationForUser=READER, question="No")[0] == 404
    assert refused(room, withAnnotationForUser=READER, scoreIDs="77")[0] == 404
    assert refused(room, withAnnotationForUser=READER, question="Remarks")[0] == 400


@pytest.mark.parametrize("granted", ["CanGetPixels", "CanGetAnyScores", "CanUploadScores"])
def test_both_rights_are_needed(room, granted):
    token = room.make_token(granted)

    assert refused(room, token=token)[0] == 401


def test_both_rights_are_enough(room):
    token = room.make_token("CanGetPixels,CanGetAnyScores")

    assert shoot(room, token=token).shape[:2] == (400, 600)


def test_too_large_a_screenshot_is_told(room, monkeypatch):
    monkeypatch.setattr("scoring.screenshot.MAX_PIXELS", 100_000)

    status, error = refused(room)

    assert status == 400
    assert "the screenshot would have 600 x 400 pixels" in error
    assert shoot(room, level=9).shape[:2] == (200, 300)
