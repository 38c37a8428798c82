"""The calls about a study as a whole, as clients meet them."""

import pytest

from records.tables import ApiToken, AuditEvent, Study, StudyMember, User

WHOLE = {
    "UpdateStudy": {"studyId": 1, "friendlyName": "x"},
    "SetIsArchived": {"studyId": 1, "isArchived": "true"},
    "AddUser": {"studyId": 1, "email": "new@b.c"},
    "RemoveUser": {"studyId": 1, "email": "reader@b.c"},
    "UpdateTMACoreSize": {"studyId": 1, "imageId": 1, "coreSize": 600},
}


@pytest.mark.parametrize("name", WHOLE)
def test_each_change_needs_a_token_that_may_modify_the_study(site, study, name):
    tables = (Study, StudyMember, User)
    before = [site.rows(table) for table in tables]

    refused = site.call(name, token=site.token(modify_studies=("other",)), **WHOLE[name])

    assert refused.status_code == 401
    assert [site.rows(table) for table in tables] == before
    site.ok(name, token=site.token(modify_studies=("ex",)), **WHOLE[name])
    assert site.rows(AuditEvent)[-1].actor.startswith("token:")
    assert "999" in site.refused(name, **{**WHOLE[name], "studyId": 999})


def test_a_study_is_made_empty_and_listed(site):
    made = site.ok(
        "CreateStudy",
        studyName="New-study_2026",
        friendlyName="New",
        folder="Demos",
        config="stainings: HE, ER\nshowlabels: no\n",
    )

    (listed,) = site.ok("Studies")
    assert listed["id"] == made["id"]
    assert (listed["name"], listed["friendlyName"]) == ("New-study_2026", "New")
    assert (listed["folder"], listed["stainings"]) == ("Demos", ["HE", "ER"])
    config = site.ok("GetConfig", studyId=made["id"])["config"]
    assert config["settings"]["showlabels"] is False
    assert "New-study_2026 already" not in site.refused("CreateStudy", studyName="a/b")
    assert (
        site.refused("CreateStudy", studyName="new-STUDY_2026")
        == "there is a study named 'New-study_2026' already"
    )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"studyName": "../x"}, "name"),
        ({"studyName": "x", "config": "showlabels: perhaps"}, "config, line 1"),
        ({"studyName": "x", "config": "folder: a", "folder": "b"}, "already"),
        ({"studyName": "x", "friendlyName": "a\nfolder: b"}, "one line"),
    ],
)
def test_what_makes_no_study_is_told(site, wrong, words):
    assert words in site.refused("CreateStudy", **wrong)
    assert site.rows(Study) == []


def test_making_a_study_needs_its_right_and_its_name_in_reach(site):
    for token in (site.token("CanUpload"), site.token(modify_studies=("other",))):
        assert site.call("CreateStudy", token=token, studyName="x").status_code == 401
    assert site.signed_in("a@b.c")("CreateStudy", studyName="x").status_code == 401


def test_settings_and_description_change_and_the_rest_stays(site, study):
    site.ok(
        "UpdateStudy",
        studyId=study,
        friendlyName="Other",
        config="hideslidenames: yes",
        description="<b>Bold</b><script>x</script>",
    )

    config = site.ok("GetConfig", studyId=study)["config"]
    assert config["friendlyName"] == "Other"
    assert config["settings"]["hideslidenames"] is True
    assert config["settings"]["showlabels"] is False
    assert config["description"] == "<b>Bold</b>"


def test_a_deleted_study_is_nobodys_to_see_until_it_comes_back(site, put_slide):
    own = site.token()
    study = site.ok("CreateStudy", token=own, studyName="mine")["id"]
    put_slide("mine/1.tiff")
    slide = site.ok("AddSlide", token=own, studyId=study, path="mine/1.tiff")["id"]

    site.ok("DeleteStudy", token=own, studyId=study)

    assert site.ok("Studies") == []
    for name, parameters in {
        "Images": {"studyId": study},
        "GetSlideDetails": {"imageId": slide},
        "GetConfigFiles": {"studyId": study},
        "UpdateSlideName": {"imageId": slide, "newName": "x"},
        "Publish": {"studyId": study},
        "DeleteStudy": {"studyId": study},
    }.items():
        reply = site.call(name, token=own, **parameters)
        assert reply.status_code != 200 or not reply.json()["success"], name
    assert "was deleted; UndeleteStudy" in site.refused("Reimport", studyName="mine")
    assert "among the deleted" in site.refused("CreateStudy", studyName="mine")
    site.ok("UndeleteStudy", token=own, studyId=study)
    assert [entry["slideCount"] for entry in site.ok("Studies")] == [1]
    assert site.call("UndeleteStudy", token=own, studyId=study).status_code == 401


