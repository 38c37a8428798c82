"""Tokens: for scripts (kept as hashes), for tiles (signed, kept nowhere) and for slide files."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, select

from access.rights import Actor, Right, parse_list, parse_rights
from records import audit
from records.errors import AppError, InputError, RightsError
from records.tables import ApiToken, User

_PREFIX = "cs_"

TILE_TOKEN_LIFETIME = timedelta(hours=24)
"""How long tiles may be fetched with one token: a choice, long enough for a scoring day or a night
of inference. Whether its holder still has the right is looked up meanwhile."""

SLIDE_FILE_LIFETIME = timedelta(hours=24)

_MARK_LETTERS = 4
"""Of what a slide shows, in the address of its tiles: one in 15 million is the same by chance."""

TOKEN_HOLDER, SESSION_HOLDER = "t", "s"

# Built once, for every call of a script waits for it.
_BY_SECRET = select(ApiToken).where(ApiToken.secret_hash == bindparam("hashed"))


class TileTokenError(AppError):
    """The tile token is expired or was not made here; ``GetTileServer`` gives a new one."""


def secret_hash(secret: str) -> str:
    """Return what is stored of a random secret: SHA-256, in hex.

    The secrets have 256 random bits, so a slow password hash would add nothing.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def holder_name(kind: str, row_id: int, hashed: str) -> str:
    """Return what names an API token or a session in tile tokens: short, and not secret.

    A digest of what is kept of the secret is part of it, for SQLite gives the number of a row that
    was removed to a new one.

    Parameters
    ----------
    kind
        ``TOKEN_HOLDER`` or ``SESSION_HOLDER``.
    row_id
        Of the token or session.
    hashed
        Its ``secret_hash``.
    """
    digest = hashlib.sha256(f"holder|{hashed}".encode()).digest()
    return f"{kind}{row_id}-{base64.urlsafe_b64encode(digest[:9]).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiToken:
    """What a new token shall be able to do; see ``access.rights.Actor`` for the fields."""

    name: str
    rights: frozenset[Right]
    read_studies: tuple[str, ...] = ()
    modify_studies: tuple[str, ...] = ()
    upload_folders: tuple[str, ...] = ()
    expires_at: datetime | None = None


def issue_api_token(session: Session, actor: Actor, wanted: NewApiToken) -> str:
    """Store a new API token and return its text, which cannot be shown again.

    Raises
    ------
    InputError
        It has no name to know it by.
    """
    if not wanted.name.strip():
        raise InputError("a token needs a name that says what it is for")
    secret = _PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        name=wanted.name.strip(),
        secret_hash=secret_hash(secret),
        rights=";".join(sorted(wanted.rights)),
        read_studies=";".join(wanted.read_studies),
        modify_studies=";".join(wanted.modify_studies),
        upload_folders=";".join(wanted.upload_folders),
        created_by_user_id=actor.user_id,
        expires_at=wanted.expires_at,
    )
    session.add(token)
    session.flush()
    audit.record(
        session,
        actor=actor.label,
        deed="token.create",
        subject=f"token:{token.id}",
        detail={"name": token.name, "rights": token.rights},
    )
    return secret


def give_up_api_token(session: Session, actor: Actor, *, now: datetime) -> None:
    """End the token that the actor came with; its bearer no longer needs it.

    Raises
    ------
    InputError
        The actor came without a token.
    """
    token = session.get(ApiToken, actor.token_id) if actor.token_id is not None else None
    if token is None:
        raise InputError("only a token can be given up; you are signed in without one")
    token.revoked_at = now
    session.add(token)
    audit.record(session, actor=actor.label, deed="token.give-up", subject=f"token:{token.id}")


