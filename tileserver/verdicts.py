"""Verdicts: what a process of its own found each slide file to be, remembered while it is the same.

A file is opened in the server only after that: a crash, a loop or a bomb has happened elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records import filestore
from tileserver import probe, readers
from tileserver.inspection import InspectionError, InspectionLimits, Inspections
from tileserver.pool import FileIdentity
from tileserver.readers.base import SlideError, SlideFacts
from tileserver.stored.cachefolder import CacheFolder, key_of

LIMITS = InspectionLimits(time_s=60)
"""Shorter than for an upload: somebody waits for a tile."""

REFUSAL_LASTS_S = 10.0
"""How long a refusal is believed: short, for formats of many files may still be on their way."""

FAILURE_LASTS_S = 3600.0
"""How long a crash or a broken limit is believed, also by other processes: a machine that was short
of memory may not be so any more."""

_MAX_KNOWN = 4096
_SUFFIX = "verdict"

# Part of every key; a new version of a library may judge otherwise.
_VERSIONS = readers.library_versions()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    """What a file was found to be: facts, or why it cannot be read and until when that holds."""

    facts: SlideFacts | None = None
    problem: str = ""
    until: float | None = None


class Verdicts:
    """Looks at each version of a file once.

    Any number of threads may ask; for one file, one looks while the others wait.

    Parameters
    ----------
    inspections
        Looks at files.
    cache
        Keeps verdicts, for other processes and after a restart.
    clock
        Seconds since 1970.
    """

    def __init__(
        self,
        inspections: Inspections,
        cache: CacheFolder,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._inspections = inspections
        self._cache = cache
        self._clock = clock
        self._lock = threading.Lock()
        self._looking: dict[FileIdentity, threading.Lock] = {}
        self._known: OrderedDict[FileIdentity, _Verdict] = OrderedDict()

    def facts(self, file: FileIdentity) -> SlideFacts:
        """Return what a file was found to be, after looking where that was not done before.

        Raises
        ------
        SlideError
            It cannot be read, or its reader crashed.
        BusyError
            The system gives no process to look at it.
        """
        verdict = self._recall(file)
        if verdict is None:
            with self._lock:
                looking = self._looking.setdefault(file, threading.Lock())
            with looking:
                verdict = self._recall(file) or self._restored(file) or self._look(file)
            with self._lock:
                self._looking.pop(file, None)
                self._known[file] = verdict
                while len(self._known) > _MAX_KNOWN:
                    self._known.popitem(last=False)
        if verdict.facts is None:
            raise SlideError(verdict.problem)
        return verdict.facts

    def _recall(self, file: FileIdentity) -> _Verdict | None:
        with self._lock:
            verdict = self._known.get(file)
        return verdict if verdict is not None and self._holds(verdict) else None

    def _holds(self, verdict: _Verdict) -> bool:
        return verdict.until is None or verdict.until > self._clock()

    def _look(self, file: FileIdentity) -> _Verdict:
        try:
            verdict = _Verdict(facts=self._found(file))
        except InspectionError as error:
            verdict = _Verdict(problem=error.message, until=self._clock() + FAILURE_LASTS_S)
        except SlideError as error:
            return _Verdict(problem=error.message, until=self._clock() + REFUSAL_LASTS_S)
        self._keep(file, verdict)
        return verdict

    def _found(self, file: FileIdentity) -> SlideFacts:
        """Return what an import or upload has just found; otherwise look, and keep it here."""
        facts = self._inspections.hand_over(file)
        if facts is None:
            facts = self._inspections.look(file.path, LIMITS)
            self._inspections.hand_over(file)
        return facts

    def _keep(self, file: FileIdentity, verdict: _Verdict) -> None:
        plain = {
            "facts": None if verdict.facts is None else probe.to_plain(verdict.facts),
            "problem": verdict.problem,
            "until": verdict.until,
        }
        # Without room it is looked at again next time.
        with (
            contextlib.suppress(OSError),
            filestore.atomic_path(self._path(file)) as part,
        ):
            part.write_text(json.dumps(plain), encoding="utf-8")

    def _restored(self, file: FileIdentity) -> _Verdict | None:
        try:
            plain: dict[str, Any] = json.loads(self._path(file).read_text(encoding="utf-8"))
            facts, until = plain["facts"], plain["until"]
            verdict = _Verdict(
                facts=None if facts is None else probe.from_plain(facts),
                problem=str(plain["problem"]),
                until=None if until is None else float(until),
            )
        except (OSError, ValueError, LookupError, TypeError):
            return None
        return verdict if self._holds(verdict) else None

    def _path(self, file: FileIdentity) -> Path:
        return self._cache.path(key_of(file, "verdict", _VERSIONS), _SUFFIX)
