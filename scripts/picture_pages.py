"""Pictures every page and state in Chromium and writes docs/ui.md and docs/ui/*.webp.

``python -m scripts.picture_pages`` needs the built pages and Chromium; it takes about two minutes.
"""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyvips

from records.filestore import atomic_path
from scripts import build_web, picture_study
from scripts.picture_study import Caller
from slides_sample import samples

DOCS = Path(__file__).parents[1] / "docs"
FOLDER = DOCS / "ui"
NOTES = Path(__file__).with_name("pictures.toml")
COVERSLIP = Path(sys.executable).parent / "coverslip"
PORT = 8791
WIDTH = 960
"""Of the pictures, in pixels; the pages are 1440 wide."""

QUALITY = 62
MOST_BYTES = 1_600_000


def main() -> int:
    """Picture the pages and write the document."""
    with tempfile.TemporaryDirectory() as folder:
        data, shots = Path(folder, "data"), Path(folder, "shots")
        shots.mkdir()
        with _server(data) as (url, login):
            seen = _walk(_prepared(url, data, login), shots)
        _keep_pictures(shots)
    with atomic_path(DOCS / "ui.md") as part:
        part.write_text(text(seen, entry_sizes(build_web.DIST)), encoding="utf-8")
    for fault in seen["faults"]:
        print(fault)
    return 1 if seen["faults"] or any(page["rules"] for page in seen["pages"]) else 0


