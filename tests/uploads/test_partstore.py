"""Parts on disk: offsets, locks, checksums, crashes and expiry."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from uploads.checksums import Checksum
from uploads.parts import (
    ChecksumError,
    DiskFullError,
    OffsetError,
    PartExpiredError,
    PartIncompleteError,
    PartLockedError,
    PartMissingError,
    PartOverflowError,
)
from uploads.partstore import PartStore

# Ages are told by the disk's own clock, so the present must be the real one.
NOW = datetime.now(UTC).replace(microsecond=0)
WEEK = timedelta(days=7)
PART = "0123456789abcdef0123456789abcdef"


def make_store(folder: Path) -> PartStore:
    return PartStore(folder / "parts", lifetime=WEEK)


def make_part(store, *, length=10, data=b"", part_id=PART):
    store.create(part_id, length=length, metadata="", owner="token:1", now=NOW)
    if data:
        append(store, data)
    return part_id


def append(store, data, *, offset=None, now=NOW, checksum=None):
    offset = store.state(PART, now).offset if offset is None else offset
    with store.writer(PART, now, offset=offset, checksum=checksum) as writer:
        writer.write(data)
        return writer.commit(now)


def content(store, part_id=PART):
    with store.complete(part_id) as path:
        return path.read_bytes()


def sha1_of(data):
    return Checksum("sha1", hashlib.sha1(data).digest())


def test_new_part_is_empty_and_knows_what_it_was_told(tmp_path):
    store = make_store(tmp_path)

    state = store.create(PART, length=10, metadata="filename eA==", owner="token:7", now=NOW)

    assert (state.offset, state.length, state.is_complete) == (0, 10, False)
    assert (state.metadata, state.owner) == ("filename eA==", "token:7")
    assert state.expires_at == NOW + WEEK
    assert make_store(tmp_path).state(PART, NOW) == state


def test_empty_file_is_complete_at_once(tmp_path):
    store = make_store(tmp_path)
    make_part(store, length=0)

    assert store.state(PART, NOW).is_complete
    assert content(store) == b""


def test_bytes_are_added_at_the_offset(tmp_path):
    store = make_store(tmp_path)
    make_part(store)

    assert append(store, b"hello").offset == 5
    assert append(store, b"world").is_complete
    assert content(store) == b"helloworld"


def test_bytes_at_another_offset_are_refused_and_change_nothing(tmp_path):
    store = make_store(tmp_path)
    make_part(store, data=b"hello")

    for offset in (0, 4, 6):
        with pytest.raises(OffsetError, match="stands at 5"):
            append(store, b"x", offset=offset)

    assert store.state(PART, NOW).offset == 5


def test_bytes_beyond_the_length_are_refused_and_can_be_taken_back(tmp_path):
    store = make_store(tmp_path)
    make_part(store, data=b"hello")

    with store.writer(PART, NOW, offset=5) as writer:
        writer.write(b"wor")
        with pytest.raises(PartOverflowError):
            writer.write(b"ld!")
        writer.revert()

    assert store.state(PART, NOW).offset == 5
    append(store, b"world")
    assert content(store) == b"helloworld"


def test_second_writer_is_locked_out_until_the_first_lets_go(tmp_path):
    store = make_store(tmp_path)
    make_part(store)

    with store.writer(PART, NOW, offset=0) as writer:
        with pytest.raises(PartLockedError):
            store.writer(PART, NOW, offset=0)
        with pytest.raises(PartLockedError):
            store.discard(PART)
        with pytest.raises(PartIncompleteError), store.complete(PART):
            pass
        assert store.state(PART, NOW).offset == 0
        writer.write(b"0123456789")
        with pytest.raises(PartLockedError), store.complete(PART):
            pass
        writer.revert()

    assert append(store, b"hello").offset == 5


def test_writer_of_another_process_is_locked_out(tmp_path):
    store = make_store(tmp_path)
    make_part(store)
    script = (
        "import sys\n"
        "from datetime import UTC, datetime, timedelta\n"
        "from pathlib import Path\n"
        "from uploads.parts import PartLockedError\n"
        "from uploads.partstore import PartStore\n"
        "store = PartStore(Path(sys.argv[1]), lifetime=timedelta(days=7))\n"
        "try:\n"
        "    store.writer(sys.argv[2], datetime.now(UTC), offset=0)\n"
        "except PartLockedError:\n"
        "    print('locked')\n"
        "else:\n"
        "    print('free')\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "parts"), PART]
    root = Path(__file__).resolve().parents[2]

    with store.writer(PART, NOW, offset=0):
        while_writing = subprocess.run(
            command, cwd=root, capture_output=True, text=True, check=True
        )
    afterwards = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)

    assert (while_writing.stdout, afterwards.stdout) == ("locked\n", "free\n")


def test_client_that_goes_away_leaves_its_bytes(tmp_path):
    store = make_store(tmp_path)
    make_part(store)

    with store.writer(PART, NOW, offset=0) as writer:
        writer.write(b"hel")
        assert writer.keep(NOW).offset == 3

    assert store.state(PART, NOW).offset == 3


def test_killed_writer_leaves_its_bytes(tmp_path):
    store = make_store(tmp_path)
    make_part(store)

    writer = store.writer(PART, NOW, offset=0)
    writer.write(b"hel")
    writer.close()

    assert append(store, b"lo").offset == 5


def test_bytes_with_the_right_checksum_stay(tmp_path):
    store = make_store(tmp_path)
    make_part(store)

    assert append(store, b"hello", checksum=sha1_of(b"hello")).offset == 5
    assert not (tmp_path / "parts" / f"{PART}.undo").exists()


def test_bytes_with_a_wrong_checksum_are_gone(tmp_path):
    store = make_store(tmp_path)
    make_part(store, data=b"hello")

    with pytest.raises(ChecksumError):
        append(store, b"wurld", checksum=sha1_of(b"world"))

    assert append(store, b"world", checksum=sha1_of(b"world")).is_complete
    assert content(store) == b"helloworld"


@pytest.mark.parametrize("ending", ["keep", "killed"])
def test_bytes_whose_checksum_was_never_checked_do_not_count(tmp_path, ending):
    store = make_store(tmp_path)
    make_part(store, data=b"hello")

    writer = store.writer(PART, NOW, offset=5, checksum=sha1_of(b"world"))
    writer.write(b"wor")
    if ending == "keep":
        assert writer.keep(NOW).offset == 5
    writer.close()

    assert make_store(tmp_path).state(PART, NOW).offset == 5
    append(store, b"WORLD", offset=5)
    assert content(store) == b"helloWORLD"


def test_unchecked_bytes_do_not_complete_a_part(tmp_path):
    store = make_store(tmp_path)
    make_part(store, data=b"hello")
    writer = store.writer(PART, NOW, offset=5, checksum=sha1_of(b"world"))
    writer.write(b"wurld")
    writer.close()

    with pytest.raises(PartIncompleteError, match="5 of 10"), store.complete(PART):
        pass


def test_full_disk_keeps_what_fitted_and_can_be_resumed(tmp_path, monkeypatch):
    store = make_store(tmp_path)
    make_part(store)
    really_write = os.pwrite

    def three_bytes_then_full(handle, data, offset):
        if offset >= 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return really_write(handle, data[: 3 - offset], offset)

    monkeypatch.setattr(os, "pwrite", three_bytes_then_full)
    with store.writer(PART, NOW, offset=0) as writer:
        with pytest.raises(DiskFullError):
            writer.write(b"hello")
        writer.keep(NOW)
    monkeypatch.undo()

    assert store.state(PART, NOW).offset == 3
    assert append(store, b"loworld").is_complete


def test_bytes_that_the_disk_did_not_take_do_not_count(tmp_path, monkeypatch):
    store = make_store(tmp_path)
    make_part(store, data=b"hello")
    really_sync = os.fsync
    failures = [OSError(errno.EIO, "Input/output error")]

    def failing_once(handle):
        if failures:
            raise failures.pop()
        really_sync(handle)

    with store.writer(PART, NOW, offset=5) as writer:
        writer.write(b"world")
        monkeypatch.setattr(os, "fsync", failing_once)
        with pytest.raises(OSError, match="Input/output"):
            writer.commit(NOW)

    assert store.state(PART, NOW).offset == 5


def test_upload_that_would_eat_the_reserve_is_refused_and_leaves_nothing(tmp_path):
    store = PartStore(tmp_path / "parts", lifetime=WEEK, reserve_bytes=2**62)

    with pytest.raises(DiskFullError):
        make_part(store)

    assert list((tmp_path / "parts").iterdir()) == []


def test_upload_longer_than_the_free_disk_is_refused(tmp_path):
    with pytest.raises(DiskFullError):
        make_part(make_store(tmp_path), length=2**60)


@pytest.mark.parametrize("part_id", ["f" * 32, "", "..", "../../etc/passwd", "F" * 32, PART + "\n"])
def test_unknown_or_hostile_id_is_missing(tmp_path, part_id):
    store = make_store(tmp_path)
    make_part(store)

    with pytest.raises(PartMissingError):
        store.state(part_id, NOW)
    with pytest.raises(PartMissingError):
        store.writer(part_id, NOW, offset=0)
    with pytest.raises(PartMissingError):
        store.discard(part_id)
    with pytest.raises(PartMissingError), store.complete(part_id):
        pass


def test_discarded_part_is_gone_with_its_files(tmp_path):
    store = make_store(tmp_path)
    make_part(store, data=b"hello")

    store.discard(PART)

    assert list((tmp_path / "parts").iterdir()) == []
    with pytest.raises(PartMissingError):
        store.state(PART, NOW)


def test_part_moved_into_place_is_told_by_its_sidecar(tmp_path):
    store = make_store(tmp_path)
    make_part(store, length=5, data=b"hello")
    with store.complete(PART) as path:
        path.replace(tmp_path / "placed")

    with store.complete(PART) as path:
        assert path is None
    assert store.length(PART) == 5
    with pytest.raises(PartMissingError):
        store.writer(PART, NOW, offset=5)


def test_every_append_puts_the_expiry_off(tmp_path):
    store = make_store(tmp_path)
    make_part(store)
    later = NOW + timedelta(days=6)

    assert append(store, b"hello", now=later).expires_at == later + WEEK
    assert store.state(PART, NOW + timedelta(days=8)).offset == 5


def test_part_without_news_expires(tmp_path):
    store = make_store(tmp_path)
    make_part(store)

    with pytest.raises(PartExpiredError):
        store.state(PART, NOW + WEEK)
    with pytest.raises(PartExpiredError):
        store.writer(PART, NOW + WEEK, offset=0)


def test_sweep_removes_the_expired_and_nothing_else(tmp_path):
    store = make_store(tmp_path)
    young = "f" * 32
    make_part(store)
    store.create(young, length=1, metadata="", owner="", now=NOW + timedelta(days=1))

    assert store.sweep(NOW + WEEK) == 1

    assert store.state(young, NOW + WEEK).offset == 0
    with pytest.raises(PartMissingError):
        store.state(PART, NOW)


def test_sweep_spares_a_part_that_is_being_written(tmp_path):
    store = make_store(tmp_path)
    make_part(store)

    with store.writer(PART, NOW, offset=0):
        assert store.sweep(NOW + WEEK) == 0

    assert store.state(PART, NOW).offset == 0


def test_sweep_removes_what_a_killed_server_left_half_made(tmp_path):
    store = make_store(tmp_path)
    folder = tmp_path / "parts"
    for name in (f"{'e' * 32}.part", f"{'d' * 32}.info", ".x7_abc.part"):
        (folder / name).write_bytes(b"")
        os.utime(folder / name, (NOW.timestamp(), NOW.timestamp()))

    assert store.sweep(NOW + WEEK) == 3

    assert list(folder.iterdir()) == []
