"""Pieces joined into one upload over a socket, and uploads whose length is told late."""

from __future__ import annotations

import errno
import os
import secrets

import pytest

from tests.uploads.conftest import metadata_of
from uploads import parts, partstore

BYTES = {"Content-Type": "application/offset+octet-stream"}


def metadata(token, ticket):
    return {"uploadtoken": ticket, "apitoken": token}


def begin_piece(site, token, ticket, length, **more):
    header = metadata_of(**metadata(token, ticket), **more)
    headers = {"Upload-Concat": "partial", "Upload-Metadata": header}
    answer = site.create(token, ticket, length, headers=headers)
    assert answer.status == 201
    return answer.part_id


def piece(site, token, ticket, data, **more):
    part_id = begin_piece(site, token, ticket, len(data), **more)
    assert site.patch(part_id, 0, data).status == 204
    return part_id


def join(site, token, ticket, pieces, **more):
    return join_urls(site, token, ticket, [f"/files/{part_id}" for part_id in pieces], **more)


def join_urls(site, token, ticket, urls, **more):
    headers = site.headers_of(metadata(token, ticket))
    headers["Upload-Concat"] = "final;" + " ".join(urls)
    return site.send("POST", "/files/", {**headers, **more})


def finish(site, token, part_id, ticket):
    return site.api("FinishUpload", token, id=part_id, token=ticket)


def test_pieces_become_one_file_in_the_order_told(site):
    token, folder = site.token(), f"f{secrets.token_hex(4)}"
    ticket = site.ticket(token, "a.svs", folder)
    one, two = piece(site, token, ticket, b"hello "), piece(site, token, ticket, b"world")

    joined = join(site, token, ticket, [one, two])

    assert (joined.status, joined.offset) == (201, 11)
    told = site.head(joined.part_id)
    assert told.headers["upload-concat"] == f"final;/files/{one} /files/{two}"
    assert told.headers["upload-length"] == "11"
    assert finish(site, token, joined.part_id, ticket).json == "OK"
    assert (site.files.root / folder / "a.svs").read_bytes() == b"hello world"
    assert site.head(one).status == site.head(two).status == 404


def test_piece_is_told_as_such_and_cannot_be_finished(site):
    token = site.token()
    ticket = site.ticket(token)
    part_id = piece(site, token, ticket, b"hello")

    assert site.head(part_id).headers["upload-concat"] == "partial"
    assert finish(site, token, part_id, ticket).json != "OK"


def test_final_upload_takes_no_bytes(site):
    token = site.token()
    ticket = site.ticket(token)
    joined = join(site, token, ticket, [piece(site, token, ticket, b"hello")])

    assert site.patch(joined.part_id, 5, b"x").status == 403


def test_final_asked_for_again_is_the_same_upload(site):
    token = site.token()
    ticket = site.ticket(token)
    pieces = [piece(site, token, ticket, b"hello"), piece(site, token, ticket, b"!")]
    first = join(site, token, ticket, pieces)

    again = join(site, token, ticket, pieces)

    assert (again.status, again.part_id) == (201, first.part_id)


def test_incomplete_piece_is_a_conflict_and_nothing_is_lost(site):
    token = site.token()
    ticket = site.ticket(token)
    whole = piece(site, token, ticket, b"hello")
    half = begin_piece(site, token, ticket, 2)
    site.patch(half, 0, b"!")

    refused = join(site, token, ticket, [whole, half])
    site.patch(half, 1, b"?")

    assert refused.status == 409
    assert join(site, token, ticket, [whole, half]).offset == 7


@pytest.mark.parametrize(("case", "status"), [("unknown", 404), ("whole", 400), ("other", 401)])
def test_what_is_no_piece_of_ones_own_is_not_joined(site, case, status):
    token, other = site.token(), site.token()
    ticket = site.ticket(token)
    part_id = {
        "unknown": lambda: "0" * 32,
        "whole": lambda: site.begin(0, token),
        "other": lambda: piece(site, other, site.ticket(other), b"theirs"),
    }[case]()

    assert join(site, token, ticket, [part_id]).status == status


def test_pieces_too_long_together_are_refused(site, monkeypatch):
    token = site.token()
    ticket = site.ticket(token)
    pieces = [piece(site, token, ticket, b"hello"), piece(site, token, ticket, b"world")]
    monkeypatch.setattr(site.parts, "max_bytes", 9)

    assert join(site, token, ticket, pieces).status == 413


def test_disk_full_while_joining_keeps_the_pieces(site, monkeypatch):
    token = site.token()
    ticket = site.ticket(token)
    pieces = [piece(site, token, ticket, b"hello"), piece(site, token, ticket, b"world")]

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    refused = join(site, token, ticket, pieces)
    monkeypatch.undo()

    assert refused.status == 507
    assert join(site, token, ticket, pieces).offset == 10


def test_piece_needs_a_ticket_like_any_upload(site):
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Concat": "partial"}

    assert site.send("POST", "/files/", headers).status == 401


