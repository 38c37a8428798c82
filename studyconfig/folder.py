"""What lies in the images root for one study: its text files, and the slide files of its folder."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Collection
from dataclasses import dataclass

from records import filestore
from records.errors import InputError
from records.filestore import FileStore
from studyconfig import text
from studyconfig.reach import Reach

MAX_STUDY_NAME_LENGTH = 200

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """A text file of a study, found but not read.

    Parameters
    ----------
    name
        File name, for people.
    path
        Relative to the images root.
    """

    name: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFolder:
    """What lies on disk for one study.

    Parameters
    ----------
    folder
        The study's own folder, relative to the images root; made or not.
    slides
        Paths of slide files in it, relative to the images root, in natural order.
    strangers
        Files in it whose names cannot be used, with the reason.
    """

    study_name: str
    folder: str
    exists: bool = False
    emails: ConfigFile | None = None
    scores: ConfigFile | None = None
    config: ConfigFile | None = None
    images: tuple[ConfigFile, ...] = ()
    maps: tuple[ConfigFile, ...] = ()
    slides: tuple[str, ...] = ()
    strangers: tuple[tuple[str, str], ...] = ()

    @property
    def config_files(self) -> tuple[ConfigFile, ...]:
        """Return all text files."""
        single = (self.emails, self.scores, self.config)
        return (*(entry for entry in single if entry is not None), *self.images, *self.maps)

    @property
    def is_empty(self) -> bool:
        """Tell whether there is neither a folder nor a text file."""
        return not self.exists and not self.config_files


class Finder:
    """Finds entries of the images root in any case, as on the vendor's Windows server.

    Each folder is listed once; make a new finder for each import.

    Parameters
    ----------
    files
        The images root.
    reach
        What ``find_path`` refuses to look for.
    """

    def __init__(self, files: FileStore, reach: Reach) -> None:
        self.files = files
        self._reach = reach
        self._listings: dict[str, dict[str, list[os.DirEntry[str]]]] = {}

    def entries(self, folder: str) -> list[os.DirEntry[str]]:
        """Return what lies in a folder, by relative path; nothing when there is no folder."""
        return [entry for same in self._listing(folder).values() for entry in same]

    def find(self, folder: str, name: str) -> os.DirEntry[str] | None:
        """Return the entry with a name, as written or else in any case.

        Raises
        ------
        InputError
            Several entries have the name in other cases.
        """
        same = self._listing(folder).get(name.lower(), [])
        exact = [entry for entry in same if entry.name == name]
        if exact or not same:
            return exact[0] if exact else None
        if len(same) > 1:
            names = " and ".join(sorted(entry.name for entry in same))
            raise InputError(f"{name!r} could be {names}; keep one of them")
        return same[0]

    def find_path(self, path: str) -> str | None:
        """Return the relative path of what is there under a normalised path, in any case.

        Raises
        ------
        RightsError
            It belongs to a study out of reach.
        InputError
            Several entries have the name in other cases.
        """
        self._reach.check(path)
        found = ""
        for part in path.split("/"):
            entry = self.find(found, part)
            if entry is None:
                return None
            found = f"{found}/{entry.name}" if found else entry.name
        return found

    def _listing(self, folder: str) -> dict[str, list[os.DirEntry[str]]]:
        if folder not in self._listings:
            listing: dict[str, list[os.DirEntry[str]]] = {}
            path = self.files.resolve(folder)
            if path.is_dir():
                with os.scandir(path) as entries:
                    for entry in entries:
                        listing.setdefault(entry.name.lower(), []).append(entry)
            self._listings[folder] = listing
        return self._listings[folder]


def check_study_name(name: str) -> str:
    """Return a study's name, or refuse one that cannot name a folder and files.

    Source: slidescore.md 3.5: hyphens, underscores and dates must work.

    Raises
    ------
    InputError
        It is empty, too long, hidden, or no plain file name.
    """
    name = filestore.check_name(name)
    if name.startswith("."):
        raise InputError(f"{name!r} cannot be a study's name: it begins with a dot")
    if len(name) > MAX_STUDY_NAME_LENGTH or len(name.encode()) > filestore.MAX_NAME_BYTES - 20:
        raise InputError(
            f"a study's name has at most {MAX_STUDY_NAME_LENGTH} characters, not {len(name)}"
        )
    return name


def read_folder(finder: Finder, study_name: str, *, suffixes: Collection[str]) -> StudyFolder:
    """List what lies in the images root for a study.

    Source: seed, Study configuration. Names are found in any case.

    Parameters
    ----------
    finder
        Looks into the images root.
    study_name
        As ``check_study_name`` returned it.
    suffixes
        What names of slide files end with, in lower case, with the dot.

    Raises
    ------
    InputError
        A file is there several times, in different cases.
    """
    prefix = f"study.{study_name}."
    own = finder.find("", study_name)
    folder = own.name if own is not None and own.is_dir() else study_name
    slides, strangers, lists = _own_files(finder, folder, suffixes)
    root_list = _config_file(finder, f"{prefix}images")
    return StudyFolder(
        study_name=study_name,
        folder=folder,
        exists=own is not None and own.is_dir(),
        emails=_config_file(finder, f"{prefix}emails"),
        scores=_config_file(finder, f"{prefix}scores"),
        config=_config_file(finder, f"{prefix}config"),
        images=(*((root_list,) if root_list else ()), *lists),
        maps=_root_maps(finder, f"{prefix}map"),
        slides=slides,
        strangers=strangers,
    )


def find_map(finder: Finder, folder: StudyFolder, name: str) -> ConfigFile | None:
    """Return the map file that a slide refers to: in the study's folder or the images root.

    ``map7`` alone also means ``study.<this study>.map7``: such a reference holds in a clone, too.

    Raises
    ------
    InputError
        The name leads out of the images root, or is there in several cases.
    RightsError
        The file belongs to a study out of reach.
    """
    places = [(folder.folder, name), ("", name)]
    if name.lower().startswith("map"):
        places.append(("", f"study.{folder.study_name}.{name}"))
    for base, candidate in places:
        found = finder.find_path(join(finder.files, base, candidate))
        if found is not None and finder.files.resolve(found).is_file():
            return ConfigFile(name=posixpath.basename(found), path=found)
    return None


def find_slide(finder: Finder, folder: StudyFolder, path: str) -> str | None:
    """Return the path, relative to the images root, of a slide that a ``.images`` file names.

    Source: seed, Slides: paths are relative to the study's folder. From the images root is tried
    as well, for the file may lie there (choice).

    Raises
    ------
    InputError
        The path leads out of the images root, or is there in several cases.
    RightsError
        The file belongs to a study out of reach.
    """
    relative = join(finder.files, folder.folder, path)
    found = finder.find_path(relative)
    if found is None and not path.startswith(".."):
        found = finder.find_path(finder.files.normalise(path))
    if found is None or not finder.files.resolve(found).is_file():
        return None
    return found


def similar_slides(folder: StudyFolder, path: str) -> list[str]:
    """Return paths, as a ``.images`` file writes them, that may be meant by one that is not there.

    Only slides of the study's own folder: others may be out of reach.
    """
    names = [posixpath.basename(slide) for slide in folder.slides]
    place = posixpath.dirname(path)
    own = posixpath.normpath(posixpath.join(folder.folder, place)) == folder.folder
    return [posixpath.join(place, name) for name in names] if own else []


def map_names(finder: Finder, folder: StudyFolder) -> list[str]:
    """Return by which names the maps of a study can be referred to."""
    prefix = f"study.{folder.study_name}."
    names = [file.name for file in folder.maps]
    short = [name[len(prefix) :] for name in names]
    own = [entry.name for entry in finder.entries(folder.folder) if entry.name.endswith(".map")]
    return [*names, *short, *own]


def misnamed_files(finder: Finder, folder: StudyFolder) -> list[tuple[str, tuple[str, ...]]]:
    """Return files named ``study.<name>.…`` that are none of the study's, and what they could be.

    With another dot in the name, it is a file of another study.
    """
    prefix = f"study.{folder.study_name}."
    known = tuple(f"{prefix}{kind}" for kind in ("emails", "scores", "images", "config", "map1"))
    read = {file.name for file in folder.config_files}
    return [
        (entry.name, known)
        for entry in finder.entries("")
        if entry.name.lower().startswith(prefix.lower())
        and "." not in entry.name[len(prefix) :]
        and entry.name not in read
        and _is_file(entry)
    ]


def join(files: FileStore, base: str, path: str) -> str:
    """Return a path that is relative to a folder as one that is relative to the images root.

    Raises
    ------
    InputError
        It leads out of the images root, or a part of it is no good name.
    """
    if posixpath.isabs(path):
        return files.normalise(path)
    return files.normalise(posixpath.normpath(posixpath.join(base, path)))


def read_text(files: FileStore, file: ConfigFile) -> str:
    """Return the text of a configuration file.

    Raises
    ------
    ConfigSyntaxError
        It is too large, or not text in UTF-8 or UTF-16.
    InputError
        It cannot be read, or a link leads out of the images root.
    """
    try:
        with files.resolve(file.path).open("rb") as stream:
            data = stream.read(text.MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"{file.name} cannot be read: {error.strerror}") from error
    return text.decode(data, source=file.name)


def _own_files(
    finder: Finder, folder: str, suffixes: Collection[str]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], tuple[ConfigFile, ...]]:
    """Return the slides, the files with unusable names and the lists in the study's folder."""
    slides, strangers, lists = [], [], []
    for entry in sorted(finder.entries(folder), key=lambda entry: _natural(entry.name)):
        is_slide = entry.name.lower().endswith(tuple(suffixes))
        is_list = entry.name.lower().endswith(".images")
        if entry.name.startswith(".") or not (is_slide or is_list) or not _is_file(entry):
            continue
        path = f"{folder}/{entry.name}"
        reason = _why_unusable(finder.files, path)
        if reason is not None:
            strangers.append((path, reason))
        elif is_slide:
            slides.append(path)
        else:
            lists.append(ConfigFile(name=entry.name, path=path))
    return tuple(slides), tuple(strangers), tuple(lists)


def _why_unusable(files: FileStore, path: str) -> str | None:
    try:
        if files.normalise(path) != path:
            return "the name is not in Unicode form NFC; rename the file"
        files.resolve(path)
    except InputError as error:
        return error.message
    return None


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        # A symbolic link that leads to itself.
        return False


def _config_file(finder: Finder, name: str) -> ConfigFile | None:
    entry = finder.find("", name)
    if entry is None or not _is_file(entry):
        return None
    return ConfigFile(name=entry.name, path=entry.name)


def _root_maps(finder: Finder, prefix: str) -> tuple[ConfigFile, ...]:
    # No dot in the identifier: study.a.map.emails belongs to a study named "a.map".
    names = sorted(
        (
            entry.name
            for entry in finder.entries("")
            if entry.name.lower().startswith(prefix.lower())
            and "." not in entry.name[len(prefix) :]
            and _is_file(entry)
        ),
        key=_natural,
    )
    return tuple(ConfigFile(name=name, path=name) for name in names)


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Order 2.svs before 10.svs."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part.lower())
        for part in _DIGITS.split(name)
        if part
    ]
