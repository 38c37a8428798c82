"""The first look: an administrator, a token and the sample study, made once and told each time."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sqlmodel import Session, select

from access import people, tokens
from access.rights import ALL_RIGHTS, COMMAND_LINE
from records.database import Database
from records.errors import InputError
from records.tables import Slide, Study
from server import studies

ADMIN = "admin@example.org"
SAMPLE_STUDY = "sample"


@dataclass(frozen=True, slots=True)
class FirstLogin:
    """What a newcomer needs; kept in a file that only its owner reads, to be told again."""

    email: str
    password: str
    api_token: str


def prepare(database: Database, data: Path, address: str) -> str:
    """Make what is missing, and return the text that welcomes a newcomer.

    Parameters
    ----------
    address
        Where the server will answer, such as ``http://127.0.0.1:8000``.
    """
    login = _first_login(database, data)
    with database.reading() as session:
        slide = _sample_slide(session)
    if slide is None:
        result = studies.import_sample(database, data, COMMAND_LINE, admin_email=ADMIN)
        if not result.success:
            raise InputError(f"the sample study could not be imported:\n{result.log}")
        with database.reading() as session:
            slide = _sample_slide(session)
    link = f"{address}/Image/Details?imageId={slide[0]}&studyId={slide[1]}" if slide else "none"
    return f"""
  Coverslip   {address}
  Sign in     {login.email}
  Password    {login.password}
  API token   {login.api_token}
  A slide     {link}

  This login is kept in {data / "first-login.json"}. Ctrl-C stops the server.
"""


def _sample_slide(session: Session) -> tuple[int, int] | None:
    """Return the ids of the sample study's first slide and of the study."""
    row = session.exec(
        select(Slide.id, Slide.study_id)
        .join(Study)
        .where(Study.name == SAMPLE_STUDY)
        .order_by(Slide.position, Slide.id)  # type: ignore[arg-type]
    ).first()
    return (row[0], row[1]) if row is not None and row[0] is not None else None


def _first_login(database: Database, data: Path) -> FirstLogin:
    path = data / "first-login.json"
    with database.reading() as session:
        has_account = people.has_account(session, ADMIN)
    if path.exists() and has_account:
        return FirstLogin(**json.loads(path.read_text()))
    login = FirstLogin(ADMIN, people.new_password(), "")
    if has_account:
        raise InputError(
            f"{ADMIN} has an account already, but {path} is gone; "
            f"use: coverslip user add {ADMIN} --admin, and: coverslip serve"
        )
    path.unlink(missing_ok=True)  # of a database that is gone
    with database.writing() as session:
        people.add_account(
            session, COMMAND_LINE, email=ADMIN, password=login.password, is_admin=True
        )
        wanted = tokens.NewApiToken(name="first look", rights=ALL_RIGHTS)
        login = replace(login, api_token=tokens.issue_api_token(session, COMMAND_LINE, wanted))
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(login), file)
    return login
