"""Names of uploaded files: which kinds are taken in, and which studies a name speaks about."""

from __future__ import annotations

from collections.abc import Collection

from records import filestore
from records.errors import InputError

CONFIG_KINDS = ("emails", "scores", "images", "map", "config")
"""What ``study.<name>.<kind>`` may end with. Source: seed, Study configuration."""

COMPANION_SUFFIXES = frozenset({".dat", ".ini", ".opt"})
"""Files beside a slide that are no slide themselves: MIRAX and Hamamatsu VMS."""

DATA_SUFFIXES = frozenset(
    {".images", ".map", ".zip", ".json", ".geojson", ".gz", ".xml", ".csv", ".tsv", ".txt"}
)
"""Lists of slides, TMA maps, annotations and results; nothing that a browser or shell would run."""


def check_file_name(name: str, slide_suffixes: Collection[str]) -> str:
    """Return a file name in Unicode form NFC, or refuse it.

    Parameters
    ----------
    slide_suffixes
        Endings of slide files, in lower case, with their dot.

    Raises
    ------
    InputError
        The name is no good file name (see ``records.filestore.check_name``), is hidden, or is of no
        kind that belongs on a slide server.
    """
    name = filestore.check_name(name)
    if name.startswith("."):
        raise InputError(f"{name!r} starts with a dot")
    if configured_studies(name):
        return name
    kinds = {*slide_suffixes, *COMPANION_SUFFIXES, *DATA_SUFFIXES}
    if not name.lower().endswith(tuple(kinds)):
        known = " ".join(sorted(slide_suffixes))
        raise InputError(
            f"{name!r} is no kind of file that is taken in: slides ({known}), "
            f"study.<name>.<{'|'.join(CONFIG_KINDS)}> and {' '.join(sorted(DATA_SUFFIXES))}"
        )
    return name


def configured_studies(filename: str) -> frozenset[str]:
    """Return the names of all studies that a file in the root may be the configuration of.

    Names of studies may hold dots and a map's kind may have any tail (``.map2``,
    ``.map.second``), so one file name can be read in more than one way. Who uploads it must be
    allowed to modify the study in each reading.
    """
    first, *rest = filename.split(".")
    if first.lower() != "study":
        return frozenset()
    return frozenset(
        ".".join(rest[:place])
        for place in range(1, len(rest))
        if _is_kind(rest[place:]) and all(rest[:place])
    )


def _is_kind(parts: list[str]) -> bool:
    kind = parts[0].lower()
    if kind.startswith("map"):
        return True
    return kind in CONFIG_KINDS and len(parts) == 1