def verify_api_token(session: Session, text: str, now: datetime) -> Actor:
    """Return the actor that an API token stands for.

    Clients send the token with the tail ``#expires:<date>`` that the vendor's pages show.
    Source: slidescore.md 1 #13.

    Raises
    ------
    RightsError
        The token is unknown, expired or given up.
    """
    hashed = secret_hash(text.strip().split("#", 1)[0])
    token = session.exec(_BY_SECRET, params={"hashed": hashed}).first()
    if token is None or not hmac.compare_digest(token.secret_hash, hashed):
        raise RightsError("this API token is not valid")
    return token_actor(session, token, now)


def token_actor(session: Session, token: ApiToken, now: datetime) -> Actor:
    """Return the actor that a row of an API token stands for.

    Raises
    ------
    RightsError
        The token is expired or given up, or the account of who made it is closed.
    """
    if token.revoked_at is not None:
        raise RightsError("this API token was given up")
    if token.expires_at is not None and token.expires_at <= now:
        raise RightsError(f"this API token expired on {token.expires_at:%Y-%m-%d}")
    owner = session.get(User, token.created_by_user_id) if token.created_by_user_id else None
    if owner is not None and not owner.is_active:
        raise RightsError("the account of who made this API token is closed")
    return Actor(
        label=f"token:{token.id}",
        token_id=token.id,
        rights=parse_rights(token.rights),
        read_studies=parse_list(token.read_studies),
        modify_studies=parse_list(token.modify_studies),
        upload_folders=parse_list(token.upload_folders),
        holder=holder_name(TOKEN_HOLDER, token.id or 0, token.secret_hash),
    )


def note_uses(session: Session, uses: Mapping[int, datetime]) -> None:
    """Keep when tokens were last used; an older instant than the one kept changes nothing."""
    for token_id, used_at in uses.items():
        token = session.get(ApiToken, token_id)
        if token is not None and (token.last_used_at is None or token.last_used_at < used_at):
            token.last_used_at = used_at
            session.add(token)


@dataclass(frozen=True, slots=True)
class TileToken:
    """The two halves of a tile token, and until when they hold."""

    cookie_part: str
    url_part: str
    expires_at: datetime


