"""RequestUpload: which file may go where, by whom."""

from __future__ import annotations

import hashlib
import secrets

import pytest

from access.rights import Actor, Right
from records.errors import InputError, NotFoundError, RightsError
from records.tables import StudyMember, User
from uploads import reach, tickets


def request(site, token, filename="a.svs", folder="", study_id=None):
    with site.database.writing() as session:
        tickets.request_upload(
            session,
            site.actor(token),
            intake=site.intake,
            filename=filename,
            folder=folder,
            study_id=study_id,
            now=site.now(),
        )
    row = site.uploads()[-1]
    return reach.Target(row.folder, row.filename).relative


def unused():
    return f"f{secrets.token_hex(4)}"


def test_ticket_is_kept_only_as_a_hash_with_its_owner_and_an_end(site):
    token = site.token()

    ticket = site.ticket(token, "a.svs", "somewhere")

    row = site.uploads()[-1]
    assert row.ticket_hash == hashlib.sha256(ticket.encode()).hexdigest()
    assert row.actor == site.actor(token).label
    assert (row.folder, row.filename, row.part) == ("somewhere", "a.svs", None)
    assert (row.expires_at - row.created_at) == tickets.TICKET_LIFETIME


@pytest.mark.parametrize(
    ("folder", "path"),
    [
        ("", "a.svs"),
        (".", "a.svs"),
        ("./test/", "test/a.svs"),
        ("test//deep/./er", "test/deep/er/a.svs"),
        ("test\\windows", "test/windows/a.svs"),
        ("u\u0308ber", "über/a.svs"),
        ("with space", "with space/a.svs"),
    ],
)
def test_folder_is_normalised(site, folder, path):
    assert request(site, site.token(), folder=folder) == path


@pytest.mark.parametrize(
    "folder",
    [
        "..",
        "../x",
        "a/../../x",
        "/abs",
        "C:/x",
        "C:\\x",
        "a\0b",
        "con/x",
        "a./b",
        ".git",
        "a/.ssh",
        "x" * 256,
        "/".join(["abcdefghi"] * 120),
        "a:b",
        "\u202e",
    ],
)
def test_hostile_folder_is_refused_and_leaves_no_ticket(site, folder):
    before = len(site.uploads())

    with pytest.raises(InputError):
        request(site, site.token(), folder=folder)

    assert len(site.uploads()) == before


def test_hostile_name_is_refused(site):
    with pytest.raises(InputError):
        request(site, site.token(), "../a.svs")


def test_empty_folder_with_a_study_means_the_study_s_folder(site):
    study_id = site.study()

    path = request(site, site.token(), study_id=study_id)

    assert path == f"{site.study_name(study_id)}/a.svs"


def test_folder_stands_above_the_study(site):
    assert request(site, site.token(), folder="other", study_id=site.study()) == "other/a.svs"


def test_unknown_study_is_told(site):
    with pytest.raises(NotFoundError):
        request(site, site.token(), study_id=999_999)


def test_study_out_of_reach_is_refused(site):
    study_id = site.study()

    with pytest.raises(RightsError):
        request(site, site.token(modify_studies=("other",)), study_id=study_id)


def test_token_without_the_right_to_upload_is_refused(site):
    with pytest.raises(RightsError, match="CanUpload"):
        request(site, site.token("CanCreateUploadFolders"))


def test_missing_folder_needs_the_right_to_make_it(site):
    token = site.token("CanUpload")
    folder = unused()

    with pytest.raises(RightsError, match="CanCreateUploadFolders"):
        request(site, token, folder=folder)
    (site.files.root / folder).mkdir()
    assert request(site, token, folder=folder) == f"{folder}/a.svs"
    with pytest.raises(RightsError, match="CanCreateUploadFolders"):
        request(site, token, folder=f"{folder}/deeper")


def test_images_root_is_there_without_that_right(site):
    assert request(site, site.token("CanUpload"), "study.x.emails") == "study.x.emails"


@pytest.mark.parametrize("folder", ["mine", "./mine/", "mine/deeper"])
def test_token_of_a_folder_may_upload_to_it_and_below(site, folder):
    token = site.token(upload_folders=("mine", "also"))

    assert request(site, token, folder=folder).startswith("mine/")


@pytest.mark.parametrize("folder", ["", "other", "mineral", "also2"])
def test_token_of_a_folder_may_upload_nowhere_else(site, folder):
    token = site.token(upload_folders=("mine", "also"))

    with pytest.raises(RightsError, match="may not upload to"):
        request(site, token, folder=folder)


def test_token_of_a_folder_may_not_configure_studies(site):
    with pytest.raises(RightsError, match="images root"):
        request(site, site.token(upload_folders=("mine",)), "study.mine.emails")


@pytest.mark.parametrize("kind", ["emails", "scores", "images", "map", "map.second", "config"])
def test_configuration_of_a_study_out_of_reach_is_refused_also_before_the_study_exists(site, kind):
    name = unused()
    token = site.token(modify_studies=("mine",))

    with pytest.raises(RightsError, match=name):
        request(site, token, f"study.{name}.{kind}")
    assert request(site, token, f"study.mine.{kind}") == f"study.mine.{kind}"


