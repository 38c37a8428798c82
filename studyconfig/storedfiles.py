"""Configuration files of a study as they lie in the images root: read, checked, written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from access import gate
from access.rights import Actor, Right
from records import audit, filestore
from records.errors import ConflictError, InputError, RightsError
from records.filestore import FileStore
from studyconfig import folder as folders, reach, text
from studyconfig.folder import ConfigFile, Finder
from studyconfig.formats import config, emails, images, scores, tma_map
from studyconfig.formats.scores import QuestionLine
from studyconfig.reach import Reach
from studyconfig.text import ConfigSyntaxError

MAX_SHOWN_BYTES = 2 * 1024 * 1024
"""A longer file is named, but its text is not sent: no person edits it line by line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A configuration file in the images root.

    Parameters
    ----------
    path
        Relative to the images root.
    content
        Its text; None when ``problem`` says why it cannot be shown.
    sha256
        Of its bytes, to tell whether somebody wrote it meanwhile; empty when it cannot be read.
    """

    name: str
    path: str
    content: str | None
    sha256: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a text is worth as a configuration file.

    Parameters
    ----------
    kind
        ``emails``, ``scores``, ``images``, ``config`` or ``map``.
    count
        How many people, questions, slides, settings or rows of cores it tells.
    questions
        Of a scoring sheet without mistakes, what it asks.
    """

    kind: str
    count: int = 0
    mistakes: tuple[ConfigSyntaxError, ...] = ()
    warnings: tuple[str, ...] = ()
    questions: tuple[QuestionLine, ...] = ()


def may_read(session: Session, actor: Actor, *, study_id: int) -> tuple[str, Reach]:
    """Check the right to see the files of a study; return its name, and which files may be used.

    Raises
    ------
    RightsError
        The actor may not modify the study, or not get its configuration.
    NotFoundError
        There is no such study.
    """
    study = gate.modifiable_study(session, actor, study_id, right=Right.CAN_GET_CONFIG)
    return study.name, reach.find_reach(session, actor, study_id=study_id)


def may_write(session: Session, actor: Actor, *, study_id: int) -> tuple[str, Reach]:
    """Check the right to write the files of a study; return its name, and which may be used.

    Raises
    ------
    RightsError
        The actor may not modify the study, or not upload to the images root.
    NotFoundError
        There is no such study.
    """
    study = gate.modifiable_study(session, actor, study_id, right=Right.CAN_UPLOAD)
    if not actor.may_upload_to(""):
        raise RightsError("this token may not upload to the images root")
    return study.name, reach.find_reach(session, actor, study_id=study_id)


def read_all(files: FileStore, within: Reach, study_name: str) -> list[StoredFile]:
    """Return the text files that Reimport of a study would read.

    Raises
    ------
    InputError
        A file is there several times, in different cases.
    """
    found = folders.read_folder(Finder(files, within), study_name, suffixes=())
    return [_read(files, file) for file in found.config_files]


def check(name: str, content: str) -> Finding:
    """Read a text as the configuration file that a name says it is; nothing is kept.

    Parameters
    ----------
    name
        ``study.<name>.<kind>``, or the kind alone, such as ``.scores``.

    Raises
    ------
    InputError
        The name tells no kind, or the text is too long.
    """
    kind = _kind(name)
    _check_size(content)
    readers: dict[str, Callable[[str, str], Finding]] = {
        "emails": _people,
        "scores": _sheet,
        "images": _slides,
        "config": _settings,
        "map": _map,
    }
    try:
        return readers[kind](content, name)
    except ConfigSyntaxError as error:
        return Finding(kind=kind, mistakes=error.mistakes)


def write(
    files: FileStore,
    within: Reach,
    *,
    study_name: str,
    name: str,
    content: str,
    known_sha256: str | None,
) -> StoredFile:
    """Write a configuration file whole and durably, or leave what is there.

    Parameters
    ----------
    name
        ``study.<study_name>.<kind>``, in any case.
    known_sha256
        Of the file that was edited, ``none`` for a new one; None: whatever is there.

    Raises
    ------
    InputError
        The name is none of the study's, or the text has mistakes.
    ConflictError
        Somebody wrote the file meanwhile.
    """
    prefix = f"study.{study_name}."
    name = filestore.check_name(name)
    if not name.lower().startswith(prefix.lower()) or "." in name[len(prefix) :]:
        raise InputError(f"{name!r} is no file of this study; expected {prefix}scores or the like")
    finding = check(name, content)
    if finding.mistakes:
        raise finding.mistakes[0]
    there = Finder(files, within).find("", name)
    before = _read(files, ConfigFile(name=there.name, path=there.name)) if there else None
    if known_sha256 is not None and known_sha256 != (before.sha256 if before else "none"):
        raise ConflictError(f"{name} was written by somebody else meanwhile; look at it again")
    # A file in another case is the same one to Reimport, and must not come to stand beside it.
    path = there.name if there else name
    data = content.encode()
    with filestore.atomic_path(files.resolve(path)) as part:
        part.write_bytes(data)
    return StoredFile(
        name=path, path=path, content=content, sha256=hashlib.sha256(data).hexdigest()
    )


def note_written(session: Session, actor: Actor, *, study_id: int, stored: StoredFile) -> None:
    """Write down that a configuration file of a study was written; the caller has done so."""
    audit.record(
        session,
        actor=actor.label,
        deed="study.write-file",
        subject=f"study:{study_id}",
        detail={"name": stored.name, "sha256": stored.sha256},
    )


def _kind(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    kind = "map" if ending.startswith("map") else ending
    if kind not in {"emails", "scores", "images", "config", "map"}:
        raise InputError(
            f"{text.shown(name)} tells no kind of configuration file; "
            "expected study.<name>.emails, .scores, .images, .map or .config"
        )
    return kind


def _check_size(content: str) -> None:
    size = len(content.encode(errors="replace"))
    if size > text.MAX_FILE_BYTES:
        raise InputError(f"the text has {size} bytes; at most {text.MAX_FILE_BYTES} are read")


def _people(content: str, name: str) -> Finding:
    return Finding(kind="emails", count=len(emails.parse(content, source=name).members))


def _sheet(content: str, name: str) -> Finding:
    questions = scores.parse(content, source=name).questions
    return Finding(kind="scores", count=len(questions), questions=questions)


def _slides(content: str, name: str) -> Finding:
    return Finding(kind="images", count=len(images.parse(content, source=name).slides))


def _settings(content: str, name: str) -> Finding:
    found = config.parse(content, source=name)
    return Finding(kind="config", count=len(found.entries), warnings=found.warnings)


def _map(content: str, name: str) -> Finding:
    return Finding(kind="map", count=len(tma_map.parse(content, source=name).rows))


def _read(files: FileStore, file: ConfigFile) -> StoredFile:
    try:
        with files.resolve(file.path).open("rb") as stream:
            data = stream.read(MAX_SHOWN_BYTES + 1)
    except OSError as error:
        problem = f"it cannot be read: {error.strerror}"
        return StoredFile(name=file.name, path=file.path, content=None, sha256="", problem=problem)
    content, problem = None, ""
    if len(data) > MAX_SHOWN_BYTES:
        problem = f"it is larger than {MAX_SHOWN_BYTES // 2**20} MiB; edit it where it lies"
    else:
        try:
            content = text.decode(data, source=file.name)
        except ConfigSyntaxError as error:
            problem = error.message
    return StoredFile(
        name=file.name,
        path=file.path,
        content=content,
        sha256=hashlib.sha256(data).hexdigest(),
        problem=problem,
    )
