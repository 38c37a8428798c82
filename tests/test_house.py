"""The architecture as tests: what docs/architecture.md promises."""

from __future__ import annotations

import ast
import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from scripts.write_api_docs import api_text, declared_calls
from server.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = [
    *("server", "scoring", "studyconfig", "uploads", "tileserver", "access", "records"),
    "coverslip",
]
MODULES = sorted(
    path
    for package in [*PACKAGES, "slides_sample"]
    for path in (ROOT / package).rglob("*.py")
    if "versions" not in path.parts
)
TEST_MODULES = sorted(
    path for path in (ROOT / "tests").rglob("*.py") if "node_modules" not in path.parts
)
FORMATS = [path for path in MODULES if path.parent.name == "formats" and path.stem != "__init__"]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", [*MODULES, *TEST_MODULES], ids=_name)
def test_no_module_is_longer_than_400_lines(path: Path):
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_every_module_says_in_a_sentence_what_it_is(path: Path):
    docstring = ast.get_docstring(ast.parse(path.read_text()))

    assert docstring
    assert docstring.split("\n\n")[0].strip().endswith((".", ":"))


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.name == "__init__.py"], ids=_name
)
def test_packages_hold_no_code_of_their_own(path: Path):
    body = ast.parse(path.read_text()).body

    # tileserver.readers is the one exception: the tuple of readers lives there.
    assert len(body) == 1 or _name(path) == "tileserver/readers/__init__.py"


def test_every_setting_is_documented():
    text = (ROOT / "docs" / "settings.md").read_text()

    for field in fields(Settings):
        assert f"`{PREFIX}{field.name.upper()}`" in text


def test_no_file_in_the_repository_names_a_package_registry_or_is_huge():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    files = [ROOT / name for name in listed if name and (ROOT / name).is_file()]

    assert [_name(path) for path in files if path.stat().st_size > 2**20] == []
    hosts = re.compile(r"registry\.npmjs|files\.pythonhosted|pypi\.org/simple")
    texts = [path for path in files if path.suffix in {".lock", ".json", ".toml", ".npmrc"}]
    assert [_name(path) for path in texts if hosts.search(path.read_text())] == []


def test_every_call_is_documented_as_it_is_declared():
    notes = (ROOT / "docs" / "api-notes.md").read_text()

    written = (ROOT / "docs" / "api.md").read_text()

    assert written == api_text(declared_calls(), notes), "run: make docs"
