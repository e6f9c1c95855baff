"""How many flags nobody has decided yet."""

from collections.abc import Iterable

from sqlalchemy import select

from targeting.serving.database.database import Database
from targeting.serving.database.tables import decisions
from targeting.serving.published import PublishedList


def undecided_flags(database: Database, lists: Iterable[PublishedList]) -> int:
    """Return how many flags of lists nobody decided yet."""
    with database.reading() as connection:
        known = set(connection.execute(select(decisions.c.flag_id).distinct()).scalars())
    return sum(flag.id not in known for each in lists for flag in each.flags)
