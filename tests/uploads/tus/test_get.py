"""GET and PUT over a socket: not what the protocol speaks."""

from __future__ import annotations


def test_creation_by_get_or_put_is_not_allowed(site):
    for method in ("GET", "PUT"):
        assert site.send(method, "/files/", {"Tus-Resumable": "1.0.0"}).status == 405
