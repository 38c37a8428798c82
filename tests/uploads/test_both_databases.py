"""What the room asks of the database, on SQLite and PostgreSQL: tickets, status, checks, sums."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from access import rights, tokens
from access.rights import Actor
from records.errors import RightsError
from records.filestore import FileStore
from records.tables import Attachment, Slide, Study, Upload
from uploads import attachments, checks, reach, status, tickets
from uploads.checks import SlideCheck
from uploads.partstore import PartStore
from uploads.tickets import Intake

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHA256 = "ab" * 32


@pytest.fixture
def database(either_database):
    return either_database


@pytest.fixture
def intake(tmp_path):
    return Intake(
        files=FileStore(tmp_path / "images"),
        slide_suffixes=frozenset({".svs", ".mrxs"}),
        new_secret=lambda: secrets.token_urlsafe(8),
    )


@pytest.fixture
def actor(database):
    with database.writing() as session:
        wanted = tokens.NewApiToken(name="t", rights=rights.parse_rights("all"))
        text = tokens.issue_api_token(session, rights.COMMAND_LINE, wanted)
        return tokens.verify_api_token(session, text, NOW)


def requested(session, actor: Actor, intake: Intake, filename="a.svs", folder="Über") -> str:
    return tickets.request_upload(
        session,
        actor,
        intake=intake,
        filename=filename,
        folder=folder,
        study_id=None,
        now=NOW,
    )


def finished(session, ticket, *, state=checks.CHECKING, facts="[]"):
    row = session.get(Upload, found_id(session, ticket))
    row.state, row.facts, row.finished_at, row.byte_count = state, facts, NOW, 5
    session.add(row)
    session.flush()


def found_id(session, ticket):
    hashed = tokens.secret_hash(ticket)
    return session.exec(select(Upload.id).where(Upload.ticket_hash == hashed)).one()


def test_ticket_is_found_by_its_owner_and_admits_the_newest_part(database, actor, intake):
    with database.writing() as session:
        ticket = requested(session, actor, intake)
        for part_id, replaced in (("1" * 32, None), ("2" * 32, "1" * 32)):
            admission = tickets.admit(
                session, actor, ticket=ticket, part_id=part_id, byte_count=5, now=NOW
            )
            assert admission.replaced_part == replaced

    with database.reading() as session:
        assert tickets.begun_part(session, actor, ticket) == "2" * 32
        stranger = Actor(label="token:0", rights=frozenset())
        assert tickets.find_ticket(session, stranger, ticket) is None


def test_study_of_a_folder_in_other_letters_is_out_of_reach(database, intake):
    restricted = Actor(
        label="token:9",
        rights=rights.parse_rights("all"),
        modify_studies=("other",),
    )
    with database.writing() as session:
        session.add(Study(name="ÜBER"))
        session.flush()

        with pytest.raises(RightsError):
            requested(session, restricted, intake, folder="ÜBER")


def test_status_lists_the_newest_first_and_finds_one(database, actor, intake, tmp_path):
    parts = PartStore(tmp_path / "parts", lifetime=tickets.TICKET_LIFETIME)
    with database.writing() as session:
        made = [requested(session, actor, intake, f"{name}.svs") for name in "abc"]

    with database.reading() as session:
        listed = status.list_uploads(session, actor, parts=parts, count=2, now=NOW)
        [one] = status.list_uploads(
            session, actor, parts=parts, count=9, now=NOW, upload_id=listed[1].upload_id
        )
        [same] = status.list_uploads(session, actor, parts=parts, count=9, now=NOW, ticket=made[1])

    assert [entry.path for entry in listed] == ["Über/c.svs", "Über/b.svs"]
    assert one == same == listed[1]


def test_check_is_kept_with_upload_and_slides_and_known_to_slides_that_come_later(
    database, actor, intake
):
    found = SlideCheck(path="Über/a.svs", problem="", sha256=SHA256, byte_count=5, facts={})
    with database.writing() as session:
        study = Study(name="s")
        session.add(study)
        session.flush()
        session.add(Slide(study_id=study.id, path=found.path, name="early", file_size=5))
        ticket = requested(session, actor, intake)
        finished(session, ticket, facts='[{"path": "Über/a.svs"}]')
        check = checks.next_check(session)
        checks.record_check(session, check=check, found=[found], sha256=SHA256, now=NOW)
        assert checks.next_check(session) is None
        later = Study(name="later")
        session.add(later)
        session.flush()
        for name, path, size in (
            ("same", found.path, 5),
            ("changed since", found.path.replace("a.", "b."), 5),
        ):
            session.add(Slide(study_id=later.id, path=path, name=name, file_size=size))
        session.flush()
        checks.note_known_sums(session, actor, study_id=later.id)

    with database.reading() as session:
        sums = {slide.name: slide.sha256 for slide in session.exec(select(Slide)).all()}
    assert check.slides == ("Über/a.svs",)
    assert sums == {"early": SHA256, "same": SHA256, "changed since": None}


@pytest.mark.parametrize("size", [4, 5])
def test_sum_is_known_only_of_a_file_of_the_same_size(database, actor, intake, size):
    facts = json.dumps([{"path": "Über/a.svs", "sha256": SHA256, "bytes": 5}])
    with database.writing() as session:
        finished(session, requested(session, actor, intake), state=checks.READY, facts=facts)
        study = Study(name="s")
        session.add(study)
        session.flush()
        slide = Slide(study_id=study.id, path="Über/a.svs", name="a", file_size=size)
        session.add(slide)
        session.flush()

        checks.note_known_sums(session, actor, study_id=study.id)

        assert slide.sha256 == (SHA256 if size == 5 else None)


def test_sum_of_one_slide_is_found_whatever_it_is_called_and_others_are_left(
    database, actor, intake
):
    names = ["a_b.svs", "a%b.svs", 'a"b\\.svs', "aXb.svs", "folder/c.svs"]
    facts = json.dumps([{"path": f"Über/{n}", "sha256": SHA256, "bytes": 5} for n in names[:2]])
    rest = json.dumps([{"path": f"Über/{n}", "sha256": SHA256, "bytes": 5} for n in names[2:]])
    with database.writing() as session:
        for text in (facts, rest):
            finished(session, requested(session, actor, intake), state=checks.READY, facts=text)
        study = Study(name="s")
        session.add(study)
        session.flush()
        slides = [
            Slide(study_id=study.id, path=f"Über/{n}", name=n, file_size=5)
            for n in [*names, "unknown.svs"]
        ]
        session.add_all(slides)
        session.flush()

        for number, slide in enumerate(slides, 1):
            checks.note_known_sums(session, actor, study_id=study.id, slide_id=slide.id)
            known = [SHA256 if name in names else None for name in (s.name for s in slides)]
            assert [s.sha256 for s in slides] == known[:number] + [None] * (len(slides) - number)


def test_slide_is_looked_at_again_when_a_file_of_its_folder_comes(database, actor, intake):
    with database.writing() as session:
        ticket = requested(session, actor, intake, "one.mrxs")
        finished(session, ticket, state=checks.UNREADABLE)

        checks.look_again(session, reach.Target("Über/one", "Data.dat"))
        session.flush()

        assert checks.next_check(session).target.filename == "one.mrxs"


def test_attachment_is_asked_for_and_known_by_its_token(database, actor, tmp_path):
    with database.writing() as session:
        study = Study(name="s")
        session.add(study)
        session.flush()
        leave = attachments.request_attachment(
            session,
            actor,
            study_id=study.id,
            filename="Befund ü.pdf",
            new_secret=lambda: "00ff",
            now=NOW,
        )
        temporary = tokens.verify_api_token(session, leave.token, NOW)

        found = attachments.requested_by(session, temporary, leave.folder, leave.filename)
        attachments.note_arrival(session, leave.attachment_id, NOW)
        session.flush()

        assert found == leave.attachment_id
        assert session.get(Attachment, found).arrived_at == NOW
