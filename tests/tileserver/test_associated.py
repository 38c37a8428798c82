"""Labels and other pictures of a slide's file, and who may see them."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from access import people
from access.rights import Right
from records.tables import Study, StudyMember
from tests.tileserver.test_routes import NOW, server  # noqa: F401 a fixture


def ask(server, token=None, **params):  # noqa: F811
    headers = params.pop("headers", {"Authorization": f"Bearer {token or server.token()}"})
    asked = {"imageId": 1, "name": "label", **params}
    return server.client.get("/Api/GetAssociatedImage", params=asked, headers=headers)


def set_labels(server, value):  # noqa: F811
    with server.database.writing() as session:
        session.get(Study, 1).settings = json.dumps({"showlabels": value})


def sign_in(server, **rights):  # noqa: F811
    with server.database.writing() as session:
        session.get(Study, 1).published_at = NOW
        user = people.find_or_add_user(session, "bob@example.org")
        people.set_password(session, user, "Secret-1234")
        session.add(StudyMember(study_id=1, user_id=user.id, **rights))
        session.flush()
        secret = people.start_session(session, user_id=user.id, now=NOW)
    server.client.cookies.set(people.SESSION_COOKIE, secret)
    return {"headers": {}}


def test_the_label_is_a_jpeg_of_its_own_size(server):  # noqa: F811
    reply = ask(server)

    assert reply.status_code == 200
    assert reply.headers["content-type"] == "image/jpeg"
    image = Image.open(io.BytesIO(reply.content))
    assert image.size == (40, 40)
    assert np.asarray(image).max() < 10


def test_metadata_names_what_there_is(server):  # noqa: F811
    metadata = server.call("GetImageMetadata", imageId=1).json()["metadata"]

    assert metadata["associatedImages"] == ["label", "thumbnail"]


@pytest.mark.parametrize("name", ["macro", "", "../label", "label\n"])
def test_other_names_are_not_there(server, name):  # noqa: F811
    reply = ask(server, name=name)

    assert reply.status_code == 404
    assert "label, thumbnail" in reply.json()["error"]


def test_a_token_for_pixels_alone_sees_no_label(server):  # noqa: F811
    pixels = server.token(Right.CAN_GET_PIXELS)

    refused = ask(server, pixels)

    assert refused.status_code == 401
    assert "CanDownloadSlides" in refused.json()["error"]
    assert ask(server, pixels, name="thumbnail").status_code == 200
    both = server.token(Right.CAN_GET_PIXELS, Right.CAN_DOWNLOAD_SLIDES)
    assert ask(server, both).status_code == 200


@pytest.mark.parametrize(
    ("setting", "status"), [("true", 200), ("Yes", 200), ("false", 401), ("", 401)]
)
def test_a_study_may_show_labels_to_its_readers(server, setting, status):  # noqa: F811
    set_labels(server, setting)
    bob = sign_in(server, can_score=True)

    assert ask(server, **bob).status_code == status
    assert ask(server, name="thumbnail", **bob).status_code == 200


def test_who_edits_a_study_sees_its_labels(server):  # noqa: F811
    set_labels(server, "false")
    bob = sign_in(server, can_edit=True)

    assert ask(server, **bob).status_code == 200


def test_who_is_not_of_the_study_hears_that_there_is_no_such_slide(server):  # noqa: F811
    set_labels(server, "true")
    elsewhere = server.token(Right.CAN_GET_PIXELS, read_studies=("other",))

    reply = ask(server, elsewhere)

    assert reply.status_code == 401
    assert reply.json()["error"] == ask(server, elsewhere, imageId=99).json()["error"].replace(
        "99", "1"
    )


def test_thumbnails_are_as_large_as_asked(server):  # noqa: F811
    reply = server.call("GetThumbnail", imageId=1, size=100)

    assert Image.open(io.BytesIO(reply.content)).size == (100, 60)
    assert server.call("GetThumbnail", imageId=1, size=9999).status_code == 400
    poor = server.token(Right.CAN_GET_SCORES)
    assert server.call("GetThumbnail", poor, imageId=1).status_code == 401


def test_a_giant_label_is_not_decoded(server, monkeypatch):  # noqa: F811
    monkeypatch.setattr("tileserver.readers.base.MAX_ASSOCIATED_PIXELS", 40 * 40 - 1)

    reply = ask(server)

    assert reply.status_code == 422
    assert "too large" in reply.json()["error"]
