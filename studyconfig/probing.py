"""Slide files on disk into what a study keeps of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

from records.errors import AppError, InputError, SlideError
from records.filestore import FileStore
from studyconfig.plan import SlideFile
from tileserver import inspection

Stamp = tuple[int, int]
"""Size in bytes and time of last change in ns: a file with the same stamp is taken as unchanged."""

Progress = Callable[[int, int], None]
"""Told how many files were looked at, of how many."""


def say_nothing(done: int, total: int) -> None:
    """Be told of progress and keep it to oneself."""


def stamp(files: FileStore, path: str) -> Stamp:
    """Return the stamp of a file.

    Raises
    ------
    SlideError
        It is not there, or no file.
    InputError
        The path leads out of the images root.
    """
    target = files.resolve(path)
    try:
        status = target.stat()
    except OSError as error:
        raise SlideError(f"{path}: {error.strerror}") from error
    if not target.is_file():
        raise SlideError(f"{path} is no file")
    return status.st_size, status.st_mtime_ns


def probe(files: FileStore, path: str) -> SlideFile:
    """Open a slide's file in a process of its own, and read its facts and a few of its pixels.

    Parameters
    ----------
    path
        Relative to the images root.

    Raises
    ------
    SlideError
        The file is not there, ends early, no reader opens it, or its pixels cannot be decoded.
    InputError
        The path leads out of the images root.
    """
    size, mtime_ns = stamp(files, path)
    facts = inspection.shared.look(files.resolve(path))
    return SlideFile(
        size=size,
        mtime_ns=mtime_ns,
        reader=facts.reader,
        width=facts.size.width,
        height=facts.size.height,
        level_count=len(facts.level_sizes),
        mpp_x=facts.mpp_x,
        mpp_y=facts.mpp_y,
        objective_power=facts.objective_power,
    )


def probe_changed(
    files: FileStore,
    paths: Iterable[str],
    *,
    known: Mapping[str, Stamp],
    threads: int,
    progress: Progress = say_nothing,
) -> dict[str, SlideFile | AppError | None]:
    """Probe several files at once, passing over those whose stamp is known.

    Parameters
    ----------
    known
        Stamps of files that were probed before, by path.
    threads
        How many files are open at once.
    progress
        Told after each file, in the caller's thread.

    Returns
    -------
    dict
        For each path what the file is, None when it is unchanged, or why it cannot be read.
    """

    def look(path: str) -> SlideFile | AppError | None:
        try:
            if path in known and stamp(files, path) == known[path]:
                return None
            return probe(files, path)
        except (InputError, SlideError) as error:
            return error

    ordered = list(paths)
    found: dict[str, SlideFile | AppError | None] = {}
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="probe") as pool:
        for path, result in zip(ordered, pool.map(look, ordered), strict=True):
            found[path] = result
            progress(len(found), len(ordered))
    return found


def reason(path: str, error: AppError) -> str:
    """Return why a slide cannot be used, named by its whole path once."""
    message = error.message
    for name in (path, PurePosixPath(path).name):
        message = message.removeprefix(f"{name}: ")
    return f"{path}: {message}"
