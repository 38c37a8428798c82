"""What is told while the database is away."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from server.app import create_app
from server.settings import Settings


def test_a_server_whose_database_is_away_says_so_and_serves_on(tmp_path: Path):
    away = Settings(data=tmp_path / "data", database_url="postgresql://somebody@127.0.0.1:1/slides")
    client = TestClient(create_app(away))

    health = client.get("/healthz")
    call = client.get("/Api/Studies", headers={"Authorization": "Bearer cs_x"})

    assert (health.status_code, health.text) == (503, "the database does not answer\n")
    assert call.status_code == 503
    assert "somebody" not in call.text
