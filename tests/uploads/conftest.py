"""A live server of the uploads room alone: real database, real disk, real socket."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
import uvicorn
from sqlmodel import select
from starlette.applications import Starlette

from access import rights, tokens
from access.calls import Door
from access.replies import Voice, failure_reply
from records.database import Database
from records.errors import AppError
from records.filestore import FileStore
from records.tables import AuditEvent, Slide, Study, Upload
from tests import databases
from tileserver.inspection import InspectionLimits
from uploads import routes, tickets, tus_routes
from uploads.checker import Checker
from uploads.partstore import PartStore
from uploads.routes import UploadEndpoints
from uploads.tus_routes import TusEndpoints, UploadLimits

SUFFIXES = frozenset({".svs", ".tif", ".tiff", ".png", ".mrxs", ".dcm", ".vms"})
MAX_BYTES = 50_000_000


@dataclass
class Answer:
    """What came back over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> object:
        return json.loads(self.body)

    @property
    def offset(self) -> int:
        return int(self.headers["upload-offset"])

    @property
    def part_id(self) -> str:
        return self.headers["location"].rpartition("/")[2]


@dataclass
class Site:
    """The room with everything it needs, and the means to talk to it as clients do."""

    folder: Path
    database: Database
    port: int = 0
    shift: timedelta = timedelta(0)
    annotations: list[tuple[int, bytes]] = field(default_factory=list)
    trouble: Exception | None = None

    def __post_init__(self) -> None:
        self.files = FileStore(self.folder / "images")
        self.attachments_root = FileStore(self.folder / "attachments")
        self.parts = PartStore(
            self.folder / "uploads", lifetime=timedelta(days=7), max_bytes=MAX_BYTES
        )
        self.door = Door(self.database, self.now)
        self.intake = tickets.Intake(
            files=self.files,
            slide_suffixes=SUFFIXES,
            new_secret=lambda: secrets.token_urlsafe(24),
        )
        self.endpoints = UploadEndpoints(
            door=self.door,
            intake=self.intake,
            parts=self.parts,
            attachment_files=self.attachments_root,
            new_attachment_secret=lambda: secrets.token_hex(16),
            read_annotation=self._read_annotation,
        )
        self.tus = TusEndpoints(
            door=self.door,
            parts=self.parts,
            new_part_id=lambda: secrets.token_hex(16),
            limits=UploadLimits(
                idle_timeout_s=3, takeover_after_s=1, origins=("https://portal.example.org",)
            ),
        )
        self.checker = Checker(
            door=self.door,
            files=self.files,
            lock=self.folder / "checker.lock",
            limits=InspectionLimits(),
        )
        self.app = Starlette(
            routes=[
                *routes.routes(self.endpoints),
                *tus_routes.routes(self.tus),
                *(call.route(self.door) for call in routes.calls(self.endpoints)),
            ],
            exception_handlers={AppError: self._refused},
        )

    async def _refused(self, request, error):
        return failure_reply(error, Voice.STATUS)

    def _read_annotation(self, part):
        if self.trouble:
            raise self.trouble
        # Decoding takes seconds: meanwhile others must be able to write.
        self.study()
        data = part.read_bytes()
        return lambda session, actor, annotation_file_id, _: self.annotations.append(
            (annotation_file_id, data)
        )

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, names: str = "all", **restrictions: tuple[str, ...]) -> str:
        with self.database.writing() as session:
            wanted = tokens.NewApiToken(
                name="test", rights=rights.parse_rights(names), **restrictions
            )
            return tokens.issue_api_token(session, rights.COMMAND_LINE, wanted)

    def actor(self, token: str) -> rights.Actor:
        with self.database.reading() as session:
            return tokens.verify_api_token(session, token, self.now())

    def study(self, name: str | None = None) -> int:
        with self.database.writing() as session:
            study = Study(name=name or f"s{secrets.token_hex(4)}")
            session.add(study)
            session.flush()
            return study.id

    def study_name(self, study_id: int) -> str:
        with self.database.reading() as session:
            return session.get(Study, study_id).name

    def slide_row(self, slide_id: int) -> Slide:
        with self.database.reading() as session:
            return session.get(Slide, slide_id)

    def slide(self, study_id: int, path: str, *, name: str | None = None, **more: object) -> int:
        with self.database.writing() as session:
            slide = Slide(study_id=study_id, path=path, name=name or Path(path).stem, **more)
            session.add(slide)
            session.flush()
            return slide.id

    def uploads(self) -> list[Upload]:
        with self.database.reading() as session:
            return list(session.exec(select(Upload)).all())

    def audit_of(self, deed: str) -> list[dict]:
        with self.database.reading() as session:
            events = session.exec(select(AuditEvent).where(AuditEvent.deed == deed)).all()
            return [{"subject": event.subject, **json.loads(event.detail)} for event in events]

    def part_files(self) -> set[str]:
        return {path.name for path in (self.folder / "uploads").iterdir()}

    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path, body or None, dict(headers or {}))
            reply = connection.getresponse()
            names = {key.lower(): value for key, value in reply.getheaders()}
            return Answer(reply.status, names, reply.read())

    def api(self, name: str, bearer: str | None, /, **form: object) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        return self.send("POST", f"/Api/{name}", headers, urlencode(form).encode())

    def ticket(self, token: str, filename: str = "a.svs", folder: str = "new", **more) -> str:
        answer = self.api("RequestUpload", token, filename=filename, folder=folder, **more)
        assert answer.status == 200, answer
        assert isinstance(answer.json, dict), answer.json
        return answer.json["token"]

    def create(
        self,
        token: str,
        ticket: str,
        length: int,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        path: str = "/files/",
    ) -> Answer:
        metadata = {"uploadtoken": ticket, "apitoken": token}
        return self.send("POST", path, creation(length, metadata, **(headers or {})), body)

    def headers_of(self, metadata: Mapping[str, str]) -> dict[str, str]:
        """Return the headers of a creation without a length."""
        headers = creation(0, metadata)
        del headers["Upload-Length"]
        return headers

    def creation(self, token: str, length: int) -> dict[str, str]:
        """Return the headers that begin an upload, with a ticket of its own."""
        return creation(length, {"uploadtoken": self.ticket(token), "apitoken": token})

    def begin(self, length: int, token: str | None = None, **wanted: str) -> str:
        token = token or self.token()
        answer = self.create(token, self.ticket(token, **wanted), length)
        assert answer.status == 201, answer
        return answer.part_id

    def patch(
        self, part_id: str, offset: int, body: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer:
        wanted = {**appending(offset), **(headers or {})}
        if not body:
            wanted.setdefault("Content-Length", "0")
        return self.send("PATCH", f"/files/{part_id}", wanted, body)

    def head(self, part_id: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.send("HEAD", f"/files/{part_id}", {"Tus-Resumable": "1.0.0", **(headers or {})})

    def open_patch(
        self,
        part_id: str,
        offset: int,
        length: int,
        sent: bytes,
        headers: Mapping[str, str] | None = None,
    ) -> socket.socket:
        """Send the beginning of a PATCH and leave its end open."""
        wanted = {"Host": "test", "Content-Length": str(length), **appending(offset)}
        lines = [f"{name}: {value}" for name, value in (wanted | dict(headers or {})).items()]
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        start = "\r\n".join([f"PATCH /files/{part_id} HTTP/1.1", *lines, "", ""])
        connection.sendall(start.encode() + sent)
        return connection

    @contextlib.contextmanager
    def writing(self, part_id: str, data: bytes) -> Iterator[socket.socket]:
        """Hold a PATCH open whose request writes already; only the last byte is missing."""
        with self.open_patch(part_id, 0, len(data), data[:-1]) as connection:
            # Less than a block of 1 MiB is left: it is not written before its end comes.
            self.wait_until(lambda: self.head(part_id).offset > max(0, len(data) - 1 - 2**20))
            yield connection

    @contextlib.contextmanager
    def trickling(self, part_id: str, data: bytes) -> Iterator[None]:
        """Hold a PATCH open whose bytes keep coming, one at a time; at the end come all others."""
        is_over = threading.Event()

        def trickle(connection: socket.socket, rest: memoryview) -> None:
            while not is_over.wait(0.1):
                connection.sendall(rest[:1])
                rest = rest[1:]
            connection.sendall(rest)
            assert connection.recv(100).startswith(b"HTTP/1.1 204")

        half = len(data) * 3 // 4
        with self.open_patch(part_id, 0, len(data), data[:half]) as connection:
            self.wait_until(lambda: self.head(part_id).offset > 0)
            with futures.ThreadPoolExecutor(1) as pool:
                ended = pool.submit(trickle, connection, memoryview(data)[half:])
                try:
                    yield
                finally:
                    is_over.set()
                ended.result()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for what the server does by itself, without a request that would answer for it."""
        until = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < until

    def wait_until_free(self, part_id: str) -> None:
        """Wait until no request writes to the part."""
        statuses: list[int] = []

        def is_free() -> bool:
            statuses.append(self.patch(part_id, self.head(part_id).offset, b"").status)
            return statuses[-1] == 204

        self.wait_until(is_free)
        assert set(statuses) <= {204, 409, 423}


def creation(length: int, metadata: Mapping[str, str] | None = None, **more: str) -> dict[str, str]:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(length)}
    if metadata is not None:
        headers["Upload-Metadata"] = metadata_of(**metadata)
    return headers | {name.replace("_", "-"): value for name, value in more.items()}


def metadata_of(**values: str) -> str:
    """Return the header that tells metadata."""
    return ",".join(f"{key} {base64.b64encode(v.encode()).decode()}" for key, v in values.items())


def appending(offset: int) -> dict[str, str]:
    return {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(offset),
        "Content-Type": "application/offset+octet-stream",
    }


@pytest.fixture(scope="session")
def live_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("uploads")
    with databases.sqlite(folder) as database, socket.socket() as listener:
        site = Site(folder, database)
        listener.bind(("127.0.0.1", 0))
        site.port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(site.app, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until = time.monotonic() + 20
            while not server.started:
                assert thread.is_alive()
                assert time.monotonic() < until
                time.sleep(0.01)
            yield site
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def site(live_site: Site) -> Iterator[Site]:
    """Give the live server; what a test changed of its clock or troubles is undone."""
    yield live_site
    live_site.shift = timedelta(0)
    live_site.trouble = None
    live_site.annotations.clear()
