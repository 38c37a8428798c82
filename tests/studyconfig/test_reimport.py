"""Reimport: files on disk become a study, again and again, and never less of one."""

import threading

import pytest
from sqlmodel import select

from records.errors import ConflictError, InputError, NotFoundError
from records.tables import Answer, AuditEvent, Core, Slide, Study, StudyMember, TmaMap, User
from studyconfig import content, wanted
from studyconfig.formats.emails import Member
from tests.studyconfig.conftest import MAP, SCORES


@pytest.fixture
def database(either_database):
    """Run every test of this file on both kinds of database."""
    return either_database


def load(database, name="ex"):
    with database.reading() as session:
        study = session.exec(select(Study).where(Study.name == name)).one()
        return study, content.load(session, study)


def rows(database, table):
    with database.reading() as session:
        return session.exec(select(table).order_by(table.id)).all()


def test_a_study_is_made_from_its_files(database, run, study_files):
    result = run()

    study, found = load(database)
    assert result.success
    assert result.study_id == study.id
    assert (study.friendly_name, study.folder, study.published_at) == ("Example", "Demos", None)
    assert found.settings == {"friendlyname": "Example", "folder": "Demos", "stainings": "HE, ER"}
    assert found.members == (
        Member(email="a@b.c"),
        Member(email="d@e.f", can_score=False, can_edit=True),
    )
    assert [(q.name, q.type.name, q.values) for q in found.questions] == [
        ("Test question", "FreeText", ""),
        ("Test anno", "AnnoShapes", "#e6194b"),
    ]
    assert [(s.path, s.name, s.rotation, s.map_name) for s in found.slides] == [
        ("ex/1.tiff", "1", 0, None),
        ("ex/2.tiff", "2", 0, "study.ex.map1"),
        ("shared/3.tiff", "Third", 90, None),
    ]
    slide = found.slides[1].file
    assert (slide.width, slide.height, slide.mpp_x, slide.level_count) == (128, 64, 0.5, 1)


def test_cores_are_stored_with_their_marks(database, run, study_files):
    run()

    cores = {(c.row, c.column): c for c in rows(database, Core)}
    assert {place: core.sample for place, core in cores.items()} == {
        (0, 0): "1", (0, 1): "2", (0, 2): "ctrl", (1, 0): "0", (1, 1): "3",
    }  # fmt: skip
    assert cores[0, 2].is_control
    assert cores[1, 0].is_ignored
    assert not cores[0, 0].is_control
    (tma_map,) = rows(database, TmaMap)
    assert (tma_map.row_count, tma_map.column_count) == (2, 3)


def test_people_come_without_a_password(database, run, study_files):
    run()

    assert {(user.email, user.password_hash) for user in rows(database, User)} == {
        ("a@b.c", None),
        ("d@e.f", None),
    }


def test_the_log_counts_and_names_each_thing(run, study_files):
    log = run().log

    assert "Study ex: made." in log
    assert "Slides: 3 added, 0 updated, 0 unchanged" in log
    assert "+ shared/3.tiff as Third: 96 x 64 pixels, 0.5 µm per pixel, read by tiff" in log
    assert "+ a@b.c" in log
    assert "+ Test anno" in log
    assert "TMA maps: 1 added" in log


def test_the_import_is_in_the_audit_trail(database, run, study_files):
    run()

    (event,) = rows(database, AuditEvent)
    assert (event.actor, event.deed, event.subject) == ("cli", "study.reimport", "study:1")
    assert '"added": 3' in event.detail


def test_a_second_import_changes_nothing(database, run, study_files):
    run()
    before = load(database)[1]
    ids = [slide.id for slide in rows(database, Slide)]

    result = run()

    assert load(database)[1] == before
    assert [slide.id for slide in rows(database, Slide)] == ids
    assert "Study ex: nothing to change." in result.log
    assert "Slides: 0 added, 0 updated, 3 unchanged" in result.log


def test_unchanged_slides_are_not_opened_again(run, study_files, files, monkeypatch):
    run()
    opened = []
    monkeypatch.setattr(
        "studyconfig.probing.probe", lambda _files, path: opened.append(path) or 1 / 0
    )

    assert run().success
    assert opened == []


