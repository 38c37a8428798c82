"""Writes an Alembic revision from the difference between the tables and the newest schema.

Usage: ``python -m scripts.make_migration "add a table of visits"``
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from records.database import MIGRATIONS, Database


def main() -> None:
    """Migrate an empty database to the newest revision, then compare it with the tables."""
    message = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'empty.db'}")
        if any((MIGRATIONS / "versions").glob("*.py")):
            database.upgrade()
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with database._engine.connect() as connection:
            config.attributes["connection"] = connection
            number = len(list((MIGRATIONS / "versions").glob("*.py"))) + 1
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
        database.close()


if __name__ == "__main__":
    main()
