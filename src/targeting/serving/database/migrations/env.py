"""Run by Alembic: migrates over the connection that `migrating` hands it, within that connection's transaction."""

from alembic import context

from targeting.serving.database.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
