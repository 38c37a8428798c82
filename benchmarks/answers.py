"""Answers over the wire of a real server: many writers at once, and very many answers.

Usage::

    python -m benchmarks.answers writers [--writers 20] [--seconds 60]
    python -m benchmarks.answers volume [100000 1000000 ...]

*writers*: each saves single answers and small tables to a few subjects that all of them share, so
that they get into each other's way. Afterwards the history is compared with what was acknowledged:
lost is an acknowledged answer that is not there, doubled one that is there twice, interleaved a
table whose rows do not lie together. All must be 0, and every chain of versions whole.

*volume*: uploads, downloads and filters tables of so many answers, with the memory of the server's
processes at its peak. Both with two workers on SQLite.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import requests

from benchmarks.tiles import product
from records import question_types
from records.database import Database
from records.tables import Question, Slide, Study

QUESTIONS = 10
READERS = 10
TABLE_ROWS = 20
LIMIT_S = 600
MOST_XLSX = 200_000
"""More rows take a spreadsheet minutes to write; they are measured as CSV alone."""


@dataclass
class Tally:
    """What the writers were told."""

    singles: dict[int, str] = field(default_factory=dict)
    tables: list[list[str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    clashes: int = 0
    failed: list[str] = field(default_factory=list)


def main() -> None:
    """Run one of the two, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    kinds = parser.add_subparsers(dest="kind", required=True)
    writers = kinds.add_parser("writers")
    writers.add_argument("--writers", type=int, default=20)
    writers.add_argument("--seconds", type=float, default=60)
    volume = kinds.add_parser("volume")
    volume.add_argument("counts", type=int, nargs="*", default=[100_000, 1_000_000])
    options = parser.parse_args()
    if options.kind == "writers":
        with _Served(slides=5) as (server, study_id):
            sys.exit(_write_at_once(server, study_id, options.writers, options.seconds))
    for count in options.counts:
        with _Served(slides=-(-count // (QUESTIONS * READERS))) as (server, study_id):
            _measure_volume(server, study_id, count)


class _Served:
    """A server on a new data folder with one study, whose slides have no files."""

    def __init__(self, *, slides: int) -> None:
        self._slides = slides

    def __enter__(self) -> tuple[product.Product, int]:
        self._folder = tempfile.TemporaryDirectory()
        data = Path(self._folder.name) / "data"
        token = product.make_data(data)
        study_id = _make_study(data, self._slides)
        log = Path(self._folder.name) / "log"
        self._server = product.serve(data, token, log, workers=2)
        return self._server.__enter__(), study_id

    def __exit__(self, *problem: object) -> None:
        self._server.__exit__(None, None, None)
        self._folder.cleanup()


def _make_study(data: Path, slides: int) -> int:
    database = Database(f"sqlite:///{data / 'coverslip.db'}")
    with database.writing() as session:
        study = Study(name="bench")
        session.add(study)
        session.flush()
        study_id = study.id or 0
        text = question_types.by_name("FreeText").id
        session.add_all(
            Question(study_id=study_id, position=at, name=f"Question {at}", type_id=text)
            for at in range(QUESTIONS)
        )
        session.add_all(
            Slide(study_id=study_id, name=f"slide {at}", path=f"bench/{at}.svs")
            for at in range(slides)
        )
    database.close()
    return study_id


# --------------------------------------------------------------------------- many writers at once


def _write_at_once(server: product.Product, study_id: int, writers: int, seconds: float) -> int:
    tally, lock = Tally(), threading.Lock()
    slides = sorted(_slide_ids(server, study_id))
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_write, args=(server, study_id, slides, number, until, tally, lock))
        for number in range(writers)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.monotonic() - began
    _, history = server.call("ScoreHistory", studyId=study_id, limit_s=LIMIT_S)
    if not isinstance(history, list):
        sys.exit(f"ScoreHistory answered {history!r}")
    rows = len(tally.singles) + sum(map(len, tally.tables))
    ordered = sorted(tally.seconds)
    print(  # noqa: T201
        f"{writers} writers, {wall:.0f} s: {len(tally.seconds):,} requests, "
        f"{len(tally.singles):,} single answers and {len(tally.tables):,} tables acknowledged, "
        f"{rows:,} answers ({rows / wall:,.0f}/s); {tally.clashes:,} told of another answer; "
        f"request p50 {1000 * ordered[len(ordered) // 2]:.0f} ms, "
        f"p99 {1000 * ordered[len(ordered) * 99 // 100]:.0f} ms, "
        f"longest {1000 * ordered[-1]:.0f} ms; {len(tally.failed)} failed"
    )
    found = _compare(history, tally)
    print(", ".join(f"{name} {count}" for name, count in found.items()))  # noqa: T201
    for message in tally.failed[:5]:
        print(message)  # noqa: T201
    return 1 if any(found.values()) or tally.failed else 0


def _write(
    server: product.Product,
    study_id: int,
    slides: list[int],
    number: int,
    until: float,
    tally: Tally,
    lock: threading.Lock,
) -> None:
    """Save answers until the time is over: four single ones to each table."""
    choose = random.Random(number)  # noqa: S311
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {server.token}"
    session.headers["Accept"] = "application/json"
    url = f"http://127.0.0.1:{server.port}/Api/"
    known: dict[tuple[int, str], int] = {}
    count = 0
    while time.monotonic() < until:
        count += 1
        # The letter is repeated so that a mixture of two answers would be seen.
        stem = f"{number}.{count}."
        filler = chr(ord("a") + number % 26) * choose.randrange(1, 400)
        slide_id = choose.choice(slides)
        began = time.perf_counter()
        if count % 5 == 0:
            values = [f"{stem}{row}.{filler}" for row in range(TABLE_ROWS)]
            table = _shared_table(values, slides)
            reply = session.post(
                f"{url}UploadResults", {"studyId": study_id, "results": table}, timeout=LIMIT_S
            )
            with lock:
                if reply.status_code == 200 and reply.json()["success"]:
                    tally.tables.append(values)
                else:
                    tally.failed.append(reply.text[:200])
        else:
            question, value = f"Question {choose.randrange(QUESTIONS)}", f"{stem}{filler}"
            sent = {"studyId": study_id, "imageId": slide_id, "question": question}
            sent |= {"email": "shared@example.org", "answer": value}
            version = known.get((slide_id, question))
            reply = session.post(
                f"{url}SaveAnswer", sent | ({"version": version} if version else {}), timeout=60
            )
            body = reply.json()
            with lock:
                if reply.status_code == 200:
                    tally.singles[body["id"]] = value
                elif reply.status_code == 409:
                    tally.clashes += 1
                else:
                    tally.failed.append(reply.text[:200])
            standing = body if reply.status_code == 200 else body.get("current")
            if standing:
                known[slide_id, question] = standing["id"]
        with lock:
            tally.seconds.append(time.perf_counter() - began)


def _shared_table(values: list[str], slides: list[int]) -> str:
    """Return rows of the same subjects and person for every writer."""
    rows = [
        f"{slides[at // QUESTIONS % len(slides)]}\t\tshared@example.org\t"
        f"Question {at % QUESTIONS}\t{value}"
        for at, value in enumerate(values)
    ]
    return "\n".join(["", *rows])


def _compare(history: list[dict[str, object]], tally: Tally) -> dict[str, int]:
    """Count what differs between what was acknowledged and what the history tells."""
    by_id = {int(str(row["id"])): row for row in history}
    times = Counter(str(row["answer"]) for row in history)
    sent = [*tally.singles.values(), *(value for table in tally.tables for value in table)]
    place = {str(row["answer"]): at for at, row in enumerate(history)}
    chains: dict[tuple[object, object], list[dict[str, object]]] = defaultdict(list)
    for row in history:
        chains[row["imageID"], row["question"]].append(row)
    broken = 0
    for chain in chains.values():
        previous = None
        for row in chain:
            broken += row["previousId"] != previous
            previous = row["id"]
        broken += [bool(row["isCurrent"]) for row in chain] != [False] * (len(chain) - 1) + [True]
    return {
        "lost": sum(times[value] == 0 for value in sent)
        + sum(by_id.get(at, {}).get("answer") != value for at, value in tally.singles.items()),
        "doubled": sum(number > 1 for number in times.values()),
        "never acknowledged": len(times.keys() - set(sent)),
        "interleaved": sum(
            [place.get(value) for value in table]
            != list(range(place.get(table[0], 0), place.get(table[0], 0) + len(table)))
            for table in tally.tables
        ),
        "broken chains": broken,
    }


# --------------------------------------------------------------------------- very many answers


def _measure_volume(server: product.Product, study_id: int, count: int) -> None:
    slides = sorted(_slide_ids(server, study_id))
    form = (
        b"studyId=%d&results=" % study_id
        + urllib.parse.quote_plus("\n".join(_rows(slides, count))).encode()
    )
    print(f"\n{count:,} answers")  # noqa: T201
    print("| step | seconds | MB | MB/s | peak MiB (greatest process) |\n|---|---|---|---|---|")  # noqa: T201

    def step(name: str, deed: Callable[[], int]) -> None:
        for pid in server.program.tree:
            Path(f"/proc/{pid}/clear_refs").write_text("5")
        began = time.perf_counter()
        size = deed()
        seconds = time.perf_counter() - began
        peak = max(_peak_mib(pid) for pid in server.program.tree)
        print(  # noqa: T201
            f"| {name} | {seconds:.2f} | {size / 1e6:.1f} | {size / 1e6 / seconds:.1f} "
            f"| {peak:.0f} |",
            flush=True,
        )

    step("at rest", lambda: len(server.get("/healthz")[1]))
    step("upload", lambda: _upload(server, form))
    step("upload of the same again", lambda: _upload(server, form))
    for name, accept in (("JSON", "application/json"), ("TSV", "text/plain")):
        step(f"Scores, {name}", lambda accept=accept: _drain(server, "Scores", study_id, accept))
    for name, value in {
        "question": "Question 3",
        "email": "reader3@example.org",
        "imageId": str(slides[len(slides) // 2]),
    }.items():
        step(
            f"Scores, one {name}",
            lambda name=name, value=value: _drain(
                server, "Scores", study_id, "application/json", **{name: value}
            ),
        )
    forms = [("csv", "long"), ("csv", "wide")]
    if count <= MOST_XLSX:
        forms.append(("xlsx", "long"))
    for form_name, shape in forms:
        step(
            f"DownloadResults, {form_name}, {shape}",
            lambda form_name=form_name, shape=shape: _drain(
                server, "DownloadResults", study_id, "*/*", format=form_name, shape=shape
            ),
        )
    for name, parameters in (
        ("ScoreHistory", {}),
        ("ScoreHistory", {"imageId": str(slides[len(slides) // 2])}),
        ("Progress", {}),
        ("NextUnscored", {"email": "reader3@example.org"}),
    ):
        step(
            f"{name}{', one imageId' if parameters.keys() == {'imageId'} else ''}",
            lambda name=name, parameters=parameters: _drain(
                server, name, study_id, "application/json", **parameters
            ),
        )


def _rows(slides: list[int], count: int) -> Iterator[str]:
    yield ""
    for at in range(count):
        rest, question = divmod(at, QUESTIONS)
        slide, reader = divmod(rest, READERS)
        yield (
            f"{slides[slide]}\tslide {slide}\treader{reader}@example.org\tQuestion {question}"
            f"\tanswer {at * 7919 % 1000003}"
        )


def _upload(server: product.Product, form: bytes) -> int:
    reply = requests.post(
        f"http://127.0.0.1:{server.port}/Api/UploadResults",
        data=form,
        headers={
            "Authorization": f"Bearer {server.token}",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        timeout=LIMIT_S,
    )
    if not reply.json().get("success"):
        sys.exit(f"UploadResults answered {reply.text[:300]}")
    return len(form)


def _drain(
    server: product.Product, name: str, study_id: int, accept: str, **parameters: str
) -> int:
    """Return how many bytes a call answers."""
    reply = requests.get(
        f"http://127.0.0.1:{server.port}/Api/{name}",
        params={"studyId": str(study_id), **parameters},
        headers={"Authorization": f"Bearer {server.token}", "Accept": accept},
        timeout=LIMIT_S,
        stream=True,
    )
    if reply.status_code != 200:
        sys.exit(f"{name} answered {reply.status_code}: {reply.text[:300]}")
    return sum(len(block) for block in reply.iter_content(1 << 18))


def _peak_mib(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _slide_ids(server: product.Product, study_id: int) -> list[int]:
    _, slides = server.call("Images", studyId=study_id)
    if not isinstance(slides, list):
        sys.exit(f"Images answered {json.dumps(slides)[:300]}")
    return [row["id"] for row in slides]


if __name__ == "__main__":
    main()
