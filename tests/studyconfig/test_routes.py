"""The calls that tell what a study is made of, as clients meet them."""

import pytest

from records.tables import Case, Study
from studyconfig.formats import config, emails, images, scores, tma_map


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_lists_are_bare_arrays_on_get_and_post(site, study, verb):
    studies = site.ok("Studies", verb=verb)
    slides = site.ok("Images", verb=verb, studyid=study)
    questions = site.ok("Questions", verb=verb, studyID=study)

    # SOURCE: slidescore.md 3.2: the keys that clients read.
    assert studies == [
        {"id": study, "name": "ex", "friendlyName": "Example", "folder": "", "publishedOn": None}
        # Ours, for the home page; clients pass over what they do not know.
        | {"isArchived": False, "slideCount": 2, "scoredSlideCount": None, "rights": None}
        | {"organ": [], "disease": [], "stainings": ["HE"]}
    ]
    assert [(s["id"], s["name"], s["studyID"], s["rotation"], s["tmaMap"]) for s in slides] == [
        (1, "First", study, 90, None),
        (2, "2", study, 0, "study.ex.map1"),
    ]
    assert slides[0]["fileSize"] == (site.files.root / "ex" / "1.tiff").stat().st_size
    assert [(q["name"], q["type"], q["typeName"], q["valuesAllowed"]) for q in questions] == [
        ("Grade", 3, "DropDown", "1;2;3"),
        ("Tumour", 19, "AnnoShapes", "#e6194b"),
        ("Why", 0, "FreeText", ""),
    ]
    assert questions[1]["mandatory"] is True
    assert questions[2]["perCase"] is True
    assert questions[2]["condition"] == {
        "question": "Grade",
        "comparison": "is not",
        "answer": "1",
    }
    assert site.ok("Cases", verb=verb, studyId=study) == []


def test_cases_have_id_and_name(site, study):
    case_id = site.change(Case(study_id=study, name="Patient 1", description="<b>x</b>"))

    assert site.ok("Cases", studyId=study) == [{"id": case_id, "name": "Patient 1"}]
    assert site.ok("GetCaseDescription", caseId=case_id)["description"] == "<b>x</b>"


@pytest.mark.parametrize("name", ["Images", "Cases", "Questions"])
def test_lists_of_a_study_that_is_not_there_are_404(site, name):
    reply = site.call(name, studyId=77)

    assert reply.status_code == 404
    assert "77" in reply.json()["error"]


@pytest.mark.parametrize(
    "name", ["Images", "Cases", "Questions", "GetConfig", "GetConfigFiles", "GetSlideDetails"]
)
def test_a_token_restricted_to_other_studies_is_401_there_or_not(site, study, name):
    other = site.token(read_studies=("other",))

    there = site.call(name, token=other, studyId=study, imageId=1)
    absent = site.call(name, token=other, studyId=777, imageId=777)

    assert (there.status_code, absent.status_code) == (401, 401)
    assert there.text.replace("1", "N") == absent.text.replace("777", "N")
    assert site.ok("Studies", token=other) == []


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("GetSlidePath", {"imageId": 1}),
        ("GetConfig", {"studyId": 1}),
        ("GetConfigFiles", {"studyId": 1}),
        ("Reimport", {"studyName": "ex"}),
    ],
)
def test_calls_with_a_right_of_their_own_need_it(site, study, name, parameters):
    names = {
        "GetSlidePath": "CanHandlePaths",
        "Reimport": "CanReimportStudies",
    }
    right = names.get(name, "CanGetConfig")
    others = ",".join(
        r for r in ("CanHandlePaths", "CanReimportStudies", "CanGetConfig") if r != right
    )

    assert site.call(name, token=site.token(others), **parameters).status_code == 401
    assert site.ok(name, token=site.token(right), **parameters)["success"] is True


def test_slide_details_hold_numbers(site, study):
    details = site.ok("GetSlideDetails", imageid=2)

    # SOURCE: slidescore.md 3.2: compared with != to an int.
    assert details["studyID"] == study
    assert details["imageID"] == 2
    assert (details["width"], details["height"], details["mppX"]) == (128, 64, 0.5)
    assert details["tmaMap"] == "study.ex.map1"


def test_the_path_of_a_slide_begins_with_the_images_root(site, study):
    # SOURCE: slidescore.md 3.3.
    assert site.ok("GetSlidePath", imageId=1) == {"success": True, "path": "images/ex/1.tiff"}


