"""Slides that are added: every level that a file lacks is made before anybody looks at it."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import requests
import simplejpeg

from slides_sample import pyramid
from slides_sample.pyramid import Storage
from tests.wire.served import READER, Server
from tileserver.pool import identify
from tileserver.stored.cachefolder import CacheFolder
from tileserver.stored.plans import Kept
from tileserver.stored.slide import StoredSlide

STUDY = "wire-ahead"
SIDE = 2048
QUALITY = 80
WAIT_S = 60


def _write_slide(path: Path) -> None:
    pixels = np.random.default_rng(5).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
    levels = [pixels, pixels[::4, ::4]]
    label = np.zeros((40, 40, 3), np.uint8)
    storage = Storage(tile=256, quality=75, subsampling=(2, 2))
    pyramid.write_aperio(path, levels, storage, mpp=0.25, objective=40, label=label)


def _lacking(server: Server, path: Path) -> list[Kept]:
    """Return which of a slide's stores are not filled yet."""
    cache = CacheFolder(server.data / "cache" / "tiles", capacity_bytes=10 * 2**30)
    slide = StoredSlide.open(identify(path), cache, quality=QUALITY)
    assert slide is not None
    try:
        return [kept for kept in Kept if not slide.is_filled(kept)]
    finally:
        slide.close()


def _wait_for_levels(server: Server, name: str) -> None:
    path = server.data / "images" / STUDY / name
    deadline = time.monotonic() + WAIT_S
    while lacking := _lacking(server, path):
        assert time.monotonic() < deadline, f"levels were not made: {lacking}"
        time.sleep(0.2)


def test_all_levels_are_made_after_reimport_and_add_slide_and_tiles_come_as_stored(
    server, tmp_path
):
    client = server.client()
    (tmp_path / "emails").write_text(f"{READER};canscore,canedit,cangetresults\n")
    client.upload_file(str(tmp_path / "emails"), "", f"study.{STUDY}.emails")
    for name in ("ahead.svs", "added.svs"):
        _write_slide(tmp_path / name)
    client.upload_file(str(tmp_path / "ahead.svs"), STUDY)

    study_id = client.reimport(STUDY)["id"]
    _wait_for_levels(server, "ahead.svs")
    client.upload_file(str(tmp_path / "added.svs"), STUDY)
    added = server.call("AddSlide", verb="POST", studyId=study_id, path=f"{STUDY}/added.svs")
    assert added.json()["success"] is True
    _wait_for_levels(server, "added.svs")

    slide = client.get_images(study_id)[0]
    token = server.call("GetTileServer", imageId=slide["id"]).json()
    with requests.Session() as browser:
        browser.cookies.set("t", token["cookiePart"])
        for level, column, row in [(11, 3, 3), (11, 0, 1), (10, 1, 2), (11, 3, 3), (7, 0, 0)]:
            reply = browser.get(
                f"{server.url}/i/{slide['id']}/{token['urlPart']}"
                f"/i_files/{level}/{column}_{row}.jpeg",
                timeout=30,
            )
            assert reply.status_code == 200
            assert reply.headers["etag"].endswith(f'-{level}-{column}-{row}"')
            assert reply.headers["cache-control"] == "private, max-age=3600, immutable"
            assert simplejpeg.decode_jpeg_header(reply.content)[0] == min(256, 2**level)
