"""Where the cores of a slide lie, as clients meet it."""

import numpy as np
import pytest
import tifffile

from records.tables import AuditEvent, CoreLayout
from studyconfig import corework
from tests.studyconfig.cores import generated

MAP = "tmas: 1.tiff\ncontrols: ctrl\nignore: 0\n\nP1\tP1\tctrl\t0\nP2\tP2\tP3\nP4\tP4\tP3\tP5\n"


@pytest.fixture
def made():
    missing = np.zeros((3, 4), np.bool_)
    missing[1, 3] = missing[2, 1] = True
    return generated.make(
        np.random.default_rng(8), 3, 4, rotation=90, tilt=1, shake=0.04, missing=missing
    )


@pytest.fixture
def tma(site, files, put_text, made):
    """Make a study of one microarray of 2 µm per pixel, turned by 90 degrees; return its id."""
    (files.root / "ex").mkdir(parents=True)
    tifffile.imwrite(
        files.root / "ex" / "1.tiff",
        made.pixels,
        photometric="rgb",
        tile=(128, 128),
        resolution=(5_000, 5_000),
        resolutionunit="CENTIMETER",
    )
    put_text("study.ex.emails", "reader@b.c\neditor@b.c;canedit\n")
    put_text("study.ex.map1", MAP)
    put_text("ex/x.images", "1.tiff;;90\n")
    return site.ok("Reimport", studyName="ex")["id"]


def test_cores_are_told_at_their_pixels(site, tma, made):
    told = site.ok("GetTMACores", verb="GET", imageId=1)

    assert (told["rows"], told["cols"], told["rotation"], told["isSure"]) == (3, 4, 90, True)
    assert told["coreDiameterUM"] == pytest.approx(2 * told["coreDiameter"], abs=0.01)
    cores = {(core["row"], core["col"]): core for core in told["cores"]}
    # The map has no core at row 1, column 3: its line is shorter.
    assert cores.keys() == {(r, c) for r in range(3) for c in range(4)} - {(1, 3)}
    assert [key for key, core in cores.items() if core["isMissing"]] == [(2, 1)]
    assert (cores[0, 2]["isControl"], cores[0, 3]["isIgnored"]) == (True, True)
    for key, core in cores.items():
        if not core["isMissing"]:
            assert np.hypot(*(made.centres[key] - (core["x"], core["y"]))) < 4
    x, y = made.centres[2, 3]
    assert site.ok("GetTMACores", imageId=1, x=x, y=y)["core"]["sampleID"] == "P5"
    assert site.ok("GetTMACores", imageId=1, x=0, y=0)["core"] is None


def test_a_slide_is_looked_at_once_until_something_changes(site, tma, monkeypatch):
    looks = []
    look = corework.look
    monkeypatch.setattr(corework, "look", lambda *known: looks.append(1) or look(*known))

    first = site.ok("GetTMACores", imageId=1)
    assert site.ok("GetTMACores", imageId=1) == first
    assert len(looks) == 1
    site.ok("UpdateTMACoreSize", studyId=tma, imageId=1, coreSize=120)
    told = site.ok("GetTMACores", imageId=1)
    assert (len(looks), told["coreDiameterUM"], told["isSure"]) == (2, 120, True)
    assert site.rows(AuditEvent)[-1].deed == "slide.core-size"
    site.ok("UpdateTMACoreSize", studyId=tma, imageId=1)
    assert site.ok("GetTMACores", imageId=1) == first
    assert len(site.rows(CoreLayout)) == 1
    site.call("DeleteSlide", studyId=tma, imageId=1)
    assert site.rows(CoreLayout) == []


@pytest.mark.parametrize("size", [0, 9, 20_001, "large"])
def test_no_core_is_of_such_a_size(site, tma, size):
    assert "coreSize" in site.refused("UpdateTMACoreSize", studyId=tma, imageId=1, coreSize=size)


