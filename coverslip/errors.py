"""What can go wrong when slides are read over HTTP.

CoverslipError
├── UnreachableError   the server did not answer
├── RefusedError       the token is wrong, expired, or lacks a right
├── MissingError       there is no such slide, level, tile or picture
└── TileError          one tile of many could not be made
"""

from __future__ import annotations


class CoverslipError(Exception):
    """A server did not give what was asked for; the text is the server's own where it gave one."""


class UnreachableError(CoverslipError):
    """The server did not answer, or broke off."""


class RefusedError(CoverslipError):
    """The token is wrong or expired, or lacks a right."""


class MissingError(CoverslipError):
    """There is no such slide, level, tile or picture."""


class TileError(CoverslipError):
    """One tile could not be made.

    Parameters
    ----------
    address
        Deep Zoom level, column and row.
    status
        As of an HTTP answer: 404 where there is no such tile, 422 where the file is damaged.
    reason
        In the server's words.
    """

    def __init__(self, address: tuple[int, int, int], status: int, reason: str) -> None:
        level, column, row = address
        super().__init__(f"tile {level}/{column}_{row}: {reason}")
        self.address = address
        self.status = status
