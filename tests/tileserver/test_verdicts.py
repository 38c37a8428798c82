"""Verdicts on slide files: found in another process, once for each version of a file."""

import os

import numpy as np
import pytest
from PIL import Image

from tests.tileserver.test_inspection import HOSTILE
from tileserver import verdicts as verdicts_module
from tileserver.inspection import InspectionLimits, Inspections, ignore
from tileserver.opening import SlideOpener
from tileserver.pool import SlidePool, identify
from tileserver.pyramids import Pyramids
from tileserver.readers.base import SlideError
from tileserver.service import TileService
from tileserver.shelf import Shelf
from tileserver.sources import SlideSource
from tileserver.stored.cachefolder import CacheFolder
from tileserver.verdicts import FAILURE_LASTS_S, REFUSAL_LASTS_S, Verdicts


class Counted(Inspections):
    """Looks for real, and counts how often."""

    def __init__(self):
        super().__init__(HOSTILE)
        self.looked = []

    def look(self, path, limits=None, told=ignore):
        self.looked.append(path.name)
        return super().look(path, limits or InspectionLimits(), told)


@pytest.fixture(scope="module")
def helper():
    made = Counted()
    yield made
    made.close()


@pytest.fixture
def inspections(helper):
    helper.looked.clear()
    return helper


@pytest.fixture
def cache(tmp_path):
    return CacheFolder(tmp_path / "cache", capacity_bytes=2**28)


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def test_a_file_is_looked_at_once_for_each_version(tmp_path, gradient_tiff, inspections, cache):
    verdicts = Verdicts(inspections, cache)

    facts = verdicts.facts(identify(gradient_tiff))
    assert verdicts.facts(identify(gradient_tiff)) == facts
    # Another process, or this one after a restart.
    assert Verdicts(inspections, cache).facts(identify(gradient_tiff)) == facts
    assert inspections.looked == [gradient_tiff.name]

    Image.fromarray(np.zeros((9, 8, 3), np.uint8)).save(gradient_tiff)
    assert verdicts.facts(identify(gradient_tiff)).size != facts.size
    assert inspections.looked == [gradient_tiff.name] * 2


def test_a_slide_that_was_just_imported_is_not_looked_at_again(gradient_tiff, inspections, cache):
    facts = inspections.look(gradient_tiff)

    assert Verdicts(inspections, cache).facts(identify(gradient_tiff)) == facts
    assert inspections.looked == [gradient_tiff.name]

    inspections.look(gradient_tiff)
    Image.fromarray(np.zeros((9, 8, 3), np.uint8)).save(gradient_tiff)
    assert Verdicts(inspections, cache).facts(identify(gradient_tiff)).size != facts.size
    assert inspections.looked == [gradient_tiff.name] * 3


def test_a_crash_is_believed_for_a_while_by_all_processes(tmp_path, inspections, cache):
    clock = Clock()
    path = tmp_path / "a.svs"
    path.write_bytes(b"abort")

    for verdicts in [Verdicts(inspections, cache, clock=clock) for _ in range(2)]:
        for _ in range(2):
            with pytest.raises(SlideError, match=r"a\.svs: the reader crashed on it"):
                verdicts.facts(identify(path))
    assert len(inspections.looked) == 1

    clock.now += FAILURE_LASTS_S + 1
    with pytest.raises(SlideError):
        Verdicts(inspections, cache, clock=clock).facts(identify(path))
    assert len(inspections.looked) == 2


def test_a_refusal_is_believed_for_seconds_only(tmp_path, inspections, cache):
    clock = Clock()
    (tmp_path / "a.svs").write_bytes(b"hello")
    verdicts = Verdicts(inspections, cache, clock=clock)

    for _ in range(3):
        with pytest.raises(SlideError, match="cannot be opened as a slide"):
            verdicts.facts(identify(tmp_path / "a.svs"))
    assert len(inspections.looked) == 1

    clock.now += REFUSAL_LASTS_S + 1
    with pytest.raises(SlideError):
        verdicts.facts(identify(tmp_path / "a.svs"))
    assert len(inspections.looked) == 2


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"facts": {"reader": "tiff"}}', b"\xff\xfe"]
)
def test_a_damaged_memory_is_no_verdict(gradient_tiff, inspections, cache, damage):
    facts = Verdicts(inspections, cache).facts(identify(gradient_tiff))
    [kept] = (cache._root).glob("*/*.verdict")
    kept.write_bytes(damage)

    assert Verdicts(inspections, cache).facts(identify(gradient_tiff)) == facts
    assert len(inspections.looked) == 2


@pytest.fixture
def service(inspections, cache):
    opener = SlideOpener(
        Verdicts(inspections, cache), Pyramids(inspections, cache, quality=85), cache, quality=85
    )
    shelf = Shelf(opener.open_stored, capacity=8, is_settled=opener.is_settled)
    made = TileService(SlidePool(opener.open_reader), shelf)
    yield made
    opener.close()
    made.close()


@pytest.mark.anyio
@pytest.mark.parametrize("what", [b"abort", b"loop"])
async def test_a_reader_that_dies_leaves_a_healthy_server(
    tmp_path, gradient_svs, gradient_tiff, service, monkeypatch, what
):
    monkeypatch.setattr(verdicts_module, "LIMITS", InspectionLimits(time_s=1))
    good, lossless = (SlideSource(path=path, name="a") for path in (gradient_svs, gradient_tiff))
    hostile = tmp_path / "hostile.svs"
    hostile.write_bytes(what)
    bad = SlideSource(path=hostile, name="hostile")
    before = await service.tile(good, 9, 0, 0)

    for call in (service.tile(bad, 0, 0, 0), service.metadata(bad), service.thumbnail(bad, 64)):
        with pytest.raises(SlideError, match=r"hostile\.svs: "):
            await call

    assert (await service.tile(good, 9, 0, 0)).data == before.data
    assert (await service.tile(lossless, 9, 0, 0)).data
    assert (await service.thumbnail(good, 64)).data


@pytest.mark.anyio
async def test_stored_tiles_need_nobody_to_look(gradient_svs, service, inspections):
    await service.tile(SlideSource(path=gradient_svs, name="a"), 10, 0, 0)

    assert inspections.looked == []


@pytest.mark.anyio
async def test_a_file_that_is_cut_while_served_is_told(gradient_svs, service):
    source = SlideSource(path=gradient_svs, name="a")
    assert (await service.tile(source, 9, 0, 0)).data
    size = gradient_svs.stat().st_size
    os.truncate(gradient_svs, size // 2)

    with pytest.raises(SlideError, match=f"gradient.svs ends early: {size // 2} bytes arrived"):
        await service.tile(source, 9, 0, 0)


def test_what_is_asked_at_once_is_looked_at_once(gradient_tiff, inspections, cache):
    from concurrent.futures import ThreadPoolExecutor

    verdicts = Verdicts(inspections, cache)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(verdicts.facts, [identify(gradient_tiff)] * 8))

    assert len(set(found)) == 1
    assert len(inspections.looked) == 1
