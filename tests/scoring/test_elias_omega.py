"""Elias omega codes, against the vendor's encoder."""

from __future__ import annotations

import numpy as np
import pytest
from bitarray import bitarray
from hypothesis import given, strategies as st
from slidescore.lib.omega_encoder import OmegaEncoder

from records.errors import InputError
from scoring import elias_omega

NUMBERS = st.one_of(st.integers(1, 600), st.integers(1, 2**32 - 1))


def packed(numbers: list[int]) -> bytes:
    return OmegaEncoder().encode(numbers, "naturalOnly").tobytes()


@given(st.lists(NUMBERS, max_size=50))
def test_what_the_vendor_packs_is_unpacked(numbers):
    found = elias_omega.decode(packed(numbers), most=1000)

    assert found[: len(numbers)].tolist() == numbers
    # The bits that fill up the last byte read as ones.
    assert found[len(numbers) :].tolist() == [1] * (len(found) - len(numbers))
    assert len(found) - len(numbers) < 8


def test_codes_across_the_chunks_are_unpacked():
    numbers = np.random.default_rng(7).choice([1, 2, 9, 300, 511, 512, 70_000], 400_000).tolist()
    data = packed(numbers)
    assert len(data) > elias_omega._CHUNK_BYTES

    found = elias_omega.decode(data, most=500_000)

    assert found[: len(numbers)].tolist() == numbers


@given(st.binary(max_size=40))
def test_any_bytes_are_numbers_or_refused(data):
    try:
        found = elias_omega.decode(data, most=1000)
    except InputError:
        return

    assert (found >= 1).all()
    bits = bitarray()
    bits.frombytes(data)
    assert found.tolist() == OmegaEncoder().decode(bits, "naturalOnly")


def test_more_numbers_than_allowed_are_refused():
    with pytest.raises(InputError, match="more than 10"):
        elias_omega.decode(bytes(2), most=10)


def test_number_above_32_bits_is_refused():
    with pytest.raises(InputError, match="larger than 32 bits"):
        elias_omega.decode(packed([2**33]), most=10)


def test_cut_off_code_is_refused():
    with pytest.raises(InputError, match="cut off"):
        elias_omega.decode(packed([2**31])[:-2], most=10)
