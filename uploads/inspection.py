"""What a slide file is, asked of a process of its own with limits on memory and time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import anyio

_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "VIPS_CONCURRENCY": "1", "MALLOC_ARENA_MAX": "2"}
"""Threads that a few tiles do not need would be counted as memory."""


@dataclass(frozen=True, slots=True)
class InspectionLimits:
    """What looking at one slide may take.

    Parameters
    ----------
    memory_bytes
        Address space of the process. The readers alone take about 200 MB of it.
    time_s
        Of the clock; a network disk may be slow. Half of it as time of the processor.
    """

    memory_bytes: int = 4 * 2**30
    time_s: float = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one slide file was found to be.

    Parameters
    ----------
    problem
        Why it cannot be read; empty when it can.
    facts
        Reader, format, width, height (level-0 pixels), levels, mpp_x, mpp_y (µm per pixel) and
        objective_power.
    """

    problem: str = ""
    facts: dict[str, object]


async def inspect_slide(path: Path, limits: InspectionLimits) -> Finding:
    """Open a slide file in a process of its own, and read a little of it.

    Parameters
    ----------
    path
        On disk.
    """
    cpu_s = max(1, round(limits.time_s / 2))
    command = [sys.executable, "-m", "uploads.inspector"]
    try:
        with anyio.fail_after(limits.time_s):
            # Leaving this block, also by cancellation, kills the process.
            process = await anyio.run_process(
                [*command, str(path), str(limits.memory_bytes), str(cpu_s)],
                stderr=subprocess.DEVNULL,
                stdin=subprocess.DEVNULL,
                check=False,
                env={**os.environ, **_ENVIRONMENT},
            )
    except TimeoutError:
        return Finding(problem=f"looking at it took more than {limits.time_s:g} s", facts={})
    return _finding(process.returncode, process.stdout)


def _finding(status: int, output: bytes) -> Finding:
    if status == -signal.SIGXCPU or status == -signal.SIGKILL:
        return Finding(problem="looking at it took too long, or too much memory", facts={})
    if status < 0:
        name = signal.Signals(-status).name
        return Finding(problem=f"the reader crashed on it ({name})", facts={})
    try:
        found = json.loads(output)
    except ValueError:
        return Finding(problem="the reader failed on it, perhaps out of memory", facts={})
    problem = found.pop("problem", "")
    return Finding(problem=problem, facts=found)
