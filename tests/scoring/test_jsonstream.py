"""JSON files read in pieces: what json reads too, whatever the pieces, and within bounds."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest
from hypothesis import given, settings, strategies as st

from records.errors import InputError
from scoring import jsonstream
from scoring.jsonstream import Batch, Member

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from('{}[]"\\,:'), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


def read(data: bytes, **more: object) -> list[Batch | Member]:
    return list(jsonstream.read(io.BytesIO(data), name="F", **more))


def whole(parts: list[Batch | Member], kind: type) -> object:
    if kind is list:
        return [element for part in parts for element in part.elements]
    found: dict[str, object] = {}
    for part in parts:
        if isinstance(part, Member):
            found[part.name] = part.value
        else:
            found.setdefault(part.name, []).extend(part.elements)
    return found


@pytest.mark.parametrize("chunk_bytes", [1, 7, 64, 1 << 19])
@given(
    value=st.lists(VALUES, max_size=6) | st.dictionaries(st.text(max_size=6), VALUES, max_size=5),
    indent=st.sampled_from([None, 1]),
    is_ascii=st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_pieces_hold_what_json_reads(chunk_bytes, value, indent, is_ascii):
    data = json.dumps(value, indent=indent, ensure_ascii=is_ascii).encode()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonstream, "CHUNK_BYTES", chunk_bytes)
        found = whole(read(data), type(value))

    # An empty array says nothing in pieces.
    expected = value if isinstance(value, list) else {k: v for k, v in value.items() if v != []}
    assert found == expected


def test_elements_are_numbered_and_others_passed_over():
    data = json.dumps({"a": [1] * 5, "b": [{}] * 3, "c": 7}).encode()

    assert read(data, only={"b"}) == [Batch("b", 1, [{}] * 3), Member("c", 7)]


def test_byte_order_mark_is_passed_over():
    assert read(b"\xef\xbb\xbf[1]") == [Batch("", 1, [1])]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "F: is no JSON array or object: expected [ or { (at byte 1)"),
        (b"null", "expected [ or {"),
        (b"[{},]", "element 2 is no JSON: trailing comma"),
        (b"[{} {}]", "element 2 is no JSON"),
        (b"[1,2", "element 1 is cut off (at byte 5)"),
        (b'[{"a":1}}', "expected ] (at byte 9)"),
        (b"[]x", "something behind its end (at byte 3)"),
        (b'{"a" 1}', 'expected "name":'),
        (b'{"a":nope}', "a is no JSON"),
        (b'{"a":{"b":]}}', "a is no JSON"),
        (b'{"a":1 "b":2}', "a is no JSON, or is cut off"),
        (b'{"a":[1]', "expected , or }"),
        (b"[NaN]", "element 1 is no JSON"),
        (b"[1e400]", "infinity"),
        (b'["\xff"]', "not valid UTF-8"),
        (b"[" * 2_000_000, "nested more than 100 deep"),
        (b'{"a":' * 200, "nested more than 100 deep"),
        (b'["' + b"x" * (17 << 20), "element 1 holds more than 16 MiB"),
        (b'{"' + b"x" * (2 << 20), 'expected "name":'),
    ],
)
def test_what_is_no_json_is_refused_naming_the_place(data, told):
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as caught:
            read(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert told in caught.value.message
    assert peak < 150 << 20
