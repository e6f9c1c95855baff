"""The audit log in counts: how often each action was done in the last weeks, by which roles. No family, no person."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from targeting.serving.database.audit import instant
from targeting.serving.database.tables import audit_events

WEEKS = 8
_DAYS_OF_A_DATE = 10


@dataclass(frozen=True)
class ActionCounts:
    """How often one action was done: in each week, the latest first, and by each role in all of them."""

    action: str
    by_week: tuple[int, ...]
    by_role: Mapping[str, int]

    @property
    def total(self) -> int:
        """Return how often in all weeks."""
        return sum(self.by_week)


def weeks_before(now: datetime) -> tuple[date, ...]:
    """Return the Monday of each of the last weeks (UTC), this one first."""
    monday = now.date() - timedelta(days=now.weekday())
    return tuple(monday - timedelta(weeks=back) for back in range(WEEKS))


def action_counts(connection: Connection, *, now: datetime) -> tuple[ActionCounts, ...]:
    """Return the counts of each action of the last weeks, by the action's name."""
    mondays = weeks_before(now)
    first = datetime.combine(mondays[-1], datetime.min.time(), tzinfo=now.tzinfo)
    day = func.substr(audit_events.c.at, 1, _DAYS_OF_A_DATE)
    asked = (
        select(audit_events.c.action, audit_events.c.role, day.label("day"), func.count().label("times"))
        .where(audit_events.c.at >= instant(first))
        .group_by(audit_events.c.action, audit_events.c.role, day)
    )
    weeks: dict[str, Counter[date]] = {}
    roles: dict[str, Counter[str]] = {}
    for row in connection.execute(asked):
        on = date.fromisoformat(row.day)
        weeks.setdefault(row.action, Counter())[on - timedelta(days=on.weekday())] += row.times
        roles.setdefault(row.action, Counter())[row.role] += row.times
    return tuple(
        ActionCounts(action, tuple(weeks[action][monday] for monday in mondays), dict(sorted(roles[action].items())))
        for action in sorted(weeks)
    )