def test_config_is_one_object(site, study):
    graph = site.ok("GetConfig", studyid=study)["config"]

    assert (graph["id"], graph["name"], graph["friendlyName"]) == (study, "ex", "Example")
    assert graph["settings"] == {
        "friendlyname": "Example",
        "showlabels": False,
        "stainings": ["HE"],
        "odd": "1",
    }
    # SOURCE: SDK examples/anno_to_description.py.
    colours = {q["name"]: q["valuesAllowed"].split(";")[0] for q in graph["scores"]}
    assert colours["Tumour"] == "#e6194b"
    assert graph["emails"][1] == {
        "email": "reader@b.c",
        "canScore": True,
        "canEdit": False,
        "canGetResults": False,
    }
    assert graph["images"][0] == {
        "id": 1,
        "name": "First",
        "path": "ex/1.tiff",
        "tmaMap": None,
        "rotation": 90,
    }
    assert graph["tmaMaps"][0]["rows"] == [["1", "2"], ["c", ""]]


def test_config_files_are_texts_by_file_name(site, study):
    files = site.ok("GetConfigFiles", studyId=study)

    assert files.pop("success") is True
    assert sorted(files) == [
        "study.ex.config",
        "study.ex.emails",
        "study.ex.images",
        "study.ex.map1",
        "study.ex.scores",
    ]
    assert emails.parse(files["study.ex.emails"]).members[1].email == "reader@b.c"
    assert len(scores.parse(files["study.ex.scores"]).questions) == 3
    assert config.parse(files["study.ex.config"]).warnings != ()
    assert tma_map.parse(files["study.ex.map1"]).tmas == ("2.tiff",)
    assert files["study.ex.images"] == "../ex/1.tiff;;90;First\n../ex/2.tiff;map1\n"
    assert len(images.parse(files["study.ex.images"]).slides) == 2


def test_importing_the_files_that_the_server_gives_changes_nothing(site, study, put_text):
    before = site.ok("GetConfigFiles", studyId=study)
    for name in ("study.ex.map1", "study.ex.images", "ex/x.images"):
        (site.files.root / name).unlink(missing_ok=True)
    for name, content in before.items():
        if name != "success":
            put_text(name, content)

    result = site.ok("Reimport", studyName="ex")

    assert "Study ex: nothing to change." in result["log"]
    assert site.ok("GetConfigFiles", studyId=study) == before


def test_a_study_is_cloned_by_renaming_its_files(site, study, put_text):
    original = site.ok("GetConfigFiles", studyId=study)
    for name, content in original.items():
        if name != "success":
            put_text(name.replace("study.ex.", "study.copy."), content)

    copy = site.ok("Reimport", studyName="copy")["id"]

    cloned = site.ok("GetConfigFiles", studyId=copy)
    assert {name.replace(".copy.", ".ex."): text for name, text in cloned.items()} == original


def test_reimport_tells_success_id_and_log(site, study, put_text, put_slide):
    put_slide("ex/1.tiff", width=256)
    put_text("ex/bad.svs", "no slide")

    refused = site.refused("Reimport", studyName="ex")
    done = site.ok("Reimport", studyName="ex", ignoreImageErrors="true")

    assert "slide ex/bad.svs" in refused
    assert set(done) == {"success", "id", "log"}
    assert done["id"] == study
    assert site.forgotten == [1]


def test_reimport_of_nothing_and_of_hostile_names_is_refused(site):
    for name in ("absent", "../ex", "a/b", "", "x" * 300):
        assert site.refused("Reimport", studyName=name)
    assert site.rows(Study) == []


def test_reimport_is_a_post(site, study):
    assert site.call("Reimport", verb="GET", studyName="ex").status_code == 405


@pytest.mark.parametrize("name", ["test-study-2026-03-01_12-30-00", "A_b-c.d", "Größe"])
def test_names_with_hyphens_and_dates_are_imported(site, put_slide, name):
    put_slide(f"{name}/test-image.TiFF")

    study_id = site.ok("Reimport", studyName=name)["id"]

    assert [study["name"] for study in site.ok("Studies")] == [name]
    # SOURCE: SDK tests/test_study_creation.py.
    assert [slide["name"] for slide in site.ok("Images", studyId=study_id)] == ["test-image"]
