"""Panels: on which of them somebody who signs in sits, and of whose families a scoring job tells.

Who was signed in before sat on none by name, and a job asked for before told of all.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

BEFORE = {"sign_in_links": "[]", "sessions": "[]", "scoring_jobs": "null"}


def upgrade() -> None:
    """Add the column to the three tables."""
    for table, panels in BEFORE.items():
        op.add_column(table, sa.Column("panels", sa.Text, nullable=False, server_default=panels))
