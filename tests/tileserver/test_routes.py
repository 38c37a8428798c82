"""The Api calls about pixels, as clients make them."""

import io
import os
from datetime import UTC, datetime

import pytest
from PIL import Image
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from access import holders, people, tokens
from access.calls import Door
from access.rights import ALL_RIGHTS, COMMAND_LINE, Right
from access.tokens import SlideFileLinks, TileTokens
from records.errors import InputError, NotFoundError
from records.filestore import FileStore
from records.tables import AuditEvent, Slide, Study, StudyMember
from tileserver import readers, sources
from tileserver.grants import Grants
from tileserver.pool import SlidePool
from tileserver.routes import TileEndpoints, calls
from tileserver.service import TileService
from tileserver.sources import SlideFiles
from tileserver.views import Views

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
KEY = b"k" * 32

# Source: slidescore.md 3.8.
METADATA_KEYS = {
    *("level0TileWidth", "level0TileHeight", "osdTileSize", "mppX", "mppY", "objectivePower"),
    *("backgroundColor", "levelCount", "zLayerCount", "level0Width", "level0Height"),
    *("levelWidths", "levelHeights", "downsamples", "fileName"),
    *("boundsX", "boundsY", "boundsWidth", "boundsHeight"),
}
OUR_METADATA_KEYS = {"associatedImages", "iccProfile"}


class Server:
    def __init__(self, database, images, roots, shelf):
        self.database = database
        self.files = FileStore(images)
        self.tile_tokens = TileTokens(KEY)
        self.links = SlideFileLinks(KEY)
        pool = SlidePool(readers.open_slide)
        self.service = TileService(pool, shelf)
        self.grants = Grants(self.look_up, remember_s=0)
        self.views = Views(self.service, pool, shelf, quality=85)
        self.slide_files = SlideFiles(roots, self.links)
        endpoints = TileEndpoints(
            self.service,
            self.grants,
            self.tile_tokens,
            self.slide_files,
            self.files,
            views=self.views,
        )
        door = Door(database, lambda: NOW)
        app = Starlette(routes=[call.route(door) for call in calls(endpoints)])
        self.client = TestClient(app, base_url="https://testserver")

    def look_up(self, slide_id, holder):
        with self.database.reading() as session:
            actor = holders.find_actor(session, holder, NOW)
            return sources.find_source(session, actor, files=self.files, slide_id=slide_id)

    def holder(self, token):
        """Return the holder of a token for the first slide, as GetTileServer gave it."""
        return self.tile_tokens.verify(1, token["urlPart"], token["cookiePart"], NOW)

    def token(self, *rights, read_studies=()):
        wanted = tokens.NewApiToken(
            name="t", rights=frozenset(rights) or ALL_RIGHTS, read_studies=read_studies
        )
        with self.database.writing() as session:
            return tokens.issue_api_token(session, COMMAND_LINE, wanted)

    def call(self, name, token=None, method="GET", headers=None, **params):
        bearer = {"Authorization": f"Bearer {token or self.token()}"}
        headers = bearer if headers is None else headers
        return self.client.request(method, f"/Api/{name}", params=params, headers=headers)


@pytest.fixture
def server(database, tmp_path, gradient_svs, shelf):
    images = tmp_path / "images"
    (images / "trial").mkdir(parents=True)
    gradient_svs.rename(images / "trial" / "S26-0001-HE.svs")
    (images / "trial" / "broken.svs").write_text("no slide")
    with database.writing() as session:
        study = Study(name="trial")
        session.add(study)
        session.flush()
        for name in ("S26-0001-HE", "broken"):
            session.add(Slide(study_id=study.id, name=name, path=f"trial/{name}.svs"))
    server = Server(database, images, [images], shelf)
    yield server
    server.views.close()
    server.service.close()


def test_slide_of_a_deleted_study_is_no_longer_found_for_a_tile_token(server):
    holder = server.holder(server.call("GetTileServer", imageId=1).json())
    assert server.grants.find(1, holder).name == "S26-0001-HE"
    with server.database.writing() as session:
        session.exec(select(Study)).one().deleted_at = NOW

    with pytest.raises(NotFoundError):
        server.grants.find(1, holder)


def test_metadata_has_every_documented_field(server):
    reply = server.call("GetImageMetadata", imageId=1).json()

    assert reply["success"] is True
    assert set(reply["metadata"]) == METADATA_KEYS | OUR_METADATA_KEYS


