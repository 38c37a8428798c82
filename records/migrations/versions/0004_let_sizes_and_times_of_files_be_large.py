"""let sizes and times of files be large.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = (
    ("annotation_file", "byte_count"),
    ("slide", "file_size"),
    ("slide", "file_mtime_ns"),
    ("upload", "byte_count"),
)


def upgrade() -> None:
    """Apply the revision."""
    _change(sa.INTEGER(), sa.BigInteger())


def downgrade() -> None:
    """Undo the revision."""
    _change(sa.BigInteger(), sa.INTEGER())


def _change(before: sa.types.TypeEngine[int], after: sa.types.TypeEngine[int]) -> None:
    # SQLite keeps 64 bits in every integer.
    if op.get_context().dialect.name == "sqlite":
        return
    for table, column in COLUMNS:
        op.alter_column(table, column, existing_type=before, type_=after)
