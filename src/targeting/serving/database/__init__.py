"""The service's own store: the audit log, decisions, idempotency keys, sign-ins. SQLite, or PostgreSQL by one URL."""
