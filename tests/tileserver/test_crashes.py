"""Slides that end server processes: found by those that come after, and read no more."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tileserver.crashes import LASTS_S, CrashMarks
from tileserver.pool import FileIdentity
from tileserver.readers.base import SlideError

FILE = FileIdentity(Path("/slides/a.ndpi"), 12, 345)
OTHER = FileIdentity(Path("/slides/b.ndpi"), 12, 345)

NOW = 1_000_000.0

DIES = """
import os, signal, sys
from pathlib import Path
from tileserver.crashes import CrashMarks
from tileserver.pool import FileIdentity
marks = CrashMarks(Path(sys.argv[1]), clock=lambda: float(sys.argv[2]))
with marks.reading(FileIdentity(Path("/slides/b.ndpi"), 12, 345)):
    pass
with marks.reading(FileIdentity(Path("/slides/a.ndpi"), 12, 345)):
    os.kill(os.getpid(), signal.SIGSEGV)
"""


def die(root, at=NOW):
    """Read both slides, and crash in the midst of one."""
    done = subprocess.run([sys.executable, "-c", DIES, str(root), str(at)], check=False)
    assert done.returncode == -signal.SIGSEGV


def marks_of(root, at=NOW):
    return CrashMarks(root, clock=lambda: at)


def test_a_slide_that_ended_two_processes_is_read_no_more_for_an_hour(tmp_path):
    die(tmp_path)
    with marks_of(tmp_path).reading(FILE):
        pass
    die(tmp_path)

    marks = marks_of(tmp_path)
    with pytest.raises(SlideError, match=r"a\.ndpi is not read for an hour"), marks.reading(FILE):
        pass
    with marks.reading(OTHER):
        pass
    with marks_of(tmp_path, NOW + LASTS_S + 1).reading(FILE):
        pass


def test_a_process_that_lives_is_not_taken_for_dead(tmp_path):
    marks = marks_of(tmp_path)
    with marks.reading(FILE):
        for _ in range(3):
            marks_of(tmp_path)
        with marks.reading(FILE):
            pass


def test_a_replaced_slide_begins_anew(tmp_path):
    for _ in range(2):
        die(tmp_path)

    with marks_of(tmp_path).reading(FileIdentity(FILE.path, 13, 345)):
        pass


def test_without_room_for_marks_slides_are_read(tmp_path):
    (tmp_path / "file").write_text("where the folder should be")

    with marks_of(tmp_path / "file").reading(FILE):
        pass
