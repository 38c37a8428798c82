"""HEAD /files/<id> over a socket: how far an upload is."""

from __future__ import annotations

from datetime import timedelta

import pytest


def test_head_tells_offset_length_and_expiry_and_is_not_cached(site):
    part_id = site.begin(10)
    site.patch(part_id, 0, b"hello")

    answer = site.head(part_id)

    assert answer.status == 200
    assert answer.offset == 5
    assert answer.headers["upload-length"] == "10"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert "upload-expires" in answer.headers
    assert answer.body == b""


def test_offset_of_a_new_and_of_a_complete_upload_is_told(site):
    part_id = site.begin(2)
    assert site.head(part_id).offset == 0

    site.patch(part_id, 0, b"ab")

    assert site.head(part_id).offset == 2


@pytest.mark.parametrize("part_id", ["0" * 32, "nope", "..%2f..%2fetc%2fpasswd", "%00"])
def test_unknown_upload_is_not_found_and_has_no_offset(site, part_id):
    answer = site.head(part_id)

    assert answer.status == 404
    assert "upload-offset" not in answer.headers


def test_head_of_another_version_is_precondition_failed(site):
    part_id = site.begin(10)

    answer = site.head(part_id, {"Tus-Resumable": "2.0.0"})

    assert answer.status == 412
    assert answer.headers["tus-version"] == "1.0.0"


def test_bearer_of_the_owner_is_accepted_and_another_is_not(site):
    token, other = site.token(), site.token()
    part_id = site.begin(10, token)

    assert site.head(part_id, {"Authorization": f"Bearer {token}"}).status == 200
    assert site.head(part_id, {"Authorization": f"Bearer {other}"}).status == 401
    assert site.head(part_id, {"Authorization": "Bearer nonsense"}).status == 401


def test_credentials_meant_for_a_proxy_do_not_hinder(site):
    part_id = site.begin(10)

    assert site.head(part_id, {"Authorization": "Basic dTpw"}).status == 200


def test_head_while_bytes_arrive_tells_what_is_on_disk(site):
    part_id = site.begin(3_000_000)
    site.patch(part_id, 0, b"x" * 10)

    with site.open_patch(part_id, 10, 2_000_000, b"y" * 1_500_000):
        # One whole block is written at once; the rest waits for more.
        site.wait_until(lambda: site.head(part_id).offset > 10)
        assert site.head(part_id).offset < 1_500_010


def test_expired_upload_is_gone_and_tells_no_offset(site):
    part_id = site.begin(5)
    site.shift = timedelta(days=7, seconds=2)

    answer = site.head(part_id)

    assert answer.status == 410
    assert "upload-offset" not in answer.headers
