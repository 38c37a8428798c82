"""Tiles over HTTP, as browsers and scripts ask for them."""

import io
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import simplejpeg
from PIL import Image
from starlette.testclient import TestClient

from access.tokens import SlideFileLinks, TileTokens
from records.errors import NotFoundError, RightsError
from slides_sample import gradient
from tileserver import readers
from tileserver.grants import Grants
from tileserver.pool import SlidePool
from tileserver.service import TileService
from tileserver.sources import SLIDE_FILE, SlideFiles, SlideSource
from tileserver.tileapp import TileApp

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
KEY = b"k" * 32
HOLDER = "t1-somebody"
WIDTH, HEIGHT = 1003, 605


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


class Site:
    """A tile application over two slides, with what tests turn and count."""

    def __init__(self, slides, roots, shelf):
        self.slides = slides
        self.located = []
        self.refused = set()
        self.clock = Clock()
        self.seconds = 0.0
        self.tokens = TileTokens(KEY)
        self.links = SlideFileLinks(KEY)
        self.opened = []
        self.shelf = shelf
        self.service = TileService(
            SlidePool(self.open, capacity=4),
            self.shelf,
            threads=2,
        )
        self.files = SlideFiles(roots, self.links)
        self.grants = Grants(self.locate, clock=lambda: self.seconds)
        app = TileApp(self.service, self.grants, self.tokens, self.clock)
        self.client = TestClient(app)

    def open(self, path):
        self.opened.append(path.name)
        return readers.open_slide(path)

    def locate(self, slide_id, holder):
        if slide_id == SLIDE_FILE:
            return self.files.source(holder, self.clock.now)
        self.located.append(slide_id)
        if holder in self.refused:
            raise RightsError(f"you may not see slide {slide_id}")
        if slide_id not in self.slides:
            raise NotFoundError(f"there is no slide {slide_id}")
        return SlideSource(path=self.slides[slide_id], name="S26-0001", mpp_override=None)

    def issue(self, slide_id, holder=HOLDER, **options):
        return self.tokens.issue(slide_id, self.clock.now, holder=holder, **options)

    def get(self, slide_id, what, *, token=None, cookie=None, method="GET", headers=None):
        token = token or self.issue(slide_id)
        cookie = f"t={token.cookie_part}" if cookie is None else cookie
        url = f"/i/{slide_id}/{token.url_part}/{what}"
        return self.client.request(method, url, headers={"cookie": cookie, **(headers or {})})


@pytest.fixture
def site(gradient_tiff, tmp_path, shelf):
    broken = tmp_path / "broken.svs"
    broken.write_text("no slide")
    site = Site({1: gradient_tiff, 2: broken}, [tmp_path], shelf)
    yield site
    site.service.close()


def expected_tile(x, y, width, height):
    return gradient.expected_region((x, y, width, height), 1, (WIDTH, HEIGHT))


@pytest.mark.parametrize(
    "what",
    [
        "i_files/10/1_2.jpeg",
        "_files/10/1_2.jpeg",
        "i_files/10/1_2.jpg",
        "I_Files/10/1_2.JPEG",
    ],
)
def test_a_tile_is_jpeg_of_its_part_of_the_slide(site, what):
    reply = site.get(1, what)

    assert reply.status_code == 200
    assert reply.headers["content-type"] == "image/jpeg"
    assert int(reply.headers["content-length"]) == len(reply.content)
    assert reply.content.startswith(b"\xff\xd8\xff")
    pixels = simplejpeg.decode_jpeg(reply.content)
    assert pixels.shape == (128, 128, 3)
    assert np.abs(pixels - expected_tile(128, 256, 128, 128)).mean() < 3


@pytest.mark.parametrize("column_row", ["8_0", "0_5", "999999999_0"])
def test_a_tile_just_outside_the_grid_is_404(site, column_row):
    assert site.get(1, f"i_files/10/{column_row}.jpeg").status_code == 404


@pytest.mark.parametrize(
    "what",
    ["i_files/11/0_0.jpeg", "i_files/10/0_0.png", "i_files/10/a_0.jpeg", "x.dzi", "i_files/"],
)
def test_what_is_not_there_is_404(site, what):
    reply = site.get(1, what)

    assert reply.status_code == 404
    assert reply.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("prefix", ["", "/slidescore"])
