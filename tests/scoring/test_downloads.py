"""Results as files for people: what their cells say, and that no cell is a formula."""

from __future__ import annotations

import csv
import io
import zipfile
from xml.etree import ElementTree

import pytest

from records.errors import InputError
from scoring import downloads, spreadsheets
from scoring.spreadsheets import Format
from tests.scoring.builders import READER

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
OTHER = "other@example.org"


def send(room, *lines):
    reply = room.call("UploadResults", studyId=room.study.id, results="\n".join(("", *lines)))
    assert reply.json()["success"], reply.json()


def fill(room):
    send(
        room,
        f"{room.study.slide_id}\tone\t{READER}\tTumour\t30",
        f"{room.study.slide_id}\tone\t{OTHER}\tTumour\t-0",
        f"{room.study.slide_id}\tone\t{READER}\tRemarks\t=1+1",
        f"{room.study.tma_id}\ttma\t{READER}\t1\t2\tS12\tTumour\t12.5",
        f"C1\t{READER}\tRemarks\tthe case, “quoted”",
    )


def download(room, **parameters):
    return room.call("DownloadResults", verb="GET", studyId=room.study.id, **parameters)


def cells_of(data: bytes) -> list[list[object]]:
    """Return the cells of an XLSX: numbers as floats, texts as texts."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    assert list(sheet.iter(f"{MAIN}f")) == []
    rows = []
    for row in sheet.iter(f"{MAIN}row"):
        cells = {}
        for cell in row:
            column = "".join(char for char in cell.get("r") if char.isalpha())
            if cell.get("t") == "inlineStr":
                cells[column] = "".join(node.text for node in cell.iter(f"{MAIN}t"))
            else:
                cells[column] = float(cell.find(f"{MAIN}v").text)
        rows.append(cells)
    return rows


def test_long_tsv_is_the_table_that_can_be_uploaded_again(room):
    fill(room)

    reply = download(room, format="tsv")

    assert reply.text == room.call("Scores", accept="", studyId=room.study.id).text
    again = room.call("UploadResults", studyId=room.study.id, results=reply.text).json()
    assert again["log"].startswith("5 answers: 0 new, 0 changed, 5 unchanged")


def test_long_csv_says_the_same_with_formulas_made_harmless(room):
    fill(room)

    data = download(room, format="csv").content

    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in data
    header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    answers = [row[header.index("Answer")] for row in rows]
    assert answers == ["30", "-0", "'=1+1", "12.5", "the case, “quoted”"]


def test_wide_table_has_a_row_for_each_thing_and_a_column_for_each_question_and_reader(room):
    fill(room)

    header, *rows = (line.split("\t") for line in download(room, shape="wide").text.splitlines())

    assert header == [
        "CaseName",
        "ImageID",
        "Image Name",
        "TMA Row",
        "TMA Col",
        "TMA Sample",
        f"Remarks | {READER}",
        f"Tumour | {OTHER}",
        f"Tumour | {READER}",
    ]
    one, tma = str(room.study.slide_id), str(room.study.tma_id)
    assert sorted(rows) == sorted(
        [
            ["", one, "one", "", "", "", "=1+1", "-0", "30"],
            ["", tma, "tma", "1", "2", "S12", "", "", "12.5"],
            ["C1", "", "", "", "", "", "the case, “quoted”", "", ""],
        ]
    )


def test_xlsx_holds_numbers_as_numbers_and_formulas_as_texts(room):
    fill(room)

    header, *rows = cells_of(download(room, format="xlsx", shape="wide").content)

    assert header["G"] == f"Remarks | {READER}"
    (one,) = (row for row in rows if row.get("C") == "one")
    assert (one["B"], one["G"], one["H"], one["I"]) == (room.study.slide_id, "=1+1", 0.0, 30.0)


def test_text_too_long_for_a_cell_is_told_and_never_cut(room):
    send(room, f"{room.study.slide_id}\tone\t{READER}\tRemarks\t{'x' * 40_000}")

    _, row = cells_of(download(room, format="xlsx").content)

    assert row["E"] == "(40,000 characters: too long for a cell of XLSX; take csv or tsv)"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1+1", "'+1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1", "' =1"),
        ("＝1+1", "'＝1+1"),
        ("-5", "-5"),
        ("+5.25", "+5.25"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_csv_neutralises_what_a_spreadsheet_would_compute(cell, written):
    file = io.BytesIO()

    spreadsheets.write(file, [[cell, "end"]], form=Format.CSV, columns=2)

    ((got, _),) = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig")))
    assert got == written


def test_file_is_named_after_study_and_day(room):
    header = download(room, format="xlsx").headers["content-disposition"]

    assert header == 'attachment; filename="Study_study_2026-03-01.xlsx"'


def test_table_beyond_the_limits_is_refused(room, monkeypatch):
    fill(room)
    monkeypatch.setattr(downloads, "MAX_WIDE_COLUMNS", 8)

    reply = download(room, shape="wide")

    assert reply.status_code == 400
    assert "would have 9 columns" in reply.json()["error"]
    with pytest.raises(InputError, match="16,385 columns"):
        spreadsheets.write(io.BytesIO(), [], form=Format.XLSX, columns=16_385)


def test_unknown_format_and_missing_right_are_refused(room):
    writing = room.make_token("CanUploadScores")

    assert download(room, format="ods").status_code == 400
    assert download(room, shape="round").status_code == 400
    assert download(room, token=writing).status_code == 401
