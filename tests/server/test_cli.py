"""The command line as others script against it."""

from __future__ import annotations

import re
import shutil
import socket
import stat
from pathlib import Path

import pytest

from tests.command import run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder with an administrator."""
    folder = tmp_path_factory.mktemp("made") / "data"
    assert run("init", "--data", folder, "--admin", "admin@example.org").returncode == 0
    return folder


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """Give a copy of it to change."""
    return shutil.copytree(made, tmp_path / "data")


def test_version_is_said():
    assert re.fullmatch(r"coverslip \d+\.\d+\.\d+\n", run("--version").stdout)


COMMANDS = [
    *("serve", "init", "token create", "user add", "reimport", "sample", "quickstart", "probe"),
    *("agreement", "audit verify", "backup", "convert", "upload", "uploads"),
]


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_help(words: str):
    shown = run(*words.split(), "--help")

    assert shown.returncode == 0
    assert f"Usage: coverslip {words} " in shown.stdout


def test_all_commands_are_listed():
    listed = run("--help").stdout

    for words in COMMANDS:
        assert f"│ {words.split()[0]} " in listed


def test_a_command_that_is_not_there_is_told_which_are_alike():
    refused = run("aggreement")

    assert refused.returncode == 2
    assert "Did you mean 'agreement'" in refused.stderr


def test_init_makes_the_folder_and_says_the_password_once(tmp_path: Path):
    first = run("init", "--data", tmp_path / "d", "--admin", "Admin@Example.org")
    second = run("init", "--data", tmp_path / "d", "--admin", "admin@example.org")

    assert "admin@example.org" in first.stdout
    assert re.search(r"Password: +\S{8,}", first.stdout)
    assert second.returncode == 0
    assert "Password" not in second.stdout
    assert (tmp_path / "d" / "coverslip.db").is_file()
    assert stat.S_IMODE((tmp_path / "d" / "secret.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("words", ["audit verify", "reimport pilot", "uploads"])
def test_a_mistyped_folder_is_not_taken_for_an_empty_one(tmp_path: Path, words: str):
    refused = run(*words.split(), "--data", tmp_path / "dta")

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert re.fullmatch(r"coverslip: there is no data folder .*dta.*\n", refused.stderr)
    assert not (tmp_path / "dta").exists()


def test_a_folder_that_a_token_is_made_in_is_said_to_be_new(tmp_path: Path):
    made = run("token", "create", "--data", tmp_path / "new", "--name", "ci")

    assert made.stdout.startswith("cs_")
    assert made.stderr == f"coverslip: made the data folder {tmp_path / 'new'}\n"


def test_a_file_in_the_place_of_the_folder_is_told_in_one_line(tmp_path: Path):
    (tmp_path / "d").write_text("")

    refused = run("serve", "--data", tmp_path / "d", "--port", "0")

    assert refused.returncode == 1
    assert re.fullmatch(r"coverslip: .*/d cannot be used as the data folder .*\n", refused.stderr)


def test_a_port_that_is_taken_is_told_in_one_line_before_anything_is_made(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = run("quickstart", "--data", tmp_path / "d", "--port", str(port))

    assert refused.returncode == 1
    assert re.fullmatch(rf"coverslip: 127\.0\.0\.1:{port} .*in use.*\n", refused.stderr)
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_a_data_folder_s_database(data: Path, tmp_path: Path):
    backed_up = run("backup", tmp_path / "copy.db", "--data", data)
    again = run("backup", tmp_path / "copy.db", "--data", data)
    (tmp_path / "restored").mkdir()
    shutil.copy(tmp_path / "copy.db", tmp_path / "restored" / "coverslip.db")
    [last_hash] = re.findall(r"Last hash: (\w{64})\n", backed_up.stdout)
    verified = run("audit", "verify", "--data", tmp_path / "restored", "--known", last_hash)

    assert backed_up.returncode == verified.returncode == 0
    assert again.returncode == 1
    assert "--force" in again.stderr


def test_token_create_prints_the_token_alone(data: Path):
    made = run("token", "create", "--data", data, "--name", "ci", "--studies", "a;b")

    assert re.fullmatch(r"cs_[\w-]{40,}\n", made.stdout)
    assert made.stderr == ""


def test_options_are_read_from_the_environment(data: Path):
    made = run("token", "create", COVERSLIP_DATA=str(data), COVERSLIP_NAME="from env")

    assert made.stdout.startswith("cs_")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rights", "CanFly"], "CanFly"),
        (["--expires", "tomorrow"], "2027-01-31"),
        (["--name", " "], "name"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(data: Path, arguments: list[str], said: str):
    refused = run("token", "create", "--data", data, "--name", "x", *arguments)

    assert refused.returncode == 1
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_user_add_reads_a_password_from_standard_input(data: Path):
    good = run(
        "user", "add", "r@example.org", "--data", data, "--password-stdin", stdin="Good-Pass-1\n"
    )
    weak = run("user", "add", "r@example.org", "--data", data, "--password-stdin", stdin="weak\n")

    assert good.returncode == 0
    assert "Good-Pass-1" not in good.stdout + good.stderr
    assert weak.returncode == 1
    assert "upper-case" in weak.stderr or "characters" in weak.stderr


def test_reimport_of_a_study_without_files_fails_and_says_why(data: Path):
    failed = run("reimport", "nothing", "--data", data)

    assert failed.returncode == 1
    assert "nothing" in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stderr


def test_probe_describes_a_slide(tmp_path: Path):
    from slides_sample import gradient

    slide = tmp_path / "g.tif"
    gradient.write_gradient_slide(slide, width=700, height=500, tile=256)

    shown = run("probe", slide)

    assert shown.returncode == 0
    assert "700" in shown.stdout
    assert "500" in shown.stdout
    assert "256" in shown.stdout


def test_probe_of_what_is_no_slide_fails_in_one_line(tmp_path: Path):
    bad = tmp_path / "text.svs"
    bad.write_text("not a slide")

    refused = run("probe", bad)

    assert refused.returncode == 1
    assert "text.svs" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_probe_of_a_missing_file_fails(tmp_path: Path):
    refused = run("probe", tmp_path / "none.svs")

    assert refused.returncode == 1
    assert "none.svs" in refused.stderr
