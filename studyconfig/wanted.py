"""The files of a study on disk into what they want it to hold, and what is wrong with them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from records.errors import AppError, InputError, NotFoundError, SlideError
from records.filestore import FileStore
from studyconfig import folder as folders, probing, series, text
from studyconfig.folder import ConfigFile, Finder, StudyFolder
from studyconfig.formats import config, emails, images, scores, tma_map
from studyconfig.formats.images import SlideReference
from studyconfig.formats.tma_map import TmaMap
from studyconfig.plan import StudyContent, StudySlide
from studyconfig.probing import Progress, Stamp
from studyconfig.reach import Reach
from studyconfig.text import ConfigSyntaxError
from studyconfig.texts import MAP_NAME
from tileserver import readers

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the files of a study want.

    Parameters
    ----------
    content
        What they say; slides that cannot be read are left out.
    files
        Names of the text files that were read.
    stamps
        Their stamps before they were read.
    mistakes
        What is wrong in text files: nothing may be imported.
    unreadable
        Slides that cannot be used, each with the reason.
    warnings
        Sentences about what is kept but has no effect.
    """

    study_name: str
    content: StudyContent
    files: tuple[str, ...] = ()
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    mistakes: tuple[InputError, ...] = ()
    unreadable: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def is_current(self, files: FileStore, reach: Reach) -> bool:
        """Tell whether no text file of the study was written, added or removed since."""
        found = folders.read_folder(Finder(files, reach), self.study_name, suffixes=())
        return _stamps(files, found) == self.stamps


def read_wanted(
    files: FileStore,
    reach: Reach,
    study_name: str,
    *,
    known: Mapping[str, Stamp],
    threads: int,
    progress: Progress = probing.say_nothing,
) -> Wanted:
    """Read all files of a study, and probe the slides that are new or changed.

    Parameters
    ----------
    files
        The images root.
    reach
        Which files may be used.
    study_name
        As ``folder.check_study_name`` returned it.
    known
        Stamps of the slides that the study has, by path.
    threads
        How many slides are probed at once.
    progress
        Told how many slides were looked at, of how many.

    Raises
    ------
    NotFoundError
        There is neither a folder nor a text file of the study.
    InputError
        A file is there several times, in different cases.
    RightsError
        A list names a file of a study out of reach.
    """
    finder = Finder(files, reach)
    found = folders.read_folder(finder, study_name, suffixes=readers.SLIDE_SUFFIXES)
    if found.is_empty:
        raise NotFoundError(
            f"there are no files of a study {study_name!r}: expected the folder {study_name} or "
            f"files study.{study_name}.emails, .scores, .images, .map or .config in the images root"
        )
    stamps = _stamps(files, found)
    reading = _Reading(finder, found, known)
    content = reading.content()
    probed = probing.probe_changed(
        files,
        (slide.path for slide in content.slides),
        known=known,
        threads=threads,
        progress=progress,
    )
    slides = []
    unreadable = reading.unreadable
    for slide in content.slides:
        result = probed[slide.path]
        if isinstance(result, AppError):
            unreadable.append(probing.reason(slide.path, result))
        else:
            slides.append(replace(slide, file=result))
    return Wanted(
        study_name=study_name,
        stamps=stamps,
        content=replace(content, slides=tuple(slides)),
        files=tuple(file.path for file in found.config_files),
        mistakes=tuple(reading.mistakes),
        unreadable=tuple(unreadable),
        warnings=tuple(reading.warnings),
    )


def _stamps(files: FileStore, found: StudyFolder) -> dict[str, Stamp]:
    stamps = {}
    for file in found.config_files:
        # One that cannot be read is told when it is read.
        with contextlib.suppress(InputError, SlideError):
            stamps[file.path] = probing.stamp(files, file.path)
    return stamps


