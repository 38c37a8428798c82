"""The built web pages, read once and kept in memory: templates to fill and files to send."""

from __future__ import annotations

import gzip
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from records.errors import NotFoundError

# Asked for by name in the pages; the hash in it changes with the content.
ASSETS = "assets"

PAGES = ("edit", "forgot", "home", "login", "password", "site", "study", "viewer")

# By our own table: what the machine's registry says of .js differs from system to system, and
# browsers refuse a script of another type.
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_PACKED = frozenset({".css", ".js", ".json", ".map", ".svg"})
_SLOT = re.compile("__([a-z]+)__")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file of the pages.

    Parameters
    ----------
    body
        The bytes as built.
    packed
        The same, gzip-compressed; None where that gains nothing.
    media_type
        What the browser is told it is.
    """

    body: bytes
    packed: bytes | None
    media_type: str


class WebBuild:
    """What ``npm run build`` made: pages with slots, and assets named by their hash.

    Parameters
    ----------
    templates
        HTML by page name; ``__slot__`` marks where a value goes.
    assets
        Files by their path under ``assets/``.
    """

    def __init__(self, templates: Mapping[str, str], assets: Mapping[str, Asset]) -> None:
        self._templates = templates
        self._assets = assets

    @classmethod
    def read(cls, folder: Path) -> WebBuild | None:
        """Read the build in a folder; None when there is none, or only a part of one."""
        templates = {}
        for page in PAGES:
            path = folder / f"{page}.html"
            if not path.is_file():
                return None
            templates[page] = path.read_text(encoding="utf-8")
        root = folder / ASSETS
        found = sorted(path for path in root.rglob("*") if path.is_file())
        return cls(templates, {path.relative_to(root).as_posix(): _asset(path) for path in found})

    def page(self, name: str, values: Mapping[str, str]) -> str:
        """Return a page with every slot filled; the values are text, and escaped here.

        Raises
        ------
        KeyError
            The page has a slot that no value is given for, which is a mistake of ours.
        """
        return _SLOT.sub(
            lambda slot: html.escape(values[slot.group(1)], quote=True), self._templates[name]
        )

    def asset(self, name: str) -> Asset:
        """Return one file by its path under ``assets/``.

        Raises
        ------
        NotFoundError
            The build has no such file; only names of built files lead anywhere.
        """
        found = self._assets.get(name)
        if found is None:
            raise NotFoundError("there is no such file; the page may be older than the server")
        return found


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    suffix = PurePosixPath(path.name).suffix.lower()
    packed = gzip.compress(body, 9, mtime=0) if suffix in _PACKED else None
    return Asset(
        body=body,
        packed=packed,
        media_type=_MEDIA_TYPES.get(suffix, "application/octet-stream"),
    )