def test_a_replaced_file_is_probed_again_and_its_reader_is_to_be_dropped(
    database, run, study_files, put_slide
):
    run()
    put_slide("ex/1.tiff", width=200)

    result = run()

    slide = rows(database, Slide)[0]
    assert (slide.width, slide.path) == (200, "ex/1.tiff")
    assert result.replaced_slides == (slide.id,)
    assert "~ ex/1.tiff: the file is new: 200 x 64 pixels" in result.log


def test_changed_files_add_and_update(database, run, study_files, put_text, put_slide):
    run()
    put_text("study.ex.emails", "a@b.c;cangetresults\n")
    put_text("study.ex.scores", "New\tReal\t0;1\n" + SCORES.replace("#e6194b", "#00ff00"))
    put_text("study.ex.config", "friendlyname: Better\n")
    put_slide("ex/0.tiff")

    result = run()

    study, found = load(database)
    assert study.friendly_name == "Better"
    assert found.settings["stainings"] == "HE, ER"
    assert [q.name for q in found.questions] == ["New", "Test question", "Test anno"]
    assert found.questions[2].values == "#00ff00"
    assert found.members[0] == Member(email="a@b.c", can_get_results=True)
    assert len(found.slides) == 4
    assert "~ friendlyname: Example -> Better" in result.log
    assert "~ Test anno: values #e6194b -> #00ff00" in result.log
    assert "~ a@b.c: can get results no -> yes" in result.log


def test_nothing_is_removed_when_files_shrink_or_vanish(database, run, study_files, files):
    run()
    before = load(database)[1]
    for name in ("emails", "scores", "config", "images", "map1"):
        (files.root / f"study.ex.{name}").unlink()
    (files.root / "ex" / "1.tiff").unlink()

    result = run()

    assert result.success
    assert load(database)[1] == before
    assert "= slide ex/1.tiff stays, though no file names it" in result.log


def test_what_was_set_by_hand_stays_when_no_file_names_it(database, run, study_files):
    run()
    with database.writing() as session:
        slide = session.get(Slide, 1)
        slide.name, slide.rotation = "By hand", 180
        session.add(slide)

    run()

    assert load(database)[1].slides[0].name == "By hand"
    assert load(database)[1].slides[0].rotation == 180


def test_a_study_without_any_file_is_an_error_and_is_not_made(database, run):
    with pytest.raises(NotFoundError, match=r"expected the folder nothing or files study\.nothing"):
        run("nothing")

    assert rows(database, Study) == []


def test_a_folder_alone_makes_a_study(database, run, put_slide):
    put_slide("only/1.tiff")

    assert run("only").success
    assert len(load(database, "only")[1].slides) == 1


@pytest.mark.parametrize("name", ["../ex", "a/b", "", ".", "a\\b", "\0"])
def test_hostile_names_are_refused(database, run, study_files, name):
    with pytest.raises(InputError):
        run(name)

    assert rows(database, Study) == []


def test_every_mistake_in_text_files_is_told_and_nothing_is_imported(
    database, run, study_files, put_text
):
    put_text("study.ex.scores", "A\tFreeText\nB\tClickFrendly\n")
    put_text("study.ex.emails", "nobody\n")
    put_text("ex/x.images", "../../outside.svs\n1.tiff;nowhere.map\n")
    put_text("study.ex.config", b"folder: \xe9\n")

    result = run()

    assert not result.success
    assert result.study_id is None
    assert "study.ex.scores, line 2, column 3: there is no question type" in result.log
    assert "Did you mean ClickFriendly?" in result.log
    assert "study.ex.emails, line 1, column 1: 'nobody' is no e-mail address" in result.log
    assert "x.images, line 1, column 1:" in result.log
    assert "x.images, line 2, column 8: there is no TMA map nowhere.map" in result.log
    assert "study.ex.config, line 1, column 9: the byte 0xE9 is not UTF-8" in result.log
    assert rows(database, Study) == []


def test_two_lists_may_not_contradict_each_other(run, study_files, put_text):
    put_text("ex/a.images", "1.tiff;;90\n")
    put_text("ex/b.images", "1.tiff;;90\n2.tiff\n")
    put_text("ex/c.images", "\n1.tiff;;180\n")

    result = run()

    assert "c.images, line 2: ex/1.tiff has other properties in a.images, line 1" in result.log
    assert "b.images" not in result.log


