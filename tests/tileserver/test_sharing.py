"""Work in threads that is shared by who waits for it, and dropped when nobody does."""

import asyncio
import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tileserver.sharing import SharedWork


class Work:
    """Work that is noted when it is begun, and goes on when it is let go."""

    def __init__(self):
        self.begun = []
        self.is_begun = threading.Event()
        self.go = threading.Event()

    def make(self, name):
        def work():
            self.begun.append(name)
            self.is_begun.set()
            assert self.go.wait(10)
            if name == "bad":
                raise ValueError(name)
            return name.upper()

        return work


@pytest.fixture
def work():
    return Work()


async def turn(times=3):
    for _ in range(times):
        await asyncio.sleep(0)


def run(scenario):
    with ThreadPoolExecutor(1) as threads:

        async def main():
            return await scenario(SharedWork(threads))

        return asyncio.run(main())


def test_who_asks_for_the_same_waits_for_the_same(work):
    async def scenario(shared):
        asked = [asyncio.ensure_future(shared.do("a", work.make("a"))) for _ in range(3)]
        await turn()
        work.go.set()
        return await asyncio.gather(*asked)

    assert run(scenario) == ["A", "A", "A"]
    assert work.begun == ["a"]


def test_what_nobody_waits_for_any_more_is_not_begun(work):
    async def scenario(shared):
        first = asyncio.ensure_future(shared.do("a", work.make("a")))
        gone = [asyncio.ensure_future(shared.do("b", work.make("b"))) for _ in range(2)]
        last = asyncio.ensure_future(shared.do("c", work.make("c")))
        await turn()
        for task in gone:
            task.cancel()
        await turn()
        work.go.set()
        return await asyncio.gather(first, last)

    assert run(scenario) == ["A", "C"]
    assert work.begun == ["a", "c"]


def test_it_is_begun_while_one_of_many_still_waits(work):
    async def scenario(shared):
        first = asyncio.ensure_future(shared.do("a", work.make("a")))
        gone, stays = (asyncio.ensure_future(shared.do("b", work.make("b"))) for _ in range(2))
        await turn()
        gone.cancel()
        await turn()
        work.go.set()
        return await asyncio.gather(first, stays)

    assert run(scenario) == ["A", "B"]
    assert work.begun == ["a", "b"]


def test_what_was_dropped_is_begun_for_who_asks_anew(work):
    async def scenario(shared):
        first = asyncio.ensure_future(shared.do("a", work.make("a")))
        gone = asyncio.ensure_future(shared.do("b", work.make("b")))
        await turn()
        gone.cancel()
        await turn()
        again = asyncio.ensure_future(shared.do("b", work.make("b")))
        work.go.set()
        return await asyncio.gather(first, again)

    assert run(scenario) == ["A", "B"]
    assert work.begun == ["a", "b"]


def test_what_is_being_done_is_done_for_who_asks_next(work):
    async def scenario(shared):
        gone = asyncio.ensure_future(shared.do("a", work.make("a")))
        await asyncio.to_thread(work.is_begun.wait, 10)
        gone.cancel()
        await turn()
        again = asyncio.ensure_future(shared.do("a", work.make("a")))
        await turn()
        work.go.set()
        return await again

    assert run(scenario) == "A"
    assert work.begun == ["a"]


def test_a_failure_reaches_all_who_wait_and_is_not_remembered(work):
    async def scenario(shared):
        asked = [asyncio.ensure_future(shared.do("bad", work.make("bad"))) for _ in range(2)]
        await turn()
        work.go.set()
        failures = await asyncio.gather(*asked, return_exceptions=True)
        with pytest.raises(ValueError, match="bad"):
            await shared.do("bad", work.make("bad"))
        return [type(failure) for failure in failures]

    assert run(scenario) == [ValueError, ValueError]
    assert work.begun == ["bad", "bad"]


def test_a_failure_that_nobody_waits_for_is_not_reported_as_a_leak(work):
    async def scenario(shared):
        told = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        gone = asyncio.ensure_future(shared.do("bad", work.make("bad")))
        await asyncio.to_thread(work.is_begun.wait, 10)
        gone.cancel()
        await turn()
        work.go.set()
        # There is one thread, so the other work is done when this is.
        await shared.do("next", work.make("next"))
        gc.collect()
        return told

    assert run(scenario) == []
