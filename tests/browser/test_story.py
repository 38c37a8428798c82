"""A study from its first slide to its results in a real browser: an administrator, two readers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from slides_sample import gradient, microarray
from tests.browser.conftest import Browser
from tests.browser.keeper import Keeper
from tests.browser.test_scoring import write_microarray
from tests.wire.served import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

ADMIN, STRANGER = "admin@example.org", "stranger@example.org"
READERS = ["a.dewit@example.org", "k.ito@example.org"]
PASSWORD = "Glass-and-1-slide"
STUDY = "STORY_2026"
COLUMNS = range(microarray.COLUMNS)
SCORES = """\
Staining\tIntensities\t\tmandatory
Tumour cells\tPercentage\t\tmandatory
Tumour area\tAnnoShapes\t#ffd60a
Mitoses\tAnnoPoints\t#3cb44b
"""

Seen = dict[str, Any]


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keeper]:
    """Start a server with an administrator and somebody without any right."""
    server = Keeper(tmp_path_factory.mktemp("story") / "data", free_port())
    server.studies["password"] = {"text": server.init(ADMIN)}
    server.coverslip("user", "add", STRANGER, "--password-stdin", text=PASSWORD)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="module")
def seen(browser: Browser, keeper: Keeper, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Live the story once."""
    desktop = tmp_path_factory.mktemp("desktop")
    slides = [desktop / "section.tif", desktop / "tma.svs"]
    gradient.write_gradient_slide(slides[0], width=901, height=605, downsamples=(1, 2, 4))
    write_microarray(slides[1])
    told = os.environ.get("COVERSLIP_TEST_PICTURES") or str(tmp_path_factory.mktemp("pictures"))
    given = {
        "email": ADMIN,
        "password": keeper.studies["password"]["text"],
        "study": STUDY,
        "slides": [str(path) for path in slides],
        "texts": {
            "scores": SCORES,
            "map": core_map(),
            "images": f"tma.svs;study.{STUDY}.map;0\n",
        },
        "readers": READERS,
        "stranger": STRANGER,
        "secret": PASSWORD,
        "cores": len(core_names()),
        "pictures": told,
    }
    return keeper.walk(browser, "story.mjs", given)


def core_map() -> str:
    """Return a map of a patient each core; the one that was lost is to be passed over."""
    rows = (
        [
            "empty" if (row, column) == microarray.MISSING else f"P{row}{column}"
            for column in COLUMNS
        ]
        for row in range(microarray.ROWS)
    )
    lines = ["tmas: tma.svs", "ignore: empty", "", *("\t".join(row) for row in rows)]
    return "\n".join(lines) + "\n"


def core_names() -> list[str]:
    """Return the cores that are scored, row by row."""
    return [
        f"Core {chr(65 + row)}{column + 1}"
        for row in range(microarray.ROWS)
        for column in COLUMNS
        if (row, column) != microarray.MISSING
    ]


def answers(keeper: Keeper, seen: Seen, email: str) -> dict[tuple[Any, ...], str]:
    found = keeper.call("Scores", studyId=seen["studyId"], email=email)
    return {
        (row["imageName"], row.get("tmaRow"), row.get("tmaCol"), row["question"]): row["answer"]
        for row in found
    }


def areas(answer: str) -> int:
    return sum(shape["type"] != "polyline" for shape in json.loads(answer))


def test_the_plan_tells_what_an_edit_changes_before_it_is_done(seen: Seen) -> None:
    assert "Staining" in seen["first"]["planned"]
    assert "Remark" in seen["second"]["planned"]
    assert "Staining" not in seen["second"]["planned"]
    assert "Questions: 1 added" in seen["second"]["log"]


def test_no_answer_is_lost_although_the_server_was_killed(seen: Seen, keeper: Keeper) -> None:
    kept = answers(keeper, seen, READERS[0])

    assert seen["cores"] == core_names()
    assert kept["section", None, None, "Staining"] == "2+"
    cores = {key: answer for key, answer in kept.items() if key[0] == "tma"}
    assert len(cores) == 2 * len(core_names())
    assert {answer for (*_, name), answer in cores.items() if name == "Staining"} == {"2+"}
    assert {answer for (*_, name), answer in cores.items() if name == "Tumour cells"} == {"60"}


def test_progress_results_and_agreement_tell_of_both_readers(seen: Seen) -> None:
    done = dict(seen["progress"])

    assert [done[reader] for reader in READERS] == ["2", "2"]
    for reader, answer in zip(READERS, ("2+", "1+"), strict=True):
        rows = [line for line in seen["results"].splitlines() if reader in line]
        assert sum(f"\tStaining\t{answer}" in row for row in rows) == 1 + len(core_names())
    assert seen["agreement"][:2] == ["Staining", "Tumour cells"]
    assert seen["agreementRules"] == []


@pytest.mark.parametrize("form", ["asap", "geojson"])
def test_what_was_drawn_is_handed_out_and_taken_in_again(
    seen: Seen, keeper: Keeper, form: str
) -> None:
    slides = keeper.call("Images", studyId=seen["studyId"])
    [slide] = [one["id"] for one in slides if one["name"] == "section"]
    drawn = answers(keeper, seen, READERS[0])["section", None, None, "Tumour area"]
    text = keeper.export(slide, READERS[0], form)

    taken = keeper.call("ImportAnnotations", imageId=slide, user=READERS[1], annotations=text)

    assert taken["success"], taken
    again = answers(keeper, seen, READERS[1])["section", None, None, "Tumour area"]
    # A line is a measurement to ASAP, which has no other.
    assert areas(drawn) == areas(again) == 5


def test_who_has_no_right_meets_the_right_page_at_every_address(seen: Seen) -> None:
    refused = seen["refused"]

    assert refused["home"]["said"] == "No study is shown to you yet."
    for page in ("study", "edit", "viewer"):
        assert STRANGER in refused[page]["said"], refused[page]
    for page in ("people", "audit"):
        assert refused[page]["said"] == "Only administrators see this page"
    assert not any(page["tells"] for page in refused.values())


def test_no_page_reports_an_error(seen: Seen) -> None:
    assert seen["faults"] == []
    assert seen["otherFaults"] == []
