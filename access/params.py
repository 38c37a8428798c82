"""Request parameters: query and body become one case-insensitive, typed mapping."""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import unquote_to_bytes

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from records.errors import BusyError, InputError

MAX_FIELDS = 1000
MAX_INTEGER = 2**31 - 1

MAX_BODY_BYTES = 256 * 1024 * 1024
"""The largest form: a million answers of a hundred characters fit with room to spare."""

MAX_HELD_BYTES = 2 * MAX_BODY_BYTES
"""Of all large bodies that a worker holds at once. Reading one takes some four times its size for a
moment; without a bound, anybody who is signed in could take a server's memory."""

MAX_JSON_PARTS = 1_000_000
"""Members and elements of a JSON body: each takes up to thirty times the memory of its bytes."""

Count = Callable[[int], None]
"""Is told how many bytes more a request holds."""

_T = TypeVar("_T")
_UNCOUNTED_BYTES = 1024 * 1024
_JSON_SIGNS = (b",", b"[", b"{")
_MOST_SEARCHED_BYTES = 4 * 1024 * 1024
_JSON_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_IN_THREAD_BYTES = 64 * 1024
_UNQUOTED_AT_ONCE = 16 * 1024
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off", ""})


def _count_nothing(size: int) -> None:
    """Hold a body that nobody counts."""


class Bodies:
    """Counts the large bodies that a worker holds, and refuses those for which there is no room.

    Parameters
    ----------
    most_bytes
        How much they may be together. What a body has below a mebibyte counts for nothing, so that
        usual calls are never refused.
    """

    def __init__(self, most_bytes: int = MAX_HELD_BYTES) -> None:
        self._most = most_bytes
        self._held = 0

    @contextlib.contextmanager
    def counting(self) -> Iterator[Count]:
        """Give what counts one body, until the request that it belongs to is answered.

        What it gives raises BusyError when there is no room.
        """
        size = counted = 0

        def count(more: int) -> None:
            nonlocal size, counted
            size += more
            larger = max(0, size - _UNCOUNTED_BYTES) - counted
            counted += larger
            self._held += larger
            if larger and self._held > self._most:
                raise BusyError("many large requests are being read; try again in a minute")

        try:
            yield count
        finally:
            self._held -= counted


