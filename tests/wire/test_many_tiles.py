"""GetTiles over the wire: its records, their order, and what one bad address does to others."""

from __future__ import annotations

import struct

import pytest
import requests

from tests.wire.served import Server, WiredStudy


def asked(server: Server, slide_id: int, tiles: str, **more: object) -> requests.Response:
    return server.call("GetTiles", verb="POST", imageId=slide_id, tiles=tiles, **more)


def records(body: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(body):
        status, zero, length = struct.unpack_from(">HHI", body, at)
        assert zero == 0
        found.append((status, body[at + 8 : at + 8 + length]))
        assert len(found[-1][1]) == length
        at += 8 + length
    return found


def single(server: Server, slide_id: int, address: str) -> bytes:
    token = server.call("GetTileServer", imageId=slide_id).json()
    url = f"{server.url}/i/{slide_id}/{token['urlPart']}/i_files/{address}.jpeg"
    reply = requests.get(url, cookies={"t": token["cookiePart"]}, timeout=30)
    assert reply.status_code == 200
    return reply.content


def test_tiles_come_in_order_and_equal_to_single_ones(server: Server, study: WiredStudy) -> None:
    addresses = [f"9/{column}_{row}" for row in range(4) for column in range(4)]
    addresses = ["0/0_0", *addresses[::-1], "8/1_1", "9/0_0", "9/0_0"]

    reply = asked(server, study.slide_id, ", ".join(addresses))

    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/vnd.coverslip.tiles; version=1"
    found = records(reply.content)
    assert [status for status, _ in found] == [200] * len(addresses)
    for address, (_, data) in zip(addresses, found, strict=True):
        assert data == single(server, study.slide_id, address), address


def test_a_bad_address_spoils_no_other(server: Server, study: WiredStudy) -> None:
    reply = asked(server, study.slide_id, "9/0_0,9/99_0,77/0_0,9/1_0")

    found = records(reply.content)
    assert [status for status, _ in found] == [200, 404, 404, 200]
    assert b"no tile 99_0" in found[1][1]
    assert found[3][1] == single(server, study.slide_id, "9/1_0")


@pytest.mark.parametrize(
    ("tiles", "words"),
    [
        ("", "1 to 4096"),
        (",".join(["9/0_0"] * 4097), "not 4097"),
        ("9/0_0,9-0-1", "number 2 is '9-0-1'"),
        ("../../etc/passwd", "number 1"),
        ("9/-1_0", "number 1"),
    ],
)
def test_what_names_no_tiles_is_told(
    server: Server, study: WiredStudy, tiles: str, words: str
) -> None:
    reply = asked(server, study.slide_id, tiles)

    assert reply.status_code == 400
    assert words in reply.json()["error"]


def test_tiles_need_the_right_to_pixels_and_a_slide(server: Server, study: WiredStudy) -> None:
    poor = server.make_token(rights="CanGetScores")

    assert asked(server, study.slide_id, "9/0_0", bearer=poor).status_code == 401
    assert asked(server, study.slide_id, "9/0_0", bearer="no token").status_code == 401
    assert asked(server, 999_999, "9/0_0").status_code == 404


def test_four_thousand_tiles_arrive_whole(server: Server, study: WiredStudy) -> None:
    addresses = [f"9/{n % 4}_{n // 4 % 4}" for n in range(4096)]

    found = records(asked(server, study.slide_id, ",".join(addresses)).content)

    assert len(found) == 4096
    assert {status for status, _ in found} == {200}
    assert [data for _, data in found[:16]] == [data for _, data in found[-16:]]


def test_who_hangs_up_leaves_a_healthy_server(server: Server, study: WiredStudy) -> None:
    for _ in range(3):
        with requests.post(
            f"{server.url}/Api/GetTiles",
            data={"imageId": study.slide_id, "tiles": ",".join(["9/0_0", "8/0_0"] * 2000)},
            headers={"Authorization": f"Bearer {server.token}"},
            stream=True,
            timeout=30,
        ) as reply:
            assert len(reply.raw.read(100)) == 100

    assert records(asked(server, study.slide_id, "9/0_0").content)[0][0] == 200
