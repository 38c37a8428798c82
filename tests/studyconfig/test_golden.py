"""Golden files: every rule of the vendor's "Study configuration", with its source and its value.

Each file of ``tests/golden`` holds the text of one configuration file and the value it means, or
the files of a study and what an import of them makes.
"""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from studyconfig.formats import config, emails, images, scores, tma_map

FOLDER = Path(__file__).parents[1] / "golden"
FORMATS = {
    "emails": emails,
    "images": images,
    "map": tma_map,
    "config": config,
    "scores": scores,
}
GOLDEN = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
TEXTS = [name for name, golden in GOLDEN.items() if "text" in golden]
IMPORTS = [name for name, golden in GOLDEN.items() if "files" in golden]
PLACES = {"line", "map_column"}
"""Where a file says something is no part of what it says."""


def plain(value):
    """Return a format's value as JSON has it."""
    found = asdict(value)
    for slide in found.get("slides", ()):
        for name in PLACES:
            del slide[name]
    for question in found.get("questions", ()):
        question["type"] = question["type"]["name"]
    return json.loads(json.dumps(found))


def drawn(value):
    """Return the layout that a picture of a map shows: C a control, - ignored, . no core."""
    return [
        " ".join(
            "C" if value.is_control(s) else "-" if value.is_ignored(s) else s or "." for s in row
        )
        for row in value.rows
    ]


def test_each_says_its_source():
    assert len(GOLDEN) == len(TEXTS) + len(IMPORTS) >= 19
    assert {GOLDEN[name]["format"] for name in TEXTS} == FORMATS.keys()
    assert all(golden["source"] and golden["rule"] for golden in GOLDEN.values())


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_means_its_value_and_is_written_so_that_it_means_the_same(name):
    golden = GOLDEN[name]
    form = FORMATS[golden["format"]]

    value = form.parse(golden["text"])

    assert plain(value) == golden["value"]
    assert form.parse(form.write(value)) == value
    assert list(getattr(value, "warnings", ())) == golden.get("warnings", [])
    if "picture" in golden:
        assert drawn(value) == golden["picture"]


def change_by_hand(site, study, golden):
    """Do what the golden file says that people did after the import."""
    made = site.ok("GetConfig", studyId=study)["config"]
    ids = {slide["path"]: slide["id"] for slide in made["images"]}
    for path in golden.get("removed", {}).get("slides", ()):
        site.call("DeleteSlide", studyId=study, imageId=ids[path])
    for email in golden.get("removed", {}).get("people", ()):
        site.ok("RemoveUser", studyId=study, email=email)
    for path, new_name in golden.get("renamed", {}).items():
        site.ok("UpdateSlideName", imageId=ids[path], newName=new_name)


@pytest.mark.parametrize("name", IMPORTS)
def test_the_files_of_a_study_make_it(name, site, put_text, put_slide):
    golden = GOLDEN[name]

    def import_files(slides, files):
        for path in slides:
            put_slide(path) if path.endswith(".tiff") else put_text(path, "no slide")
        for path, text in files.items():
            put_text(path, text)
        if "refused" in golden:
            assert golden["refused"] in site.refused("Reimport", studyName="ex")
        return site.ok("Reimport", studyName="ex", **golden.get("options", {}))["id"]

    study = import_files(golden["slides"], golden["files"])
    change_by_hand(site, study, golden)
    if "then" in golden:
        import_files(**golden["then"])

    told = site.ok("GetConfig", studyId=study)["config"]
    assert [
        [slide[key] for key in ("name", "path", "rotation", "tmaMap")] for slide in told["images"]
    ] == golden["images"]
    if "emails" in golden:
        keys = ("email", "canScore", "canEdit", "canGetResults")
        assert [[person[key] for key in keys] for person in told["emails"]] == golden["emails"]
    if "scores" in golden:
        assert {question["name"] for question in told["scores"]} == {*golden["scores"]}