def test_the_address_works_under_a_prefix(site, prefix):
    token = site.issue(1)

    reply = site.client.get(
        f"{prefix}/i/1/{token.url_part}/i_files/0/0_0.jpeg",
        headers={"cookie": f"t={token.cookie_part}"},
    )

    assert reply.status_code == 200


def test_the_descriptor_is_deep_zoom_xml(site):
    reply = site.get(1, "i.dzi")
    root = ElementTree.fromstring(reply.content)

    assert reply.headers["cache-control"] == "private, no-cache"
    assert root.get("TileSize") == "128"
    assert root.get("Overlap") == "0"
    assert root[0].attrib == {"Width": "1003", "Height": "605"}


def test_metadata_is_that_of_the_api(site):
    metadata = site.get(1, "metadata.json").json()["metadata"]

    assert metadata["level0Width"] == 1003
    assert metadata["osdTileSize"] == 128
    assert metadata["fileName"] == "S26-0001"


@pytest.mark.parametrize(("query", "expected"), [("", (256, 154)), ("?size=64", (64, 39))])
def test_a_thumbnail_shows_the_whole_slide(site, query, expected):
    reply = site.get(1, f"thumbnail.jpeg{query}")

    image = Image.open(io.BytesIO(reply.content))
    assert image.size == expected
    corner = np.asarray(image)[-1, -1]
    assert corner[0] > 215
    assert corner[1] > 215


@pytest.mark.parametrize("size", ["0", "15", "1025", "99999"])
def test_a_thumbnail_of_another_size_is_400(site, size):
    assert site.get(1, f"thumbnail.jpeg?size={size}").status_code == 400


def test_head_sends_the_headers_alone(site):
    whole = site.get(1, "i_files/10/0_0.jpeg")

    reply = site.get(1, "i_files/10/0_0.jpeg", method="HEAD")

    assert reply.status_code == 200
    assert reply.content == b""
    assert reply.headers["content-length"] == whole.headers["content-length"]
    assert reply.headers["etag"] == whole.headers["etag"]


def test_other_methods_are_405(site):
    reply = site.get(1, "i_files/10/0_0.jpeg", method="POST")

    assert reply.status_code == 405
    assert reply.headers["allow"] == "GET, HEAD"


def test_a_tile_may_be_kept_by_its_owner_and_asked_for_by_tag(site):
    first = site.get(1, "i_files/10/0_0.jpeg")
    assert first.headers["cache-control"].startswith("private, max-age=")

    again = site.get(
        1, "i_files/10/0_0.jpeg", headers={"if-none-match": f'"x", W/{first.headers["etag"]}'}
    )

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]


def test_a_replaced_file_has_other_tags_and_pixels(site):
    before = site.get(1, "i_files/0/0_0.jpeg")
    gradient.write_gradient_slide(site.slides[1], width=700, height=900)

    after = site.get(1, "i_files/0/0_0.jpeg", headers={"if-none-match": before.headers["etag"]})

    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]
    assert ElementTree.fromstring(site.get(1, "i.dzi").content)[0].get("Width") == "700"


def test_an_expired_token_is_503_that_names_the_call_for_a_new_one(site):
    token = site.issue(1)
    assert site.get(1, "i_files/10/0_0.jpeg", token=token).status_code == 200
    site.clock.now += timedelta(days=2)

    reply = site.get(1, "i_files/10/0_0.jpeg", token=token)

    assert reply.status_code == 503
    assert "GetTileServer" in reply.text
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("cookie", ["", "t=", "t=made.up.thing", "other=1", "t=a; t=b", b"t=\xff"])
def test_without_the_right_cookie_it_is_503(site, cookie):
    reply = site.get(1, "i_files/10/0_0.jpeg", cookie=cookie)

    assert reply.status_code == 503
    assert "GetTileServer" in reply.text


def test_a_token_is_good_for_its_own_slide_only(site):
    token = site.issue(2)

    assert site.get(1, "i_files/10/0_0.jpeg", token=token).status_code == 503


def test_one_cookie_serves_many_slides_and_stands_among_others(site):
    first = site.issue(2)
    token = site.issue(1, cookie_part=first.cookie_part)
    cookies = f"session=1; t=stale.1.x; t={first.cookie_part}; last=2"

    assert site.get(1, "i_files/10/0_0.jpeg", token=token, cookie=cookies).status_code == 200


def test_an_unreadable_slide_is_422_that_names_the_file(site):
    reply = site.get(2, "i_files/10/0_0.jpeg")

    assert reply.status_code == 422
    assert "broken.svs" in reply.text
    assert str(site.slides[2].parent) not in reply.text


