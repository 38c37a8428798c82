"""Peers' installation: Python libraries into an environment of their own, servers through apt."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.tiles import peers

LIBRARIES = (
    "gunicorn==27.0.1",
    "openslide-python==1.4.7",
    "openslide-bin==4.0.1.2",
    "large-image==1.35.6",
    "large-image-source-tiff==1.35.6",
)
"""The versions of the published table."""

_PACKAGES = {"iipimage-server": "", "lighttpd": "lighttpd", "nginx-light": "nginx", "wrk": "wrk"}


def missing_packages() -> list[str]:
    """Return the system's packages that are not installed."""
    return [
        package
        for package, program in _PACKAGES.items()
        if not (peers.system_program(program) if program else peers.IIPSRV_PROGRAM.exists())
    ]


def install_peers(folder: Path, say: Callable[[str], None]) -> None:
    """Install what is missing; a failure is said, and leaves that peer out.

    Parameters
    ----------
    folder
        The environment of the Python libraries.
    say
        Tells a person what happens.
    """
    if not (folder / "bin" / "gunicorn").exists():
        say(f"installing {', '.join(LIBRARIES)} into {folder}")
        _try([sys.executable, "-m", "venv", str(folder)], say)
        _try([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *LIBRARIES], say)
    packages = missing_packages()
    if not packages:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        say(f"not installed: {', '.join(packages)}. As root on Debian: {' '.join(command)}")
        return
    say(
        f"installing {', '.join(packages)} (their services are not needed; stop them if they start)"
    )
    _try(command, say)


def _try(command: Sequence[str], say: Callable[[str], None]) -> None:
    done = subprocess.run(  # noqa: S603  (words of this benchmark)
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
    if done.returncode != 0:
        say(f"{' '.join(command[:4])} ... failed: {done.stderr.strip()[-300:]}")
