"""What is known of an unfinished upload, and what can go wrong with it."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from records.errors import BusyError, ConflictError, InputError, NotFoundError

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class PartMissingError(NotFoundError):
    """There is no such upload, or no longer."""


class PartExpiredError(NotFoundError):
    """Nothing was added to the upload for so long that it is given up."""


class PartLockedError(ConflictError):
    """Another request is writing to the upload, or ending it, at this moment."""


class PartJoinedError(ConflictError):
    """The upload is made of other uploads, and takes no bytes of its own."""


class PartLengthError(InputError):
    """The length that the client tells now is not the one it told before, or no possible one."""


class PartIncompleteError(ConflictError):
    """The upload cannot be finished, for bytes are missing."""


class OffsetError(ConflictError):
    """The client's bytes do not start where the upload ends."""


class PartOverflowError(InputError):
    """More bytes came than the upload's length leaves room for."""


class ChecksumError(InputError):
    """The bytes that came are not the ones the client summed up."""


class DiskFullError(BusyError):
    """The disk has no room for the bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState:
    """How far an upload is.

    Parameters
    ----------
    part_id
        The random end of the upload's URL.
    length
        Size of the whole file, in bytes; None while the client has not told it.
    offset
        How many bytes are here, durably.
    metadata
        The client's ``Upload-Metadata`` as it is told back, without secrets.
    owner
        Label of the actor who may go on with it.
    expires_at
        When it is given up, unless more bytes come.
    concat
        ``partial`` for a piece of another upload, ``final;…`` for one joined from pieces, else
        empty: the client's ``Upload-Concat``.
    """

    part_id: str
    length: int | None
    offset: int
    metadata: str
    owner: str
    expires_at: datetime
    concat: str = ""

    @property
    def is_complete(self) -> bool:
        """Tell whether every byte is here."""
        return self.offset == self.length


def check_complete(offset: int, length: int | None) -> None:
    """Insist that so many bytes are the whole upload.

    Raises
    ------
    PartIncompleteError
        Bytes are missing.
    """
    if offset != length:
        whole = "an unknown number of" if length is None else length
        raise PartIncompleteError(
            f"the upload is not complete: {offset} of {whole} bytes have arrived"
        )


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """Tell a full disk as such; other failures of the disk stay what they are.

    Raises
    ------
    DiskFullError
        The disk, the quota or the largest possible file is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise DiskFullError("the server's disk is full; what has arrived is kept") from error
