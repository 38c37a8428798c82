from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from scripts import build_web


@pytest.mark.parametrize("version", ["20.19.0", "20.20.2", "22.12.0", "24.19.0", "25.0.0-nightly"])
def test_versions_of_node_that_vite_supports_are_used(version: str) -> None:
    assert build_web.is_supported(version)


@pytest.mark.parametrize("version", ["18.20.8", "20.18.3", "21.7.0", "22.11.0", "", "unknown"])
def test_older_versions_of_node_are_not(version: str) -> None:
    assert not build_web.is_supported(version)


def test_pages_are_made_of_sources_but_not_of_tests() -> None:
    names = {path.relative_to(build_web.WEB).as_posix() for path in build_web.source_files()}

    assert {"home.html", "package-lock.json", "vite.config.ts", "src/viewer/main.tsx"} <= names
    assert not [name for name in names if ".test." in name or name.startswith(("e2e", "dist"))]
    assert not [name for name in names if name.startswith("node_modules")]


def test_any_change_of_name_or_content_changes_the_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_web, "ROOT", tmp_path)
    first, second = tmp_path / "a.ts", tmp_path / "b.ts"
    first.write_text("ab")
    second.write_text("c")
    before = build_web.fingerprint([first, second])

    assert build_web.fingerprint([first, second]) == before
    first.write_text("a")
    second.write_text("bc")
    assert build_web.fingerprint([first, second]) != before
    assert build_web.fingerprint([first]) != before


def test_a_failing_step_is_told_with_its_output_and_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    program = "import sys; print('the reason'); sys.exit(3)"

    with pytest.raises(build_web.BuildError, match="status 3"):
        build_web.run([sys.executable, "-c", program])

    assert "the reason" in capsys.readouterr().err


def test_a_command_that_is_not_there_is_told() -> None:
    with pytest.raises(build_web.BuildError, match="cannot run"):
        build_web.run(["/nonexistent/node"])


def test_long_output_keeps_its_beginning_and_end() -> None:
    lines = build_web.excerpt("\n".join(str(number) for number in range(200))).splitlines()

    assert (lines[0], lines[-1], len(lines)) == ("0", "199", 41)


def test_the_lock_names_no_registry() -> None:
    lock = json.loads(build_web.PACKAGE_LOCK.read_text())

    assert not [name for name, entry in lock["packages"].items() if "resolved" in entry]
    assert all("integrity" in entry for name, entry in lock["packages"].items() if name)


def test_the_lock_holds_the_programs_of_every_platform() -> None:
    packages = json.loads(build_web.PACKAGE_LOCK.read_text())["packages"]
    missing = [
        f"{parent}: {child}"
        for parent, entry in packages.items()
        for child in entry.get("optionalDependencies", {})
        if f"node_modules/{child}" not in packages
    ]

    assert missing == []
