"""The sidecar of a part: what is known of an upload besides its bytes, as JSON on disk."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from records import filestore


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What was told of an upload; see ``uploads.parts.PartState``."""

    length: int | None
    metadata: str
    owner: str
    concat: str = ""


def read(path: Path) -> Info | None:
    """Return what a sidecar says, or None when there is none."""
    try:
        return Info(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def write(path: Path, info: Info, now: datetime) -> None:
    """Write a sidecar as a whole, durably."""
    with filestore.atomic_path(path) as new:
        new.write_text(json.dumps(dataclasses.asdict(info)), encoding="utf-8")
        os.utime(new, (now.timestamp(), now.timestamp()))
