"""One connection may not hold up the server: heads of requests are bounded."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

import requests

from tests.wire.served import Server


def _connect(server: Server) -> socket.socket:
    place = urlsplit(server.url)
    return socket.create_connection((place.hostname, place.port), timeout=30)


def _is_closed(connection: socket.socket) -> bool:
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        return True
    return True


def test_an_endless_header_ends_the_connection(server: Server):
    with _connect(server) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ")
        sent = 0
        try:
            while sent < 2**22:
                connection.sendall(b"a" * 16384)
                sent += 16384
        except (BrokenPipeError, ConnectionResetError):
            pass

        assert sent < 2**22 or _is_closed(connection)
    assert requests.get(f"{server.url}/healthz", timeout=30).status_code == 200


def test_a_head_of_usual_size_in_pieces_is_answered(server: Server):
    with _connect(server) as connection:
        whole = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 4096 + b"\r\n\r\n"
        for piece in (whole[:9], whole[9:30], whole[30:]):
            connection.sendall(piece)
            time.sleep(0.02)

        assert connection.recv(64).startswith(b"HTTP/1.1 200")


def test_a_wrong_password_does_not_hold_up_others(server: Server):
    reply = requests.post(
        f"{server.url}/Account/Login",
        data={"email": "nobody@example.org", "password": "x"},
        headers={"Sec-Fetch-Site": "same-origin"},
        timeout=30,
    )

    assert reply.status_code == 401
    assert "do not belong together" in reply.text


def test_hostile_headers_and_fields_are_refused_not_failed(server: Server):
    login = f"{server.url}/Account/Login"
    origin = requests.post(login, headers={"Origin": "http://["}, data={"email": "x"}, timeout=30)
    nul = requests.post(
        f"{server.url}/Account/Login",
        headers={"Sec-Fetch-Site": "same-origin"},
        data={"email": "a\0@b.c", "password": "x"},
        timeout=30,
    )
    instant = server.call("GetStudiesUpdated", since="0001-01-01T00:00:00+14:00")
    number = server.call("Images", studyId=2**31)
    fields = requests.post(
        f"{server.url}/Api/Studies",
        data="a=&" * 2000,
        headers={
            "Authorization": f"Bearer {server.token}",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        timeout=30,
    )

    assert (origin.status_code, nul.status_code) == (401, 400)
    assert instant.json()["success"] is False
    assert (number.status_code, fields.status_code) == (400, 400)
