"""Which files an actor may bring into a study: none that belongs to a study out of their reach."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from access import gate
from access.rights import Actor
from records.errors import NotFoundError, RightsError
from records.tables import Slide, Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The studies whose files an actor may not use, because that would show what is in them.

    Parameters
    ----------
    closed_studies
        Their names, in lower case.
    closed_paths
        Paths of their slides, relative to the images root, in lower case.
    """

    closed_studies: frozenset[str] = frozenset()
    closed_paths: frozenset[str] = frozenset()

    def check(self, path: str) -> None:
        """Refuse a file of a closed study, whether or not it is there.

        A file belongs to the studies that have it as a slide, to the study its folder is named
        after, and to the study in its name (``study.<name>.map1``).

        Parameters
        ----------
        path
            Relative to the images root, normalised.

        Raises
        ------
        RightsError
            The file belongs to a study that the actor may not read.
        """
        wanted = path.lower()
        if (
            wanted in self.closed_paths
            or wanted.split("/", 1)[0] in self.closed_studies
            or any(wanted.startswith(f"study.{name}.") for name in self.closed_studies)
        ):
            raise RightsError(f"{path} belongs to a study that you may not read")


def find_reach(session: Session, actor: Actor, *, study_id: int | None) -> Reach:
    """Return the reach of an actor.

    Parameters
    ----------
    study_id
        The study that files are brought into; None when it is to be made.
    """
    if not (actor.is_person or actor.read_studies):
        return Reach()
    closed = {
        row.id: row.name.lower()
        for row in session.exec(select(Study))
        if row.id is not None and row.id != study_id and not _may_read(session, actor, row.id)
    }
    paths = session.exec(select(Slide.path).where(col(Slide.study_id).in_(closed)))
    return Reach(
        closed_studies=frozenset(closed.values()),
        closed_paths=frozenset(path.lower() for path in paths),
    )


def _may_read(session: Session, actor: Actor, study_id: int) -> bool:
    try:
        gate.readable_study(session, actor, study_id)
    except (RightsError, NotFoundError):
        return False
    return True