def test_metadata_tells_what_the_file_says(server):
    metadata = server.call("GetImageMetadata", imageid="1").json()["metadata"]

    assert metadata["fileName"] == "S26-0001-HE"
    assert (metadata["level0Width"], metadata["level0Height"]) == (1003, 605)
    assert metadata["levelWidths"] == [1003, 250, 62]
    assert metadata["levelHeights"] == [605, 151, 37]
    assert metadata["downsamples"] == [1, 4, 16]
    assert metadata["levelCount"] == 3
    assert metadata["osdTileSize"] == metadata["level0TileWidth"] == 256
    assert metadata["mppX"] == 0.25
    assert metadata["objectivePower"] == 40
    assert metadata["backgroundColor"] is None
    assert metadata["boundsX"] is None


def test_metadata_prefers_the_resolution_that_a_person_set(server):
    with server.database.writing() as session:
        session.get(Slide, 1).mpp_override = 0.3

    metadata = server.call("GetImageMetadata", imageId=1).json()["metadata"]

    assert (metadata["mppX"], metadata["mppY"]) == (0.3, 0.3)


def test_metadata_of_a_broken_slide_is_a_log_in_200(server):
    reply = server.call("GetImageMetadata", imageId=2)

    assert reply.status_code == 200
    assert reply.json()["success"] is False
    assert "broken.svs" in reply.json()["log"]


@pytest.mark.parametrize("name", ["GetImageMetadata", "GetTileServer", "GetRawTile"])
def test_pixels_need_their_right_and_the_study(server, name):
    region = {"level": 0, "x": 0, "y": 0, "width": 9, "height": 9}
    no_right = server.token(Right.CAN_GET_SCORES)
    other_study = server.token(*ALL_RIGHTS, read_studies=("another",))

    for token in (no_right, other_study, "cs_unknown"):
        assert server.call(name, token, imageId=1, **region).status_code == 401


def test_an_unknown_slide_is_not_found(server):
    assert server.call("GetTileServer", imageId=99).json()["success"] is False
    region = {"level": 0, "x": 0, "y": 0, "width": 9, "height": 9}
    assert server.call("GetRawTile", imageId=99, **region).status_code == 404


def test_a_tile_token_has_both_parts_and_an_end(server):
    reply = server.call("GetTileServer", imageId=1)

    token = reply.json()
    assert set(token) == {"cookiePart", "urlPart", "expiresOn", "icc", "iiif"}
    server.tile_tokens.verify(1, token["urlPart"], token["cookiePart"], NOW)
    assert token["expiresOn"] == "2026-11-22T09:00:00Z"
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize(("setting", "told"), [(False, None), (True, "srgb")])
def test_viewers_are_told_which_colours_to_ask_for(server, setting, told):
    endpoints = TileEndpoints(
        server.service,
        server.grants,
        server.tile_tokens,
        server.slide_files,
        server.files,
        views=server.views,
        viewer_icc=setting,
    )
    door = Door(server.database, lambda: NOW)
    client = TestClient(Starlette(routes=[call.route(door) for call in calls(endpoints)]))

    reply = client.get(
        "/Api/GetTileServer?imageId=1", headers={"Authorization": f"Bearer {server.token()}"}
    )

    assert reply.json()["icc"] == told


def test_the_address_for_iiif_has_a_cookie_part_of_its_own(server):
    token = server.call("GetTileServer", imageId=1).json()

    identifier, url_part, cookie_part = token["iiif"].removeprefix("/iiif/3/").split("~")

    assert identifier == "1"
    assert cookie_part != token["cookiePart"]
    server.tile_tokens.verify(1, url_part, cookie_part, NOW)


def browser(server):
    with server.database.writing() as session:
        people.add_account(
            session, COMMAND_LINE, email="ada@example.org", password="Secret-1234", is_admin=True
        )
    with server.database.writing() as session:
        ada = people.find_credentials(session, "ada@example.org")
        secret = people.start_session(session, user_id=ada.user_id, now=NOW)
    server.client.cookies.set(people.SESSION_COOKIE, secret)


def test_a_browser_gets_the_cookie_and_keeps_it_for_the_next_slide(server):
    browser(server)

    first = server.call("GetTileServer", headers={}, imageId=1)
    second = server.call("GetTileServer", headers={}, imageId=2)

    cookie = first.headers["set-cookie"]
    assert cookie.startswith(f"t={first.json()['cookiePart']};")
    assert {"httponly", "samesite=lax", "secure", "path=/", "max-age=86400"} <= {
        part.strip().lower() for part in cookie.split(";")
    }
    assert second.json()["cookiePart"] == first.json()["cookiePart"]
    assert second.json()["urlPart"] != first.json()["urlPart"]
    server.tile_tokens.verify(2, second.json()["urlPart"], first.json()["cookiePart"], NOW)


