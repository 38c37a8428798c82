"""Whom the labels of actors stand for: the address of a person, the name of a token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlmodel import Session, col, select

from records.tables import ApiToken, User

_NAMED: Final = {"user": (User.id, User.email), "token": (ApiToken.id, ApiToken.name)}


def find_actor_names(session: Session, labels: Iterable[str]) -> dict[str, str]:
    """Return names by label, such as ``user:7`` or ``token:3``; others, such as ``cli``, have none.

    People and tokens are never removed, so that a label stands for the same one for ever.
    """
    names: dict[str, str] = {}
    asked = set(labels)
    for kind, (id_, name) in _NAMED.items():
        numbers = numbers_of(kind, asked)
        query = select(col(id_), col(name)).where(col(id_).in_(numbers))
        names |= {f"{kind}:{number}": text for number, text in session.exec(query)}
    return names


def numbers_of(kind: str, labels: Iterable[str]) -> list[int]:
    """Return the numbers of the labels of one kind: of ``slide:12``, 12."""
    return sorted(
        int(number)
        for label in labels
        for found, _, number in (label.partition(":"),)
        if found == kind and number.isdecimal() and number.isascii()
    )
