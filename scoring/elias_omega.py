"""Elias omega codes: whole numbers from 1 on, small ones in few bits, as anno2 packs them.

A code is read in groups: starting with N = 1, a bit 0 ends it with the value N; a bit 1 and the N
bits behind it are the next N. Source: slidescore.md 6.2.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from records.errors import InputError

_WINDOW = 16
"""Codes of up to so many bits (values below 512) are looked up; longer ones are rare."""

_CHUNK_BYTES = 1 << 18
_CODES_AT_ONCE = 1 << 18
_MOST_BITS = 32
_LONGEST_CODE = 2 + 3 + 6 + _MOST_BITS + 1


def decode(data: bytes, *, most: int) -> npt.NDArray[np.int64]:
    """Return the numbers that bits hold, from the highest bit of the first byte on.

    Zero bits that fill up the last byte come out as ones: the format does not tell them apart.

    Raises
    ------
    InputError
        The last code is cut off, a number is larger than 32 bits, or there are more than ``most``.
    """
    values, lengths = _table()
    # Windows reach over the end; what they see there must not count as codes.
    padded = data + bytes(_WINDOW // 8)
    total_bits = len(data) * 8
    found: list[npt.NDArray[np.int64]] = []
    count = 0
    bit = 0
    while bit < total_bits:
        first = bit // 8
        windows = _windows(padded[first : first + _CHUNK_BYTES + _WINDOW // 8])
        walk = _walk(data, first, bit - first * 8, lengths[windows].tobytes())
        numbers = values[windows[walk.places]]
        numbers[[index for index, _ in walk.long_codes]] = [value for _, value in walk.long_codes]
        found.append(numbers)
        count += len(numbers)
        bit = walk.bit
        if count > most:
            raise InputError(f"packed numbers: more than {most:,} of them")
    if bit != total_bits:
        raise InputError("packed numbers: the last one is cut off")
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def encode(values: npt.NDArray[np.int64]) -> bytes:
    """Return the codes of numbers from 1 to 2³² - 1, one after the other, filled up with zero bits.

    Raises
    ------
    InputError
        A number is smaller or larger.
    """
    if len(values) and not 0 < int(values.min()) <= int(values.max()) < 1 << _MOST_BITS:
        raise InputError(f"packed numbers: one is not between 1 and 2^{_MOST_BITS} - 1")
    bits = [_bits(values[at : at + _CODES_AT_ONCE]) for at in range(0, len(values), _CODES_AT_ONCE)]
    return np.packbits(np.concatenate(bits)).tobytes() if bits else b""


def _bits(values: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Return the bits of codes, one a byte."""
    codes = np.zeros(len(values), dtype=np.uint64)
    lengths = np.ones(len(values), dtype=np.int64)
    groups = values.astype(np.uint64)
    while (left := groups > 1).any():
        # Each group stands before what there is: its number, then the length of that less one.
        widths = np.frexp(groups.astype(np.float64))[1].astype(np.int64)
        codes[left] |= groups[left] << lengths[left].astype(np.uint64)
        lengths[left] += widths[left]
        groups[left] = (widths[left] - 1).astype(np.uint64)
    ends = np.cumsum(lengths)
    shifts = np.repeat(ends, lengths) - 1 - np.arange(int(ends[-1]))
    found = np.repeat(codes, lengths) >> shifts.astype(np.uint64)
    return (found & np.uint64(1)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class _Walk:
    """The codes found in a chunk.

    Parameters
    ----------
    places
        The bit of the chunk at which each code starts.
    long_codes
        Index among the codes, and value, of those that the table does not hold.
    bit
        Where, in the whole data, the next code starts.
    """

    places: list[int]
    long_codes: list[tuple[int, int]]
    bit: int


def _walk(data: bytes, first: int, place: int, steps: bytes) -> _Walk:
    places: list[int] = []
    long_codes: list[tuple[int, int]] = []
    append = places.append
    end = min(len(steps), (len(data) - first) * 8)
    while place < end:
        step = steps[place]
        if not step:
            value, behind = _long_code(data, first * 8 + place)
            long_codes.append((len(places), value))
            step = behind - first * 8 - place
        append(place)
        place += step
    return _Walk(places, long_codes, first * 8 + place)


def _windows(chunk: bytes) -> npt.NDArray[np.uint16]:
    """Return, for each bit of a chunk but its last 16, the 16 bits from there on."""
    octets = np.frombuffer(chunk, dtype=np.uint8).astype(np.uint32)
    words = (octets[:-2] << 16) | (octets[1:-1] << 8) | octets[2:]
    shifts = np.arange(8, 0, -1, dtype=np.uint32)
    return ((words[:, None] >> shifts) & 0xFFFF).astype(np.uint16).reshape(-1)


@functools.cache
def _table() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Return value and length of the code at the start of each window; length 0: it is longer."""
    values = np.zeros(1 << _WINDOW, dtype=np.int64)
    lengths = np.zeros(1 << _WINDOW, dtype=np.uint8)
    for window in range(1 << _WINDOW):
        code = _first_code(window, _WINDOW)
        if code is not None:
            values[window], lengths[window] = code
    return values, lengths


def _first_code(bits: int, bit_count: int) -> tuple[int, int] | None:
    """Return value and length of the first code in an integer's bits, or None when it ends early.

    Raises
    ------
    InputError
        The value has more than 32 bits.
    """
    value, used = 1, 0
    while True:
        if used >= bit_count:
            return None
        if not bits >> (bit_count - used - 1) & 1:
            return value, used + 1
        width = value + 1
        if used + width > bit_count:
            return None
        if width > _MOST_BITS:
            raise InputError("packed numbers: one is larger than 32 bits")
        value = bits >> (bit_count - used - width) & ((1 << width) - 1)
        used += width


def _long_code(data: bytes, bit: int) -> tuple[int, int]:
    """Return the value of the code at a bit, and the bit behind it."""
    chunk = data[bit // 8 : (bit + _LONGEST_CODE) // 8 + 1]
    bit_count = len(chunk) * 8 - bit % 8
    code = _first_code(int.from_bytes(chunk, "big") & ((1 << bit_count) - 1), bit_count)
    if code is None:
        raise InputError("packed numbers: the last one is cut off")
    return code[0], bit + code[1]
