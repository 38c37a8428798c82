"""FinishUpload: a complete part becomes a file, exactly once."""

from __future__ import annotations

import errno
import secrets
from pathlib import Path

import pytest

from records import filestore
from records.errors import InputError
from records.tables import AnnotationFile
from tileserver.readers import SLIDE_SUFFIXES as SUFFIXES
from uploads import commit, tickets


def upload(site, token, filename, folder, data, **more):
    ticket = site.ticket(token, filename, folder, **more)
    part_id = site.create(token, ticket, len(data)).part_id
    if data:
        assert site.patch(part_id, 0, data).status == 204
    return part_id, ticket


def finish(site, token, part_id, ticket):
    return site.api("FinishUpload", token, id=part_id, token=ticket)


def unused():
    return f"f{secrets.token_hex(4)}"


def test_complete_upload_becomes_a_file_and_the_answer_is_quoted_ok(site):
    token, folder = site.token(), unused()
    part_id, ticket = upload(site, token, "a.svs", f"./{folder}/deep/", b"hello")

    answer = finish(site, token, part_id, ticket)

    assert (answer.status, answer.body) == (200, b'"OK"')
    assert (site.files.root / folder / "deep" / "a.svs").read_bytes() == b"hello"
    assert not any(name.startswith(part_id) for name in site.part_files())
    assert site.head(part_id).status == 404


def test_finish_is_recorded(site):
    token, folder = site.token(), unused()
    part_id, ticket = upload(site, token, "a.svs", folder, b"hello")

    finish(site, token, part_id, ticket)

    row = site.uploads()[-1]
    assert row.finished_at is not None
    assert row.byte_count == 5
    assert site.audit_of("upload.finish")[-1] == {
        "subject": f"upload:{row.id}",
        "path": f"{folder}/a.svs",
        "bytes": 5,
        "replaced": False,
    }


def test_second_finish_answers_ok_and_changes_nothing(site):
    token, folder = site.token(), unused()
    part_id, ticket = upload(site, token, "a.svs", folder, b"hello")
    finish(site, token, part_id, ticket)
    (site.files.root / folder / "a.svs").write_bytes(b"changed since")
    events = len(site.audit_of("upload.finish"))

    again = finish(site, token, part_id, ticket)

    assert again.body == b'"OK"'
    assert (site.files.root / folder / "a.svs").read_bytes() == b"changed since"
    assert len(site.audit_of("upload.finish")) == events


def test_whole_location_does_for_the_id(site):
    token = site.token()
    part_id, ticket = upload(site, token, "a.svs", unused(), b"hello")

    assert finish(site, token, f"/slidescore/files/{part_id}", ticket).json == "OK"


def test_empty_file_is_finished_without_a_patch(site):
    token, folder = site.token(), unused()
    part_id, ticket = upload(site, token, "study.x.scores", folder, b"")

    assert finish(site, token, part_id, ticket).json == "OK"
    assert (site.files.root / folder / "study.x.scores").read_bytes() == b""


def test_file_that_stands_there_is_replaced_as_a_whole(site):
    token, folder = site.token(), unused()
    for data in (b"the first and longer text", b"second"):
        part_id, ticket = upload(site, token, "study.y.emails", folder, data)
        assert finish(site, token, part_id, ticket).json == "OK"

    assert (site.files.root / folder / "study.y.emails").read_bytes() == b"second"
    assert site.audit_of("upload.finish")[-1]["replaced"] is True


def test_incomplete_upload_is_told_and_can_go_on(site):
    token, folder = site.token(), unused()
    ticket = site.ticket(token, "a.svs", folder)
    part_id = site.create(token, ticket, 10).part_id
    site.patch(part_id, 0, b"hello")

    answer = finish(site, token, part_id, ticket)

    assert answer.status == 200
    assert "5 of 10 bytes" in answer.json
    assert not (site.files.root / folder).exists()
    site.patch(part_id, 5, b"world")
    assert finish(site, token, part_id, ticket).json == "OK"


def test_ticket_without_an_upload_is_told(site):
    token = site.token()

    answer = finish(site, token, "0" * 32, site.ticket(token))

    assert "nothing was uploaded" in answer.json


@pytest.mark.parametrize("case", ["wrong id", "wrong ticket", "other token", "swapped"])
def test_upload_is_finished_only_with_its_own_ticket_by_its_owner(site, case):
    token, folder = site.token(), unused()
    part_id, ticket = upload(site, token, "a.svs", folder, b"hello")
    other_part_id, _ = upload(site, token, "b.svs", folder, b"other")
    arguments = {
        "wrong id": (token, "ü" * 32, ticket),
        "wrong ticket": (token, part_id, "nonsense"),
        "other token": (site.token(), part_id, ticket),
        "swapped": (token, other_part_id, ticket),
    }[case]

    answer = finish(site, *arguments)

    assert answer.status == 200
    assert answer.json != "OK"
    assert "upload token" in answer.json
    assert not (site.files.root / folder).exists()
    assert site.head(part_id).offset == 5