@dataclass(slots=True)
class _Reading:
    """One pass over the text files of a study, which keeps every mistake and goes on."""

    finder: Finder
    folder: StudyFolder
    known: Collection[str]
    mistakes: list[InputError] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    map_files: dict[str, ConfigFile] = field(default_factory=dict)
    maps: dict[str, TmaMap] = field(default_factory=dict)

    def content(self) -> StudyContent:
        """Return what the files want, slides not yet probed."""
        members = self._parsed(self.folder.emails, emails.parse)
        sheet = self._parsed(self.folder.scores, scores.parse)
        settings = self._parsed(self.folder.config, config.parse)
        for file in self.folder.maps:
            self._add_map(file)
        slides = self._slides()
        self._name_maps(slides.values())
        if settings is not None and self.folder.config is not None:
            name = self.folder.config.name
            self.warnings += [f"{name}: {warning}" for warning in settings.warnings]
        return StudyContent(
            settings={entry.name: entry.text for entry in settings.entries} if settings else {},
            members=members.members if members else (),
            questions=sheet.questions if sheet else (),
            maps=self.maps,
            slides=tuple(slides.values()),
        )

    def _parsed(self, file: ConfigFile | None, parse: Callable[..., T]) -> T | None:
        if file is None:
            return None
        try:
            return parse(folders.read_text(self.finder.files, file), source=file.name)
        except ConfigSyntaxError as error:
            self.mistakes += error.mistakes
        except InputError as error:
            self.mistakes.append(error)
        return None

    def _slides(self) -> dict[str, StudySlide]:
        """Return the wishes for the slides of the folder and of the lists, by path."""
        self.unreadable += [f"{path}: {reason}" for path, reason in self.folder.strangers]
        self.warnings += [
            f"{name} is no configuration file and was not read.{text.did_you_mean(name, known)}"
            for name, known in folders.misnamed_files(self.finder, self.folder)
        ]
        slides = {path: StudySlide(path=path) for path in self.folder.slides}
        listed: dict[str, tuple[StudySlide, str]] = {}
        for file in self.folder.images:
            references = self._parsed(file, images.parse)
            for reference in references.slides if references else ():
                place = f"{file.name}, line {reference.line}"
                wish = self._wish(file, reference, place)
                if wish is None:
                    continue
                earlier, where = listed.setdefault(wish.path, (wish, place))
                if earlier != wish:
                    self.mistakes.append(
                        InputError(f"{place}: {wish.path} has other properties in {where}")
                    )
                slides[wish.path] = earlier
        return series.fold(self.finder.files, slides, named=listed, known=self.known)

    def _wish(self, file: ConfigFile, reference: SlideReference, place: str) -> StudySlide | None:
        path = map_name = None
        is_missing = False
        with self._placed(file, reference.line, 1):
            path = folders.find_slide(self.finder, self.folder, reference.path)
            is_missing = path is None
        with self._placed(file, reference.line, reference.map_column):
            map_name = self._map_name(reference.map_name)
        if is_missing:
            near = folders.similar_slides(self.folder, reference.path)
            hint = text.did_you_mean(reference.path, near)
            self.unreadable.append(
                f"{place}: there is no file {reference.path}{'.' if hint else ''}{hint}"
            )
        if path is None:
            return None
        return StudySlide(
            path=path, name=reference.name, rotation=reference.rotation, map_name=map_name
        )

    @contextlib.contextmanager
    def _placed(self, file: ConfigFile, line: int, column: int) -> Iterator[None]:
        """Keep what is wrong with a file that a line names, and say where it is named."""
        try:
            yield
        except InputError as error:
            self.mistakes.append(
                ConfigSyntaxError(error.message, source=file.name, line=line, column=column)
            )

    def _map_name(self, reference: str | None) -> str | None:
        if reference is None:
            return None
        if reference == images.NO_MAP:
            return ""
        file = folders.find_map(self.finder, self.folder, reference)
        if file is None:
            raise InputError(
                f"there is no TMA map {reference} in the folder {self.folder.folder} or in the "
                "images root; expected path;TMA map;rotation;new name."
                f"{text.did_you_mean(reference, folders.map_names(self.finder, self.folder))}"
            )
        self._add_map(file)
        return file.name

    def _add_map(self, file: ConfigFile) -> None:
        earlier = self.map_files.get(file.name)
        if earlier is not None:
            if earlier.path != file.path:
                raise InputError(f"{earlier.path} and {file.path} have the same name; rename one")
            return
        self.map_files[file.name] = file
        parsed = self._parsed(file, tma_map.parse)
        if parsed is not None:
            self.maps[file.name] = parsed

    def _name_maps(self, slides: Iterable[StudySlide]) -> None:
        """Give maps that no slide refers to the name in their header."""
        used = {slide.map_name for slide in slides}
        for file_name, value in list(self.maps.items()):
            header = dict(value.other)
            name = header.pop(MAP_NAME, "")
            if not name or file_name in used:
                continue
            del self.maps[file_name]
            if name in self.maps:
                self.warnings.append(f"{file_name}: {name} is read instead, a file of its own")
            else:
                self.maps[name] = replace(value, other=tuple(header.items()))
