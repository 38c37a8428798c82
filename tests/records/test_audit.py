from sqlmodel import col, select

from records import audit
from records.database import Database
from records.tables import AuditEvent


def _record_three(database: Database) -> None:
    for number in range(3):
        with database.writing() as session:
            audit.record(
                session, actor="cli", deed="slide.add", subject=f"slide:{number}", detail={"n": 1}
            )


def test_the_first_event_starts_the_chain_and_each_covers_the_one_before(database: Database):
    _record_three(database)

    with database.reading() as session:
        events = session.exec(select(AuditEvent).order_by(col(AuditEvent.id))).all()
        assert audit.examine(session).broken_id is None

    assert events[0].previous_hash == audit.FIRST_HASH
    assert [event.previous_hash for event in events[1:]] == [event.hash for event in events[:-1]]


def test_a_changed_event_is_found(database: Database):
    _record_three(database)
    with database.writing() as session:
        event = session.get(AuditEvent, 2)
        event.actor = "somebody else"
        session.add(event)

    with database.reading() as session:
        assert audit.examine(session).broken_id == 2


def test_a_removed_event_is_found(database: Database):
    _record_three(database)
    with database.writing() as session:
        session.delete(session.get(AuditEvent, 2))

    with database.reading() as session:
        assert audit.examine(session).broken_id == 3
