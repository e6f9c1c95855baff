"""Scoring jobs: what is asked about many families at once.

It names its table anew, so that a later change of the tables leaves what it does as it was.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table of scoring jobs."""
    counts = [sa.Column(name, sa.Integer, nullable=False) for name in ("rows", "rows_done", "rows_scored")]
    blocks = [sa.Column(name, sa.Integer, nullable=False) for name in ("blocks", "blocks_done")]
    moments = [sa.Column(name, sa.String(40), nullable=False) for name in ("claimed_until", "ended_at", "forget_at")]
    op.create_table(
        "scoring_jobs",
        sa.Column("job_id", sa.String(40), primary_key=True),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("lists", sa.Text, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        *counts,
        *blocks,
        sa.Column("claimed_by", sa.String(40), nullable=False),
        *moments,
    )
    op.create_index("scoring_jobs_by_status", "scoring_jobs", ["status"])
