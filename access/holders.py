"""Holders: the API tokens and sessions that tile tokens were given to, and what they may do now."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, select

from access import people, tokens
from access.rights import Actor
from records.errors import RightsError
from records.tables import ApiToken

# Built once, for tiles wait for it.
_TOKEN = select(ApiToken).where(ApiToken.id == bindparam("token_id"))

_NAME = re.compile(r"([a-z])([0-9]{1,18})-.*")


def find_actor(session: Session, holder: str, now: datetime) -> Actor:
    """Return the actor that a holder of tile tokens stands for, with what they may do now.

    Parameters
    ----------
    holder
        As ``access.tokens.holder_name`` made it.

    Raises
    ------
    RightsError
        The API token is expired or given up, the session over, or the account closed.
    """
    try:
        return _find(session, holder, now)
    except RightsError as error:
        raise RightsError(f"this tile token does not hold any more: {error.message}") from None


def _find(session: Session, holder: str, now: datetime) -> Actor:
    actor = _of_row(session, holder, now)
    # Another name: the row was removed, and its number given to a new one.
    if actor is None or actor.holder != holder:
        raise RightsError("whom it was given to is not known any more")
    return actor


def _of_row(session: Session, holder: str, now: datetime) -> Actor | None:
    name = _NAME.fullmatch(holder)
    kind, row_id = (name[1], int(name[2])) if name is not None else ("", 0)
    if kind == tokens.SESSION_HOLDER:
        return people.find_session_actor(session, row_id, now)
    if kind == tokens.TOKEN_HOLDER:
        token = session.exec(_TOKEN, params={"token_id": row_id}).first()
        return None if token is None else tokens.token_actor(session, token, now)
    return None
