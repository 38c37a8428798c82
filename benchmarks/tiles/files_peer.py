"""The limit of files: nginx sends tiles that were cut out before, each a file of its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.tiles import peers, processes, servers
from benchmarks.tiles.servers import Bench, Running
from benchmarks.tiles.stored import StoredTiles
from benchmarks.tiles.workloads import Tile


class StaticFiles:
    """Nginx with two workers over a folder of tiles.

    Parameters
    ----------
    tiles
        Those that will be asked for; no others are made.
    """

    name = servers.NGINX

    def __init__(self, tiles: Iterable[Tile]) -> None:
        self._tiles = tiles

    def missing(self, bench: Bench) -> str:
        """Tell when nginx is not there."""
        return "" if peers.system_program("nginx") else "nginx is not installed"

    @contextlib.contextmanager
    def run(self, bench: Bench) -> Iterator[Running]:
        """Run it."""
        port = processes.free_port()
        root = bench.work / "static"
        self._write_tiles(StoredTiles(bench.slides.main), root)
        program = processes.start(
            [peers.system_program("nginx") or "nginx", "-p", bench.work, "-c", _file(root, port)],
            log=bench.work / "logs" / "nginx.log",
        )
        try:
            servers.wait_for_port(port, program)
            yield Running(
                name=self.name,
                port=port,
                programs=(program,),
                path=lambda _, tile: f"/{tile.k}/{tile.column}_{tile.row}.jpeg",
                has_copies=False,
                shows_slides=False,
            )
        finally:
            program.stop()

    def _write_tiles(self, stored: StoredTiles, root: Path) -> None:
        for tile in set(self._tiles):
            path = root / str(tile.k) / f"{tile.column}_{tile.row}.jpeg"
            if path.exists():
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            # For levels that the file lacks any stored tile is as good: this server does not look.
            held = max(k for k in stored.levels if k <= tile.k)
            path.write_bytes(stored.jpeg(Tile(held, tile.column, tile.row)))


def _file(root: Path, port: int) -> Path:
    path = root.parent / "nginx.conf"
    # Workers must read what we wrote; root's would otherwise run as nobody.
    user = "user root;\n" if os.geteuid() == 0 else ""
    path.write_text(
        f"{user}daemon off;\nworker_processes 2;\npid {root.parent}/nginx.pid;\n"
        f"error_log {root.parent}/logs/nginx-error.log;\n"
        "events { worker_connections 1024; }\n"
        "http {\n"
        "  access_log off;\n  sendfile on;\n  tcp_nopush on;\n  keepalive_requests 100000000;\n"
        f"  client_body_temp_path {root.parent}/nginx-body;\n"
        f"  proxy_temp_path {root.parent}/nginx-proxy;\n"
        f"  fastcgi_temp_path {root.parent}/nginx-fastcgi;\n"
        f"  uwsgi_temp_path {root.parent}/nginx-uwsgi;\n"
        f"  scgi_temp_path {root.parent}/nginx-scgi;\n"
        "  types { image/jpeg jpeg; }\n"
        f"  server {{ listen 127.0.0.1:{port}; root {root}; }}\n"
        "}\n"
    )
    return path
