"""Slowing down those who guess passwords: failures are counted, and too many of them must wait.

Three things are counted apart: one address of a person tried from one network, the person from
anywhere, and the network whoever it tries. The first has the least patience, so that somebody who
guesses makes himself wait, and not the person whose address he tries.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from records.errors import BusyError
from records.tables import SignInFailure

FORGOTTEN_AFTER = timedelta(hours=1)
"""Failures older than this are forgotten: a person who mistyped yesterday starts afresh."""


class TooManyTriesError(BusyError):
    """Too many failures; signing in must wait."""


@dataclass(frozen=True, slots=True)
class Tries:
    """What is counted, and its patience.

    Parameters
    ----------
    key
        Hash of what is counted.
    free
        So many failures cost no wait.
    first_wait, longest_wait
        The wait after the first failure too many doubles with each further one.
    """

    key: str
    free: int
    first_wait: timedelta
    longest_wait: timedelta

    def wait_after(self, failures: int) -> timedelta:
        """Return how long the next try must wait after the last of so many failures."""
        excess = failures - self.free
        if excess < 0:
            return timedelta(0)
        doublings: int = 2 ** min(excess, 20)
        return min(self.first_wait * doublings, self.longest_wait)


def tries_of(email: str, network: str) -> list[Tries]:
    """Return what a try to sign in counts for.

    Parameters
    ----------
    email
        As it was typed.
    network
        The client's address; of IPv6 the first 64 bits, which one household has for itself.
    """
    person, place = email.strip().lower()[:320], _network(network)
    quarter = timedelta(minutes=15)
    return [
        Tries(_key("both", person, place), 5, timedelta(seconds=15), quarter),
        Tries(_key("person", person), 100, timedelta(seconds=30), timedelta(minutes=1)),
        Tries(_key("network", place), 60, timedelta(seconds=30), quarter),
    ]


def check(session: Session, tries: Sequence[Tries], now: datetime) -> None:
    """Refuse a try that comes too early.

    Raises
    ------
    TooManyTriesError
        It says how long to wait.
    """
    known = {row.key: row for row in _rows(session, tries)}
    waits = [
        known[one.key].last_at + one.wait_after(known[one.key].failures) - now
        for one in tries
        if one.key in known and now - known[one.key].last_at < FORGOTTEN_AFTER
    ]
    wait = max(waits, default=timedelta(0))
    if wait > timedelta(0):
        raise TooManyTriesError(
            f"too many attempts failed; try again in {_spoken(wait)}, or ask for a new password"
        )


def count_failure(session: Session, tries: Sequence[Tries], now: datetime) -> None:
    """Count a failure; what is forgotten goes."""
    session.execute(delete(SignInFailure).where(col(SignInFailure.last_at) < now - FORGOTTEN_AFTER))
    known = {row.key: row for row in _rows(session, tries)}
    for one in tries:
        row = known.get(one.key) or SignInFailure(key=one.key, failures=0, last_at=now)
        row.failures += 1
        row.last_at = now
        session.add(row)
    session.flush()


def forgive(session: Session, tries: Sequence[Tries]) -> None:
    """Forget the failures of somebody who has signed in; those of the network stay."""
    kept = [one.key for one in tries[:2]]
    session.execute(delete(SignInFailure).where(col(SignInFailure.key).in_(kept)))


def _rows(session: Session, tries: Sequence[Tries]) -> list[SignInFailure]:
    keys = [one.key for one in tries]
    return list(session.exec(select(SignInFailure).where(col(SignInFailure.key).in_(keys))))


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _network(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _spoken(wait: timedelta) -> str:
    seconds = int(wait.total_seconds()) + 1
    return f"{seconds} s" if seconds < 100 else f"{-(-seconds // 60)} minutes"
