"""The benchmark of formats runs, and gets back what it wrote."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import annotation_formats
from benchmarks.annotations import write_input
from scoring.conversion import FORMATS


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written_and_read(tmp_path: Path, name):
    write_input(tmp_path / "in.anno2", 40)

    written = annotation_formats.export(name, tmp_path / "in.anno2", tmp_path / "out")
    read = annotation_formats.load(name, tmp_path / "out")

    assert read["count"] == 40
    assert written["seconds"] > 0


def test_help_measures_nothing():
    words = [sys.executable, "-m", "benchmarks.annotation_formats", "--help"]

    told = subprocess.run(words, capture_output=True, text=True, check=True)

    assert told.stdout.startswith("usage: ")
    assert "polygons |" not in told.stdout
