"""Colour profiles made for tests: three primaries and one curve, as scanners' profiles may be."""

from __future__ import annotations

import struct


def matrix_profile(name: str = "Scanner of tests", gamma: float = 1.8) -> bytes:
    """Return an ICC profile of RGB with wide primaries. Source: ICC.1:2001-04, 6.1 and 6.3."""
    primaries = {"rXYZ": (0.61, 0.31, 0.02), "gXYZ": (0.20, 0.63, 0.07), "bXYZ": (0.15, 0.06, 0.74)}
    text = name.encode("ascii") + b"\0"
    tags = {
        "desc": b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78),
        "cprt": b"text" + bytes(4) + b"none\0",
        "wtpt": _xyz(0.9642, 1.0, 0.8249),
        **{tag: _xyz(*values) for tag, values in primaries.items()},
        **{
            tag: b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
            for tag in ("rTRC", "gTRC", "bTRC")
        },
    }
    at = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for tag, body in tags.items():
        table += tag.encode() + struct.pack(">II", at + len(data), len(body))
        data += body + bytes(-len(body) % 4)
    size = at + len(data)
    head = struct.pack(">I4sI4s4s4s", size, b"test", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2026, 11, 21, 9, 0, 0, b"acsp")
    head = head.ljust(68, b"\0") + struct.pack(">3i", *_fixed(0.9642, 1.0, 0.8249))
    return head.ljust(128, b"\0") + table + data


def _xyz(*values: float) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *_fixed(*values))


def _fixed(*values: float) -> list[int]:
    return [round(value * 65536) for value in values]