class TileTokens:
    """Makes and checks tile tokens: one cookie per holder, one URL part per slide, no database.

    The cookie part says for whom and until when (``random.holder.expiry.signature``); the URL part
    is a signature over the slide and the cookie, so that many slides open side by side share a
    cookie. What the holder may see is not the token's to say.

    Parameters
    ----------
    key
        The server's secret key.
    """

    _CACHE_SIZE = 20_000

    def __init__(self, key: bytes) -> None:
        # Another purpose than that of tokens without a holder, which older versions made.
        self._key = hmac.digest(key, b"tile tokens of holders", "sha256")
        self._known: dict[tuple[int, str, str], tuple[float, str]] = {}

    def issue(
        self,
        slide_id: int,
        now: datetime,
        *,
        holder: str,
        cookie_part: str | None = None,
        content: str = "",
    ) -> TileToken:
        """Return a token for a slide.

        Parameters
        ----------
        holder
            For whom; see ``holder_name``.
        cookie_part
            Kept if it is the same holder's and half its life is left.
        content
            What the slide shows. Another one has other addresses: browsers keep pictures by them,
            while a slide's file may be replaced, and SQLite gives the number of a slide that was
            removed to the next one.
        """
        mark = _base62(hashlib.sha256(content.encode(errors="replace")).digest())[:_MARK_LETTERS]
        held = self._read_cookie(cookie_part) if cookie_part else None
        if cookie_part and held is not None and held[0] == holder:
            expires_at = held[1]
            if expires_at - now >= TILE_TOKEN_LIFETIME / 2:
                url_part = self._url_part(slide_id, cookie_part, mark)
                return TileToken(cookie_part, url_part, expires_at)
        expires_at = (now + TILE_TOKEN_LIFETIME).replace(microsecond=0)
        body = f"{secrets.token_urlsafe(9)}.{holder}.{int(expires_at.timestamp())}"
        made = f"{body}.{self._sign('cookie', body)}"
        return TileToken(made, self._url_part(slide_id, made, mark), expires_at)

    def verify(self, slide_id: int, url_part: str, cookie_part: str, now: datetime) -> str:
        """Return the holder of a token whose halves belong together and to the slide.

        Measured: 0.6 microseconds when seen before.

        Raises
        ------
        TileTokenError
            They do not, or are expired.
        """
        entry = (slide_id, url_part, cookie_part)
        known = self._known.get(entry)
        if known is None:
            known = self._checked(entry)
            if len(self._known) >= self._CACHE_SIZE:
                self._known.clear()
            self._known[entry] = known
        until, holder = known
        if until <= now.timestamp():
            raise TileTokenError("this tile token has expired; call GetTileServer for a new one")
        return holder

    def expiry(self, url_part: str, cookie_part: str, now: datetime) -> datetime:
        """Return until when a cookie part, and every URL part made for it, holds.

        Raises
        ------
        TileTokenError
            The cookie part was not made here, or is expired.
        """
        del url_part  # Source: GetTokenExpiry names no slide, so this half cannot be checked.
        held = self._read_cookie(cookie_part)
        if held is None or held[1] <= now:
            raise TileTokenError("this tile token is not valid; call GetTileServer for a new one")
        return held[1]

    def _checked(self, entry: tuple[int, str, str]) -> tuple[float, str]:
        slide_id, url_part, cookie_part = entry
        held = self._read_cookie(cookie_part)
        expected = self._url_part(slide_id, cookie_part, url_part[:_MARK_LETTERS]).encode()
        if held is None or not hmac.compare_digest(expected, url_part.encode()):
            raise TileTokenError("this tile token is not valid; call GetTileServer for a new one")
        holder, expires_at = held
        return expires_at.timestamp(), holder

    def _read_cookie(self, cookie_part: str) -> tuple[str, datetime] | None:
        """Return the holder and the end of a cookie part that was made here."""
        body, _, signature = cookie_part.rpartition(".")
        if not hmac.compare_digest(self._sign("cookie", body).encode(), signature.encode()):
            return None
        _, holder, expiry = body.split(".")
        return holder, datetime.fromtimestamp(int(expiry), UTC)

    def _url_part(self, slide_id: int, cookie_part: str, mark: str) -> str:
        # 18 letters and digits, as the vendor's are, so that no client's URL pattern is surprised.
        digest = hmac.digest(self._key, f"url|{slide_id}|{cookie_part}|{mark}".encode(), "sha256")
        return mark + _base62(digest)[: 18 - _MARK_LETTERS]

    def _sign(self, purpose: str, text: str) -> str:
        digest = hmac.digest(self._key, f"{purpose}|{text}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:18]).decode()


class SlideFileLinks:
    """Makes and checks links to one slide file on the server, which belongs to no study.

    Parameters
    ----------
    key
        The server's secret key.
    """

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"slide file links", "sha256")

    def issue(self, path: str, now: datetime) -> str:
        """Return a text for a URL that names the file and says until when."""
        expires = int((now + SLIDE_FILE_LIFETIME).timestamp())
        body = base64.urlsafe_b64encode(f"{expires}|{path}".encode()).decode().rstrip("=")
        return f"{body}.{self._sign(body)}"

    def verify(self, text: str, now: datetime) -> str:
        """Return the path that a link names.

        Raises
        ------
        TileTokenError
            The link was not made here, or is expired.
        """
        body, _, signature = text.rpartition(".")
        if not hmac.compare_digest(self._sign(body).encode(), signature.encode()):
            raise TileTokenError("this link is not valid")
        decoded = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
        expires, _, path = decoded.partition("|")
        if int(expires) <= now.timestamp():
            raise TileTokenError("this link has expired")
        return path

    def _sign(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), "sha256").hex()


_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _base62(digest: bytes) -> str:
    number = int.from_bytes(digest)
    letters = []
    for _ in range(40):
        number, letter = divmod(number, 62)
        letters.append(_ALPHABET[letter])
    return "".join(letters)
