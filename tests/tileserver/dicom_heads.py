"""Heads of DICOM files, down to the series, made for tests."""

from __future__ import annotations

import struct


def element(group, number, vr, value, *, undefined=False):
    head = struct.pack("<HH2s", group, number, vr)
    length = 0xFFFFFFFF if undefined else len(value)
    if vr in {b"SQ", b"OB", b"UN"}:
        return head + struct.pack("<HI", 0, length) + value
    return head + struct.pack("<H", length) + value


def delimiter(number, value=b"", *, length=None):
    return struct.pack("<HHI", 0xFFFE, number, len(value) if length is None else length) + value


def make_dicom(series, *, nested=b"", syntax=b"1.2.840.10008.1.2.4.50"):
    return (
        b"\0" * 128
        + b"DICM"
        + element(0x0002, 0x0010, b"UI", syntax)
        + element(0x0008, 0x0016, b"UI", b"1.2.840.10008.5.1.4.1.1.77.1.6\0")
        + nested
        + element(0x0020, 0x000D, b"UI", b"1.2.3\0")
        + element(0x0020, 0x000E, b"UI", series)
        + element(0x0028, 0x0010, b"US", b"\1\0")
    )
