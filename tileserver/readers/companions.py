"""Further files of a slide, as its index names them: none may lie outside the slide's own folder.

OpenSlide opens whatever an index names, also ``../other study/slide.jpg``. Who may upload to one
folder could look into all others that way.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tileserver.readers.base import RefusedSlideError

_HAMAMATSU_KEYS = (b"ImageFile", b"MapFile", b"MacroImage", b"OptimisationFile")
_MIRAX_KEYS = (b"INDEXFILE", b"FILE_")
"""Source: openslide-vendor-hamamatsu.c and openslide-vendor-mirax.c: the keys whose values are
joined to a folder's name."""

_MAX_INDEX_BYTES = 2**20
"""Source: the same files: OpenSlide takes 64 KiB of a Hamamatsu index, 1 MiB of MIRAX's."""


def check_companions(path: Path, vendor: str) -> None:
    """Refuse a slide whose index names a file that does not lie beside the others.

    Parameters
    ----------
    path
        Of the slide, as it was asked for.
    vendor
        Its format, as OpenSlide found it by the file's content.

    Raises
    ------
    RefusedSlideError
        A name in the index leads elsewhere.
    """
    if vendor == "hamamatsu":
        # NDPI is a TIFF, which names no files: no line of it begins with these keys, or opens one.
        named = _named(path, _HAMAMATSU_KEYS)
    elif vendor == "mirax":
        named = _named(path.with_suffix("") / "Slidedat.ini", _MIRAX_KEYS)
    else:
        return
    for name in named:
        if b"/" in name or b"\\" in name:
            shown = name[:80].decode("utf-8", errors="replace")
            raise RefusedSlideError(
                f"{path.name}: its index names {shown!r}; expected a file beside the others"
            )


def _named(index: Path, keys: tuple[bytes, ...]) -> Iterator[bytes]:
    """Yield the values of keys, whatever group of the index they stand in."""
    try:
        with index.open("rb") as file:
            if file.read(4)[:2] in {b"II", b"MM"}:
                return
            file.seek(0)
            text = file.read(_MAX_INDEX_BYTES + 1)
    except OSError:
        return  # OpenSlide says what is wrong with it.
    for line in text.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        key, _, value = line.partition(b"=")
        if key.strip().startswith(keys):
            yield value.strip()
