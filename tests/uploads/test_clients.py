"""Uploads as real clients do them: tuspy, the official SDK, and any splitting of the bytes."""

from __future__ import annotations

import io
import itertools
import secrets

import pytest
import slidescore
from hypothesis import HealthCheck, given, settings, strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from uploads import tus_routes

# tuspy leaves the file open that it is given by its path.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def unused():
    return f"f{secrets.token_hex(4)}"


def uploader(site, token, ticket, data, **more):
    client = TusClient(f"{site.url}/files/")
    return client.uploader(
        file_stream=io.BytesIO(data), metadata={"uploadtoken": ticket, "apitoken": token}, **more
    )


def test_tuspy_uploads_in_chunks(site):
    token, folder = site.token(), unused()
    data = secrets.token_bytes(2_500_000)
    ticket = site.ticket(token, "a.svs", folder)
    upload = uploader(site, token, ticket, data, chunk_size=1_000_000)

    upload.upload()

    part_id = upload.url.rpartition("/")[2]
    assert site.api("FinishUpload", token, id=part_id, token=ticket).json == "OK"
    assert (site.files.root / folder / "a.svs").read_bytes() == data


def test_tuspy_uploads_with_checksums(site):
    token, folder = site.token(), unused()
    data = secrets.token_bytes(300_000)
    ticket = site.ticket(token, "a.svs", folder)
    upload = uploader(site, token, ticket, data, chunk_size=100_000, upload_checksum=True)

    upload.upload()

    assert site.head(upload.url.rpartition("/")[2]).offset == 300_000


def test_tuspy_uploads_an_empty_file(site):
    token, folder = site.token(), unused()
    ticket = site.ticket(token, "study.z.scores", folder)
    upload = uploader(site, token, ticket, b"")

    upload.upload()

    part_id = upload.url.rpartition("/")[2]
    assert site.api("FinishUpload", token, id=part_id, token=ticket).json == "OK"


def test_tuspy_resumes_after_a_connection_was_lost_within_a_patch(site):
    token, folder = site.token(), unused()
    data = secrets.token_bytes(4_000_000)
    ticket = site.ticket(token, "a.svs", folder)
    part_id = site.create(token, ticket, len(data)).part_id
    with site.open_patch(part_id, 0, len(data), data[:2_700_000]):
        site.wait_until(lambda: site.head(part_id).offset > 0)
    site.wait_until_free(part_id)

    upload = TusClient(f"{site.url}/files/").uploader(
        file_stream=io.BytesIO(data), url=f"{site.url}/files/{part_id}", chunk_size=500_000
    )
    resumed_at = upload.offset
    upload.upload()

    assert 1_000_000 < resumed_at <= 2_700_000
    assert site.api("FinishUpload", token, id=part_id, token=ticket).json == "OK"
    assert (site.files.root / folder / "a.svs").read_bytes() == data


def test_tuspy_is_told_that_its_token_is_not_valid(site):
    token = site.token()

    with pytest.raises(TusCommunicationError) as caught:
        uploader(site, "nonsense", site.ticket(token), b"abc").upload()

    assert caught.value.status_code == 401


def test_tuspy_is_told_of_another_writer(site):
    data = b"x" * 2_000_000
    part_id = site.begin(len(data))

    with site.trickling(part_id, data):
        upload = TusClient(f"{site.url}/files/").uploader(
            file_stream=io.BytesIO(data), url=f"{site.url}/files/{part_id}"
        )
        with pytest.raises(TusUploadFailed) as caught:
            upload.upload()

    assert caught.value.status_code == 423


def test_official_sdk_uploads_and_downloads(site, tmp_path):
    folder = unused()
    source = tmp_path / "test-image.TiFF"
    source.write_bytes(secrets.token_bytes(500_000))
    client = slidescore.APIClient(site.url, site.token() + "#expires:2030-01-01T00:00:00")

    client.upload_file(str(source), folder)
    client.upload_file(str(source), f"./{folder}/", "renamed.svs")
    slide_id = site.slide(site.study(folder), f"{folder}/test-image.TiFF")
    (tmp_path / "out").mkdir()
    client.download_slide(None, slide_id, str(tmp_path / "out"))

    assert (site.files.root / folder / "renamed.svs").read_bytes() == source.read_bytes()
    downloaded = tmp_path / "out" / "test-image.TiFF"
    assert downloaded.read_bytes() == source.read_bytes()


def test_official_sdk_uploads_configuration_to_the_root(site, tmp_path):
    name = f"study.{unused()}.emails"
    source = tmp_path / "tmpfile"
    source.write_text("a@example.org;canscore\n")
    client = slidescore.APIClient(site.url, site.token())

    client.upload_file(str(source), "", name)

    assert (site.files.root / name).read_text() == "a@example.org;canscore\n"


def test_official_sdk_raises_with_our_words(site):
    client = slidescore.APIClient(site.url, site.token())

    with pytest.raises(slidescore.SlideScoreErrorException, match="no kind of file"):
        client.request_upload("x", "page.html", None)
    with pytest.raises(slidescore.SlideScoreErrorException, match="no upload with this"):
        client.finish_upload("nonsense", f"/files/{'0' * 32}")


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    wanted=st.binary(min_size=1, max_size=300),
    plan=st.lists(
        st.tuples(
            st.sampled_from(["send", "send", "cut", "elsewhere", "too long"]), st.integers(0, 299)
        ),
        max_size=20,
    ),
)
def test_any_split_over_a_socket_with_interruptions_yields_the_same_file(site, wanted, plan):
    token = site.token()
    ticket = site.ticket(token, "a.svs", "split")
    part_id = site.create(token, ticket, len(wanted)).part_id

    was_cut = False
    deeds = itertools.chain(plan, itertools.repeat(("send", len(wanted) - 1)))
    while (offset := site.head(part_id).offset) < len(wanted):
        deed, count = next(deeds)
        end = offset + 1 + count % (len(wanted) - offset)
        piece = wanted[offset:end]
        if deed == "cut":
            was_cut = True
            site.open_patch(part_id, offset, len(piece) + 1, piece).close()
            continue
        sent = {"send": piece, "elsewhere": piece, "too long": wanted + b"!"}[deed]
        answer = site.patch(part_id, offset + (deed == "elsewhere"), sent)
        expected = {"send": {204}, "elsewhere": {409, 413}, "too long": {413}}[deed]
        # A request that was cut off may still be at work, or come to its end in between.
        assert answer.status in expected | ({409, 423} if was_cut else set())

    site.wait_until_free(part_id)
    assert site.api("FinishUpload", token, id=part_id, token=ticket).json == "OK"
    assert (site.files.root / "split" / "a.svs").read_bytes() == wanted


@pytest.mark.parametrize("how", ["root_path", "mounted"])
def test_location_lies_below_the_server_s_own_prefix(site, how):
    token = site.token()
    tus = tus_routes.routes(site.tus)
    if how == "root_path":
        client = TestClient(Starlette(routes=tus), root_path="/slidescore")
    else:
        client = TestClient(Starlette(routes=[Mount("/slidescore", routes=tus)]))

    with client:
        answer = client.post("/slidescore/files/", headers=site.creation(token, 5))
        location = answer.headers["location"]
        patched = client.patch(
            location,
            content=b"hello",
            headers={
                "Tus-Resumable": "1.0.0",
                "Upload-Offset": "0",
                "Content-Type": "application/offset+octet-stream",
            },
        )

    assert location.startswith("/slidescore/files/")
    assert patched.headers["upload-offset"] == "5"
