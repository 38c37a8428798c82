"""IIIF over the wire: who is let in, what is told, and pixels that are those of the file."""

from __future__ import annotations

import io

import numpy as np
import pytest
import requests
from PIL import Image

from tests.wire.served import SLIDE_SIZE, Server, WiredStudy

FOREIGN = {"Origin": "https://viewer.example.org"}


@pytest.fixture(scope="module")
def base(server: Server, study: WiredStudy) -> str:
    """Give the address of the slide as GetTileServer tells it, which needs nothing else."""
    return server.url + server.call("GetTileServer", imageId=study.slide_id).json()["iiif"]


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=20, allow_redirects=False)


def picture(url: str) -> np.ndarray:
    reply = get(url)
    assert reply.status_code == 200, reply.text
    return np.asarray(Image.open(io.BytesIO(reply.content)))


def test_the_document_repeats_the_address_it_was_asked_under(base: str) -> None:
    reply = get(f"{base}/info.json", **FOREIGN)

    told = reply.json()
    assert told["id"] == base
    assert next(iter(told)) == "@context"
    assert (told["type"], told["profile"]) == ("ImageService3", "level2")
    assert (told["width"], told["height"]) == SLIDE_SIZE
    assert told["tiles"] == [{"width": 128, "height": 128, "scaleFactors": [1, 2, 4]}]
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in reply.headers
    assert reply.headers["content-type"].startswith("application/ld+json;profile=")
    plain = get(f"{base}/info.json", Accept="application/json")
    assert plain.headers["content-type"] == "application/json"


def test_the_base_address_leads_to_the_document(base: str) -> None:
    reply = get(base)

    assert reply.status_code == 303
    assert reply.headers["location"] == f"{base}/info.json"


def test_tiles_are_those_of_deep_zoom_bit_for_bit(
    base: str, server: Server, study: WiredStudy
) -> None:
    token = server.call("GetTileServer", imageId=study.slide_id).json()
    root = f"{server.url}/i/{study.slide_id}/{token['urlPart']}/i_files"
    width, height = SLIDE_SIZE
    for factor, dz_level in ((1, 9), (2, 8), (4, 7)):
        for column in range(-(-width // (128 * factor))):
            for row in range(-(-height // (128 * factor))):
                x, y = column * 128 * factor, row * 128 * factor
                w, h = min(128 * factor, width - x), min(128 * factor, height - y)
                size = f"{-(-w // factor)},{-(-h // factor)}"
                ours = get(f"{base}/{x},{y},{w},{h}/{size}/0/default.jpg")
                theirs = requests.get(
                    f"{root}/{dz_level}/{column}_{row}.jpeg",
                    cookies={"t": token["cookiePart"]},
                    timeout=30,
                )
                assert ours.content == theirs.content, (factor, column, row)
                assert ours.headers["etag"] == theirs.headers["etag"]


def test_a_canonical_link_and_a_tag_go_with_a_picture(base: str) -> None:
    url = f"{base}/pct:0,0,50,50/!100,100/0/color.jpg"

    reply = get(url)

    assert f'<{base}/0,0,250,232/100,93/0/default.jpg>;rel="canonical"' in reply.headers["link"]
    assert 'level2.json>;rel="profile"' in reply.headers["link"]
    again = get(url, **{"If-None-Match": reply.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = requests.head(url, timeout=30)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(reply.content)


def test_turning_and_mirroring_are_exact_in_png(base: str) -> None:
    plain = picture(f"{base}/10,20,300,100/max/0/default.png")

    assert plain.shape == (100, 300, 3)
    for degrees, turns in ((90, 3), (180, 2), (270, 1)):
        turned = picture(f"{base}/10,20,300,100/max/{degrees}/default.png")
        np.testing.assert_array_equal(turned, np.rot90(plain, turns))
    mirrored = picture(f"{base}/10,20,300,100/max/!90/default.png")
    np.testing.assert_array_equal(mirrored, np.rot90(plain[:, ::-1], 3))
    grey = picture(f"{base}/10,20,300,100/max/0/gray.png")
    np.testing.assert_array_equal(grey, np.asarray(Image.fromarray(plain).convert("L")))
    two = picture(f"{base}/10,20,300,100/max/0/bitonal.png")
    np.testing.assert_array_equal(two, np.where(grey < 128, 0, 255))


def test_corners_of_a_turned_png_are_clear(base: str) -> None:
    turned = picture(f"{base}/0,0,100,100/max/45/default.png")

    assert turned.shape[2] == 4
    assert turned[0, 0, 3] == 0
    assert turned[turned.shape[0] // 2, turned.shape[1] // 2, 3] == 255


def test_a_resized_picture_is_near_that_of_another_resampler(base: str) -> None:
    """Oracle: Pillow over the whole region at full detail."""
    full = picture(f"{base}/full/max/0/default.png")
    ours = picture(f"{base}/33,21,377,311/150,124/0/default.png")

    box = (33, 21, 33 + 377, 21 + 311)
    theirs = Image.fromarray(full).resize((150, 124), Image.Resampling.BOX, box=box)
    difference = np.abs(ours.astype(int) - np.asarray(theirs).astype(int))
    assert difference.mean() < 1
    assert difference.max() < 12


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        ("full/max/0/default.tif", 501),
        ("full/600,/0/default.jpg", 400),
        ("full/^9000,/0/default.jpg", 404),
        ("600,600,10,10/max/0/default.jpg", 400),
        ("full/max/0/fine.jpg", 400),
        ("full/max/0", 404),
        ("full/max/0/default.jpg?icc=adobe", 400),
    ],
)
def test_errors_have_the_statuses_of_the_api(base: str, rest: str, status: int) -> None:
    reply = get(f"{base}/{rest}")

    assert reply.status_code == status
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.text.strip()


def test_a_token_opens_its_own_slide_only(base: str, server: Server) -> None:
    root, _, identifier = base.rpartition("/")
    _, url_part, cookie_part = identifier.split("~")

    assert get(f"{root}/999~{url_part}~{cookie_part}/info.json").status_code == 401
    assert get(f"{base}x/info.json").status_code == 401
    assert get(f"{root}/{identifier.rpartition('~')[0]}/info.json").status_code == 401
    assert get(f"{root}/nonsense/info.json").status_code == 404


def test_a_bearer_is_let_in_under_the_bare_number(server: Server, study: WiredStudy) -> None:
    url = f"{server.url}/iiif/3/{study.slide_id}/info.json"
    poor = server.make_token(rights="CanGetScores")

    assert get(url).status_code == 401
    assert get(url, Authorization=f"Bearer {poor}").status_code == 401
    reply = get(url, Authorization=f"Bearer {server.token}")
    assert reply.json()["id"] == f"{server.url}/iiif/3/{study.slide_id}"


def test_a_page_elsewhere_may_send_a_bearer(base: str) -> None:
    asking = {
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    reply = requests.options(f"{base}/info.json", headers={**FOREIGN, **asking}, timeout=30)

    assert reply.status_code == 204
    assert "Authorization" in reply.headers["access-control-allow-headers"]
    assert requests.post(f"{base}/info.json", timeout=30).status_code == 405