@contextmanager
def _server(data: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Serve a new data folder with the sample study, on this machine alone."""
    words = ("quickstart", "--data", str(data), "--port", str(PORT))
    environ = {name: value for name, value in os.environ.items() if name[:10] != "COVERSLIP_"}
    log = data.with_name("log")
    with log.open("w") as output:
        process = subprocess.Popen([COVERSLIP, *words], stdout=output, stderr=output, env=environ)
        url = f"http://127.0.0.1:{PORT}"
        try:
            picture_study.wait_until_healthy(url, process, log)
            yield url, json.loads((data / "first-login.json").read_text())
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


def _prepared(url: str, data: Path, login: dict[str, str]) -> dict[str, Any]:
    """Make the study, its people and what they did; return what the walk is told."""
    picture_study.write_study(data / "images", login["email"])
    caller = Caller.by_token(url, login["api_token"])
    study_id = picture_study.fill_study(caller)
    for at, reader in enumerate(picture_study.READERS):
        _give_password(data, picture_study.address(reader))
        if at < len(picture_study.READERS) - 1:
            person = Caller.signed_in(url, picture_study.address(reader), picture_study.PASSWORD)
            picture_study.record_viewing(person, study_id, seed=at, slide_count=5 - at)
    admin = Caller.signed_in(url, login["email"], login["password"])
    folder = data / "images" / picture_study.STUDY
    picture_study.send_slides(admin, study_id, min(folder.iterdir()))
    studies = {study["name"]: study["id"] for study in caller.call("Studies")}
    sample = {
        slide["name"]: slide["id"] for slide in caller.call("Images", studyId=studies["sample"])
    }
    slides = caller.call("Images", studyId=study_id)
    return {
        "base": url,
        "email": login["email"],
        "password": login["password"],
        "reader": picture_study.address("m.vos"),
        "readerPassword": picture_study.PASSWORD,
        "study": picture_study.STUDY,
        "studyId": study_id,
        # The first that this reader has not scored.
        "slideId": slides[11]["id"],
        "beside": [slide["id"] for slide in slides[11:13]],
        "sampleId": studies["sample"],
        "tmaId": sample[Path(samples.TMA_NAME).stem],
    }


def _give_password(data: Path, email: str) -> None:
    words = ("user", "add", email, "--password-stdin", "--data", str(data))
    subprocess.run(
        [COVERSLIP, *words],
        input=picture_study.PASSWORD,
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _walk(given: dict[str, Any], shots: Path) -> dict[str, Any]:
    chromium = build_web.find_chromium()
    if chromium is None:
        raise SystemExit("Chromium is not installed; scripts/install_test_tools.sh installs it")
    node = build_web.find_node(bundled_node=False)
    told = json.dumps({**given, "chromium": chromium, "pictures": str(shots)})
    done = subprocess.run(
        [node.node, "e2e/album.mjs", told],
        cwd=build_web.WEB,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


def _keep_pictures(shots: Path) -> None:
    """Shrink the pictures into docs/ui; those of pages that are gone go."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    for shot in sorted(shots.glob("*.png")):
        picture = pyvips.Image.thumbnail(str(shot), WIDTH)
        picture.webpsave(str(FOLDER / f"{shot.stem}.webp"), Q=QUALITY, effort=6, strip=True)
    size = sum(path.stat().st_size for path in FOLDER.glob("*.webp"))
    if size > MOST_BYTES:
        raise SystemExit(f"the pictures have {size:,} bytes; at most {MOST_BYTES:,} are kept")


def entry_sizes(dist: Path) -> dict[str, int]:
    """Return, by page, the bytes of script that must come before it shows, packed by gzip."""
    chunks = json.loads((dist / "manifest.json").read_text(encoding="utf-8"))
    packed = {
        name: len(gzip.compress((dist / chunk["file"]).read_bytes(), 9))
        for name, chunk in chunks.items()
        if chunk["file"].endswith(".js")
    }

    def needed(name: str, known: set[str]) -> set[str]:
        if name not in known:
            known.add(name)
            for more in chunks[name].get("imports", ()):
                needed(more, known)
        return known

    return {
        name.removesuffix(".html"): sum(packed.get(part, 0) for part in needed(name, set()))
        for name, chunk in chunks.items()
        if name.endswith(".html") and chunk.get("isEntry")
    }


def text(seen: dict[str, Any], entries: dict[str, int]) -> str:
    """Return the text of docs/ui.md."""
    notes = tomllib.loads(NOTES.read_text(encoding="utf-8"))
    parts = [notes["introduction"], _figures(seen, entries)]
    taken = {(page["name"], page["scheme"]) for page in seen["pages"]}
    for group in notes["group"]:
        parts.append(f"## {group['title']}\n")
        parts += [_shown(picture, taken) for picture in group["picture"]]
    return "\n".join(parts)


def _shown(picture: dict[str, str], taken: set[tuple[str, str]]) -> str:
    name, title = picture["name"], picture["title"]
    schemes = [scheme for scheme in ("light", "dark") if (name, scheme) in taken]
    images = " ".join(
        f'<img src="ui/{name}-{scheme}.webp" width="{96 // max(1, len(schemes))}%" '
        f'alt="{title}, {scheme}">'
        for scheme in schemes
    )
    mock = picture["mock"]
    source = f"Brief: `{mock}`. " if mock else "Not drawn in the brief. "
    return f"### {title}\n\n{source}{picture['note']}\n\n{images}\n"


def _figures(seen: dict[str, Any], entries: dict[str, int]) -> str:
    waits = sorted(seen["latency"])
    paints = [page["paint"] for page in seen["pages"] if page["paint"] is not None]
    broken = sum(len(page["rules"]) for page in seen["pages"])
    worst = max(entries, key=lambda name: entries[name])
    wide = sum(page["sticksOut"] for page in seen["pages"])
    largest = entries[worst] / 1000
    late = waits[int(len(waits) * 0.95)]
    return f"""## Figures of this run

| what | found | goal |
|---|---|---|
| rules of axe-core broken, of {len(seen["pages"])} pages and states | {broken} | 0 |
| errors in the console, refused requests, requests elsewhere | {len(seen["faults"])} | 0 |
| pages wider than the window | {wide} | 0 |
| first paint on loopback, the slowest page | {max(paints):.0f} ms | 1000 ms |
| scoring key to the frame that shows it, p95 of {len(waits)} keys | {late:.0f} ms | 50 ms |
| script before a page shows, packed, the largest ({worst}) | {largest:.0f} kB | 200 kB |
"""


if __name__ == "__main__":
    sys.exit(main())
