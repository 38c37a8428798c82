"""The uploading side: files sent to a server by tus, through lost connections and restarts."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from records.errors import AppError, InputError

_TIMEOUT_S: Final = (30.0, 3600.0)
_FIRST_WAIT_S: Final = 0.5
# Source: tus 1.0.0 and RFC 9110: what another try may mend.
_PASSING = frozenset({408, 409, 423, 425, 429, 460, 500, 502, 503, 504, 507})
_LOST = frozenset({404, 410})


class UploadFailedError(AppError):
    """The server refused a file, or could not be reached for too long."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file to send, and the folder on the server that it goes to."""

    path: Path
    folder: str

    @property
    def byte_count(self) -> int:
        """Size of the file."""
        return self.path.stat().st_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where files are sent.

    Parameters
    ----------
    server
        Address of the server, with the prefix that a proxy may give it.
    token
        An API token.
    memory
        A folder in which uploads that were begun are remembered.
    patience_s
        How long to go on trying when the server does not answer, or has no room.
    longest_wait_s
        Between two tries.
    chunk_bytes
        Of one request: after each the server has it all on disk; a lost connection costs less.
    say
        Is told, once each time, that and why a file has to wait.
    """

    server: str
    token: str
    memory: Path
    patience_s: float = 600
    longest_wait_s: float = 15
    chunk_bytes: int = 32 * 1024 * 1024
    say: Callable[[str], None] = lambda words: None

    @property
    def base(self) -> str:
        """The server's address without a slash at its end."""
        return self.server.rstrip("/")


def find_jobs(paths: Sequence[Path], folder: str) -> list[Job]:
    """Return the files to send; those of a folder go to a folder of the same name.

    Raises
    ------
    InputError
        A path is neither file nor folder, or there is no file at all.
    """
    jobs = [job for path in paths for job in _jobs_of(path, folder)]
    if not jobs:
        raise InputError(f"there is no file to send in {', '.join(map(str, paths))}")
    return jobs


def _jobs_of(path: Path, folder: str) -> Iterator[Job]:
    if path.is_file():
        yield Job(path, folder)
        return
    if not path.is_dir():
        raise InputError(f"there is no file or folder {path}")
    for entry in sorted(path.resolve().rglob("*")):
        inner = entry.relative_to(path.resolve().parent)
        if entry.is_file() and not any(part.startswith(".") for part in inner.parts):
            yield Job(entry, "/".join(part for part in (folder, inner.parent.as_posix()) if part))


class Sender:
    """Sends files; what is begun is remembered on disk, so that a new process goes on with it.

    Parameters
    ----------
    target
        Where files are sent.
    hashing
        Sums up files beside the sending.
    """

    def __init__(self, target: Target, hashing: Executor) -> None:
        self._target = target
        self._hashing = hashing

    def send(self, job: Job, tell: Callable[[int], None]) -> dict[str, Any]:
        """Send one file to its end and return its status, as UploadStatus tells it.

        Parameters
        ----------
        tell
            Is told how many bytes the server has.

        Raises
        ------
        UploadFailedError
            The server refused the file, or was not there for longer than the patience.
        """
        sha256 = self._hashing.submit(_sha256_of, job.path)
        memory = _Memory(self._target, job)
        begun = memory.recall()
        ticket = begun["ticket"] if begun else self._ticket(job)
        url = begun["url"] if begun else None
        try:
            url = self._send_bytes(job, ticket, url, memory, tell)
        except _LostError:
            # It expired, or was finished by a process that did not live to hear of it.
            if begun is None:
                raise UploadFailedError(f"{job.path.name}: the server lost the upload") from None
            if not self._is_finished(ticket):
                memory.forget()
                return self.send(job, tell)
            tell(job.byte_count)
        else:
            self._finish(job, url, ticket, sha256.result())
        memory.forget()
        return self._status(ticket)

    def _send_bytes(
        self, job: Job, ticket: str, url: str | None, memory: _Memory, tell: Callable[[int], None]
    ) -> str:
        client = TusClient(f"{self._target.base}/files/")
        metadata = {"uploadtoken": ticket, "apitoken": self._target.token}
        with job.path.open("rb") as stream:
            uploader = client.uploader(
                file_stream=stream, chunk_size=self._target.chunk_bytes, metadata=metadata
            )
            patience = _Patience(self._target)
            is_known = False
            while not is_known or uploader.offset < job.byte_count:
                try:
                    if url is None:
                        url = uploader.create_url()
                        memory.keep(ticket, url)
                    uploader.set_url(url)
                    if not is_known:
                        uploader.offset = uploader.get_offset()
                        is_known = True
                    else:
                        uploader.upload_chunk()  # type: ignore[no-untyped-call]  # as tuspy is
                except (TusCommunicationError, TusUploadFailed) as error:
                    is_known = False
                    _judge(job, error)
                    patience.wait(job, error.status_code)
                else:
                    patience.renew()
                    tell(uploader.offset)
        return str(url)

    def _ticket(self, job: Job) -> str:
        answer = self._call(job, "RequestUpload", filename=job.path.name, folder=job.folder)
        if not isinstance(answer, dict):
            raise UploadFailedError(f"{job.path.name}: {answer}")
        return str(answer["token"])

    def _finish(self, job: Job, url: str, ticket: str, sha256: str) -> None:
        part_id = url.rpartition("/")[2]
        answer = self._call(job, "FinishUpload", id=part_id, token=ticket, sha256=sha256)
        if answer != "OK":
            raise UploadFailedError(f"{job.path.name}: {answer}")

    def _is_finished(self, ticket: str) -> bool:
        return self._status(ticket).get("finishedOn") is not None

    def _status(self, ticket: str) -> dict[str, Any]:
        answer = self._call(None, "UploadStatus", token=ticket)
        # Another kind of server has no such call; its files are sent all the same.
        found = answer.get("uploads") if isinstance(answer, dict) else None
        return found[0] if found else {}

    def wait_until_checked(self, status: dict[str, Any], wait_s: float) -> dict[str, Any]:
        """Return the status of an upload once the server has looked at it, or after a while."""
        until = time.monotonic() + wait_s
        while status.get("state") == "checking" and time.monotonic() < until:
            time.sleep(_FIRST_WAIT_S)
            answer = self._call(None, "UploadStatus", id=status["uploadId"])
            if isinstance(answer, dict) and answer.get("uploads"):
                status = answer["uploads"][0]
        return status

    def _call(self, job: Job | None, name: str, **fields: str) -> object:
        patience = _Patience(self._target)
        while True:
            try:
                answer = requests.post(
                    f"{self._target.base}/Api/{name}",
                    data=fields,
                    headers={
                        "Authorization": f"Bearer {self._target.token}",
                        "Accept": "application/json",
                    },
                    timeout=_TIMEOUT_S,
                )
            except requests.RequestException as error:
                _judge_no_answer(self._target, error)
                patience.wait(job, None)
                continue
            if answer.status_code in _PASSING:
                patience.wait(job, answer.status_code)
                continue
            if answer.status_code == 404 and name == "UploadStatus":
                return None
            return _read(self._target, name, answer)


