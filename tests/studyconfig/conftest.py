"""An images root with small real slides in it, and imports from it."""

from datetime import UTC, datetime

import numpy as np
import pytest
import tifffile
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from access import people, tokens
from access.calls import Door
from access.rights import COMMAND_LINE, parse_rights
from records.filestore import FileStore
from records.tables import Answer, AuditEvent
from server import study_calls
from studyconfig import reimport
from tileserver import readers
from tileserver.pool import SlidePool

SCORES = "Test question\tFreeText\nTest anno\tAnnoShapes\t#e6194b\n"
MAP = "tmas: 2.tiff\ncontrols: ctrl\nignore: 0, empty\n\n1\t2\tctrl\n0\t3\n"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def files(tmp_path):
    return FileStore(tmp_path / "images")


@pytest.fixture
def put_text(files):
    """Write a text file into the images root."""

    def put(path, content):
        target = files.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    return put


@pytest.fixture
def put_slide(files):
    """Write a tiled TIFF of one colour with 0.5 µm per pixel into the images root."""

    def put(path, *, width=96, height=64, colour=(200, 120, 180)):
        target = files.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(
            target,
            np.full((height, width, 3), colour, np.uint8),
            photometric="rgb",
            tile=(32, 32),
            resolution=(20_000, 20_000),
            resolutionunit="CENTIMETER",
        )
        return target

    return put


@pytest.fixture
def run(database, files):
    """Reimport a study, as the command line unless told otherwise."""

    def run(study_name="ex", *, actor=COMMAND_LINE, **options):
        return reimport.reimport(
            database,
            files,
            actor,
            study_name=study_name,
            options=reimport.Options(**options),
            now=NOW,
            threads=2,
        )

    return run


@pytest.fixture
def study_files(put_text, put_slide):
    """Write a study that uses each kind of file."""
    put_text("study.ex.emails", "A@b.c\nd@e.f;canedit\n")
    put_text("study.ex.scores", SCORES)
    put_text("study.ex.config", "friendlyname: Example\nfolder: Demos\nstainings: HE, ER\n")
    put_text("study.ex.images", "../shared/3.tiff;;90;Third\n")
    put_text("study.ex.map1", MAP)
    put_slide("ex/1.tiff")
    put_slide("ex/2.tiff", width=128)
    put_slide("shared/3.tiff")


class Site:
    """The room's Api behind the real door, asked as clients ask."""

    def __init__(self, database, files):
        self.database = database
        self.files = files
        self.forgotten = []
        self.summed = []
        self.sent = []
        door = Door(database, lambda: NOW)
        self.calls = study_calls.calls(
            database,
            files,
            forget=self.forgotten.append,
            send=self.sent.append,
            public_url="https://slides.example",
            pool=SlidePool(readers.open_slide),
            note_sums=self.note_sums,
        )
        self.client = TestClient(Starlette(routes=[call.route(door) for call in self.calls]))
        self.all = self.token()

    def note_sums(self, session, actor, *, study_id, slide_id=None):
        """Note for which studies sums were asked, as the server's own hook would."""
        self.summed.append(study_id if slide_id is None else (study_id, slide_id))

    def token(self, names="all", **restrictions):
        """Give a new token with rights by name and restrictions to studies."""
        with self.database.writing() as session:
            wanted = tokens.NewApiToken(name="t", rights=parse_rights(names), **restrictions)
            return tokens.issue_api_token(session, COMMAND_LINE, wanted)

    def call(self, name, *, verb="POST", token=None, **parameters):
        """Send parameters as a form body, as the official client does on GET and POST."""
        return self.client.request(
            verb,
            f"/Api/{name}",
            data={key: str(value) for key, value in parameters.items()},
            headers={"Authorization": f"Bearer {token or self.all}"},
        )

    def signed_in(self, email):
        """Return the answers of one person's browser."""
        with self.database.writing() as session:
            user = people.find_or_add_user(session, email)
            secret = people.start_session(session, user_id=user.id, now=NOW)

        def call(name, **parameters):
            return self.client.post(
                f"/Api/{name}",
                data={key: str(value) for key, value in parameters.items()},
                headers={
                    "Cookie": f"{people.SESSION_COOKIE}={secret}",
                    "Sec-Fetch-Site": "same-origin",
                },
            )

        return call

    def ok(self, name, **options):
        """Return the reply's object, which must tell success."""
        reply = self.call(name, **options)
        assert reply.status_code == 200, reply.text
        value = reply.json()
        assert not isinstance(value, dict) or value.get("success", True), value
        return value

    def refused(self, name, **options):
        """Return the reason of a refusal, which must be in the voice of the success flag."""
        reply = self.call(name, **options)
        assert reply.status_code == 200, reply.text
        value = reply.json()
        assert value["success"] is False
        assert value["log"] == value["error"]
        return value["log"]

    def rows(self, table):
        """Return all rows of a table."""
        with self.database.reading() as session:
            return list(session.exec(select(table).order_by(table.id)))

    def change(self, row):
        """Add or update a row by hand, and return its id."""
        with self.database.writing() as session:
            merged = session.merge(row)
            session.flush()
            return merged.id

    def answer(self, study, *, question_id=1, **subject):
        """Give an answer by hand to a question, by the first user."""
        return self.change(
            Answer(
                study_id=study,
                question_id=question_id,
                user_id=1,
                subject=str(subject),
                value="1",
                door="test",
                actor="cli",
                **subject,
            )
        )

    def sheet(self, study):
        """Return the names of a study's questions."""
        return [question["name"] for question in self.ok("Questions", studyId=study)]

    def deeds(self):
        """Return what the audit trail tells."""
        return [event.deed for event in self.rows(AuditEvent)]


@pytest.fixture
def site(database, files):
    return Site(database, files)


@pytest.fixture
def study(site, put_text, put_slide):
    """Make a study of two slides and three questions, and return its id."""
    put_text("study.ex.emails", "a@b.c;canscore,canedit,cangetresults\nreader@b.c\n")
    put_text(
        "study.ex.scores",
        "Grade\tDropDown\t1;2;3\n"
        "Tumour\tAnnoShapes\t#e6194b\tmandatory\n"
        'Why\tFreeText\t\tper case; if "Grade" is not "1"\n',
    )
    put_text("study.ex.config", "friendlyname: Example\nshowlabels: no\nstainings: HE\nodd: 1\n")
    put_text("study.ex.map1", "tmas: 2.tiff\ncontrols: c\n\n1\t2\nc\n")
    put_text("ex/x.images", "1.tiff;;90;First\n")
    put_slide("ex/1.tiff")
    put_slide("ex/2.tiff", width=128)
    return site.ok("Reimport", studyName="ex")["id"]
