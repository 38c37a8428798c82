"""Parts on disk against any sequence of events: the finished file is always the one meant."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from uploads import joining
from uploads.checksums import Checksum
from uploads.parts import (
    ChecksumError,
    OffsetError,
    PartIncompleteError,
    PartLengthError,
    PartLockedError,
    PartOverflowError,
)
from uploads.partstore import PartStore

# Ages are told by the disk's own clock, so the present must be the real one.
NOW = datetime.now(UTC).replace(microsecond=0)
WEEK = timedelta(days=7)


def sha1_of(data):
    return Checksum("sha1", hashlib.sha1(data).digest())


def content(store, part_id):
    with store.complete(part_id) as path:
        return path.read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_split_of_bytes_with_interruptions_yields_the_same_file(tmp_path, data):
    wanted = data.draw(st.binary(max_size=200))
    part_id = os.urandom(16).hex()
    store = PartStore(tmp_path, lifetime=WEEK)
    store.create(part_id, length=len(wanted), metadata="", owner="", now=NOW)

    while not (state := store.state(part_id, NOW)).is_complete:
        start = state.offset
        end = data.draw(st.integers(start + 1, len(wanted)))
        piece = wanted[start:end]
        checked = data.draw(st.booleans())
        writer = store.writer(
            part_id, NOW, offset=start, checksum=sha1_of(piece) if checked else None
        )
        arrived = data.draw(st.integers(0, len(piece)))
        writer.write(piece[:arrived])
        if arrived == len(piece):
            assert writer.commit(NOW).offset == end
        elif data.draw(st.booleans()):
            assert writer.keep(NOW).offset == (start if checked else start + arrived)
        writer.close()

    assert content(store, part_id) == wanted


class PartMachine(RuleBasedStateMachine):
    """A client that cuts, repeats, lies and comes back, against what the bytes must be."""

    wanted = bytes(range(60))
    folder: Path

    def __init__(self):
        super().__init__()
        self.boot = 0
        self.store = PartStore(self.folder, lifetime=WEEK, boot="0")
        self.part_id = self.make(60)
        self.offset = 0
        self.sure = 0
        self.writer = None
        self.is_deferred = False

    def make(self, length, concat=""):
        part_id = os.urandom(16).hex()
        self.store.create(part_id, length=length, metadata="", owner="me", now=NOW, concat=concat)
        return part_id

    @initialize(is_deferred=st.booleans())
    def begin_upload(self, is_deferred):
        self.is_deferred = is_deferred
        # Any may become a piece of a whole in the end.
        self.part_id = self.make(None if is_deferred else 60, "partial")

    @rule(length=st.sampled_from([60, 60, 61, 3]))
    @precondition(lambda self: self.writer is None)
    def tell_length(self, length):
        if length == 60:
            self.store.writer(self.part_id, NOW, offset=self.offset, length=60).close()
            self.is_deferred = False
        elif not self.is_deferred or length < self.offset:
            with pytest.raises(PartLengthError):
                self.store.writer(self.part_id, NOW, offset=self.offset, length=length)

    @rule()
    @precondition(lambda self: self.writer is None and self.offset < 60)
    def join_too_early(self):
        with pytest.raises(PartIncompleteError):
            self.join(self.part_id)

    def join(self, *pieces):
        return joining.join(
            self.store,
            os.urandom(16).hex(),
            pieces=pieces,
            concat="final;",
            metadata="",
            owner="me",
            now=NOW,
        )

    @rule(count=st.integers(0, 20))
    @precondition(lambda self: self.writer is not None)
    def take_over(self, count):
        """Another comes: the first keeps what it wrote, and the other goes on from there."""
        self.end("keep")
        self.begin(count)

    @rule()
    @precondition(lambda self: self.writer is None)
    def power_cut(self):
        """Only what was acknowledged is sure; of the rest the disk may have made zeros."""
        part = self.folder / f"{self.part_id}.part"
        with part.open("r+b") as file:
            file.seek(self.sure)
            file.write(bytes(self.offset - self.sure))
        self.boot += 1
        self.store = PartStore(self.folder, lifetime=WEEK, boot=str(self.boot))
        self.offset = self.sure

    @rule(count=st.integers(1, 20), honest=st.booleans())
    @precondition(lambda self: self.writer is None)
    def add_with_checksum(self, count, honest):
        piece = self.wanted[self.offset : self.offset + count]
        checksum = sha1_of(piece if honest else piece + b"!")
        with self.store.writer(self.part_id, NOW, offset=self.offset, checksum=checksum) as writer:
            writer.write(piece)
            if honest:
                self.offset = self.sure = writer.commit(NOW).offset
            else:
                with pytest.raises(ChecksumError):
                    writer.commit(NOW)

    @rule(offset=st.integers(0, 70))
    @precondition(lambda self: self.writer is None)
    def add_elsewhere(self, offset):
        if offset != self.offset:
            with pytest.raises(OffsetError):
                self.store.writer(self.part_id, NOW, offset=offset)

    @rule(surplus=st.integers(1, 5))
    @precondition(lambda self: self.writer is None)
    def add_too_much(self, surplus):
        with self.store.writer(self.part_id, NOW, offset=self.offset) as writer:
            writer.write(self.wanted[self.offset : -1] if self.offset < 60 else b"")
            if not self.is_deferred:
                with pytest.raises(PartOverflowError):
                    writer.write(b"!" * (surplus + 1))
            writer.revert()

    @rule(count=st.integers(0, 20))
    @precondition(lambda self: self.writer is None)
    def begin(self, count):
        self.writer = self.store.writer(self.part_id, NOW, offset=self.offset)
        piece = self.wanted[self.offset : self.offset + count]
        self.writer.write(piece)
        self.offset += len(piece)

    @rule()
    @precondition(lambda self: self.writer is not None)
    def second_writer(self):
        with pytest.raises(PartLockedError):
            self.store.writer(self.part_id, NOW, offset=self.offset)

    @rule(ending=st.sampled_from(["commit", "keep", "killed"]))
    @precondition(lambda self: self.writer is not None)
    def end(self, ending):
        if ending != "killed":
            self.sure = getattr(self.writer, ending)(NOW).offset
        self.writer.close()
        self.writer = None

    @rule()
    @precondition(lambda self: self.writer is None)
    def restart(self):
        self.store = PartStore(self.folder, lifetime=WEEK, boot=str(self.boot))

    @invariant()
    def offset_is_what_arrived(self):
        assert self.store.state(self.part_id, NOW).offset == self.offset

    def teardown(self):
        if self.writer is not None:
            self.end("keep")
        with self.store.writer(self.part_id, NOW, offset=self.offset, length=60) as writer:
            writer.write(self.wanted[self.offset :])
            writer.commit(NOW)
        assert content(self.store, self.part_id) == self.wanted
        known = self.store.sums.whole(self.part_id, 60)
        assert known in {None, hashlib.sha256(self.wanted).hexdigest()}
        second = self.make(5, "partial")
        with self.store.writer(second, NOW, offset=0) as writer:
            writer.write(b"world")
            writer.commit(NOW)
        whole = self.join(self.part_id, second).part_id
        assert content(self.store, whole) == self.wanted + b"world"


def test_no_sequence_of_events_corrupts_a_part(tmp_path):
    PartMachine.folder = tmp_path

    run_state_machine_as_test(
        PartMachine, settings=settings(max_examples=40, stateful_step_count=25, deadline=None)
    )
