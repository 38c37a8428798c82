"""A study that several readers scored, for the pictures of the pages; made through the Api."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import requests

from slides_sample import layout, pyramid, section
from slides_sample.section import DAB

STUDY = "BREAST_KI67_2026"
READERS = ("a.dewit", "j.bakker", "k.ito", "m.vos", "p.ansah")
PASSWORD = "Glass-and-1-slide"  # noqa: S105 — of a server that lives for a minute
SLIDE_COUNT = 18
SIZE = (1800, 1350)
"""Width and height of its slides, in pixels."""

_SCORES = """\
Invasive tumour\tPositiveNegative\t\tmandatory
Staining intensity\tIntensities\t\tmandatory
Ki-67 positive nuclei\tPercentage\t\tmandatory
Stromal TILs\tInteger\t0;100
Invasive front\tClickFriendly\tPushing;;Infiltrating;;Mixed
Tumour area\tAnnoShapes\t#ffd60a
Remark\tFreeText\t
"""
_CONFIG = """\
friendlyname: Ki-67 in breast biopsies, round 2
folder: Breast
organ: Breast
stainings: Ki-67
showotherpeoplesscores: true
showthumbnails: true
showslidenames: true
"""
_FRONTS = ("Pushing", "Infiltrating", "Mixed")
# How many slides each reader has scored, and how far from the truth they are.
_READ = dict(zip(READERS, (18, 16, 18, 11, 5), strict=True))
_NOISE = dict(zip(READERS, (0.35, 0.45, 0.4, 0.5, 1.1), strict=True))


def address(reader: str) -> str:
    """Return a reader's e-mail address."""
    return f"{reader}@example.org"


def write_study(images_root: Path, admin: str) -> None:
    """Write the slides and text files of the study."""
    folder = images_root / STUDY
    folder.mkdir(parents=True)
    for index in range(SLIDE_COUNT):
        _write_slide(folder / f"T26-{117 + index:04d}.svs", seed=index)
    people = "".join(f"{address(reader)};canscore\n" for reader in READERS)
    texts = {
        "emails": f"{admin};canedit,cangetresults\n{people}",
        "scores": _SCORES,
        "config": _CONFIG,
    }
    for kind, text in texts.items():
        (images_root / f"study.{STUDY}.{kind}").write_text(text)


def _write_slide(path: Path, seed: int) -> None:
    width, height = SIZE
    plan = layout.plan_section(np.random.default_rng(seed), width, height)
    pixels = section.paint_section(
        plan, DAB, np.random.default_rng(seed + 100), width=width, height=height
    )
    levels = [pixels, pyramid.shrink(pixels, 4)]
    label = pyramid.shrink(pixels, 8)
    pyramid.write_aperio(path, levels, pyramid.Storage(), mpp=0.25, objective=40, label=label)


@dataclass(frozen=True)
class Caller:
    """Somebody who asks calls of a server: by a token, or signed in."""

    url: str
    session: requests.Session

    @classmethod
    def by_token(cls, url: str, token: str) -> Caller:
        """Return who holds a token."""
        session = requests.Session()
        session.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})
        return cls(url, session)

    @classmethod
    def signed_in(cls, url: str, email: str, password: str) -> Caller:
        """Return a person who has signed in."""
        session = requests.Session()
        session.headers.update({"Origin": url})
        form = {"email": email, "password": password}
        reply = session.post(f"{url}/Account/Login", form, timeout=30, allow_redirects=False)
        if reply.status_code not in (302, 303):
            raise RuntimeError(f"{email} was not let in: {reply.status_code}")
        return cls(url, session)

    def call(self, name: str, **parameters: object) -> Any:  # noqa: ANN401 — JSON
        """Make a call of the Api and return its reply."""
        reply = self.session.post(f"{self.url}/Api/{name}", parameters, timeout=120)
        reply.raise_for_status()
        return reply.json() if reply.content else None


def wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers, or tell why it does not."""
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(log.read_text())
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(f"{url}/healthz", timeout=2).ok:
                return
        time.sleep(0.1)
    raise RuntimeError(f"no health within a minute\n{log.read_text()}")


def fill_study(caller: Caller) -> int:
    """Import the study, let its readers answer, publish it, and return its id."""
    study_id = int(caller.call("Reimport", studyName=STUDY)["id"])
    slides = caller.call("Images", studyId=study_id)
    rows = "\n".join(["header", *_answers(slides)])
    reply = caller.call("UploadResults", studyId=study_id, results=rows)
    if not reply["success"]:
        raise RuntimeError(reply["log"])
    caller.call("Publish", studyId=study_id)
    return study_id


def send_slides(caller: Caller, study_id: int, like: Path) -> None:
    """Upload a slide, and half of another, as somebody does whose browser was closed meanwhile.

    Parameters
    ----------
    like
        The slide that both are copies of.
    """
    body = like.read_bytes()
    for name, part in (("T26-0135.svs", body), ("T26-0136.svs", body[: len(body) // 2])):
        token = caller.call("RequestUpload", studyId=study_id, filename=name)["token"]
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(body)),
            "Upload-Metadata": f"uploadtoken {base64.b64encode(token.encode()).decode()}",
            "Content-Type": "application/offset+octet-stream",
        }
        reply = caller.session.post(f"{caller.url}/files/", part, headers=headers, timeout=60)
        reply.raise_for_status()
        if len(part) == len(body):
            part_id = reply.headers["Location"].rpartition("/")[2]
            caller.call("FinishUpload", id=part_id, token=token)


def _answers(slides: list[dict[str, Any]]) -> Iterator[str]:
    rng = np.random.default_rng(26)
    for position, slide in enumerate(slides):
        truth = rng.uniform(0, 3)
        for reader in READERS:
            if position >= _READ[reader]:
                continue
            seen = truth + rng.normal(0, _NOISE[reader])
            for question, answer in _answers_of_one(seen, rng).items():
                told = (str(slide["id"]), slide["name"], address(reader), question, answer)
                yield "\t".join(told)


def _answers_of_one(seen: float, rng: np.random.Generator) -> dict[str, str]:
    level = int(np.clip(round(seen), 0, 3))
    percent = int(np.clip(10 * round(seen * 3 + rng.normal(0, 0.4)), 0, 90))
    answers = {
        "Invasive tumour": "positive" if seen > 0.6 else "negative",
        "Staining intensity": f"{level}+" if level else "0",
        "Ki-67 positive nuclei": str(percent),
        "Stromal TILs": str(int(np.clip(seen * 18 + rng.normal(0, 6), 0, 100))),
        "Invasive front": _FRONTS[int(np.clip(round(seen * 0.7 + rng.normal(0, 0.4)), 0, 2))],
        "Tumour area": _outline(rng),
    }
    if seen > 2.9:
        answers["Remark"] = "Crushed at the edge"
    return answers


def _outline(rng: np.random.Generator) -> str:
    """Return an outline of twenty corners about the middle of the slide."""
    turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    reach = 380 + 30 * np.sin(3 * turn) + rng.normal(0, 12, turn.size)
    points = [
        {"x": round(900 + r * np.cos(t)), "y": round(675 + r * np.sin(t))}
        for r, t in zip(reach, turn, strict=True)
    ]
    return json.dumps([{"type": "polygon", "points": points}])


def record_viewing(caller: Caller, study_id: int, *, seed: int, slide_count: int) -> None:
    """Record how a reader who is signed in looks at the first slides of the study."""
    rng = np.random.default_rng(seed)
    for slide in caller.call("Images", studyId=study_id)[:slide_count]:
        events = "\n".join(_events(rng))
        caller.call("RecordSession", imageId=slide["id"], events=events)


def _events(rng: np.random.Generator) -> Iterator[str]:
    """Yield a look at the whole slide, then at spots of it ever closer."""
    width, height = SIZE
    at, ms = np.array([width / 2, height / 2]), 0
    for step in range(int(rng.integers(40, 120))):
        scale = 1.4 if step < 5 else float(rng.choice([0.15, 0.25, 0.5]))
        at = np.clip(at + rng.normal(0, 160, 2), (300, 250), (1500, 1100))
        box_w, box_h = round(width * scale), round(height * scale)
        left, top = round(at[0] - box_w / 2), round(at[1] - box_h / 2)
        yield "\t".join(str(v) for v in (ms, left, top, box_w, box_h, round(at[0]), round(at[1])))
        ms += int(rng.exponential(900)) + 150