def test_a_study_is_deleted_by_who_made_it_alone(site, study):
    made = site.token()
    mine = site.ok("CreateStudy", token=made, studyName="mine")["id"]

    # Reimport of the fixture was by another token.
    assert site.call("DeleteStudy", token=made, studyId=study).status_code == 401
    assert site.call("DeleteStudy", token=made, studyId=999).status_code == 401
    with site.database.writing() as session:
        row = session.get(ApiToken, session.get(Study, mine).created_by_token_id)
        row.rights = row.rights.replace("CanDeleteOwnedStudies", "")
    assert "CanDeleteOwnedStudies" in site.call("DeleteStudy", token=made, studyId=mine).text
    assert site.signed_in("a@b.c")("DeleteStudy", studyId=study).status_code == 401


def test_a_study_and_a_slide_are_archived_and_taken_back(site, study):
    site.ok("SetIsArchived", studyId=study, isArchived="true")
    site.ok("SetIsArchived", studyId=study, imageId=2, isArchived="true")

    assert site.ok("Studies")[0]["isArchived"] is True
    assert [slide["isArchived"] for slide in site.ok("Images", studyId=study)] == [False, True]
    site.ok("SetIsArchived", studyId=study, isArchived="false")
    assert site.ok("Studies")[0]["isArchived"] is False


def test_people_come_with_rights_and_go(site, study):
    def rights():
        members = site.ok("GetConfig", studyId=study)["config"]["emails"]
        return {
            member["email"]: [member[key] for key in ("canScore", "canEdit", "canGetResults")]
            for member in members
        }

    site.ok("AddUser", studyId=study, email="New@b.c")
    site.ok("AddUser", studyId=study, email="reader@b.c", rights="viewonly")
    site.ok("AddUser", studyId=study, email="a@b.c")

    assert rights() == {
        "a@b.c": [True, True, True],
        "reader@b.c": [False, False, False],
        "new@b.c": [True, False, False],
    }
    site.ok("RemoveUser", studyId=study, email=" NEW@b.c")
    assert "new@b.c" not in rights()
    assert "new@b.c is nobody of this study" in site.refused(
        "RemoveUser", studyId=study, email="new@b.c"
    )
    assert "no e-mail address" in site.refused("AddUser", studyId=study, email="nobody")
    assert "is no right" in site.refused("AddUser", studyId=study, email="x@b.c", rights="owner")


def test_home_tells_a_person_how_many_slides_they_scored(site, study):
    browser = site.signed_in("reader@b.c")
    site.ok("Publish", studyId=study)

    assert [entry["scoredSlideCount"] for entry in browser("Studies").json()] == [0]


@pytest.mark.parametrize("setting", ["hideslidenames: true", "showslidenames: false"])
def test_names_are_hidden_from_readers_and_shown_to_editors_and_scripts(site, study, setting):
    site.ok("UpdateStudy", studyId=study, config=setting)
    site.ok("Publish", studyId=study)
    reader, editor = site.signed_in("reader@b.c"), site.signed_in("a@b.c")

    def names(reply):
        return [(slide["name"], slide["fileSize"] > 0) for slide in reply.json()]

    shown = [("First", True), ("2", True)]
    assert names(site.call("Images", studyId=study)) == shown
    assert names(editor("Images", studyId=study)) == shown
    assert names(reader("Images", studyId=study)) == [("Slide 1", False), ("Slide 2", False)]
    assert reader("GetSlideDetails", imageId=1).json()["name"] == "Slide 1"
    assert reader("GetConfigFiles", studyId=study).status_code == 401