def test_a_slide_that_is_gone_is_404(site):
    assert site.get(3, "i_files/10/0_0.jpeg").status_code == 404


def test_the_database_is_asked_once_per_slide(site):
    for column in range(5):
        site.get(1, f"i_files/10/{column}_0.jpeg")

    assert site.located == [1]
    assert site.opened == ["gradient.tif"]


def test_a_changed_path_is_seen_when_told_and_after_a_while_when_not(site, gradient_svs):
    site.get(1, "i.dzi")
    site.slides[1] = gradient_svs

    tile_sizes = []
    for step in ("nothing", "forget", "other", "time"):
        if step == "forget":
            site.grants.forget(1)
        if step == "other":
            site.slides[1] = gradient_svs.with_name("gradient.tif")
        if step == "time":
            site.seconds += 31
        tile_sizes.append(ElementTree.fromstring(site.get(1, "i.dzi").content).get("TileSize"))

    assert tile_sizes == ["128", "256", "256", "128"]


def test_who_lost_the_right_hears_401_within_half_a_minute_and_others_go_on(site):
    mine, theirs = site.issue(1), site.issue(1, holder="s2-somebody-else")
    for token in (mine, theirs):
        assert site.get(1, "i_files/10/0_0.jpeg", token=token).status_code == 200
    site.refused.add(HOLDER)

    site.seconds += 29
    before = site.get(1, "i_files/10/0_0.jpeg", token=mine)
    site.seconds += 2
    after = [site.get(1, what, token=mine) for what in ("i_files/10/0_0.jpeg", "i.dzi")]

    assert before.status_code == 200
    assert [(reply.status_code, reply.text) for reply in after] == [
        (401, "you may not see slide 1\n")
    ] * 2
    assert after[0].headers["cache-control"] == "no-store"
    assert site.get(1, "i_files/10/0_0.jpeg", token=theirs).status_code == 200


def test_a_slide_that_changes_while_it_is_looked_up_is_looked_up_again(site):
    original = site.grants._look_up

    def look_up(slide_id, holder):
        source = original(slide_id, holder)
        site.grants.forget(slide_id)
        return source

    site.grants._look_up = look_up
    site.get(1, "i_files/10/0_0.jpeg")
    site.grants._look_up = original
    site.get(1, "i_files/10/0_0.jpeg")
    site.get(1, "i_files/10/0_0.jpeg")

    assert site.located == [1, 1]


def test_a_linked_slide_file_needs_no_cookie(site):
    link = site.links.issue(str(site.slides[1]), NOW)

    reply = site.client.get(f"/i/0/{link}/i_files/10/0_0.jpeg")

    assert reply.status_code == 200
    assert site.client.get(f"/i/0/{link}/i.dzi").status_code == 200
    assert site.located == []


def test_a_link_that_was_changed_or_has_expired_is_503(site):
    link = site.links.issue(str(site.slides[1]), NOW)

    changed = site.client.get(f"/i/0/x{link}/i.dzi")
    site.clock.now += timedelta(days=2)
    site.seconds += 2 * 86400
    expired = site.client.get(f"/i/0/{link}/i.dzi")

    assert (changed.status_code, expired.status_code) == (503, 503)


def test_a_link_to_a_file_outside_the_roots_does_not_hold(site, tmp_path_factory, gradient_svs):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "a.svs"
    elsewhere.write_bytes(gradient_svs.read_bytes())
    (site.slides[1].parent / "link.svs").symlink_to(elsewhere)

    for path in (elsewhere, site.slides[1].parent / "link.svs"):
        link = site.links.issue(str(path), NOW)
        assert site.client.get(f"/i/0/{link}/i.dzi").status_code == 400


def test_simultaneous_requests_for_one_tile_make_it_once(site, monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    from tileserver import render

    made = []
    original = render.render_tile
    monkeypatch.setattr(
        render, "render_tile", lambda *args: made.append(args[1:4]) or original(*args)
    )
    token = site.issue(1)

    with ThreadPoolExecutor(6) as threads:
        replies = list(
            threads.map(lambda _: site.get(1, "i_files/9/0_0.jpeg", token=token), range(12))
        )

    assert {reply.content for reply in replies} == {replies[0].content}
    assert made == [(9, 0, 0)]
    assert site.located == [1]
