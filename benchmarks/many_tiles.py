"""Tiles for scripts: one by one, many in one answer, and decoded by the reader of ours.

Run ``python -m benchmarks.many_tiles``. It makes a slide of 6000 x 4500 pixels, serves it by two
workers, and reads its tiles at full detail in a shuffled order, each way several times. The
program and the server share the machine; what the client costs is told apart as its own time.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import httpx2

from benchmarks.tiles import product
from coverslip.client import Server
from coverslip.pyramid import Address
from slides_sample import samples

T = TypeVar("T")

CONNECTIONS = 8
RUNS = 5
ROUNDS = 4
"""How often every tile is read in a run: there are 391 that the file stores whole."""


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Measure, and print a table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data"
        token = product.make_data(data)
        source = folder / samples.HE_NAME
        samples.make_sample_slides(folder)
        with product.serve(data, token, folder / "log") as server:
            done, log = server.add_study("bench", [(samples.HE_NAME, source)])
            if not done:
                raise SystemExit(log)
            [slide_id] = server.slide_ids("bench").values()
            server.wait_until_quiet()
            asyncio.run(_measure(server, slide_id))


async def _measure(server: product.Product, slide_id: int) -> None:
    url = f"http://127.0.0.1:{server.port}"
    addresses = [(13, column, row) for row in range(17) for column in range(23)] * ROUNDS
    random.Random(1).shuffle(addresses)  # noqa: S311  (an order, no secret)
    access = server.open_tiles(slide_id)
    limits = httpx2.Limits(max_connections=CONNECTIONS)
    async with (
        httpx2.AsyncClient(base_url=url, headers=access.headers, limits=limits) as one,
        Server(url, server.token, connections=CONNECTIONS) as many,
    ):

        async def single(address: Address) -> bytes:
            level, column, row = address
            path = f"{access.base}/i_files/{level}/{column}_{row}.jpeg"
            return (await one.get(path)).raise_for_status().content

        async def singles() -> None:
            await _spread(addresses, single)

        async def singles_decoded() -> None:
            async def decoded(address: Address) -> None:
                await many.decoded(await single(address))

            await _spread(addresses, decoded)

        async def bulk() -> None:
            parts = [addresses[at : at + 64] for at in range(0, len(addresses), 64)]

            async def part_of(part: list[Address]) -> None:
                named = ",".join(f"{level}/{column}_{row}" for level, column, row in part)
                form = {"imageId": str(slide_id), "tiles": named}
                headers = {"Authorization": f"Bearer {server.token}"}
                reply = await one.post("/Api/GetTiles", data=form, headers=headers)
                reply.raise_for_status()

            await _spread(parts, part_of)

        async def bulk_decoded() -> None:
            parts = [addresses[at : at + 64] for at in range(0, len(addresses), 64)]
            await _spread(parts, lambda part: many.tiles(slide_id, part))

        say(f"{len(addresses)} tiles of 256 x 256 pixels; {os.cpu_count()} cores; {RUNS} runs")
        say("\n| way | tiles/s | client's CPU, ms per tile |\n|---|---|---|")
        for name, way in (
            (f"one request each, {CONNECTIONS} connections", singles),
            ("GetTiles, 64 in each answer", bulk),
            ("one request each, decoded", singles_decoded),
            ("coverslip.client, decoded", bulk_decoded),
        ):
            await _tell(name, way, len(addresses))


async def _tell(name: str, way: Callable[[], Awaitable[None]], count: int) -> None:
    await way()
    walls, cpus = [], []
    for _ in range(RUNS):
        wall, cpu = time.perf_counter(), time.process_time()
        await way()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    speed, cost = count / statistics.median(walls), statistics.median(cpus) / count * 1000
    say(f"| {name} | {speed:,.0f} | {cost:.2f} |")


async def _spread(items: Sequence[T], work: Callable[[T], Awaitable[object]]) -> None:
    """Do work on every item, as many at once as there are connections."""
    waiting = iter(items)

    async def worker() -> None:
        for item in waiting:
            await work(item)

    await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))


if __name__ == "__main__":
    main()
