"""Wire names that several calls about answers share."""

from __future__ import annotations

import functools
import json
from datetime import UTC, datetime

from scoring.formats.results_tsv import ResultRow

encode = json.JSONEncoder(ensure_ascii=False).encode
"""Writes JSON, without making an encoder for each of a million answers, as ``json.dumps`` does."""


def wire_subject(row: ResultRow) -> dict[str, object]:
    """Return what an answer is about, as clients read it.

    Source: slidescore.md 3.6. The names about a core, and of the case, are absent where there is
    none: the SDK makes a whole number of ``tmaRow`` wherever the name exists, and begins a row with
    the case's name wherever it is not null.
    """
    fields: dict[str, object] = {"imageID": row.slide_id, "imageName": row.slide_name}
    if row.case_name is not None:
        fields["caseName"] = row.case_name
    if row.tma_row is not None:
        fields |= {
            "tmaRow": row.tma_row,
            "tmaCol": row.tma_column,
            "tmaSampleID": row.tma_sample,
        }
    return fields


@functools.lru_cache(maxsize=1024)
def wire_instant(instant: datetime) -> str:
    """Return an instant in UTC, to the millisecond, as ``2026-03-01T12:00:00.000Z``."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
