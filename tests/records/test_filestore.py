from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from records.errors import InputError
from records.filestore import FileStore, atomic_path


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "images")


@pytest.mark.parametrize(
    ("given_path", "expected"),
    [
        ("", ""),
        (".", ""),
        ("./test/", "test"),
        ("a//b/./c.svs", "a/b/c.svs"),
        ("a\\b.svs", "a/b.svs"),
        ("e\u0301.svs", "\u00e9.svs"),
        ("study.test-anno2-2026-01-31_12-00-00.scores",) * 2,
    ],
)
def test_paths_are_normalised(store: FileStore, given_path: str, expected: str):
    assert store.normalise(given_path) == expected


@pytest.mark.parametrize(
    "bad",
    [
        "../x",
        "a/../../x",
        "/etc/passwd",
        "\\\\server\\share",
        "C:\\x",
        "C:x",
        "a\0b",
        "a\nb",
        "nul",
        "COM1.svs",
        "aux .svs",
        "name.",
        " name",
        "a:b",
        "a\u202eb",
        "x" * 256,
        "/".join(["y" * 200] * 6),
    ],
)
def test_bad_paths_are_refused(store: FileStore, bad: str):
    with pytest.raises(InputError):
        store.resolve(bad)


@given(st.text(max_size=40))
def test_no_text_leads_out_of_the_store(tmp_path_factory: pytest.TempPathFactory, text: str):
    store = FileStore(tmp_path_factory.getbasetemp() / "images")

    try:
        path = store.resolve(text)
    except InputError:
        return

    assert path == store.root or store.root in path.parents


def test_a_symbolic_link_out_of_the_store_is_refused(store: FileStore, tmp_path: Path):
    (store.root / "away").symlink_to(tmp_path)

    with pytest.raises(InputError):
        store.resolve("away/secret")


def test_placing_replaces_the_whole_file_and_takes_the_part(store: FileStore, tmp_path: Path):
    (store.root / "a.svs").write_bytes(b"old and longer")
    part = tmp_path / "part"
    part.write_bytes(b"new")

    store.place(part, "a.svs")

    assert (store.root / "a.svs").read_bytes() == b"new"
    assert not part.exists()
    assert [path.name for path in store.root.iterdir()] == ["a.svs"]


def test_placing_on_a_folder_is_refused_and_keeps_the_part(store: FileStore, tmp_path: Path):
    (store.root / "folder").mkdir()
    part = tmp_path / "part"
    part.write_bytes(b"x")

    with pytest.raises(InputError):
        store.place(part, "folder")

    assert part.exists()


def test_a_failed_atomic_write_leaves_the_old_file(tmp_path: Path):
    target = tmp_path / "config"
    target.write_text("old")

    def fail_half_way() -> None:
        with atomic_path(target) as part:
            part.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
