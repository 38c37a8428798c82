"""Numbers read without a parser: what a parser reads of the same text, or left to it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from records.errors import InputError
from scoring import digits, jsonstream, xmlpoints, xmlstream
from scoring.conversion import FORMATS, Setting
from scoring.marked import Losses, Marked, Packer, Piece, Traits, singly
from scoring.numbertext import Form
from scoring.shapes import Coordinates, Points

PAIRS = Form(b"[#,#],")
NUMBERS = st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9).filter(lambda x: "e" not in repr(x))


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=20))
def test_numbers_are_those_that_python_reads(pairs):
    text = "".join(f"[{x!r},{y!r}]," for x, y in pairs).encode()

    found = PAIRS.read(text)

    assert found is not None
    assert found.tolist() == [[float(x), float(y)] for x, y in pairs]


@st.composite
def decimals(draw: st.DrawFn) -> str:
    """Return a number as it is written, of up to 17 digits."""
    places = draw(st.integers(0, 12))
    written = str(draw(st.integers(0, 10 ** draw(st.integers(1, 17))))).zfill(places + 1)
    point = "." if places else ""
    return (
        draw(st.sampled_from(["", "-"]))
        + written[: len(written) - places]
        + point
        + (written[len(written) - places :] if places else "")
    )


@given(st.lists(st.tuples(decimals(), decimals()), min_size=1, max_size=12))
def test_numbers_of_any_length_are_rounded_as_python_rounds_them(pairs):
    found = PAIRS.read("".join(f"[{x},{y}]," for x, y in pairs).encode())

    assert found is not None
    assert found.tolist() == [[float(x), float(y)] for x, y in pairs]


def test_most_digits_that_are_read_eight_at_a_time():
    texts = ["999999999999999", "9999999.99999999", "12345678", "0.00000000000001", "-0", "9.5"]
    text = ",".join(texts).encode()
    signs = np.frombuffer(text, dtype=np.uint8)
    ends = np.array([place for place, sign in enumerate(text + b",") if sign == ord(",")])
    starts = np.array([0, *(ends[:-1] + 1)])
    starts[4] += 1

    assert digits.read(text, signs, starts, ends).tolist() == [abs(float(one)) for one in texts]
    long = np.frombuffer(b"1234567890123456", dtype=np.uint8)
    assert digits.read(long.tobytes(), long, np.array([0]), np.array([len(long)])) is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[1,2]",
        b"[1,2],[3,4]",
        b"[1,],3[4,5],",
        b"1[,2],",
        b"1[,2],3",
        b"[1,2],[3,4],5",
        b"[1,2,],",
        b"[01,2],",
        b"[1..2,3],",
        b"[1.2.3,4],",
        b"[--1,2],",
        b"[1-2-3,4],[1--5,2],",
        b"[.5,1],",
        b"[5.,1],",
        b"[-,1],",
        b"[+1,2],",
        b"[1e3,2],",
        b"[1/2,3],",
        b"[ 1,2],",
        b"[NaN,2],",
        b"[" + b"9" * 400 + b",1],",
    ],
)
def test_what_is_no_such_text_is_left_to_a_parser(text):
    assert PAIRS.read(text) is None


def pieces() -> list[Piece]:
    """Return polygons with and without holes, and some points between them."""
    rng = np.random.default_rng(5)
    packer = Packer()
    for number in range(24):
        outline = rng.uniform(0, 90, (number % 5 + 3, 2)).round(number % 3)
        inner = [outline * 0.1 + outline.mean(axis=0) * 0.9] if number % 7 == 0 else []
        traits = Traits(group="AB"[number % 2], colour="#ff0000")
        packer.add([outline, *inner], traits, "ab" * (number % 3))
    point = Marked(shape=Points(places=Coordinates([[4, 5.5]])), traits=Traits(group="A"))
    return [*packer.packed(), point]


def written(name: str) -> bytes:
    form = FORMATS[name]
    return b"".join(form.write([*pieces(), *pieces()], Losses(), Setting()))


def outcome(name: str, data: bytes) -> list[Marked] | None:
    """Return what a reader makes of a file, or None when it refuses it."""
    try:
        return list(singly(FORMATS[name].parse(io.BytesIO(data), Losses())))
    except InputError:
        return None


TEXTS = {name: written(name) for name in ("asap", "imagescope", "geojson", "anno1")}
STRANGE = [
    b"",
    b" ",
    b"\n",
    b'"',
    b"<",
    b"</",
    b"<!--",
    b"-->",
    b"]",
    b"},{",
    b"7",
    b".",
    b"-",
    b"e1",
]


@pytest.mark.parametrize("name", TEXTS)
@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_a_spoilt_file_means_what_it_means_to_the_parser_alone(name, data):
    text = TEXTS[name]
    start = data.draw(st.integers(0, len(text)))
    end = start + data.draw(st.sampled_from([0, 1, 2, 40]))
    spoilt = text[:start] + data.draw(st.sampled_from(STRANGE)) + text[end:]

    with pytest.MonkeyPatch.context() as patch:
        for module in (jsonstream, xmlstream):
            patch.setattr(module, "CHUNK_BYTES", data.draw(st.sampled_from([300, 1200])))
        quick = outcome(name, spoilt)
        patch.setattr(jsonstream, "_MOST_MISSES", 0)
        patch.setattr(xmlpoints, "_ODD", (b"<",))
        slow = outcome(name, spoilt)

    assert quick == slow


@pytest.mark.parametrize("other", [b'" x"', b'"x "', b'"\tx"'])
def test_a_blank_within_a_name_makes_another_name(other):
    assert outcome("anno1", TEXTS["anno1"].replace(b'"x"', b'"x" ', 1)) is not None
    assert outcome("anno1", TEXTS["anno1"].replace(b'"x"', other, 1)) is None


@pytest.mark.parametrize("name", TEXTS)
def test_most_points_are_read_without_the_parser(name, monkeypatch):
    taken: list[int] = []
    read = Form.read

    def counted(form: Form, text: bytes) -> object:
        found = read(form, text)
        taken.append(0 if found is None else len(found))
        return found

    monkeypatch.setattr(Form, "read", counted)
    for module in (jsonstream, xmlstream):
        monkeypatch.setattr(module, "CHUNK_BYTES", 1200)

    shapes = outcome(name, TEXTS[name])

    assert shapes
    assert sum(taken) > 100
