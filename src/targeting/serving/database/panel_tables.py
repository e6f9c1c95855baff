"""The tables of a panel's work beside its decisions: all of them only ever appended to."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from targeting.serving.database.tables import METADATA

PANEL_APPEND_ONLY = ("first_views", "corrections", "correction_steps", "meeting_entries")


def _seq(*, primary_key: bool = False) -> Column[int]:
    key = ForeignKey("audit_events.seq", deferrable=True, initially="DEFERRED")
    return Column("seq", BigInteger, key, primary_key=primary_key, autoincrement=False, nullable=False)


def _text(name: str, length: int | None = None, *, primary_key: bool = False) -> Column[str]:
    return Column(name, String(length) if length else Text, primary_key=primary_key, nullable=False)


# What somebody would have decided before seeing the band; one a person and flag.
first_views = Table(
    "first_views",
    METADATA,
    _text("flag_id", 40, primary_key=True),
    _text("by_subject", primary_key=True),
    _seq(),
    _text("at", 40),
    _text("view", 40),
)

# A record said to be wrong, for its agency to look at; what became of it since.
corrections = Table(
    "corrections",
    METADATA,
    _seq(primary_key=True),
    _text("at", 40),
    _text("flag_id", 40),
    _text("family_id", 40),
    _text("by_subject"),
    _text("agency"),
    _text("what"),
    Index("corrections_by_flag", "flag_id"),
)
correction_steps = Table(
    "correction_steps",
    METADATA,
    _seq(primary_key=True),
    Column("correction", BigInteger, ForeignKey("corrections.seq"), nullable=False),
    _text("at", 40),
    _text("by_subject"),
    _text("step", 40),
    _text("note"),
    Index("correction_steps_by_correction", "correction"),
)

# What happened in a meeting, entry by entry; `flag_id` and `family_id` are empty where an entry is of no family.
meeting_entries = Table(
    "meeting_entries",
    METADATA,
    _seq(primary_key=True),
    _text("meeting_id", 40),
    _text("at", 40),
    _text("by_subject"),
    _text("by_role", 40),
    _text("kind", 40),
    _text("flag_id", 40),
    _text("family_id", 40),
    _text("content"),
    Index("meeting_entries_by_meeting", "meeting_id"),
    Index("meeting_entries_by_family", "family_id"),
)
