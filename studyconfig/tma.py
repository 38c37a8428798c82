"""TMA maps into a study, and onto its slides."""

from __future__ import annotations

from sqlmodel import Session

from access import gate
from access.rights import Actor
from records import audit
from records.errors import InputError, NotFoundError
from records.filestore import FileStore
from studyconfig import content, editing, folder, maps, plan, reach
from studyconfig.folder import Finder
from studyconfig.formats import tma_map
from studyconfig.formats.tma_map import TmaMap
from studyconfig.plan import StudyContent
from studyconfig.reach import Reach

MAX_NAME_LENGTH = 400


def may_create(session: Session, actor: Actor, *, study_id: int) -> tuple[str, Reach]:
    """Check the right to add maps to a study; return its name, and which files may be used.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such study.
    """
    study = gate.modifiable_study(session, actor, study_id)
    return study.name, reach.find_reach(session, actor, study_id=study_id)


def read_map(
    files: FileStore, within: Reach, *, study_name: str, file_name: str
) -> tuple[str, TmaMap]:
    """Read a map file from the study's folder or the images root.

    Returns
    -------
    tuple
        The map's name, which is the file's, and the map.

    Raises
    ------
    NotFoundError
        There is no such file.
    InputError
        The name leads out of the images root, or the file is no map.
    RightsError
        The file belongs to a study out of reach.
    """
    finder = Finder(files, within)
    place = folder.read_folder(finder, study_name, suffixes=())
    file = folder.find_map(finder, place, file_name)
    if file is None:
        raise NotFoundError(
            f"there is no file {file_name} in the folder {place.folder} or in the images root"
        )
    return file.name, tma_map.parse(folder.read_text(files, file), source=file.name)


def create_map(session: Session, actor: Actor, *, study_id: int, name: str, value: TmaMap) -> None:
    """Add or update a map, and give it to the slides that its header names.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such study.
    ConflictError
        A slide whose cores have answers would get another map.
    """
    study = gate.modifiable_study(session, actor, study_id)
    changes = plan.plan(content.load(session, study), StudyContent(maps={name: value}))
    content.apply(session, study, changes)
    audit.record(
        session,
        actor=actor.label,
        deed="tma_map.create",
        subject=f"study:{study_id}",
        detail={"name": name, "rows": len(value.rows), "columns": value.column_count},
    )


def set_map(session: Session, actor: Actor, *, study_id: int, name: str, text: str) -> None:
    """Add or update a map by its text; as by hand, no file is written.

    Parameters
    ----------
    text
        Of a ``.map`` file.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such study.
    InputError
        The name is empty, too long or not on one line, or the text has mistakes.
    ConflictError
        A slide whose cores have answers would get another map.
    """
    name = name.strip()
    if not name or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise InputError(f"a map's name has 1 to {MAX_NAME_LENGTH} characters on one line")
    create_map(
        session, actor, study_id=study_id, name=name, value=tma_map.parse(text, source="map")
    )


def assign_map(session: Session, actor: Actor, *, study_id: int, slide_id: int, name: str) -> None:
    """Give a slide a map of its study, by the map's name; no name takes the map away.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such slide or map in the study.
    ConflictError
        Cores of the slide have answers.
    """
    slide = editing.study_slide(session, actor, study_id=study_id, slide_id=slide_id)
    map_id = _map_id(session, study_id, name) if name else None
    content.set_map(session, slide, map_id)
    audit.record(
        session,
        actor=actor.label,
        deed="slide.tma_map",
        subject=f"slide:{slide_id}",
        detail={"map": name},
    )


def _map_id(session: Session, study_id: int, name: str) -> int:
    stored = {entry.name.lower(): entry.id for entry in maps.find_maps(session, study_id)}
    if name.lower() not in stored:
        raise NotFoundError(
            f"the study has no TMA map {name!r}; it has {', '.join(stored) or 'none'}"
        )
    return stored[name.lower()]