def test_a_slide_without_a_map_has_no_cores(site, tma):
    site.ok("SetSlideTMAMap", studyId=tma, imageId=1, tmaMapName="")

    assert "no TMA map" in site.refused("GetTMACores", imageId=1)
    assert site.call("GetTMACores", imageId=999).json()["success"] is False


def test_who_may_not_read_the_study_is_told_nothing(site, tma):
    assert (
        site.call("GetTMACores", token=site.token(read_studies=("x",)), imageId=1).status_code
        == 401
    )
    assert site.signed_in("stranger@b.c")("GetTMACores", imageId=1).status_code == 401


def test_sample_ids_are_hidden_from_readers_where_the_study_says_so(site, tma):
    site.ok("UpdateStudy", studyId=tma, config="showtmasampleids: false")
    site.ok("Publish", studyId=tma)

    reader = site.signed_in("reader@b.c")("GetTMACores", imageId=1).json()["cores"]
    editor = site.signed_in("editor@b.c")("GetTMACores", imageId=1).json()["cores"]

    assert {core["sampleID"] for core in reader} == {""}
    assert {core["sampleID"] for core in editor} == {"P1", "P2", "P3", "P4", "P5", "ctrl", "0"}
    assert [core["x"] for core in reader] == [core["x"] for core in editor]


def test_cores_are_accepted_with_corrections_until_the_slide_is_another(site, tma):
    before = {(c["row"], c["col"]): c for c in site.ok("GetTMACores", imageId=1)["cores"]}
    moved = '[{"row": 0, "col": 1, "x": 120.5, "y": 90, "isMissing": true}]'

    site.ok("SetTMACores", studyId=tma, imageId=1, cores=moved)

    told = site.ok("GetTMACores", imageId=1)
    after = {(core["row"], core["col"]): core for core in told["cores"]}
    assert told["isSure"] is True
    assert (after[0, 1]["x"], after[0, 1]["y"], after[0, 1]["isMissing"]) == (120.5, 90, True)
    assert {key: core for key, core in after.items() if key != (0, 1)} == {
        key: core for key, core in before.items() if key != (0, 1)
    }
    site.ok("SetSlideRotation", studyId=tma, imageId=1, rotation=0)
    assert "not known" in site.refused("SetTMACores", studyId=tma, imageId=1, cores="[]")


@pytest.mark.parametrize(
    ("cores", "reason"),
    [
        ('[{"row": 9, "col": 0, "x": 1, "y": 1}]', "the map has no core at row 9, column 0"),
        ('[{"row": 0, "col": 0, "x": -1, "y": 1}]', "outside of the slide's"),
        ('[{"row": 0, "col": 0, "x": NaN, "y": 1}]', "outside of the slide's"),
        ('{"row": 0}', "cores must be JSON"),
    ],
)
def test_a_core_out_of_the_map_or_slide_is_refused(site, tma, cores, reason):
    before = site.ok("GetTMACores", imageId=1)

    assert reason in site.refused("SetTMACores", studyId=tma, imageId=1, cores=cores)

    assert site.ok("GetTMACores", imageId=1) == before


def test_a_map_is_changed_by_its_text(site, tma):
    def maps():
        told = site.ok("GetConfig", studyId=tma)["config"]["tmaMaps"]
        return {entry["name"]: entry for entry in told}

    [name] = maps()
    text = "controls: P1\n\nP1\tP9\nP2\n"

    site.ok("SetTMAMap", studyId=tma, tmaMapName=name, text=text)
    site.ok("SetTMAMap", studyId=tma, tmaMapName="second", text="\nA\tB\n")

    assert maps()[name]["controls"] == ["P1"]
    # Answers may stand on the cores that the text does not name.
    assert maps()[name]["rows"][0] == ["P1", "P9", "ctrl", "0"]
    assert maps()["second"]["rows"] == [["A", "B"]]
    assert "the map has no cores" in site.refused(
        "SetTMAMap", studyId=tma, tmaMapName="x", text=" "
    )
    assert "a map's name" in site.refused("SetTMAMap", studyId=tma, tmaMapName=" ", text="A\tB")
