import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel, select

from records.database import Database
from records.tables import Answer, Question, Study, User


def test_upgrade_twice_changes_nothing(database: Database):
    with database.writing() as session:
        session.add(Study(name="kept"))

    database.upgrade()

    with database.reading() as session:
        assert [study.name for study in session.exec(select(Study))] == ["kept"]


def test_migrations_make_exactly_the_tables_of_the_code(database: Database):
    with database.reading() as session:
        context = MigrationContext.configure(
            session.connection(), opts={"compare_type": False, "render_as_batch": True}
        )
        differences = compare_metadata(context, SQLModel.metadata)

    # Predicates of partial indexes are not compared; the last test here insists on them.
    assert differences == []


@pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)
def test_sqlite_is_in_wal_mode_durable_and_checks_foreign_keys(database: Database):
    with database.reading() as session:
        pragmas = {
            name: session.connection().exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_failed_transaction_leaves_nothing(database: Database):
    def fail_half_way() -> None:
        with database.writing() as session:
            session.add(Study(name="half"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()

    with database.reading() as session:
        assert session.exec(select(Study)).all() == []


def test_writers_that_read_first_wait_for_one_another(database: Database):
    with database.writing() as session:
        session.add(Study(name="counter", description="0"))

    def count_up() -> None:
        for _ in range(10):
            with database.writing() as session:
                study = session.exec(select(Study)).one()
                study.description = str(int(study.description) + 1)
                session.add(study)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.reading() as session:
        assert session.exec(select(Study)).one().description == "40"


def test_instants_come_back_aware_and_in_utc(database: Database):
    amsterdam = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    with database.writing() as session:
        session.add(Study(name="s", published_at=amsterdam))

    with database.reading() as session:
        stored = session.exec(select(Study)).one().published_at

    assert stored == amsterdam
    assert stored.tzinfo is UTC


def test_a_naive_instant_is_refused(database: Database):
    naive = datetime(2026, 7, 1, 12, 0)  # noqa: DTZ001

    with pytest.raises(sqlalchemy.exc.StatementError), database.writing() as session:
        session.add(Study(name="s", published_at=naive))


def test_one_subject_question_and_user_has_one_current_answer(database: Database):
    with database.writing() as session:
        session.add_all([Study(id=1, name="s"), User(id=1, email="a@b.c")])
        session.flush()
        session.add(Question(id=1, study_id=1, name="q", type_id=0))

    def answer(*, current: bool) -> Answer:
        return Answer(
            study_id=1,
            question_id=1,
            user_id=1,
            subject="slide:1",
            value="x",
            is_current=current,
            door="test",
            actor="cli",
        )

    with database.writing() as session:
        session.add_all([answer(current=False), answer(current=False), answer(current=True)])

    with pytest.raises(sqlalchemy.exc.IntegrityError), database.writing() as session:
        session.add(answer(current=True))