def test_configuration_that_two_studies_could_read_needs_both(site):
    with pytest.raises(RightsError, match=r"a\.map"):
        request(site, site.token(modify_studies=("a",)), "study.a.map.config")


def test_folder_of_a_study_out_of_reach_is_refused_with_all_below(site):
    name = site.study_name(site.study())
    token = site.token(modify_studies=("mine",))

    for folder in (name, f"{name}/below", name.upper()):
        with pytest.raises(RightsError):
            request(site, token, folder=folder)


def test_file_shown_by_a_study_out_of_reach_is_not_replaced(site):
    study_id = site.study()
    folder = unused()
    site.slide(study_id, f"{folder}/shared.svs")
    restricted = site.token(modify_studies=("mine",))

    with pytest.raises(RightsError):
        request(site, restricted, "shared.svs", folder)
    assert request(site, restricted, "new.svs", folder) == f"{folder}/new.svs"
    assert request(site, site.token(), "shared.svs", folder) == f"{folder}/shared.svs"


def test_companion_of_a_slide_out_of_reach_is_not_replaced(site):
    folder = unused()
    site.slide(site.study(), f"{folder}/one.mrxs")
    restricted = site.token(modify_studies=("mine",))

    with pytest.raises(RightsError):
        request(site, restricted, "Data0000.dat", f"{folder}/one")
    assert (
        request(site, restricted, "Data0000.dat", f"{folder}/two") == f"{folder}/two/Data0000.dat"
    )


def test_file_where_a_folder_stands_is_refused(site):
    folder = unused()
    (site.files.root / folder / "a.svs").mkdir(parents=True)

    with pytest.raises(InputError, match="is a folder"):
        request(site, site.token(), folder=folder)


def test_folder_that_leads_through_a_file_is_refused(site):
    folder = unused()
    (site.files.root / folder).write_bytes(b"")

    with pytest.raises(InputError, match="leads through a file"):
        request(site, site.token(), folder=f"{folder}/deeper")


def test_symbolic_link_out_of_the_images_is_refused(site, tmp_path):
    folder = unused()
    (site.files.root / folder).symlink_to(tmp_path)

    with pytest.raises(InputError, match="leads out"):
        request(site, site.token(), folder=folder)


def make_editor(site, study_id, *, can_edit):
    with site.database.writing() as session:
        user = User(email=f"{secrets.token_hex(4)}@example.org")
        session.add(user)
        session.flush()
        session.add(StudyMember(study_id=study_id, user_id=user.id, can_edit=can_edit))
        return Actor(label=f"user:{user.id}", user_id=user.id, rights=frozenset())


def as_person(site, actor, folder):
    with site.database.writing() as session:
        return tickets.request_upload(
            session,
            actor,
            intake=site.intake,
            filename="a.svs",
            folder=folder,
            study_id=None,
            now=site.now(),
        )


def test_person_may_upload_to_the_folder_of_a_study_they_edit_and_nowhere_else(site):
    study_id, other_id = site.study(), site.study()
    editor = make_editor(site, study_id, can_edit=True)

    assert as_person(site, editor, f"{site.study_name(study_id)}/batch 2")
    for folder in ("", unused(), site.study_name(other_id)):
        with pytest.raises(RightsError):
            as_person(site, editor, folder)


def test_person_who_may_not_edit_the_study_may_not_upload(site):
    study_id = site.study()
    viewer = make_editor(site, study_id, can_edit=False)

    with pytest.raises(RightsError):
        as_person(site, viewer, site.study_name(study_id))


def test_error_is_told_as_a_quoted_string(site):
    answer = site.api("RequestUpload", site.token(), filename="page.html", folder="x")

    assert answer.status == 200
    assert answer.body[:1] == b'"'
    assert "page.html" in answer.json


def test_missing_filename_is_told_as_a_quoted_string(site):
    answer = site.api("RequestUpload", site.token(), folder="x")

    assert answer.status == 200
    assert "filename" in answer.json


def test_missing_right_is_unauthorised(site):
    token = site.token("CanGetPixels")

    assert site.api("RequestUpload", token, filename="a.svs", folder="x").status == 401
    assert site.api("RequestUpload", None, filename="a.svs", folder="x").status == 401


def test_request_is_a_post_with_names_in_any_case(site):
    token = site.token()

    answer = site.api("requestupload", token, FileName="a.svs", FOLDER="x")

    assert set(answer.json) == {"token"}
    assert site.send("GET", "/Api/RequestUpload?filename=a.svs").status == 405


def test_annotation_ticket_needs_no_right_to_upload(site):
    token = site.token(Right.CAN_UPLOAD_SCORES.value)
    with site.database.writing() as session:
        ticket = tickets.request_annotation_upload(
            session,
            site.actor(token),
            intake=site.intake,
            annotation_file_id=None,
            now=site.now(),
        )

    assert site.create(token, ticket, 1).status == 201
