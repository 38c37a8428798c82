"""The command ``coverslip``, run as others script against it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COVERSLIP = Path(sys.executable).parent / "coverslip"


def run(
    *arguments: str | Path, stdin: str = "", **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the command with no settings but these, and return what came of it."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("COVERSLIP_")}
    return subprocess.run(
        [COVERSLIP, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env=clean | environ,
        check=False,
    )
