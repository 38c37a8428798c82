"""Reimport: who may, and of which studies."""

import pytest
from sqlmodel import select

from access.rights import Actor, Right
from records.errors import RightsError
from records.tables import Study, User


@pytest.fixture
def database(either_database):
    """Run every test of this file on both kinds of database."""
    return either_database


def rows(database, table):
    with database.reading() as session:
        return session.exec(select(table).order_by(table.id)).all()


def token(**restrictions):
    return Actor(label="token:1", rights=frozenset({Right.CAN_REIMPORT_STUDIES}), **restrictions)


def test_a_token_needs_the_right_to_reimport(database, run, study_files):
    with pytest.raises(RightsError, match="CanReimportStudies"):
        run(actor=Actor(label="token:1", rights=frozenset({Right.CAN_UPLOAD})))

    assert rows(database, Study) == []


def test_a_token_may_only_import_studies_that_it_may_modify(database, run, study_files):
    with pytest.raises(RightsError):
        run(actor=token(modify_studies=("other",)))

    assert rows(database, Study) == []
    assert run(actor=token(modify_studies=("EX",))).success


def test_a_refused_token_hears_the_same_of_a_study_that_is_not_there(run, study_files):
    run()
    messages = []

    for name in ("ex", "absent"):
        with pytest.raises(RightsError) as caught:
            run(name, actor=token(modify_studies=("other",)))
        messages.append(caught.value.message.replace(name, "NAME"))

    assert messages[0] == messages[1]


def test_a_person_may_reimport_a_study_that_they_may_edit_but_not_make_one(
    database, run, study_files
):
    person = Actor(label="user:2", user_id=2, rights=frozenset())
    with pytest.raises(RightsError):
        run(actor=person)
    run()
    user_ids = {user.email: user.id for user in rows(database, User)}

    editor = Actor(label="user:2", user_id=user_ids["d@e.f"], rights=frozenset())
    scorer = Actor(label="user:1", user_id=user_ids["a@b.c"], rights=frozenset())

    assert run(actor=editor).success
    with pytest.raises(RightsError):
        run(actor=scorer)


def test_a_token_cannot_bring_in_slides_of_a_study_that_it_may_not_read(
    database, run, study_files, put_text, put_slide
):
    put_slide("secret/1.tiff")
    put_text("thief/x.images", "../secret/1.tiff\n")
    run("secret")
    thief = token(modify_studies=("thief",), read_studies=("thief",))

    with pytest.raises(RightsError, match=r"secret/1\.tiff belongs to a study"):
        run("thief", actor=thief)

    assert [study.name for study in rows(database, Study)] == ["secret"]
    assert run("thief", actor=token(modify_studies=("thief",))).success
