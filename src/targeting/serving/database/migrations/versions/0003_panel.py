"""A panel's work beside its decisions: first views, wrong records, meetings. What was opened is found by its name."""

import sqlalchemy as sa
from alembic import op

from targeting.serving.database.append_only import forbid_changes

revision = "0003"
down_revision = "0002"

APPEND_ONLY = ("first_views", "corrections", "correction_steps", "meeting_entries")


def upgrade() -> None:
    """Make the tables, the triggers that keep them from being changed, and the index of the audit log."""
    op.create_index("audit_events_by_what", "audit_events", ["what"])
    _first_views()
    _corrections()
    _meeting_entries()
    for table in APPEND_ONLY:
        forbid_changes(table)


def _text(name: str, length: int | None = None, *, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length) if length else sa.Text, primary_key=primary_key, nullable=False)


def _seq(*, primary_key: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey("audit_events.seq", deferrable=True, initially="DEFERRED")
    return sa.Column("seq", sa.BigInteger, key, primary_key=primary_key, autoincrement=False, nullable=False)


def _first_views() -> None:
    keys = (_text("flag_id", 40, primary_key=True), _text("by_subject", primary_key=True))
    op.create_table("first_views", *keys, _seq(), _text("at", 40), _text("view", 40))


def _corrections() -> None:
    op.create_table(
        "corrections",
        _seq(primary_key=True),
        _text("at", 40),
        _text("flag_id", 40),
        _text("family_id", 40),
        _text("by_subject"),
        _text("agency"),
        _text("what"),
    )
    op.create_index("corrections_by_flag", "corrections", ["flag_id"])
    op.create_table(
        "correction_steps",
        _seq(primary_key=True),
        sa.Column("correction", sa.BigInteger, sa.ForeignKey("corrections.seq"), nullable=False),
        _text("at", 40),
        _text("by_subject"),
        _text("step", 40),
        _text("note"),
    )
    op.create_index("correction_steps_by_correction", "correction_steps", ["correction"])


def _meeting_entries() -> None:
    op.create_table(
        "meeting_entries",
        _seq(primary_key=True),
        _text("meeting_id", 40),
        _text("at", 40),
        _text("by_subject"),
        _text("by_role", 40),
        _text("kind", 40),
        _text("flag_id", 40),
        _text("family_id", 40),
        _text("content"),
    )
    op.create_index("meeting_entries_by_meeting", "meeting_entries", ["meeting_id"])
    op.create_index("meeting_entries_by_family", "meeting_entries", ["family_id"])