def begin_deferred(site, token, ticket, **more):
    headers = site.headers_of(metadata(token, ticket))
    return site.send("POST", "/files/", {**headers, "Upload-Defer-Length": "1", **more})


def test_length_told_late_completes_the_upload(site):
    token, folder = site.token(), f"f{secrets.token_hex(4)}"
    ticket = site.ticket(token, "a.svs", folder)
    part_id = begin_deferred(site, token, ticket).part_id
    assert site.head(part_id).headers["upload-defer-length"] == "1"
    site.patch(part_id, 0, b"hello")
    early = finish(site, token, part_id, ticket)

    last = site.patch(part_id, 5, b"world", {"Upload-Length": "10"})

    assert "not complete" in early.json
    assert last.offset == 10
    assert site.head(part_id).headers["upload-length"] == "10"
    assert "upload-defer-length" not in site.head(part_id).headers
    assert finish(site, token, part_id, ticket).json == "OK"
    assert (site.files.root / folder / "a.svs").read_bytes() == b"helloworld"


@pytest.mark.parametrize(("length", "status"), [("4", 400), ("50000001", 413), ("9", 204)])
def test_late_length_must_fit(site, length, status):
    token = site.token()
    part_id = begin_deferred(site, token, site.ticket(token)).part_id
    site.patch(part_id, 0, b"hello")

    assert site.patch(part_id, 5, b"", {"Upload-Length": length}).status == status


def test_length_once_told_does_not_change(site):
    token = site.token()
    part_id = begin_deferred(site, token, site.ticket(token)).part_id
    site.patch(part_id, 0, b"hello", {"Upload-Length": "10"})

    other = site.patch(part_id, 5, b"w", {"Upload-Length": "11"})
    same = site.patch(part_id, 5, b"w", {"Upload-Length": "10"})
    beyond = site.patch(part_id, 6, b"orld!")

    assert (other.status, same.status, beyond.status) == (400, 204, 413)


def test_late_length_at_another_offset_is_a_conflict_and_is_not_kept(site):
    token = site.token()
    part_id = begin_deferred(site, token, site.ticket(token)).part_id

    assert site.patch(part_id, 3, b"x", {"Upload-Length": "10"}).status == 409
    assert "upload-length" not in site.head(part_id).headers


def test_disk_that_fills_up_meanwhile_is_told_and_the_upload_goes_on_later(site, monkeypatch):
    part_id = site.begin(3_000_000)
    real = partstore.PartStore.check_room
    written = []

    def filling(self, wanted_bytes):
        written.append(wanted_bytes)
        if sum(written) > 2_200_000:
            raise parts.DiskFullError("full")
        real(self, wanted_bytes)

    monkeypatch.setattr(partstore.PartStore, "check_room", filling)
    refused = site.patch(part_id, 0, b"x" * 3_000_000)
    monkeypatch.undo()
    kept = site.head(part_id).offset

    assert refused.status == 507
    assert 1_000_000 < kept < 2_200_000
    assert site.patch(part_id, kept, b"x" * (3_000_000 - kept)).offset == 3_000_000


def test_pieces_are_named_by_url_or_path_and_more_than_once(site):
    token = site.token()
    ticket = site.ticket(token)
    one, two = (piece(site, token, ticket, data) for data in (b"ab", b"cd"))
    urls = [f"{site.url}/files/{one}", f"/files/{two}", f"/files/{one}"]

    joined = join_urls(site, token, ticket, urls)

    assert (joined.status, joined.offset) == (201, 6)
    with site.parts.complete(joined.part_id) as path:
        assert path.read_bytes() == b"abcdab"


def test_metadata_of_pieces_are_not_those_of_the_whole(site):
    token = site.token()
    ticket = site.ticket(token)
    one = piece(site, token, ticket, b"ab", filename="piece")

    joined = join(site, token, ticket, [one])

    told = site.head(joined.part_id).headers
    assert "upload-metadata" not in told
    assert told["upload-offset"] == told["upload-length"] == "2"


def test_whole_is_begun_without_a_length(site):
    token = site.token()
    ticket = site.ticket(token)
    one = piece(site, token, ticket, b"ab")

    refused = join(site, token, ticket, [one], **{"Upload-Length": "2"})

    assert refused.status == 400
    assert site.head(one).offset == 2


def test_patch_of_a_whole_changes_nothing(site):
    token = site.token()
    ticket = site.ticket(token)
    joined = join(site, token, ticket, [piece(site, token, ticket, b"ab")])

    assert site.patch(joined.part_id, 2, b"c").status == 403
    assert site.head(joined.part_id).offset == 2


def test_piece_tells_its_offset(site):
    token = site.token()

    part_id = piece(site, token, site.ticket(token), b"ab")

    told = site.head(part_id).headers
    assert (told["upload-offset"], told["upload-concat"]) == ("2", "partial")
