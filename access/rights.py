"""Rights and actors: what a token or person may do, as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from records.errors import InputError


class Right(StrEnum):
    """One member per capability of an API token.

    Source: claim names of a published test token (slidescore.md 2.2) and the seed's list of
    capabilities.
    """

    CAN_UPLOAD = "CanUpload"
    CAN_CREATE_UPLOAD_FOLDERS = "CanCreateUploadFolders"
    CAN_UPLOAD_SCORES = "CanUploadScores"
    CAN_GET_CONFIG = "CanGetConfig"
    CAN_GET_PIXELS = "CanGetPixels"
    CAN_CREATE_STUDIES = "CanCreateStudies"
    CAN_REIMPORT_STUDIES = "CanReimportStudies"
    CAN_DELETE_OWNED_STUDIES = "CanDeleteOwnedStudies"
    CAN_GET_SCORES = "CanGetScores"
    CAN_GET_ANY_SCORES = "CanGetAnyScores"
    CAN_DOWNLOAD_SLIDES = "CanDownloadSlides"
    CAN_DELETE_SLIDES = "CanDeleteSlides"
    CAN_HANDLE_PATHS = "CanHandlePaths"
    CAN_HANDLE_DOMAINS = "CanHandleDomains"
    CAN_HANDLE_STUDENT_ACCOUNTS = "CanHandleStudentAccounts"


ALL_RIGHTS = frozenset(Right)


def parse_rights(text: str) -> frozenset[Right]:
    """Read ``all``, or names of rights separated by commas or semicolons, in any case.

    Raises
    ------
    InputError
        A name is no right; the message lists those there are.
    """
    if text.strip().lower() == "all":
        return ALL_RIGHTS
    known = {right.value.lower(): right for right in Right}
    found = set()
    for name in text.replace(";", ",").split(","):
        if not name.strip():
            continue
        right = known.get(name.strip().lower())
        if right is None:
            raise InputError(f"{name.strip()!r} is no right; there are: all, {', '.join(Right)}")
        found.add(right)
    return frozenset(found)


def parse_list(text: str) -> tuple[str, ...]:
    """Read a list separated by semicolons, as token restrictions are written."""
    return tuple(part.strip() for part in text.split(";") if part.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks, and what they may do.

    Parameters
    ----------
    label
        ``token:3``, ``user:7`` or ``cli``: how the audit trail names them.
    rights
        Capabilities. A person's rights come from membership in each study instead, unless they
        are administrator, who has all.
    read_studies, modify_studies
        Names of the only studies that may be read or modified; empty means any.
    upload_folders
        The only folders, under the images root, to which files may be uploaded; empty means any.
    holder
        Names, in tile tokens, the API token or session that they came with; see ``access.holders``.
    """

    label: str
    rights: frozenset[Right]
    token_id: int | None = None
    user_id: int | None = None
    email: str | None = None
    is_admin: bool = False
    read_studies: tuple[str, ...] = ()
    modify_studies: tuple[str, ...] = ()
    upload_folders: tuple[str, ...] = ()
    holder: str = ""

    def has(self, right: Right) -> bool:
        """Tell whether the actor has a capability."""
        return right in self.rights

    @property
    def is_person(self) -> bool:
        """Tell whether this is somebody signed in, without administrator's rights."""
        return self.user_id is not None and self.token_id is None and not self.is_admin

    def may_read(self, study_name: str) -> bool:
        """Tell whether the token's restriction lets it read a study of this name."""
        return _listed(study_name, self.read_studies)

    def may_modify(self, study_name: str) -> bool:
        """Tell whether the token's restriction lets it modify a study of this name."""
        return _listed(study_name, self.modify_studies)

    def may_upload_to(self, folder: str) -> bool:
        """Tell whether files may go to a folder (normalised, relative, ``""`` is the root)."""
        if not self.upload_folders:
            return True
        return any(
            folder.lower() == allowed or folder.lower().startswith(f"{allowed}/")
            for allowed in (entry.strip("./").lower() for entry in self.upload_folders)
            if allowed
        )


COMMAND_LINE = Actor(label="cli", rights=ALL_RIGHTS, is_admin=True)
"""Whoever can run commands in the data folder can read the database anyway."""


def _listed(name: str, allowed: Iterable[str]) -> bool:
    names = [entry.lower() for entry in allowed]
    return not names or name.lower() in names
