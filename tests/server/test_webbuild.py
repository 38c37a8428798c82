from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from records.errors import NotFoundError
from server.webbuild import PAGES, WebBuild


def write_build(folder: Path, **pages: str) -> Path:
    """Write a build of pages and two assets into a folder."""
    (folder / "assets").mkdir(parents=True)
    for page in PAGES:
        text = pages.get(page, f"<h1>{page}</h1>")
        (folder / f"{page}.html").write_text(text, encoding="utf-8")
    (folder / "assets" / "home-AbC123.js").write_text("let a = 1;\n" * 100)
    (folder / "assets" / "tissue-x.png").write_bytes(b"\x89PNG")
    return folder


def test_slots_are_filled_with_escaped_text(tmp_path: Path) -> None:
    build = WebBuild.read(write_build(tmp_path, home='<html data-email="__email__">__email__'))
    assert build is not None

    page = build.page("home", {"email": '"><script>alert(1)</script>&'})

    escaped = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;"
    assert page == f'<html data-email="{escaped}">{escaped}'


def test_a_value_that_looks_like_a_slot_is_text(tmp_path: Path) -> None:
    build = WebBuild.read(write_build(tmp_path, home="__email__ __root__"))
    assert build is not None

    assert build.page("home", {"email": "__root__", "root": "/x"}) == "__root__ /x"


def test_a_slot_without_a_value_is_a_mistake(tmp_path: Path) -> None:
    build = WebBuild.read(write_build(tmp_path, home="__email__"))
    assert build is not None

    with pytest.raises(KeyError, match="email"):
        build.page("home", {})


def test_scripts_are_packed_and_pictures_are_not(tmp_path: Path) -> None:
    build = WebBuild.read(write_build(tmp_path))
    assert build is not None

    script, picture = build.asset("home-AbC123.js"), build.asset("tissue-x.png")

    assert script.media_type == "text/javascript; charset=utf-8"
    assert script.packed is not None
    assert gzip.decompress(script.packed) == script.body
    assert len(script.packed) < len(script.body)
    assert (picture.media_type, picture.packed) == ("image/png", None)


@pytest.mark.parametrize("name", ["", "..", "../home.html", "/etc/passwd", "HOME-abc123.js", "x\0"])
def test_only_names_of_built_files_lead_anywhere(tmp_path: Path, name: str) -> None:
    build = WebBuild.read(write_build(tmp_path / "dist"))
    assert build is not None

    with pytest.raises(NotFoundError):
        build.asset(name)


def test_a_part_of_a_build_is_none(tmp_path: Path) -> None:
    folder = write_build(tmp_path / "dist")
    (folder / "viewer.html").unlink()

    assert WebBuild.read(folder) is None
    assert WebBuild.read(tmp_path / "missing") is None
