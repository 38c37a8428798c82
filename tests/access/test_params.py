import asyncio
import json
import tracemalloc
from urllib.parse import unquote_to_bytes, urlencode

import pytest
from hypothesis import given, strategies as st
from starlette.requests import Request

from access import params as access_params
from access.params import Bodies, Params
from records.errors import BusyError, InputError


def _read(*, method="GET", query="", body=b"", content_type="application/x-www-form-urlencoded"):
    sent = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive():
        return next(sent)

    scope = {
        "type": "http",
        "method": method,
        "query_string": query.encode(),
        "headers": [(b"content-type", content_type.encode())],
    }
    return asyncio.run(Params.read(Request(scope, receive)))


def test_names_are_read_in_any_case():
    params = _read(query="STUDYID=3&imageID=4")

    assert params.integer("studyId") == 3
    assert params.integer("imageid") == 4


def test_a_form_body_on_get_is_read():
    # Source: slidescore.md 1 #5, the official SDK.
    params = _read(body=b"studyid=3&question=a+b%26c")

    assert params.integer("studyId") == 3
    assert params.text("question") == "a b&c"


def test_the_body_wins_over_the_query():
    assert _read(method="POST", query="a=1", body=b"A=2").integer("a") == 2


def test_multipart_and_json_bodies_are_read():
    multipart = b'--x\r\nContent-Disposition: form-data; name="studyId"\r\n\r\n7\r\n--x--\r\n'

    assert (
        _read(
            method="POST", body=multipart, content_type="multipart/form-data; boundary=x"
        ).integer("studyid")
        == 7
    )
    params = _read(
        method="POST",
        body=b'{"studyId": 7, "flag": true, "none": null}',
        content_type="application/json",
    )
    assert (params.integer("studyid"), params.boolean("flag"), params.opt_text("none")) == (
        7,
        True,
        None,
    )


def test_absent_and_empty_are_none_where_allowed():
    params = _read(query="folder=&n=")

    assert params.text("folder") == ""
    assert params.opt_text("folder") is None
    assert params.opt_integer("n") is None
    assert params.opt_integer("other") is None


@pytest.mark.parametrize("text", ["x", "1.5", "1e3", "--1", "9" * 30, "٣", "1_0"])
def test_what_is_no_whole_number_is_refused_by_name(text: str):
    with pytest.raises(InputError, match="studyId"):
        Params([("studyid", text)]).integer("studyId")


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1,5", "1_0.0", "x"])
def test_what_is_no_finite_number_is_refused(text: str):
    with pytest.raises(InputError, match="micronsPerPixel"):
        Params([("micronsPerPixel", text)]).number("micronsPerPixel")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00+00:00"),
        ("2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00+00:00"),
        ("2026-01-31T12:00:00 02:00", "2026-01-31T10:00:00+00:00"),
        ("2026-01-31", "2026-01-31T00:00:00+00:00"),
    ],
)
def test_instants_are_read_with_their_zone(text: str, expected: str):
    assert Params([("since", text)]).instant("since").isoformat() == expected


def test_a_missing_parameter_is_named():
    with pytest.raises(InputError, match="studyId is missing"):
        Params([]).integer("studyId")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"a=%ff", "application/x-www-form-urlencoded"),
        (b"a=\xff", "application/x-www-form-urlencoded"),
        (b"a=x%00y", "application/x-www-form-urlencoded"),
        (b'{"a": "\\ud800"}', "application/json"),
        (b"[1]", "application/json"),
        (b"{", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"--y\r\nbroken", "multipart/form-data; boundary=x"),
        (b"x", "multipart/form-data"),
    ],
)
def test_a_broken_body_is_refused(body: bytes, content_type: str):
    with pytest.raises(InputError):
        _read(method="POST", body=body, content_type=content_type)


FIELDS = st.lists(st.tuples(st.text("ab%+ é\n", min_size=1, max_size=8), st.text(max_size=12)))


@given(FIELDS)
def test_any_form_is_read_as_it_was_meant(pairs):
    pairs = [(name, value.replace("\0", "")) for name, value in pairs]

    params = _read(method="POST", body=urlencode(pairs).encode())

    for name, value in {name.lower(): value for name, value in pairs}.items():
        assert params.text(name) == value


@given(st.binary(max_size=30), st.integers(1, 8))
def test_pieces_of_a_form_are_read_as_the_whole(body, size):
    body = body.replace(b"&", b"%").replace(b"=", b"2")
    expected = unquote_to_bytes(body.replace(b"+", b" "))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access_params, "_UNQUOTED_AT_ONCE", size + 2)
        try:
            assert access_params._unquoted(body) == expected.decode()
        except UnicodeDecodeError:
            with pytest.raises(UnicodeDecodeError):
                expected.decode()


def test_a_long_form_of_escapes_takes_memory_of_a_few_times_its_length():
    body = b"results=" + b"%0A%09" * (1 << 20)
    tracemalloc.start()
    try:
        params = _read(method="POST", body=body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert params.text("results") == "\n\t" * (1 << 20)
    assert peak < 4 * len(body)


def test_many_large_bodies_find_no_room_and_small_ones_always_do():
    mebibyte = 2**20
    bodies = Bodies(most_bytes=3 * mebibyte)

    with bodies.counting() as first, bodies.counting() as second, bodies.counting() as third:
        for _ in range(3):
            first(mebibyte)
        second(2 * mebibyte)
        with pytest.raises(BusyError, match="try again"):
            second(mebibyte)
        third(mebibyte)
    with bodies.counting() as later:
        later(4 * mebibyte)


def test_json_of_many_parts_is_refused_and_long_texts_are_read():
    as_json = "application/json"
    parts = b'{"a": [' + b"[]," * 1_100_000 + b"1]}"
    text = "[,{" * 400_000

    with pytest.raises(InputError, match="parts"):
        _read(body=parts, content_type=as_json)
    assert _read(body=json.dumps({"a": text}).encode(), content_type=as_json).text("a") == text
