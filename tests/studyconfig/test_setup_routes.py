"""The calls with which a study is set up: what its editors see, and its files checked and saved."""

import hashlib

import pytest

from records.tables import Answer, AuditEvent, Slide, User

CALLS = {
    "StudySetup": {},
    "StoredConfigFiles": {},
    "SaveConfigFile": {"fileName": "study.ex.scores", "text": "Grade\tInteger\n"},
    "SetSlideRotation": {"imageId": 1, "rotation": 90},
}


@pytest.mark.parametrize("name", CALLS)
def test_each_needs_a_token_that_may_modify_the_study(site, study, files, name):
    before = (files.root / "study.ex.scores").read_bytes(), site.rows(Slide)

    refused = site.call(
        name, token=site.token(modify_studies=("other",)), studyId=study, **CALLS[name]
    )
    by_reader = site.signed_in("reader@b.c")(name, studyId=study, **CALLS[name])
    by_editor = site.signed_in("a@b.c")(name, studyId=study, **CALLS[name])

    assert (refused.status_code, by_reader.status_code, by_editor.status_code) == (401, 401, 200)
    if name != "SaveConfigFile":
        assert (files.root / "study.ex.scores").read_bytes() == before[0]


def test_editors_see_slides_questions_and_people_with_their_answers(site, study):
    reader = next(row for row in site.rows(User) if row.email == "reader@b.c")
    for value, is_current in (("2", False), ("3", True), ("", True)):
        site.change(
            Answer(
                study_id=study,
                question_id=1,
                user_id=reader.id,
                slide_id=1,
                subject=f"slide:1{value}",
                value=value,
                is_current=is_current,
                door="test",
                actor="cli",
            )
        )

    setup = site.ok("StudySetup", studyId=study)

    assert setup["settings"]["friendlyname"] == "Example"
    first, second = setup["slides"]
    assert (first["name"], first["format"], first["rotation"]) == ("First", "tiff", 90)
    assert (first["mpp"], first["isMppByHand"], first["mapName"]) == (0.5, False, None)
    assert (first["answerCount"], second["answerCount"]) == (1, 0)
    assert (second["width"], second["mapName"]) == (128, "study.ex.map1")
    assert [question["answerCount"] for question in setup["questions"]] == [1, 0, 0]
    people = {person["email"]: person for person in setup["members"]}
    assert (people["reader@b.c"]["answerCount"], people["reader@b.c"]["canEdit"]) == (1, False)
    assert people["a@b.c"]["signedInOn"] is None
    assert not people["a@b.c"]["hasAccount"]


def test_files_are_told_with_their_text_and_sum(site, study, put_text):
    put_text("study.ex.emails", b"\xe9@b.c\n")

    found = {file["path"]: file for file in site.ok("StoredConfigFiles", studyId=study)["files"]}

    assert set(found) == {
        *(f"study.ex.{kind}" for kind in ("emails", "scores", "config", "map1")),
        "ex/x.images",
    }
    scores = found["study.ex.scores"]
    assert scores["sha256"] == hashlib.sha256(scores["text"].encode()).hexdigest()
    assert found["study.ex.emails"]["text"] is None
    assert "0xE9 is not UTF-8" in found["study.ex.emails"]["problem"]


