"""QuPath projects: slides by their links in, the zip of a project that QuPath opens out."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

SERVER = "qupath.lib.images.servers.slidescore.SlideScoreImageServerBuilder"
"""Source: qupath-extension-slidescore, SlideScoreImageServerBuilder: who opens such a link."""

QUPATH_VERSION = "0.6.0"
"""Source: that extension's README: it needs 0.6.0; projects have had this form since 0.2."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_OPAQUE = 0xFF << 24


@dataclass(frozen=True, slots=True)
class ProjectSlide:
    """A slide of a project: its number, what it is called, and its link."""

    slide_id: int
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class ProjectClass:
    """A class that objects may be given: a drawn question, and its colour, ``#rrggbb``."""

    name: str
    colour: str


def write(
    name: str, slides: Sequence[ProjectSlide], classes: Sequence[ProjectClass], now: datetime
) -> bytes:
    """Return a zip with a folder that holds ``project.qpproj`` and ``classifiers/classes.json``.

    Source: QuPath, DefaultProject.writeProject, writePathClasses and the fields of
    DefaultProjectImageEntry; ImageServers for the type ``uri`` of a server.

    Parameters
    ----------
    name
        Of the folder; a good file name.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, f"{name}/project.qpproj", _project(slides, now))
        if classes:
            _add(archive, f"{name}/classifiers/classes.json", _classes(classes))
    return stream.getvalue()


def _add(archive: zipfile.ZipFile, path: str, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    archive.writestr(zipfile.ZipInfo(path, _EPOCH), text.encode(), zipfile.ZIP_DEFLATED)


def _project(slides: Sequence[ProjectSlide], now: datetime) -> dict[str, object]:
    instant = int(now.timestamp() * 1000)
    return {
        "version": QUPATH_VERSION,
        "createTimestamp": instant,
        "modifyTimestamp": instant,
        "lastID": len(slides),
        "images": [_image(slide, number) for number, slide in enumerate(slides, start=1)],
    }


def _image(slide: ProjectSlide, number: int) -> dict[str, object]:
    return {
        "serverBuilder": {
            "builderType": "uri",
            "providerClassName": SERVER,
            "uri": slide.url,
            "args": [],
        },
        "entryID": number,
        # Shown in place of the name where names are masked; the same whenever it is downloaded.
        "randomizedName": str(uuid.uuid5(uuid.NAMESPACE_URL, f"slide:{slide.slide_id}")),
        "imageName": slide.name,
        "metadata": {"Coverslip imageId": str(slide.slide_id)},
    }


def _classes(classes: Sequence[ProjectClass]) -> dict[str, object]:
    return {
        "pathClasses": [{"name": one.name, "color": _packed(one.colour)} for one in classes],
    }


def _packed(colour: str) -> int:
    """Return a colour as Java packs it: a signed whole number of alpha, red, green and blue."""
    value = _OPAQUE | int(colour.removeprefix("#"), 16)
    return value - (1 << 32)
