"""The first version: audit log, decisions, idempotency keys, sign-ins.

It names its tables anew, so that a later change of the tables leaves what it does as it was.
"""

import sqlalchemy as sa
from alembic import op

from targeting.serving.database.append_only import forbid_changes

revision = "0001"
down_revision = None

APPEND_ONLY = ("audit_events", "decisions")


def upgrade() -> None:
    """Make every table, and the triggers that keep two of them from being changed."""
    _audit_events()
    _decisions()
    _idempotency_keys()
    _sign_ins()
    for table in APPEND_ONLY:
        forbid_changes(table)


def _text(name: str, length: int | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(length) if length else sa.Text, nullable=False)


def _seq(*, primary_key: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey("audit_events.seq", deferrable=True, initially="DEFERRED")
    return sa.Column("seq", sa.BigInteger, key, primary_key=primary_key, nullable=False)


def _audit_events() -> None:
    op.create_table(
        "audit_events",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        _text("at", 40),
        _text("subject"),
        _text("role", 40),
        _text("client"),
        _text("action", 60),
        _text("what"),
        _text("families"),
        _text("purpose", 60),
        _text("request_id", 64),
        _text("details"),
        _text("previous", 64),
        _text("mac", 64),
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("flag_id", sa.String(40), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        _seq(),
        _text("at", 40),
        _text("list_id", 40),
        _text("family_id", 40),
        _text("by_subject"),
        _text("by_role", 40),
        _text("owner"),
        _text("content"),
    )
    op.create_index("decisions_by_seq", "decisions", ["seq"], unique=True)
    op.create_index("decisions_by_family", "decisions", ["family_id"])


def _idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("client", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        _text("request_digest", 64),
        sa.Column("status", sa.Integer, nullable=False),
        _text("etag", 80),
        _text("body"),
        _text("expires_at", 40),
    )


def _sign_ins() -> None:
    whom = [("subject", None), ("role", 40), ("agency", None)]
    digest = ("digest", sa.String(64))
    op.create_table(
        "sign_in_links", sa.Column(*digest, primary_key=True), *(_text(*each) for each in whom), _text("expires_at", 40)
    )
    op.create_table(
        "sessions",
        sa.Column(*digest, primary_key=True),
        *(_text(*each) for each in whom),
        _text("csrf", 64),
        _text("expires_at", 40),
    )