def test_every_mistake_of_a_text_is_told_at_its_place(site):
    text = "Grade\tDropDwn\t1;2\n\nWhy\tFreeText\nWhy\tInteger\n"

    found = site.ok("CheckConfigFile", fileName="study.any.scores", text=text)

    assert found["kind"] == "scores"
    assert [(entry["line"], entry["column"]) for entry in found["mistakes"]] == [(1, 7), (4, 1)]
    assert found["mistakes"][0]["message"].endswith("Did you mean DropDown?")
    good = site.ok("CheckConfigFile", fileName=".scores", text="Why\tFreeText\t\tmandatory\n")
    assert (good["mistakes"], good["count"]) == ([], 1)
    assert (good["questions"][0]["typeName"], good["questions"][0]["mandatory"]) == (
        "FreeText",
        True,
    )
    odd = site.ok("CheckConfigFile", fileName=".config", text="showlabel: yes\n")
    assert "Did you mean showlabels?" in odd["warnings"][0]
    assert "tells no kind" in site.refused("CheckConfigFile", fileName="notes.docx", text="")


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        (".emails", "a@b.c\nd@e.f;canedit\n", 2),
        (".images", "1.tiff;;90;First\n", 1),
        (".config", "folder: Demos\n", 1),
        (".map7", "tmas: 2\n\n1\t2\n3\t4\n", 2),
    ],
)
def test_each_kind_is_read(site, name, text, count):
    assert site.ok("CheckConfigFile", fileName=name, text=text)["count"] == count


def test_a_file_is_saved_whole_and_reimport_reads_it(site, study, files):
    text = "Grade\tDropDown\t1;2;3\nSure\tCheckbox\n"

    saved = site.ok("SaveConfigFile", studyId=study, fileName="STUDY.ex.Scores", text=text)

    # The file that is there keeps its name, or Reimport would find two.
    assert saved["name"] == "study.ex.scores"
    assert (files.root / "study.ex.scores").read_text() == text
    assert not [path for path in files.root.iterdir() if path.name.endswith(".part")]
    assert site.rows(AuditEvent)[-1].deed == "study.write-file"
    site.ok("Reimport", studyName="ex")
    assert "Sure" in [question["name"] for question in site.ok("Questions", studyId=study)]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("study.other.scores", "Grade\tInteger\n", "no file of this study"),
        ("study.ex.more.scores", "Grade\tInteger\n", "no file of this study"),
        ("../study.ex.scores", "Grade\tInteger\n", "file names may not have"),
        ("study.ex.docx", "x", "tells no kind"),
        ("study.ex.scores", "Grade\tIntegr\n", "study.ex.scores, line 1, column 7"),
    ],
)
def test_what_is_not_saved_leaves_the_files_alone(site, study, files, name, text, words):
    before = {path: path.read_bytes() for path in files.root.iterdir() if path.is_file()}

    assert words in site.refused("SaveConfigFile", studyId=study, fileName=name, text=text)

    assert {path: path.read_bytes() for path in files.root.iterdir() if path.is_file()} == before


def test_who_edits_an_older_file_is_told_so(site, study, put_text):
    file = {"studyId": study, "fileName": "study.ex.emails", "text": "new@b.c\n"}
    [old] = [
        entry["sha256"]
        for entry in site.ok("StoredConfigFiles", studyId=study)["files"]
        if entry["name"] == "study.ex.emails"
    ]
    put_text("study.ex.emails", "somebody@else.org\n")

    assert "by somebody else" in site.refused("SaveConfigFile", sha256=old, **file)
    assert "by somebody else" in site.refused("SaveConfigFile", sha256="none", **file)
    new = {**file, "fileName": "study.ex.map9", "text": "tmas: 9\n\n1\n"}
    site.ok("SaveConfigFile", sha256="none", **new)


def test_a_token_without_the_root_saves_nothing(site, study):
    token = site.token(upload_folders=("ex",))

    reply = site.call(
        "SaveConfigFile", token=token, studyId=study, fileName="study.ex.emails", text=""
    )

    assert reply.status_code == 401


def test_a_slide_is_turned_by_quarters(site, study):
    site.ok("SetSlideRotation", studyId=study, imageId=2, rotation=270)

    assert site.rows(Slide)[1].rotation == 270
    assert site.rows(AuditEvent)[-1].deed == "slide.rotate"
    assert site.forgotten[-1] == 2
    assert "0, 90, 180 or 270" in site.refused(
        "SetSlideRotation", studyId=study, imageId=2, rotation=45
    )