class Params:
    """Parameters of one request, by name in any case; the body's win over the query's.

    Source: slidescore.md 1 #4 (names in any case) and #5 (form bodies on GET).

    Parameters
    ----------
    pairs
        Names and values as sent; of repeated names the last wins.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            # Neither databases nor file systems hold it, and no client means it.
            if "\0" in value:
                raise InputError(f"the parameter {_shown(name)} holds a NUL character")
            self._values[name.lower()] = value

    @classmethod
    async def read(cls, request: Request, count: Count = _count_nothing) -> Params:
        """Read query and body (urlencoded, multipart or a JSON object) of any verb.

        Parameters
        ----------
        count
            Is told each piece of the body; see ``Bodies``.

        Raises
        ------
        InputError
            The body is too large or not of the form its content type says.
        """
        pairs = list(request.query_params.multi_items())
        content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if content_type == "multipart/form-data":
            return cls(pairs + await _read_multipart(request, count))
        body = await _read_body(request, count)
        if not body.strip():
            return cls(pairs)
        decode = _from_json if content_type == "application/json" else _from_form
        if len(body) > _IN_THREAD_BYTES:
            pairs += await anyio.to_thread.run_sync(decode, body)
        else:
            pairs += decode(body)
        return cls(pairs)

    def opt_text(self, name: str) -> str | None:
        """Return a text, or None when absent or empty."""
        return self._values.get(name.lower()) or None

    def text(self, name: str) -> str:
        """Return a text that must be there; it may be empty.

        Raises
        ------
        InputError
            It is absent.
        """
        value = self._values.get(name.lower())
        if value is None:
            raise InputError(f"the parameter {name} is missing")
        return value

    def opt_integer(self, name: str) -> int | None:
        """Return a whole number, or None when absent or empty.

        Raises
        ------
        InputError
            It is no whole number of at most 32 bits, which ids and pixels need.
        """
        text = self.opt_text(name)
        if text is None or not text.strip():
            return None
        digits = text.strip().removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
            raise InputError(f"the parameter {name} must be a whole number, not {_shown(text)}")
        value = int(text)
        if abs(value) > MAX_INTEGER:
            raise InputError(f"the parameter {name} must be within ±{MAX_INTEGER}, not {value}")
        return value

    def integer(self, name: str) -> int:
        """Return a whole number that must be there.

        Raises
        ------
        InputError
            It is absent, or no whole number.
        """
        return _needed(name, self.opt_integer(name), "a whole number")

    def opt_number(self, name: str) -> float | None:
        """Return a finite number, or None when absent or empty.

        Raises
        ------
        InputError
            It is no finite number with a decimal point.
        """
        text = self.opt_text(name)
        if text is None or not text.strip():
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or "_" in text:
            raise InputError(f"the parameter {name} must be a number, not {_shown(text)}")
        return value

    def number(self, name: str) -> float:
        """Return a finite number that must be there.

        Raises
        ------
        InputError
            It is absent, or no finite number.
        """
        return _needed(name, self.opt_number(name), "a number")

    def opt_boolean(self, name: str) -> bool | None:
        """Return true or false, or None when absent.

        Raises
        ------
        InputError
            It is neither true, false, 1, 0, yes, no, on nor off.
        """
        text = self._values.get(name.lower())
        if text is None:
            return None
        word = text.strip().lower()
        if word not in _TRUE | _FALSE:
            raise InputError(f"the parameter {name} must be true or false, not {_shown(text)}")
        return word in _TRUE

    def boolean(self, name: str) -> bool:
        """Return true or false; absent is false.

        Raises
        ------
        InputError
            It is neither true, false, 1, 0, yes, no, on nor off.
        """
        return bool(self.opt_boolean(name))

    def opt_instant(self, name: str) -> datetime | None:
        """Return an instant in UTC, or None when absent or empty.

        Raises
        ------
        InputError
            It is no ISO 8601 date and time.
        """
        text = self.opt_text(name)
        if text is None:
            return None
        try:
            # A "+" of the zone that was not escaped in a query arrives as a space.
            value = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text)
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        except (ValueError, OverflowError):
            raise InputError(
                f"the parameter {name} must be an ISO 8601 instant such as "
                f"2026-01-31T12:00:00Z, not {_shown(text)}"
            ) from None

    def instant(self, name: str) -> datetime:
        """Return an instant that must be there; without a zone it is UTC.

        Raises
        ------
        InputError
            It is absent, or no ISO 8601 date and time.
        """
        return _needed(name, self.opt_instant(name), "an ISO 8601 instant")


def _needed(name: str, value: _T | None, form: str) -> _T:
    if value is None:
        raise InputError(f"the parameter {name} is missing; expected {form}")
    return value


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


async def _read_multipart(request: Request, count: Count) -> list[tuple[str, str]]:
    size = 0

    async def receive() -> Message:
        nonlocal size
        message = await request.receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY_BYTES:
            raise InputError(f"the request is larger than {MAX_BODY_BYTES // 2**20} MiB")
        count(len(message.get("body", b"")))
        return message

    bounded = Request(request.scope, receive)
    try:
        async with bounded.form(max_part_size=MAX_BODY_BYTES, max_files=0) as form:
            return [(name, str(value)) for name, value in form.multi_items()]
    except HTTPException as error:
        raise InputError(f"the multipart form is broken: {error.detail}") from None
    except MultiPartException as error:
        raise InputError(f"the multipart form is broken: {error.message}") from None
    except UnicodeError:
        raise InputError("the multipart form is not UTF-8") from None
    except ClientDisconnect:
        raise InputError("the request ended early") from None


async def _read_body(request: Request, count: Count) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                raise InputError(f"the request is larger than {MAX_BODY_BYTES // 2**20} MiB")
            count(len(chunk))
            chunks.append(chunk)
    except ClientDisconnect:
        raise InputError("the request ended early") from None
    return b"".join(chunks)


def _from_form(body: bytes) -> list[tuple[str, str]]:
    if body.count(b"&") >= MAX_FIELDS:
        raise InputError(f"the form has more than {MAX_FIELDS} fields")
    try:
        fields = (field.partition(b"=") for field in body.split(b"&") if field)
        return [(_unquoted(name), _unquoted(value)) for name, _, value in fields]
    except UnicodeDecodeError:
        raise InputError("the form is not UTF-8") from None


def _unquoted(escaped: bytes) -> str:
    """Return a name or value without its escapes, read piece by piece.

    The library's own way makes some objects of each escape: a table of a million answers, of 73 MB,
    took two gigabytes.
    """
    plain = bytearray()
    start = 0
    while start < len(escaped):
        end = start + _UNQUOTED_AT_ONCE
        # No escape is cut in two.
        cut = escaped.rfind(b"%", end - 2, end)
        if cut >= 0:
            end = cut
        plain += unquote_to_bytes(escaped[start:end].replace(b"+", b" "))
        start = end
    return plain.decode()


def _parts(body: bytes) -> int:
    """Return how many members and elements JSON has at most."""
    parts = sum(map(body.count, _JSON_SIGNS))
    if parts > MAX_JSON_PARTS and len(body) <= _MOST_SEARCHED_BYTES:
        # Those within texts are none; to look for texts takes too long in a longer body.
        parts = sum(map(_JSON_TEXT.sub(b"", body).count, _JSON_SIGNS))
    return parts


def _from_json(body: bytes) -> list[tuple[str, str]]:
    if _parts(body) > MAX_JSON_PARTS:
        raise InputError(
            f"the JSON has more than {MAX_JSON_PARTS} parts; send long texts as a form"
        )
    try:
        value = json.loads(body)
        # Escapes can spell halves of a character, which are no text.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise InputError("the body is not JSON, as its content type says") from None
    if not isinstance(value, Mapping):
        raise InputError("the body must be a JSON object of parameters")
    return [(name, _as_text(entry)) for name, entry in value.items() if entry is not None]


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