def test_a_slide_that_cannot_be_read_stops_the_import(database, run, study_files, put_text):
    put_text("ex/bad.svs", "this is no slide")
    put_text("ex/x.images", "missing.tiff\n")

    result = run()

    assert not result.success
    assert "slide ex/bad.svs: " in result.log
    assert "slide x.images, line 1: there is no file missing.tiff" in result.log
    assert "ignoreImageErrors" in result.log
    assert rows(database, Study) == []


def test_slides_that_cannot_be_read_are_passed_over_when_asked(
    database, run, study_files, put_text
):
    put_text("ex/bad.svs", "this is no slide")

    result = run(ignore_image_errors=True)

    assert result.success
    assert [slide.path for slide in load(database)[1].slides] == [
        "ex/1.tiff",
        "ex/2.tiff",
        "shared/3.tiff",
    ]
    assert "! slide ex/bad.svs: " in result.log


def test_a_slide_that_was_cut_off_is_told(run, study_files, files, put_slide):
    path = put_slide("ex/cut.tiff", width=512, height=512)
    path.write_bytes(path.read_bytes()[:100_000])

    assert "slide ex/cut.tiff: " in run().log


def test_unknown_settings_are_kept_and_warned_about(database, run, study_files, put_text):
    put_text("study.ex.config", "showlabel: yes\n")

    result = run()

    assert load(database)[1].settings["showlabel"] == "yes"
    assert "! study.ex.config: showlabel is not a known setting" in result.log


def test_real_paths_of_the_server_are_not_in_the_log(run, study_files, put_text, files):
    put_text("ex/bad.svs", "no")
    put_text("ex/empty.tiff", "")

    assert str(files.root) not in run().log


def test_two_imports_at_once_are_as_one(database, run, study_files):
    results, barrier = [], threading.Barrier(2)

    def work():
        barrier.wait()
        results.append(run())

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [result.success for result in results] == [True, True]
    assert len(rows(database, Study)) == 1
    assert len(rows(database, Slide)) == 3
    assert len(rows(database, User)) == 2
    assert len(rows(database, StudyMember)) == 2
    assert sorted("made" in result.log.split("\n")[0] for result in results) == [False, True]


def test_a_slide_that_is_deleted_while_files_are_read_stops_the_import(
    database, run, study_files, monkeypatch
):
    run()
    read_wanted = wanted.read_wanted

    def read_then_delete(*arguments, **options):
        found = read_wanted(*arguments, **options)
        with database.writing() as session:
            session.delete(session.get(Slide, 1))
        return found

    monkeypatch.setattr(wanted, "read_wanted", read_then_delete)

    with pytest.raises(ConflictError, match="try again"):
        run()
    monkeypatch.undo()
    assert run().success


def test_the_name_of_a_study_is_found_in_any_case(database, run, study_files):
    first = run("ex")

    assert run("EX").study_id == first.study_id


# What answers forbid.


def answer(database, *, question_id=1, slide_id=1, core_id=None):
    with database.writing() as session:
        user = session.exec(select(User)).first()
        session.add(
            Answer(
                study_id=1,
                question_id=question_id,
                user_id=user.id,
                slide_id=slide_id,
                core_id=core_id,
                subject=f"slide:{slide_id}",
                value="x",
                door="test",
                actor="cli",
            )
        )


def test_a_question_with_answers_keeps_its_kind(database, run, study_files, put_text):
    run()
    answer(database, question_id=1)
    put_text("study.ex.scores", "Test question\tAnnoShapes\n")

    with pytest.raises(ConflictError, match="has 1 answers as FreeText"):
        run()

    assert load(database)[1].questions[0].type.name == "FreeText"


def test_a_slide_with_answers_keeps_its_size(database, run, study_files, put_slide):
    run()
    answer(database, slide_id=1)
    put_slide("ex/1.tiff", width=200)

    with pytest.raises(ConflictError, match="1 answers on 96 x 64 pixels"):
        run()


def test_a_slide_with_answered_cores_keeps_its_map(database, run, study_files, put_text):
    run()
    answer(database, slide_id=2, core_id=1)
    put_text("study.ex.map2", MAP.replace("ignore", "force: true\nignore"))

    with pytest.raises(ConflictError, match="answers on cores of its TMA map"):
        run()
