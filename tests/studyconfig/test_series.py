"""A DICOM series in a study's folder is one slide, however many files it has."""

from __future__ import annotations

import shutil

import pytest
from sqlmodel import select

from records.tables import Slide


@pytest.fixture
def put_dicom(files, shared_data):
    """Put a file of the one series that there is into the study's folder."""

    def put(source, name):
        (files.root / "ex").mkdir(parents=True, exist_ok=True)
        shutil.copy(shared_data / "slides" / source, files.root / "ex" / name)

    return put


def paths(database):
    with database.reading() as session:
        return sorted(session.exec(select(Slide.path)))


def test_files_of_a_series_are_one_slide(database, run, put_dicom, put_slide):
    put_dicom("boxes_0.dcm", "boxes_0.dcm")
    put_dicom("boxes_1.dcm", "boxes_1.DCM")
    put_dicom("multi_frame_jpeg_camelyon_challenge_image.dcm", "other.dcm")
    put_slide("ex/plain.tiff")

    result = run()

    assert result.success, result.log
    assert paths(database) == ["ex/boxes_0.dcm", "ex/other.dcm", "ex/plain.tiff"]


def test_file_that_stands_for_a_series_stays_when_others_come(database, run, put_dicom):
    put_dicom("boxes_0.dcm", "z.dcm")
    assert run().success
    put_dicom("boxes_1.dcm", "a.dcm")

    result = run()

    assert result.success, result.log
    assert paths(database) == ["ex/z.dcm"]


def test_file_that_a_list_names_stands_for_its_series(database, run, put_dicom, put_text):
    put_dicom("boxes_0.dcm", "boxes_0.dcm")
    put_dicom("boxes_1.dcm", "boxes_1.dcm")
    put_text("study.ex.images", "boxes_1.dcm;;90;Boxes\n")

    result = run()

    assert result.success, result.log
    assert paths(database) == ["ex/boxes_1.dcm"]


def test_damaged_file_is_told_as_a_slide_of_its_own(database, run, put_dicom, put_text):
    put_dicom("boxes_0.dcm", "boxes_0.dcm")
    put_text("ex/damaged.dcm", b"no DICOM")

    result = run(ignore_image_errors=True)

    assert "damaged.dcm" in result.log
    assert paths(database) == ["ex/boxes_0.dcm"]
