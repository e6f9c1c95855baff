"""The tables of the service's own store. Migrations make them; a test holds both to the same."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData()
APPEND_ONLY = ("audit_events", "decisions", "objections")

# `at` is UTC by ISO 8601; `families` and `details` are JSON. `seq` has no gap: each mac covers the one before.
audit_events = Table(
    "audit_events",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("subject", Text, nullable=False),
    Column("role", String(40), nullable=False),
    Column("client", Text, nullable=False),
    Column("action", String(60), nullable=False),
    Column("what", Text, nullable=False),
    Column("families", Text, nullable=False),
    Column("purpose", String(60), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("mac", String(64), nullable=False),
    Index("audit_events_by_what", "what"),
)

# One row a revision of one flag's decision. `seq` is that of its audit event, so all decisions have one order.
decisions = Table(
    "decisions",
    METADATA,
    Column("flag_id", String(40), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, ForeignKey("audit_events.seq", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("at", String(40), nullable=False),
    Column("list_id", String(40), nullable=False),
    Column("family_id", String(40), nullable=False),
    Column("by_subject", Text, nullable=False),
    Column("by_role", String(40), nullable=False),
    Column("owner", Text, nullable=False),
    Column("content", Text, nullable=False),
    Index("decisions_by_seq", "seq", unique=True),
    Index("decisions_by_family", "family_id"),
)

# One row a revision of one person's objection: made, then decided. `number` is the `seq` of the first one.
# `record_id` stands for the agency's record by which the person was named: linkage may call the person otherwise later.
objections = Table(
    "objections",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, ForeignKey("audit_events.seq", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("at", String(40), nullable=False),
    Column("person_id", String(40), nullable=False),
    Column("record_id", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("by_subject", Text, nullable=False),
    Column("by_role", String(40), nullable=False),
    Column("because", Text, nullable=False),
    Index("objections_by_seq", "seq", unique=True),
)

# What was answered to a request that may be sent again. `client` and `subject` keep one's keys from another's.
idempotency_keys = Table(
    "idempotency_keys",
    METADATA,
    Column("client", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request_digest", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("etag", String(80), nullable=False),
    Column("body", Text, nullable=False),
    Column("expires_at", String(40), nullable=False),
)

# Links that sign somebody in once, and what they led to. Secrets are kept as digests alone; `panels` is JSON.
sign_in_links = Table(
    "sign_in_links",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("role", String(40), nullable=False),
    Column("agency", Text, nullable=False),
    Column("panels", Text, nullable=False),
    Column("expires_at", String(40), nullable=False),
)
sessions = Table(
    "sessions",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("role", String(40), nullable=False),
    Column("agency", Text, nullable=False),
    Column("panels", Text, nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("expires_at", String(40), nullable=False),
)

# What is asked about many families at once. The rows themselves lie in files of their own, encrypted. `lists` is JSON:
# all rows are answered from these. So is `panels`: those of whose families alone it tells, null for all. Whoever holds
# the claim until `claimed_until` works on the next block.
scoring_jobs = Table(
    "scoring_jobs",
    METADATA,
    Column("job_id", String(40), primary_key=True),
    Column("client", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("lists", Text, nullable=False),
    Column("panels", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("rows_done", Integer, nullable=False),
    Column("rows_scored", Integer, nullable=False),
    Column("blocks", Integer, nullable=False),
    Column("blocks_done", Integer, nullable=False),
    Column("claimed_by", String(40), nullable=False),
    Column("claimed_until", String(40), nullable=False),
    Column("ended_at", String(40), nullable=False),
    Column("forget_at", String(40), nullable=False),
    Index("scoring_jobs_by_status", "status"),
)