def test_a_replaced_file_has_other_addresses_under_the_same_cookie(server):
    browser(server)
    old = server.call("GetTileServer", headers={}, imageId=1).json()
    same = server.call("GetTileServer", headers={}, imageId=1).json()
    path = server.files.resolve("trial/S26-0001-HE.svs")
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))

    new = server.call("GetTileServer", headers={}, imageId=1).json()

    assert new["cookiePart"] == old["cookiePart"]
    assert new["urlPart"] != old["urlPart"] == same["urlPart"]


def test_token_expiry_is_told(server):
    token = server.call("GetTileServer", imageId=1).json()

    reply = server.call("GetTokenExpiry", cookiePart=token["cookiePart"], urlPart=token["urlPart"])

    assert reply.json() == {"expiresOn": token["expiresOn"]}


def test_expiry_of_a_made_up_token_is_a_failure(server):
    reply = server.call("GetTokenExpiry", cookiePart="a.1.b", urlPart="c")

    assert reply.json()["success"] is False


def test_a_raw_tile_is_a_jfif_of_the_size_asked(server):
    # Source: the vendor's test_get_raw_tile.
    reply = server.call(
        "GetRawTile",
        studyid=1,
        imageId=1,
        level=0,
        x=50,
        y=50,
        width=250,
        height=250,
        jpegQuality=9,
    )

    assert reply.status_code == 200
    assert reply.headers["content-type"] == "image/jpeg"
    assert b"JFIF" in reply.content
    assert Image.open(io.BytesIO(reply.content)).size == (250, 250)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"level": 3}, 400),
        ({"level": "x"}, 400),
        ({"width": 2001}, 400),
        ({"width": -1}, 400),
        ({"jpegQuality": 101}, 400),
        ({"jpegQuality": 0}, 400),
        ({"studyId": 7}, 404),
        ({"imageId": 2}, 422),
        ({"x": 10**9}, 200),
    ],
)
def test_raw_tiles_tell_failures_by_status(server, changed, status):
    asked = {"imageId": 1, "level": 0, "x": 0, "y": 0, "width": 10, "height": 10, **changed}

    assert server.call("GetRawTile", **asked).status_code == status


def test_links_to_slide_files_are_signed_and_audited(server):
    path = server.files.root / "trial" / "S26-0001-HE.svs"

    reply = server.call(
        "GenerateSlideFileURL", method="POST", filename=str(path), user="ada@example.org"
    ).json()

    assert reply["success"] is True
    assert reply["link"].startswith("/Slide/File/")
    assert server.slide_files.source(reply["link"].rpartition("/")[2], NOW).path == path
    with server.database.reading() as session:
        deed = AuditEvent.deed == "slide_file.link"
        event = session.exec(select(AuditEvent).where(deed)).one()
        assert "ada@example.org" in event.detail


def test_links_are_off_unless_folders_are_named(server):
    off = SlideFiles([], server.links)
    path = str(server.files.root / "trial" / "S26-0001-HE.svs")

    with (
        server.database.writing() as session,
        pytest.raises(InputError, match="COVERSLIP_SLIDE_FILE_ROOTS must name"),
    ):
        off.issue(session, COMMAND_LINE, filename=path, user=None, now=NOW)


@pytest.mark.parametrize(
    "filename",
    [
        "/etc/passwd",
        "/etc/ssl/a.svs",
        "trial/S26-0001-HE.svs",
        "{root}/../images/trial/none.svs",
        "{root}/../secret.svs",
        "{root}/trial",
        "{root}/trial/notes.txt",
        "{root}/link.svs",
        "{root}/a\0.svs",
    ],
)
def test_links_reach_no_file_outside_the_folders(server, tmp_path, filename):
    (tmp_path / "secret.svs").write_text("x")
    (server.files.root / "trial" / "notes.txt").write_text("x")
    (server.files.root / "link.svs").symlink_to(tmp_path / "secret.svs")

    reply = server.call(
        "GenerateSlideFileURL", method="POST", filename=filename.format(root=server.files.root)
    ).json()

    assert reply["success"] is False
    assert "filename" in reply["error"]


def test_links_need_the_right_to_handle_paths(server):
    token = server.token(Right.CAN_GET_PIXELS)

    reply = server.call("GenerateSlideFileURL", token, method="POST", filename="/a.svs")

    assert reply.status_code == 401


def test_a_person_of_a_study_sees_its_pixels(server):
    with server.database.writing() as session:
        study = session.get(Study, 1)
        study.published_at = NOW
        user = people.find_or_add_user(session, "bob@example.org")
        people.set_password(session, user, "Secret-1234")
        session.add(StudyMember(study_id=1, user_id=user.id))
    with server.database.writing() as session:
        bob = people.find_credentials(session, "bob@example.org")
        secret = people.start_session(session, user_id=bob.user_id, now=NOW)
    server.client.cookies.set(people.SESSION_COOKIE, secret)

    assert server.call("GetTileServer", headers={}, imageId=1).status_code == 200
