"""What headers of a creation ask for."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, strategies as st

from records.errors import InputError
from tests.uploads.tus.decisions import POST, decide, encoded, without
from uploads import tus, tusheaders


@pytest.mark.parametrize("length", [None, "", "-1", "ten", "1e3", "9" * 19])
def test_creation_without_a_whole_length_is_a_bad_request(length):
    headers = without(POST, "upload-length")
    if length is not None:
        headers["upload-length"] = length

    assert decide("POST", headers).status == 400


def test_creation_up_to_the_largest_size_is_accepted_and_beyond_is_too_large():
    assert isinstance(decide("POST", {**POST, "upload-length": "1000"}), tus.Create)
    assert decide("POST", {**POST, "upload-length": "1001"}).status == 413


def test_creation_of_an_empty_file_is_accepted():
    assert decide("POST", {**POST, "upload-length": "0"}) == tus.Create(0, {}, None)


def test_length_may_be_told_later():
    headers = {**without(POST, "upload-length"), "upload-defer-length": "1"}

    assert decide("POST", headers) == tus.Create(None, {}, None)


@pytest.mark.parametrize("value", ["", "0", "2", "true"])
def test_length_is_deferred_by_the_number_one_alone(value):
    headers = {**without(POST, "upload-length"), "upload-defer-length": value}

    assert decide("POST", headers).status == 400


def test_length_that_is_both_told_and_deferred_is_a_bad_request():
    assert decide("POST", {**POST, "upload-defer-length": "1"}).status == 400


def test_piece_of_an_upload_is_told_as_such():
    assert decide("POST", {**POST, "upload-concat": "partial"}).is_partial


def test_final_upload_names_its_pieces_by_path_or_url():
    first, second = "a" * 32, "b" * 32
    value = f"final;/files/{first} https://example.org/x/files/{second}"

    decision = decide("POST", {**without(POST, "upload-length"), "upload-concat": value})

    assert decision.pieces == (first, second)


@pytest.mark.parametrize(
    "value",
    [
        "whole",
        "final",
        "final;",
        "final;/files/x",
        f"final;/files/{'a' * 32},/files/{'b' * 32}",
        "final;" + " ".join(f"/{number:032x}" for number in range(257)),
    ],
)
def test_other_concatenations_are_a_bad_request(value):
    headers = {**without(POST, "upload-length"), "upload-concat": value}

    assert decide("POST", headers).status == 400


@pytest.mark.parametrize(
    "more",
    [
        {"upload-length": "10"},
        {"upload-defer-length": "1"},
        {"content-length": "4", "content-type": tusheaders.BYTES_TYPE},
    ],
    ids=lambda more: next(iter(more)),
)
def test_final_upload_has_no_length_and_no_bytes_of_its_own(more):
    headers = {**without(POST, "upload-length"), "upload-concat": f"final;/{'a' * 32}", **more}

    assert decide("POST", headers).status == 400


def test_creation_with_bytes_carries_their_body():
    headers = {**POST, "content-length": "4", "content-type": tusheaders.BYTES_TYPE}

    assert decide("POST", headers).body == tus.Body(4, None)


def test_creation_with_bytes_of_another_type_is_unsupported():
    headers = {**POST, "content-length": "4", "content-type": "text/plain"}

    assert decide("POST", headers).status == 415


def test_creation_with_more_bytes_than_its_length_is_too_large():
    headers = {**POST, "content-length": "11", "content-type": tusheaders.BYTES_TYPE}

    assert decide("POST", headers).status == 413


def test_metadata_keys_are_told_apart_without_regard_to_case():
    header = f" UploadToken {encoded('abc')} , filename {encoded('Ä b.svs')},flag, empty "

    created = decide("POST", {**POST, "upload-metadata": header})

    assert created.text("uploadtoken") == "abc"
    assert created.text("filename") == "Ä b.svs"
    assert created.metadata["flag"] == b""
    assert created.text("missing") is None


@pytest.mark.parametrize("header", ["", "   "])
def test_metadata_is_optional(header):
    assert decide("POST", {**POST, "upload-metadata": header}).metadata == {}


@pytest.mark.parametrize(
    "header",
    [
        "filename !!!!",
        "filename YQ",
        "filename YQ== YQ==",
        "filename é",
        "a YQ==,A Yg==",
        "a YQ==,,b Yg==",
        "ключ YQ==",
        f"a {'A' * 20_000}",
    ],
)
def test_malformed_metadata_is_a_bad_request(header):
    assert decide("POST", {**POST, "upload-metadata": header}).status == 400


def test_metadata_value_that_is_no_text_is_told_by_name():
    value = base64.b64encode(b"\xff").decode()
    created = decide("POST", {**POST, "upload-metadata": f"filename {value}"})

    with pytest.raises(InputError, match="filename"):
        created.text("filename")


def test_public_metadata_leaves_the_tokens_out():
    header = f"uploadtoken {encoded('t')},APIToken {encoded('a')}, FileName {encoded('x')},flag"

    created = decide("POST", {**POST, "upload-metadata": header})

    assert created.public_metadata == f"FileName {encoded('x')},flag"


@given(
    st.dictionaries(
        st.from_regex(r"[!-+\--@\[-~]{1,12}", fullmatch=True), st.binary(max_size=20), max_size=5
    )
)
def test_metadata_is_told_back_as_it_was_sent(values):
    sent = ",".join(f"{k} {base64.b64encode(v).decode()}".strip() for k, v in values.items())

    header = decide("POST", {**POST, "upload-metadata": sent}).public_metadata

    again = decide("POST", {**POST, "upload-metadata": header})
    assert again.metadata == {k: v for k, v in values.items() if k not in tus.SECRET_KEYS}
