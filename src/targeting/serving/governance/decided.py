"""Which flags somebody has decided, and how: the last revision of each."""

from collections.abc import Iterable, Mapping

from sqlalchemy import func, select

from targeting.serving.database.database import Database
from targeting.serving.database.tables import decisions
from targeting.serving.decisions import Decision
from targeting.serving.published import PublishedList


def decided(database: Database) -> Mapping[str, tuple[str, Decision]]:
    """Return when each flag was first decided (ISO 8601, UTC) and what its last revision says, by the flag's id."""
    first = select(decisions.c.flag_id, func.min(decisions.c.at).label("at")).group_by(decisions.c.flag_id)
    last = select(decisions.c.flag_id, decisions.c.content).order_by(decisions.c.seq)
    with database.reading() as connection:
        begun = {row.flag_id: row.at for row in connection.execute(first)}
        said = {row.flag_id: row.content for row in connection.execute(last)}
    return {flag_id: (at, Decision.model_validate_json(said[flag_id])) for flag_id, at in begun.items()}


def undecided_flags(database: Database, lists: Iterable[PublishedList]) -> int:
    """Return how many flags of lists nobody decided yet."""
    with database.reading() as connection:
        known = set(connection.execute(select(decisions.c.flag_id).distinct()).scalars())
    return sum(flag.id not in known for each in lists for flag in each.flags)
