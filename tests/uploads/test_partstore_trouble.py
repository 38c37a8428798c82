"""Parts after a power cut, sums of streaming bytes, and sweeps of a disk that fails."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from concurrent import futures
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from uploads.checksums import Checksum
from uploads.parts import ChecksumError
from uploads.partstore import PartStore

# Ages are told by the disk's own clock, so the present must be the real one.
NOW = datetime.now(UTC).replace(microsecond=0)
WEEK = timedelta(days=7)
PART = "0123456789abcdef0123456789abcdef"


def make_store(folder: Path) -> PartStore:
    return PartStore(folder / "parts", lifetime=WEEK, boot="this run of the machine")


def make_part(store, *, data=b"", part_id=PART):
    store.create(part_id, length=10, metadata="", owner="token:1", now=NOW)
    if data:
        append(store, data)


def append(store, data, *, offset=None):
    offset = store.state(PART, NOW).offset if offset is None else offset
    with store.writer(PART, NOW, offset=offset) as writer:
        writer.write(data)
        return writer.commit(NOW)


def content(store):
    with store.complete(PART) as path:
        return path.read_bytes()


def sha1_of(data):
    return Checksum("sha1", hashlib.sha1(data).digest())


def after_a_power_cut(folder: Path) -> PartStore:
    return PartStore(folder / "parts", lifetime=WEEK, boot="another run of the machine")


def test_power_cut_leaves_only_what_was_acknowledged(tmp_path):
    store = make_store(tmp_path)
    make_part(store, data=b"hello")
    writer = store.writer(PART, NOW, offset=5)
    writer.write(b"\0\0\0")
    writer.close()
    assert store.state(PART, NOW).offset == 8

    store = after_a_power_cut(tmp_path)

    assert store.state(PART, NOW).offset == 5
    append(store, b"world", offset=5)
    assert content(store) == b"helloworld"


def test_power_cut_after_which_a_killed_server_left_more(tmp_path):
    make_part(make_store(tmp_path), data=b"hello")
    store = after_a_power_cut(tmp_path)
    append(store, b"w")
    writer = store.writer(PART, NOW, offset=6)
    writer.write(b"orl")
    writer.close()

    assert after_a_power_cut(tmp_path).state(PART, NOW).offset == 9


def test_mark_of_bytes_that_were_taken_back_does_not_outlive_them(tmp_path):
    store = make_store(tmp_path)
    make_part(store, data=b"hello")
    writer = store.writer(PART, NOW, offset=5, checksum=sha1_of(b"world"))
    writer.write(b"wurld")
    # As if the server was killed when it had marked these bytes, but not let them count.
    writer._files.mark(10)
    writer.close()
    writer = store.writer(PART, NOW, offset=5)
    writer.write(b"\0\0\0\0\0")
    writer.close()

    assert after_a_power_cut(tmp_path).state(PART, NOW).offset == 5


def test_part_of_before_there_were_marks_has_its_size(tmp_path):
    make_part(make_store(tmp_path), data=b"hello")
    (tmp_path / "parts" / f"{PART}.mark").unlink()

    assert after_a_power_cut(tmp_path).state(PART, NOW).offset == 5


def test_sweep_goes_on_after_a_part_that_the_disk_does_not_let_go(tmp_path, monkeypatch):
    store = make_store(tmp_path)
    make_part(store)
    make_part(store, part_id="f" * 32)
    really_unlink = Path.unlink

    def stuck(self, missing_ok=False):
        if self.name.startswith(PART):
            raise OSError(errno.EIO, "Input/output error")
        really_unlink(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", stuck)

    assert store.sweep(NOW + WEEK) == 1
    assert {path.name[:32] for path in (tmp_path / "parts").iterdir()} == {PART}


def test_sum_of_a_part_is_known_when_its_bytes_streamed_in(tmp_path):
    store = make_store(tmp_path)
    make_part(store, data=b"hel")
    with store.writer(PART, NOW, offset=3, checksum=sha1_of(b"lo")) as writer:
        writer.write(b"XX")
        with pytest.raises(ChecksumError):
            writer.commit(NOW)
    with store.writer(PART, NOW, offset=3) as writer:
        writer.write(b"lo")
        writer.keep(NOW)
    append(store, b"world")

    assert store.sums.whole(PART, 10) == hashlib.sha256(b"helloworld").hexdigest()


def test_sum_of_a_part_is_not_known_when_bytes_came_unseen(tmp_path):
    store = make_store(tmp_path)
    make_part(store, data=b"hello")
    append(make_store(tmp_path), b"wor")

    append(store, b"ld")

    assert store.sums.whole(PART, 10) is None


def test_closing_waits_for_a_write_under_way_and_lets_none_follow(tmp_path, monkeypatch):
    store = make_store(tmp_path)
    make_part(store)
    reached, opened = threading.Event(), threading.Event()
    really_write = os.pwrite

    def slow_write(handle, data, offset):
        reached.set()
        assert opened.wait(20)
        return really_write(handle, data, offset)

    monkeypatch.setattr(os, "pwrite", slow_write)
    writer = store.writer(PART, NOW, offset=0)
    with futures.ThreadPoolExecutor(2) as pool:
        writing = pool.submit(writer.write, b"hello")
        assert reached.wait(20)
        closing = pool.submit(writer.close)
        assert not futures.wait([closing], timeout=0.1).done
        opened.set()
        writing.result()

    with pytest.raises(ValueError, match="closed"):
        writer.write(b"world")
    assert store.state(PART, NOW).offset == 5
