"""An images root with small real slides in it, and imports from it."""

from datetime import UTC, datetime

import numpy as np
import pytest
import tifffile

from access.rights import COMMAND_LINE
from records.filestore import FileStore
from studyconfig import reimport

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def files(tmp_path):
    return FileStore(tmp_path / "images")


@pytest.fixture
def put_text(files):
    """Write a text file into the images root."""

    def put(path, content):
        target = files.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    return put


@pytest.fixture
def put_slide(files):
    """Write a tiled TIFF of one colour with 0.5 µm per pixel into the images root."""

    def put(path, *, width=96, height=64, colour=(200, 120, 180)):
        target = files.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(
            target,
            np.full((height, width, 3), colour, np.uint8),
            photometric="rgb",
            tile=(32, 32),
            resolution=(20_000, 20_000),
            resolutionunit="CENTIMETER",
        )
        return target

    return put


@pytest.fixture
def run(database, files):
    """Reimport a study, as the command line unless told otherwise."""

    def run(study_name="ex", *, actor=COMMAND_LINE, **options):
        return reimport.reimport(
            database, files, actor, study_name=study_name, now=NOW, threads=2, **options
        )

    return run
