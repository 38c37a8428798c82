"""Slides opened in a process of its own: real processes that crash, loop and hoard."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from tileserver import probe
from tileserver.geometry import Size
from tileserver.inspection import InspectionError, InspectionLimits, Inspections
from tileserver.readers.base import SlideError

HOSTILE = (sys.executable, "-m", "tests.tileserver.hostile_inspector")


@pytest.fixture(scope="module")
def inspections():
    made = Inspections(HOSTILE)
    yield made
    made.close()


def children_of(pid):
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def helper_of(made):
    return made._helper.pid


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("what", "limits", "words"),
    [
        (b"abort", InspectionLimits(), r"a\.svs: the reader crashed on it \(SIGABRT\)"),
        (b"loop", InspectionLimits(time_s=1), "more than 1 s"),
        (b"wait", InspectionLimits(time_s=0.5), r"more than 0\.5 s"),
        (b"hoard", InspectionLimits(memory_bytes=2**30, time_s=20), "more memory"),
        (b"babble", InspectionLimits(time_s=1), "more than 1 s"),
        (b"exit", InspectionLimits(), "failed on it"),
    ],
)
def test_what_a_reader_does_to_its_process_is_told(tmp_path, inspections, what, limits, words):
    (tmp_path / "a.svs").write_bytes(what)

    with pytest.raises(InspectionError, match=words):
        inspections.look(tmp_path / "a.svs", limits)

    (tmp_path / "b.svs").write_bytes(b"hello")
    with pytest.raises(SlideError, match="well-behaved"):
        inspections.look(tmp_path / "b.svs")
    assert children_of(helper_of(inspections)) == []


@pytest.fixture
def kept(gradient_tiff):
    """Inspections whose helper has one child, which waits for another slide."""
    made = Inspections(HOSTILE)
    made.look(gradient_tiff)
    assert len(children_of(helper_of(made))) == 1
    yield made
    made.close()


def test_a_child_that_found_nothing_wrong_looks_at_the_next_slide(tmp_path, gradient_tiff, kept):
    [child] = children_of(helper_of(kept))

    for _ in range(3):
        kept.look(gradient_tiff)
    assert children_of(helper_of(kept)) == [child]

    (tmp_path / "text.svs").write_bytes(b"hello")
    with pytest.raises(SlideError):
        kept.look(tmp_path / "text.svs")
    kept.look(gradient_tiff)
    assert len(children_of(helper_of(kept))) == 1
    assert children_of(helper_of(kept)) != [child]


def test_a_child_that_left_a_file_behind_looks_at_no_other(gradient_tiff, kept):
    [child] = children_of(helper_of(kept))

    kept.look(gradient_tiff.rename(gradient_tiff.with_stem("litter")))

    assert child not in children_of(helper_of(kept))


def test_a_child_is_replaced_in_the_end(gradient_tiff, kept):
    [child] = children_of(helper_of(kept))

    for _ in range(200):
        kept.look(gradient_tiff)

    [another] = children_of(helper_of(kept))
    assert another != child


def test_a_child_of_other_limits_is_not_asked(gradient_tiff, kept):
    [child] = children_of(helper_of(kept))

    kept.look(gradient_tiff, InspectionLimits(memory_bytes=2**30))

    assert len(children_of(helper_of(kept))) == 2
    assert child in children_of(helper_of(kept))


@pytest.mark.parametrize("poison", ["poison-abort", "poison-memory"])
def test_a_good_slide_is_not_blamed_for_the_one_before_it(tmp_path, gradient_tiff, kept, poison):
    slide = shutil.copy(gradient_tiff, tmp_path / "slide.tif")
    before = children_of(helper_of(kept))
    kept.look(gradient_tiff.rename(tmp_path / f"{poison}.tif"))
    assert children_of(helper_of(kept)) == before

    assert kept.look(slide).format == "tiff"

    assert children_of(helper_of(kept)) != before


def test_each_slide_has_its_whole_time(tmp_path, gradient_tiff, kept):
    ended = time.monotonic() + 1.5
    while time.monotonic() < ended:
        kept.look(gradient_tiff, InspectionLimits(time_s=1))

    (tmp_path / "loop.svs").write_bytes(b"loop")
    with pytest.raises(InspectionError, match="more than 1 s"):
        kept.look(tmp_path / "loop.svs", InspectionLimits(time_s=1))


def test_a_slide_that_is_replaced_is_seen_anew(tmp_path, kept):
    for side in (300, 200):
        Image.new("RGB", (side, side)).save(tmp_path / "a.png")
        assert kept.look(tmp_path / "a.png").size == Size(side, side)
    assert len(children_of(helper_of(kept))) == 1


def test_of_many_slides_only_those_that_crash_are_blamed(tmp_path, gradient_tiff, inspections):
    paths = []
    for number in range(30):
        paths.append(tmp_path / f"{number:02}.tif")
        if number % 10 == 5:
            paths[-1].write_bytes(b"abort")
        else:
            os.link(gradient_tiff, paths[-1])

    def look(path):
        try:
            return inspections.look(path).format
        except InspectionError as error:
            return error.message

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(look, paths))

    crashed = [f"{n:02}.tif: the reader crashed on it (SIGABRT)" for n in (5, 15, 25)]
    assert [told for told in found if told != "tiff"] == crashed


def test_facts_are_those_of_the_reader(gradient_svs, gradient_tiff, inspections):
    for path in (gradient_svs, gradient_tiff):
        assert inspections.look(path) == probe.describe(path).facts


def test_files_are_looked_at_side_by_side(tmp_path, gradient_tiff, inspections):
    (tmp_path / "slow.svs").write_bytes(b"wait")
    limits = InspectionLimits(time_s=5)

    def look_slowly():
        with pytest.raises(InspectionError):
            inspections.look(tmp_path / "slow.svs", limits)

    slow = threading.Thread(target=look_slowly)
    slow.start()

    inspections.look(gradient_tiff)

    assert slow.is_alive()
    slow.join()


def test_a_killed_helper_is_started_again(gradient_tiff, inspections):
    inspections.look(gradient_tiff)
    killed = helper_of(inspections)
    os.kill(killed, signal.SIGKILL)

    assert inspections.look(gradient_tiff).format == "tiff"
    assert helper_of(inspections) != killed


def test_a_killed_helper_leaves_no_folders(tmp_path, gradient_tiff, monkeypatch):
    folders = tmp_path / "temporary"
    folders.mkdir()
    monkeypatch.setenv("TMPDIR", str(folders))
    made = Inspections()
    made.look(gradient_tiff)
    assert list(folders.iterdir())

    os.kill(helper_of(made), signal.SIGKILL)

    wait_until(lambda: not list(folders.iterdir()))
    made.close()


def test_closing_ends_what_is_at_work(tmp_path):
    made = Inspections(HOSTILE)
    (tmp_path / "a.svs").write_bytes(b"wait")
    heard = []

    def stop_when_at_work(message):
        heard.append(message)
        if children_of(helper_of(made)):
            raise InterruptedError

    with pytest.raises(InterruptedError):
        made.look(tmp_path / "a.svs", InspectionLimits(time_s=300), stop_when_at_work)
    at_work = children_of(helper_of(made))
    assert len(at_work) == 1

    made.close()

    assert all(message == {} for message in heard)
    wait_until(lambda: not Path(f"/proc/{at_work[0]}").exists())


def test_the_helper_ends_with_its_server(tmp_path, gradient_tiff):
    code = f"""
import os
from pathlib import Path
from tileserver.inspection import shared
shared.look(Path({str(gradient_tiff)!r}))
print(shared._helper.pid, flush=True)
os._exit(9)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    helper = int(done.stdout)

    def has_ended():
        state = Path(f"/proc/{helper}/stat")
        # Whoever adopted it may not have taken notice of its end.
        return not state.exists() or state.read_text().split()[2] == "Z"

    wait_until(has_ended)


def test_nothing_is_left_in_the_folder_for_temporary_files(tmp_path, monkeypatch, gradient_tiff):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    (tmp_path / "a.svs").write_bytes(b"abort")
    made = Inspections(HOSTILE)
    made.look(gradient_tiff)
    with pytest.raises(InspectionError):
        made.look(tmp_path / "a.svs")
    made.close()

    assert list((tmp_path / "temporary").iterdir()) == []