def test_finish_without_a_token_is_unauthorised(site):
    token = site.token()
    part_id, ticket = upload(site, token, "a.svs", unused(), b"hello")

    assert finish(site, None, part_id, ticket).status == 401


def test_right_lost_since_the_ticket_counts(site):
    token = site.token(modify_studies=("mine",))
    folder = unused()
    part_id, ticket = upload(site, token, "a.svs", folder, b"hello")
    site.study(folder)

    assert finish(site, token, part_id, ticket).status == 401
    assert not (site.files.root / folder).exists()


def test_folder_made_into_a_file_meanwhile_is_told_and_nothing_is_lost(site):
    token, folder = site.token(), unused()
    part_id, ticket = upload(site, token, "a.svs", folder, b"hello")
    (site.files.root / folder / "a.svs").mkdir(parents=True)

    answer = finish(site, token, part_id, ticket)

    assert "is a folder" in answer.json
    assert site.head(part_id).offset == 5


def test_crash_between_disk_and_record_is_healed_by_the_next_finish(site):
    token, folder = site.token(), unused()
    part_id, ticket = upload(site, token, "a.svs", folder, b"hello")
    with site.database.reading() as session:
        arrival = commit.find_arrival(
            session, site.actor(token), files=site.files, ticket=ticket, part_id=part_id
        )
    commit.place(
        site.parts, site.files, arrival, contents=None, sha256=None, slide_suffixes=SUFFIXES
    )

    assert finish(site, token, part_id, ticket).json == "OK"
    assert (site.files.root / folder / "a.svs").read_bytes() == b"hello"
    assert site.uploads()[-1].finished_at is not None
    assert not any(name.startswith(part_id) for name in site.part_files())


def test_file_that_vanished_after_such_a_crash_is_not_called_finished(site):
    token, folder = site.token(), unused()
    part_id, ticket = upload(site, token, "a.svs", folder, b"hello")
    with site.database.reading() as session:
        arrival = commit.find_arrival(
            session, site.actor(token), files=site.files, ticket=ticket, part_id=part_id
        )
    commit.place(
        site.parts, site.files, arrival, contents=None, sha256=None, slide_suffixes=SUFFIXES
    )
    (site.files.root / folder / "a.svs").unlink()

    assert "upload it again" in finish(site, token, part_id, ticket).json


def test_images_on_another_disk_are_copied_to(site, monkeypatch):
    token, folder = site.token(), unused()
    part_id, ticket = upload(site, token, "a.svs", folder, b"hello")
    really_replace = Path.replace

    def across(self, target):
        if self.suffix == ".part" and self.parent.name == "uploads":
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return really_replace(self, target)

    monkeypatch.setattr(Path, "replace", across)
    answer = finish(site, token, part_id, ticket)
    monkeypatch.undo()

    assert answer.json == "OK"
    assert [path.name for path in (site.files.root / folder).iterdir()] == ["a.svs"]
    assert (site.files.root / folder / "a.svs").read_bytes() == b"hello"


def test_full_images_disk_is_told_and_the_part_is_kept(site, monkeypatch):
    token, folder = site.token(), unused()
    part_id, ticket = upload(site, token, "a.svs", folder, b"hello")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(filestore.FileStore, "place", full)
    answer = finish(site, token, part_id, ticket)
    monkeypatch.undo()

    assert "disk" in answer.json
    assert finish(site, token, part_id, ticket).json == "OK"


def annotation_upload(site, token, data, *, length=None):
    with site.database.writing() as session:
        row = AnnotationFile(uuid=secrets.token_hex(16))
        session.add(row)
        session.flush()
        ticket = tickets.request_annotation_upload(
            session,
            site.actor(token),
            intake=site.intake,
            annotation_file_id=row.id,
            now=site.now(),
        )
    part_id = site.create(token, ticket, length or len(data)).part_id
    site.patch(part_id, 0, data)
    return row.id, part_id, ticket


def test_annotation_is_handed_over_once_and_then_discarded(site):
    token = site.token("CanUploadScores")
    annotation_id, part_id, ticket = annotation_upload(site, token, b"zip bytes")

    assert finish(site, token, part_id, ticket).body == b'"OK"'
    assert finish(site, token, part_id, ticket).body == b'"OK"'

    assert site.annotations == [(annotation_id, b"zip bytes")]
    assert not any(name.startswith(part_id) for name in site.part_files())
    assert site.audit_of("upload.finish")[-1]["annotation_file"] == annotation_id


def test_annotation_that_cannot_be_read_is_told_and_may_be_finished_later(site):
    token = site.token("CanUploadScores")
    _, part_id, ticket = annotation_upload(site, token, b"no zip")
    site.trouble = InputError("this is no anno2 file")

    assert finish(site, token, part_id, ticket).json == "this is no anno2 file"

    assert site.head(part_id).offset == 6
    site.trouble = None
    assert finish(site, token, part_id, ticket).json == "OK"


def test_incomplete_annotation_is_not_handed_over(site):
    token = site.token("CanUploadScores")
    _, part_id, ticket = annotation_upload(site, token, b"abc", length=10)

    assert "3 of 10 bytes" in finish(site, token, part_id, ticket).json
    assert site.annotations == []
