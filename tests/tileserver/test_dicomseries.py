"""The series that DICOM files belong to, read from heads whole and damaged."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from tests.tileserver.dicom_heads import delimiter, element, make_dicom
from tileserver import dicomseries


@pytest.mark.parametrize("undefined", [False, True])
def test_series_named_inside_a_sequence_is_not_the_file_s(tmp_path, undefined):
    inner = element(0x0020, 0x000E, b"UI", b"6.6.6.6\0")
    if undefined:
        item = delimiter(0xE000, inner, length=0xFFFFFFFF) + delimiter(0xE00D)
        item += delimiter(0xE0DD)
    else:
        item = delimiter(0xE000, inner)
    nested = element(0x0008, 0x1115, b"SQ", item, undefined=undefined)
    path = tmp_path / "a.dcm"
    path.write_bytes(make_dicom(b"1.2.3.4\0", nested=nested))

    assert dicomseries.series_of(path) == "1.2.3.4"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 132,
        b"\0" * 128 + b"DICM",
        b"\0" * 128 + b"DICM\x08",
        make_dicom(b"1.2.3.4", syntax=b"1.2.840.10008.1.2\0"),
        make_dicom(b"1.2.3.4")[:200],
        b"\0" * 128 + b"DICM" + delimiter(0xE000, length=0xFFFFFFFF) * 4000,
    ],
)
def test_series_of_what_cannot_be_read_is_unknown(tmp_path, data):
    path = tmp_path / "a.dcm"
    path.write_bytes(data)

    assert dicomseries.series_of(path) is None


@given(st.binary(max_size=300), st.integers(0, 200))
def test_no_damage_upsets_the_dicom_reader(noise, place):
    whole = make_dicom(b"1.2.3.4")
    start = min(132 + place, len(whole))

    found = dicomseries.read_series(whole[:start] + noise + whole[start:])

    assert found is None or isinstance(found, str)
