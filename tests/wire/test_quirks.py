"""What shipping clients do, row by row of the table in the specification's section 1."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
import requests

from tests.wire.served import Server, WiredStudy


def _get(server: Server, path: str, **headers: str) -> requests.Response:
    return requests.get(
        server.url + path, headers={"Authorization": f"Bearer {server.token}"} | headers, timeout=30
    )


@pytest.mark.parametrize("name", ["studyid", "studyId", "STUDYID", "StudyID"])
def test_parameter_names_are_read_in_any_case(server: Server, study: WiredStudy, name: str):
    assert server.call("Images", **{name: study.id}).json()[0]["id"] == study.slide_id


@pytest.mark.parametrize("path", ["/Api/Studies", "/api/studies", "/API/STUDIES"])
def test_call_names_are_matched_in_any_case(server: Server, study: WiredStudy, path: str):
    assert study.id in [row["id"] for row in _get(server, path).json()]


def test_parameters_come_from_the_query_a_form_on_get_or_both(server: Server, study: WiredStudy):
    in_query = _get(server, f"/Api/GetImageMetadata?imageId={study.slide_id}").json()
    in_body = server.call("GetImageMetadata", imageId=study.slide_id).json()
    mixed = requests.get(
        f"{server.url}/Api/GetTileServer?imageId={study.slide_id}",
        data={"unused": "1"},
        headers={"Authorization": f"Bearer {server.token}"},
        timeout=30,
    ).json()

    assert in_query == in_body
    assert {"cookiePart", "urlPart", "expiresOn"} <= mixed.keys()


@pytest.mark.parametrize("name", ["Images", "Cases", "Questions", "Scores", "GetConfig"])
def test_read_calls_answer_post_as_well(server: Server, study: WiredStudy, name: str):
    by_get = server.call(name, studyId=study.id)
    by_post = server.call(name, verb="POST", studyId=study.id)

    assert by_post.status_code == 200
    assert by_post.json() == by_get.json()


def test_write_calls_do_not_answer_get(server: Server, study: WiredStudy):
    assert server.call("UploadResults", studyId=study.id, results="").status_code == 405


def test_the_tail_of_a_token_is_tolerated(server: Server):
    tailed = f"{server.token}#expires:2027-01-31T00:00:00"

    assert server.call("Studies", bearer=tailed).status_code == 200


def test_scores_are_json_or_tsv_as_accept_asks(server: Server, study: WiredStudy):
    path = f"/Api/Scores?studyId={study.id}"

    as_json = _get(server, path, Accept="application/json")
    as_text = _get(server, path, Accept="text/plain")

    assert isinstance(as_json.json(), list)
    header = as_text.text.splitlines()[0].split("\t")
    assert header[:5] == ["ImageID", "Image Name", "By", "Question", "Answer"]


def test_scores_of_plain_slides_have_no_tma_keys_nor_case(server: Server, study: WiredStudy):
    row = f"\n{study.slide_id}\t{study.slide_name}\tkeys@example.org\tRemark\tfine"
    sent = server.call("UploadResults", verb="POST", studyId=study.id, results=row)

    [answer] = server.call("Scores", studyId=study.id, email="keys@example.org").json()

    assert sent.json()["success"] is True
    assert {"tmaRow", "tmaCol", "tmaSampleID"}.isdisjoint(answer)
    assert answer.get("caseName") is None
    assert answer["imageID"] == study.slide_id
    assert answer["answer"] == "fine"
    assert isinstance(answer["id"], int)


def test_the_first_line_of_results_is_always_dropped(server: Server, study: WiredStudy):
    row = f"{study.slide_id}\t{study.slide_name}\tfirst@example.org\tRemark\tonly one"

    server.call("UploadResults", verb="POST", studyId=study.id, results=f"#header\n{row}\n\n")
    server.call("UploadResults", verb="POST", studyId=study.id, results=row)

    assert len(server.call("Scores", studyId=study.id, email="first@example.org").json()) == 1


def test_metadata_is_camel_case_in_an_envelope(server: Server, study: WiredStudy):
    reply = server.call("GetImageMetadata", imageid=study.slide_id).json()

    assert reply["success"] is True
    metadata = reply["metadata"]
    expected = (
        "level0TileWidth level0TileHeight osdTileSize mppX mppY objectivePower backgroundColor "
        "levelCount zLayerCount level0Width level0Height levelWidths levelHeights downsamples "
        "fileName boundsX boundsY boundsWidth boundsHeight"
    )
    assert set(expected.split()) <= metadata.keys()
    assert metadata["fileName"] == "test-image"
    assert metadata["osdTileSize"] < 465
    assert metadata["levelWidths"][0] == metadata["level0Width"]


def test_the_dzi_describes_what_the_tiles_are(server: Server, study: WiredStudy):
    access = server.call("GetTileServer", imageId=study.slide_id).json()

    reply = requests.get(
        f"{server.url}/i/{study.slide_id}/{access['urlPart']}/i.dzi",
        cookies={"t": access["cookiePart"]},
        timeout=30,
    )

    image = ET.fromstring(reply.text)
    assert image.tag == "{http://schemas.microsoft.com/deepzoom/2008}Image"
    assert image.get("Overlap") == "0"
    assert image.get("Format") == "jpeg"
    assert [int(image[0].get(name)) for name in ("Width", "Height")] == [501, 465]


def test_a_wrong_tile_token_is_503_so_that_clients_ask_again(server: Server, study: WiredStudy):
    access = server.call("GetTileServer", imageId=study.slide_id).json()
    good = f"{server.url}/i/{study.slide_id}/{access['urlPart']}/i_files/0/0_0.jpeg"
    wrong = f"{server.url}/i/{study.slide_id}/{'x' * 18}/i_files/0/0_0.jpeg"
    cookie = {"t": access["cookiePart"]}

    assert requests.get(good, cookies=cookie, timeout=30).status_code == 200
    assert requests.get(wrong, cookies=cookie, timeout=30).status_code == 503
    assert requests.get(good, timeout=30).status_code == 503


def test_token_expiry_is_told(server: Server, study: WiredStudy):
    access = server.call("GetTileServer", imageId=study.slide_id).json()

    reply = server.call(
        "GetTokenExpiry", cookiePart=access["cookiePart"], urlPart=access["urlPart"]
    ).json()

    assert reply["expiresOn"] == access["expiresOn"]


def test_set_slide_description_answers_exactly_an_empty_object(server: Server, study: WiredStudy):
    reply = server.call(
        "SetSlideDescription",
        verb="POST",
        studyId=study.id,
        imageId=study.slide_id,
        description="<b>good</b><script>alert(1)</script>",
    )

    assert reply.text == "{}"
    described = server.call("GetSlideDescription", imageId=study.slide_id).json()
    assert described["success"] is True
    assert "script" not in described["description"]
    assert "good" in described["description"]


def test_slide_details_name_the_study_as_a_number(server: Server, study: WiredStudy):
    details = server.call("GetSlideDetails", imageid=study.slide_id).json()

    assert details["studyID"] == study.id


def test_a_screenshot_deeper_than_the_slide_is_the_slide_itself(server: Server, study: WiredStudy):
    # Source: slidescore.md 3.8: examples ask for level 14 of any slide.
    from io import BytesIO

    from PIL import Image

    deep = server.call("GetScreenshot", imageid=study.slide_id, level=15, showScalebar="false")
    region = server.call(
        "GetScreenshot", imageid=study.slide_id, level=8, x=0, y=0, width=200, height=100
    )

    assert Image.open(BytesIO(deep.content)).size == (501, 465)
    assert Image.open(BytesIO(region.content)).size == (100, 50)


def test_both_tus_addresses_answer(server: Server):
    for path in ("/files", "/files/"):
        reply = requests.options(server.url + path, timeout=30)
        assert reply.status_code in (200, 204)
        assert reply.headers["Tus-Version"] == "1.0.0"
        assert "creation" in reply.headers["Tus-Extension"]


def test_health_is_told_without_a_token(server: Server):
    assert requests.get(f"{server.url}/healthz", timeout=30).status_code == 200
