"""What keeps a table's rows from being changed, for migrations.

Migrations that ran long ago ran this too: it may gain a database, and never does anything else on one that it has.
"""

from alembic import op


def forbid_changes(table: str) -> None:
    """Have the database itself refuse to change or remove a row of a table."""
    if op.get_bind().dialect.name == "sqlite":
        for change in ("update", "delete"):
            op.execute(
                f"create trigger {table}_no_{change} before {change} on {table} "
                f"begin select raise(abort, '{table} is append only'); end"
            )
        return
    op.execute(
        f"create function {table}_append_only() returns trigger language plpgsql as "
        f"$$ begin raise exception '{table} is append only'; end $$"
    )
    for change, each in (("update", "row"), ("delete", "row"), ("truncate", "statement")):
        op.execute(
            f"create trigger {table}_no_{change} before {change} on {table} "
            f"for each {each} execute function {table}_append_only()"
        )