class _LostError(Exception):
    """The server does not know the upload any more."""


class _Patience:
    """Waits longer and longer, until it has been too long since anything went well."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._patience_s = target.patience_s
        self._longest_wait_s = target.longest_wait_s
        self.renew()

    def renew(self) -> None:
        self._since = time.monotonic()
        self._wait_s = _FIRST_WAIT_S
        self._is_told = False

    def wait(self, job: Job | None, status: int | None) -> None:
        """Wait after an answer of that status, or after none."""
        base = self._target.base
        reason = f"no answer from {base}" if status is None else f"{base} answers {status}"
        name = f"{job.path.name}: " if job else ""
        if time.monotonic() - self._since > self._patience_s:
            raise UploadFailedError(
                f"{name}given up after {self._patience_s:g} s ({reason}); "
                "the same command goes on where this one ended"
            )
        if not self._is_told:
            self._is_told = True
            self._target.say(f"{name}{reason}; trying again for up to {self._patience_s:g} s")
        time.sleep(self._wait_s)
        self._wait_s = min(self._wait_s * 2, self._longest_wait_s)


class _Memory:
    """One upload that was begun, on disk; readable by us alone, for it holds the upload token."""

    def __init__(self, target: Target, job: Job) -> None:
        status = job.path.stat()
        # A file that changed since is another upload.
        named = [target.server, job.folder, str(job.path.resolve()), status.st_size]
        key = hashlib.sha256(json.dumps([*named, status.st_mtime_ns]).encode()).hexdigest()
        self._path = target.memory / f"{key[:32]}.json"

    def recall(self) -> dict[str, Any] | None:
        try:
            return dict(json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return None

    def keep(self, ticket: str, url: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self._path.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps({"ticket": ticket, "url": url}), encoding="utf-8")
        new.replace(self._path)

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)


def _judge_no_answer(target: Target, error: requests.RequestException) -> None:
    """Go on after a failure that another try may mend; raise for a certificate, which none does."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        raise UploadFailedError(
            f"the certificate of {target.base} is not trusted; name the file of whoever signed it "
            "in the environment variable REQUESTS_CA_BUNDLE"
        ) from error


def _read(target: Target, name: str, answer: requests.Response) -> object:
    """Return what a call answers; raise with its words when it is refused."""
    if answer.status_code == 200:
        try:
            return answer.json()
        except ValueError:
            raise _no_server(target, name, "an answer that is no JSON") from None
    try:
        said = answer.json()
    except ValueError:
        said = answer.text
    words = str(said.get("error", said) if isinstance(said, dict) else said)[:300]
    if answer.status_code == 401:
        raise UploadFailedError(f"the server refuses the token: {words}")
    if answer.status_code == 404:
        raise _no_server(target, name, "404")
    raise UploadFailedError(f"{name}: {answer.status_code} {words}")


def _no_server(target: Target, name: str, what: str) -> UploadFailedError:
    return UploadFailedError(
        f"{target.base} does not take slides: /Api/{name} gives {what}; is the address right?"
    )


def _judge(job: Job, error: TusCommunicationError | TusUploadFailed) -> None:
    """Go on after a failure that another try may mend; raise for every other."""
    status = error.status_code
    if status is None or status in _PASSING:
        return
    if status in _LOST:
        raise _LostError from error
    words = error.response_content
    said = words.decode(errors="replace") if isinstance(words, bytes) else str(words or "")
    raise UploadFailedError(f"{job.path.name}: {status} {said[:300]}".rstrip()) from error


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
