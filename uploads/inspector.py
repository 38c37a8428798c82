"""The process that opens one slide file, under limits, and prints what it found as JSON.

Usage: ``python -m uploads.inspector FILE MEMORY_BYTES CPU_SECONDS``. Readers of slides are native
code fed with files from outside; whatever they do to this process, the server lives on.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Describe the file, or say why not; return the exit status."""
    path, memory_bytes, cpu_s = Path(arguments[0]), int(arguments[1]), int(arguments[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What native code prints must not mix with the answer.
    answer = os.dup(1)
    os.dup2(2, 1)
    found = _describe(path)
    with os.fdopen(answer, "w", encoding="utf-8") as file:
        json.dump(found, file, allow_nan=False)
    return 0


def _describe(path: Path) -> dict[str, object]:
    # Imported late: loading the readers counts against the limits, too.
    from records.errors import SlideError
    from tileserver import probe

    try:
        facts = probe.describe(path).facts
    except SlideError as error:
        return {"problem": error.message}
    except MemoryError:
        return {"problem": "reading it needs more memory than one slide may have"}
    return {
        "reader": facts.reader,
        "format": facts.format,
        "width": facts.size.width,
        "height": facts.size.height,
        "levels": len(facts.level_sizes),
        "mpp_x": facts.mpp_x,
        "mpp_y": facts.mpp_y,
        "objective_power": facts.objective_power,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
