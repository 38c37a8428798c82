"""The settings: every knob of a running server, in one place, each with its unit and reason."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from records import filestore
from records.errors import InputError

PREFIX = "COVERSLIP_"

_KEY_BYTES = 32
_NO_BOUND = 2**62


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a server is told when it starts; each field is also read from ``COVERSLIP_<FIELD>``."""

    data: Path
    """Folder of the database, images, uploads, cache and secret key."""

    database_url: str = ""
    """SQLAlchemy URL; empty means ``coverslip.db`` in the data folder. PostgreSQL:
    ``postgresql+psycopg://user:password@host/name``."""

    root_path: str = ""
    """Path prefix under which a proxy shows the server, such as ``/slidescore``."""

    slide_file_roots: tuple[Path, ...] = ()
    """Folders whose slides GenerateSlideFileURL may show, separated by ``:`` (``;`` on Windows).
    Empty, the default, turns that call off: it opens files that belong to no study."""

    public_url: str = ""
    """Address at which people reach the server, such as ``https://slides.example.org``, for links
    in letters. Without it no letters with links are sent: a request's own idea of the address may
    be forged."""

    smtp_url: str = ""
    """Mail server for letters: ``starttls://user:password@mail.example.org:587``, ``smtps://…`` or
    ``smtp://…`` (not encrypted). Empty, the default: no letters are sent."""

    mail_from: str = ""
    """Address that letters come from; needed with ``smtp_url``."""

    registration: bool = False
    """Whether strangers may make themselves an account, by a letter to their address. Such an
    account sees nothing until somebody makes it a member of a study."""

    max_upload_bytes: int = 64 * 2**30
    """Largest upload. The largest slides are about 20 GB; more is a mistake or an attack."""

    upload_reserve_bytes: int = 1 * 2**30
    """Room that uploads must leave on the disk: a full disk also stops answers from being saved."""

    upload_origins: tuple[str, ...] = ()
    """Origins, separated by commas, whose pages may upload from a browser (CORS)."""

    tile_quality: int = 80
    """JPEG quality of tiles, 1 to 100. Visually lossless for stained tissue at half the bytes
    of 95."""

    viewer_icc: bool = False
    """Whether viewers are told to ask for colours turned into sRGB by each slide's own profile.
    Off, tiles are sent as the file has them, at many times the speed; scanners' colours differ."""

    open_slides: int = 128
    """How many slides each worker keeps open: up to three file handles and 8 MB each."""

    cache_bytes: int = 10 * 2**30
    """Room for tiles that are made once and kept: 2 % of a slide for its small levels, up to 30 %
    more for one that is looked at closely."""

    tile_threads: int = 4
    """How many tiles each worker decodes at once; decoding is bound by cores, reading by disk."""

    tile_rights_s: int = 30
    """Seconds, 1 to 3600, for which somebody is sent tiles of a slide before it is looked up again
    whether they may see it. So long who signs out, or loses a right, may go on; the shorter, the
    more often a tile waits for the database."""

    large_levels_ahead: bool = True
    """Whether the large levels that files lack are made when slides are added, not when somebody
    first looks. It takes about 12 s of a core, at low priority, and a third of the file's size in
    the cache for each GB of slides; the small levels, a fiftieth of that, are always made ahead."""

    max_connections: int = 1000
    """How many connections each worker holds open; further ones are turned away with 503, so that
    those there go on. A browser opens six; about 50 KB each."""

    @property
    def effective_database_url(self) -> str:
        """The database's URL, with the default filled in."""
        return self.database_url or f"sqlite:///{(self.data / 'coverslip.db').as_posix()}"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read every field from ``COVERSLIP_<FIELD>``.

        Raises
        ------
        InputError
            ``COVERSLIP_DATA`` is missing, or a value is not of its field's form.
        """
        values = {
            key.removeprefix(PREFIX).lower(): value
            for key, value in environ.items()
            if key.startswith(PREFIX) and value != ""
        }
        if "data" not in values:
            raise InputError("COVERSLIP_DATA must name the data folder")
        return cls(
            data=Path(values["data"]).resolve(),
            database_url=values.get("database_url", ""),
            root_path=values.get("root_path", "").rstrip("/"),
            public_url=values.get("public_url", "").rstrip("/"),
            smtp_url=values.get("smtp_url", ""),
            mail_from=values.get("mail_from", ""),
            registration=_switch(values, "registration"),
            slide_file_roots=tuple(
                Path(part).resolve()
                for part in values.get("slide_file_roots", "").split(os.pathsep)
                if part.strip()
            ),
            max_upload_bytes=_whole(values, "max_upload_bytes", cls.max_upload_bytes, 1),
            upload_reserve_bytes=_whole(
                values, "upload_reserve_bytes", cls.upload_reserve_bytes, 0
            ),
            upload_origins=tuple(
                part.strip() for part in values.get("upload_origins", "").split(",") if part.strip()
            ),
            tile_quality=_whole(values, "tile_quality", cls.tile_quality, 1, 100),
            viewer_icc=_switch(values, "viewer_icc"),
            open_slides=_whole(values, "open_slides", cls.open_slides, 1),
            cache_bytes=_whole(values, "cache_bytes", cls.cache_bytes, 2**20),
            tile_threads=_whole(values, "tile_threads", cls.tile_threads, 1),
            tile_rights_s=_whole(values, "tile_rights_s", cls.tile_rights_s, 1, 3600),
            large_levels_ahead=_switch(values, "large_levels_ahead", default=True),
            max_connections=_whole(values, "max_connections", cls.max_connections, 1, 100_000),
        )


def _whole(
    values: Mapping[str, str], name: str, default: int, least: int, most: int = _NO_BOUND
) -> int:
    text = values.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        bounds = f"of at least {least}" if most == _NO_BOUND else f"from {least} to {most}"
        raise InputError(f"{PREFIX}{name.upper()} must be a whole number {bounds}, not {text!r}")
    return int(text)


def _switch(values: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    text = values.get(name, str(default)).lower()
    if text not in {"true", "1", "false", "0"}:
        raise InputError(f"{PREFIX}{name.upper()} must be true or false, not {text!r}")
    return text in {"true", "1"}


def secret_key(data: Path) -> bytes:
    """Return the key that signs tile tokens and links, made at first use, readable by us alone."""
    path = data / "secret.key"
    # What lies there is nobody else's business: password hashes, slides, the key.
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise InputError(f"secret.key must hold {_KEY_BYTES} bytes; remove it to have one made")
    return key


def _make_key(path: Path) -> None:
    """Write a new key; of several processes that try at once, the first one's stays.

    The name appears when the bytes are on disk, so nobody reads half a key.
    """
    handle, name = tempfile.mkstemp(prefix=".secret", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(part)
        filestore.fsync_folder(path.parent)
    finally:
        part.unlink()
