"""Objections: revisions are added and never changed, as those of decisions are."""

import sqlalchemy as sa
from alembic import op

from targeting.serving.database.append_only import forbid_changes

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table, and the triggers that keep it from being changed."""
    op.create_table(
        "objections",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column(
            "seq",
            sa.BigInteger,
            sa.ForeignKey("audit_events.seq", deferrable=True, initially="DEFERRED"),
            nullable=False,
        ),
        *(sa.Column(name, sa.String(40), nullable=False) for name in ("at", "person_id", "record_id")),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("by_subject", sa.Text, nullable=False),
        sa.Column("by_role", sa.String(40), nullable=False),
        sa.Column("because", sa.Text, nullable=False),
    )
    op.create_index("objections_by_seq", "objections", ["seq"], unique=True)
    forbid_changes("objections")
