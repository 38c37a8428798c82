"""Imports that meet one another, dry runs, progress, and files as other programs save them."""

import codecs
import threading

import pytest
from sqlmodel import select

from access.rights import COMMAND_LINE
from records.errors import ConflictError
from records.tables import Answer, AuditEvent, Slide, Study, User
from studyconfig import content, reimport, wanted
from tests.studyconfig.conftest import NOW


@pytest.fixture
def database(either_database):
    """Run every test of this file on both kinds of database."""
    return either_database


def load(database):
    with database.reading() as session:
        study = session.exec(select(Study)).one()
        return study, content.load(session, study)


def rows(database, table):
    with database.reading() as session:
        return session.exec(select(table).order_by(table.id)).all()


def write_after_reading(monkeypatch, put_text, *, times):
    """Let somebody write a text file each time that files were read, a number of times."""
    read_wanted, left = wanted.read_wanted, list(range(times))

    def read_then_write(*arguments, **options):
        found = read_wanted(*arguments, **options)
        if left:
            put_text("study.ex.config", "friendlyname: " + "x" * left.pop() + "y\n")
        return found

    monkeypatch.setattr(wanted, "read_wanted", read_then_write)


def test_files_that_are_written_while_they_are_read_are_read_again(
    database, run, study_files, put_text, monkeypatch
):
    # Otherwise an import that began first could bring back what a later one replaced.
    write_after_reading(monkeypatch, put_text, times=2)

    assert run().success
    assert load(database)[0].friendly_name == "y"


def test_files_that_keep_changing_stop_the_import(
    database, run, study_files, put_text, monkeypatch
):
    write_after_reading(monkeypatch, put_text, times=reimport.MAX_READINGS)

    with pytest.raises(ConflictError, match="were written while they were read"):
        run()
    assert rows(database, Study) == []


def test_a_dry_run_and_imports_at_once_do_not_disturb_each_other(database, run, study_files):
    results = []

    def work(dry_run):
        results.append((dry_run, run(dry_run=dry_run)))

    threads = [threading.Thread(target=work, args=(dry,)) for dry in (True, False, True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [result.success for _, result in results] == [True] * 4
    assert len(rows(database, Slide)) == 3
    assert len(rows(database, AuditEvent)) == 2


def test_a_dry_run_meets_what_stands_in_the_way(database, run, study_files, put_text):
    run()
    with database.writing() as session:
        user = session.exec(select(User)).first()
        question_id = load(database)[0].id
        session.add(
            Answer(
                study_id=1,
                question_id=question_id,
                user_id=user.id,
                slide_id=1,
                subject="slide:1",
                value="x",
                door="test",
                actor="cli",
            )
        )
    put_text("study.ex.scores", "Test question\tAnnoShapes\n")

    with pytest.raises(ConflictError, match="has 1 answers as FreeText"):
        run(dry_run=True)


def test_progress_is_told_slide_by_slide(database, files, study_files):
    told = []

    reimport.reimport(
        database,
        files,
        COMMAND_LINE,
        study_name="ex",
        now=NOW,
        progress=lambda done, total: told.append((done, total)),
    )

    assert told == [(1, 3), (2, 3), (3, 3)]


SAVED = {
    "UTF-8 with mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 big": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "no end": lambda text: text.rstrip("\n").encode(),
    "UTF-16 with CRLF": lambda text: text.replace("\n", "\r\n").encode("utf-16"),
}


@pytest.mark.parametrize("program", SAVED)
def test_files_as_other_programs_save_them_say_the_same(run, study_files, put_text, files, program):
    run()
    for path in sorted(files.root.glob("study.ex.*")):
        put_text(path.name, SAVED[program](path.read_text()))

    result = run(dry_run=True)

    assert "Study ex: nothing to change." in result.log
    assert (result.diff, result.differences) == ("", ())


def test_a_slide_that_a_list_frees_of_its_map_has_none(database, run, study_files, put_text):
    run()
    put_text("ex/x.images", "2.tiff;-\n")

    result = run()

    assert load(database)[1].slides[1].map_name is None
    assert "~ ex/2.tiff: map name study.ex.map1 -> none" in result.log
    assert run().differences == ()


def test_maps_come_by_reference_and_by_their_name(database, run, study_files, put_text):
    # Source: seed, TMA Maps: "You can import a TMA Map in two ways".
    put_text("ex/own.map", "\na\tb\n")
    put_text("ex/x.images", "1.tiff;own.map;270\n")

    run()

    _, held = load(database)
    assert {name: value.rows for name, value in held.maps.items()} == {
        "study.ex.map1": (("1", "2", "ctrl"), ("0", "3", "")),
        "own.map": (("a", "b"),),
    }
    assert [slide.map_name for slide in held.slides] == ["own.map", "study.ex.map1", None]
