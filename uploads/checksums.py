"""Checksums of request bodies: the algorithms that tus clients may name."""

from __future__ import annotations

import hashlib
import hmac
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


class Hasher(Protocol):
    """What ``hashlib`` objects can do, as far as it is needed here."""

    def update(self, data: bytes | bytearray, /) -> None:
        """Take in more bytes."""

    def digest(self) -> bytes:
        """Return the checksum of all bytes so far."""


class Crc32:
    """CRC-32 with the interface of ``hashlib``; the digest is four bytes, most significant first.

    tus names no byte order; this is the one of the printed number (a choice).
    """

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes | bytearray, /) -> None:
        """Take in more bytes."""
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        """Return the checksum of all bytes so far."""
        return self._value.to_bytes(4)


def _sha1() -> Hasher:
    return hashlib.sha1(usedforsecurity=False)


# Source: tus 1.0.0, Checksum: a server that offers the extension must know sha1.
ALGORITHMS: Mapping[str, Callable[[], Hasher]] = {
    "sha1": _sha1,
    "sha256": hashlib.sha256,
    "crc32": Crc32,
}


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a client says its bytes add up to.

    Parameters
    ----------
    algorithm
        A key of ``ALGORITHMS``.
    digest
        The checksum's bytes.
    """

    algorithm: str
    digest: bytes

    def hasher(self) -> Hasher:
        """Return a fresh hasher of this algorithm."""
        return ALGORITHMS[self.algorithm]()

    def fits(self, hasher: Hasher) -> bool:
        """Tell whether the bytes taken in are the ones that the client meant."""
        return hmac.compare_digest(hasher.digest(), self.digest)
