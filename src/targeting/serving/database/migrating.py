"""The store brought to this program's version, by Alembic; what is current already costs one query."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from targeting.errors import TargetingError

MIGRATIONS = Path(__file__).parent / "migrations"
# The last file of migrations/versions; a test holds it to that.
CURRENT = "0005"


def migrate(engine: Engine) -> None:
    """Run the migrations that a database lacks. Raises TargetingError where a newer program made it.

    They run in one transaction that waits its turn, so that of several workers that start at once one migrates.
    """
    with engine.connect() as connection:
        found = _version(connection)
    if found == CURRENT:
        return
    if found is not None and found > CURRENT:
        raise TargetingError(
            f"the service's database is of version {found}, which a newer Targeting made; this one knows {CURRENT}. "
            "Run the newer program, or restore a backup."
        )
    with engine.begin() as connection:
        _upgrade(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("select version_num from alembic_version")).scalar_one_or_none()
    return found


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - needed once in a database's life.
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, CURRENT)
