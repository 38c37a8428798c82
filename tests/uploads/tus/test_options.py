"""OPTIONS /files over a socket: capabilities, and what browsers may do."""

from __future__ import annotations

import pytest

from uploads import cors

ORIGIN = {"Origin": "https://portal.example.org"}


@pytest.mark.parametrize("path", ["/files", "/files/", "/files/" + "0" * 32])
def test_capabilities_are_told_without_a_version_or_token(site, path):
    answer = site.send("OPTIONS", path)

    assert answer.status == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-max-size"] == "50000000"
    assert answer.headers["tus-extension"].split(",") == [
        "creation",
        "creation-with-upload",
        "creation-defer-length",
        "expiration",
        "checksum",
        "termination",
        "concatenation",
    ]
    assert answer.headers["tus-checksum-algorithm"] == "sha1,sha256,crc32"


def test_page_of_an_allowed_origin_may_upload(site):
    answer = site.send("OPTIONS", "/files/", {**ORIGIN, "Access-Control-Request-Method": "POST"})

    assert answer.headers["access-control-allow-origin"] == ORIGIN["Origin"]
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "upload-metadata" in answer.headers["access-control-allow-headers"].lower()
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers


def test_page_of_an_allowed_origin_may_read_the_answers(site):
    answer = site.send("HEAD", "/files/" + "0" * 32, {**ORIGIN, "Tus-Resumable": "1.0.0"})

    assert answer.headers["access-control-allow-origin"] == ORIGIN["Origin"]
    for name in ("location", "upload-offset", "upload-length", "upload-expires", "tus-resumable"):
        assert name in answer.headers["access-control-expose-headers"].lower()


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://portal.example.org.evil.example"]
)
def test_page_of_another_origin_is_told_nothing(site, origin):
    answer = site.send("OPTIONS", "/files/", {"Origin": origin})

    assert not any(name.startswith("access-control") for name in answer.headers)


def test_without_allowed_origins_nothing_is_said_about_origins():
    assert cors.cors_headers(ORIGIN, origins=(), is_options=True) == {}


@pytest.mark.parametrize("version", ["0.0.1", "nonsense"])
def test_options_ignores_the_version(site, version):
    assert site.send("OPTIONS", "/files/", {"Tus-Resumable": version}).status == 204
