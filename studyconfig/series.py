"""DICOM series: files of one folder that are one slide, for which one of them stands."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping

from records.errors import InputError
from records.filestore import FileStore
from studyconfig.plan import StudySlide
from tileserver import dicomseries


def fold(
    files: FileStore,
    slides: Mapping[str, StudySlide],
    *,
    named: Collection[str],
    known: Collection[str],
) -> dict[str, StudySlide]:
    """Return the slides of a study with one file for each DICOM series.

    Source: DICOM PS3.3 A.32.8: the images of one whole slide, its levels and its label among them,
    are instances of one series. Which file stands for it is our choice.

    Parameters
    ----------
    files
        The images root.
    slides
        By path; in the order in which the first of a series stands for it.
    named
        Paths that a list of the study names: all of these stay.
    known
        Paths of slides that the study has: they stay, and stand for files that came since.
    """
    series = {path: found for path in slides if (found := _series_of(files, path)) is not None}
    standing: dict[tuple[str, str], str] = {}
    for path in sorted(series, key=lambda path: path not in named and path not in known):
        standing.setdefault(series[path], path)
    kept = {*named, *known, *standing.values()}
    return {path: slide for path, slide in slides.items() if path not in series or path in kept}


def _series_of(files: FileStore, path: str) -> tuple[str, str] | None:
    """Return folder and series of a DICOM file; None for every other, and for one unreadable."""
    if not path.lower().endswith(".dcm"):
        return None
    try:
        found = dicomseries.series_of(files.resolve(path))
    except (OSError, InputError):
        # Whatever is wrong with it is told when it is looked at as a slide.
        return None
    return None if found is None else (posixpath.dirname(path), found)
