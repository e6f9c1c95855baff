"""Evidence that people were involved: who opened a family's page, when, and what was recorded after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from targeting.serving.database.decisions import decisions_on
from targeting.serving.database.panel_tables import first_views
from targeting.serving.database.tables import audit_events
from targeting.serving.decisions import Choice, RecordedDecision

OPENED = "see_flag"


@dataclass(frozen=True, kw_only=True)
class Involvement:
    """How one flag's decision came about.

    `opened` has the first moment at which each person opened the page, `first_views` what each would have decided
    before seeing the band, `revisions` every recorded decision, the first one first.
    """

    opened: Mapping[str, datetime]
    first_views: Mapping[str, Choice]
    revisions: tuple[RecordedDecision, ...]

    @property
    def minutes(self) -> int | None:
        """Whole minutes from opening the page to the first decision, by whoever took it; None where either lacks."""
        if not self.revisions or self.revisions[0].recorded_by not in self.opened:
            return None
        first = self.revisions[0]
        return max(int((first.recorded_at - self.opened[first.recorded_by]).total_seconds() // 60), 0)

    @property
    def changes(self) -> bool | None:
        """Whether the decision that holds differs from a first view that was taken; None where none was."""
        if not self.revisions or not self.first_views:
            return None
        return any(view != self.revisions[-1].content.decision for view in self.first_views.values())


def involvement_in(connection: Connection, flag_ids: Sequence[str]) -> Mapping[str, Involvement]:
    """Return how the decisions of some flags came about, by flag."""
    opened: dict[str, dict[str, datetime]] = {each: {} for each in flag_ids}
    events = select(audit_events.c.what, audit_events.c.subject, audit_events.c.at).where(
        audit_events.c.what.in_(list(flag_ids)), audit_events.c.action == OPENED
    )
    for row in connection.execute(events.order_by(audit_events.c.seq)):
        opened[row.what].setdefault(row.subject, datetime.fromisoformat(row.at))
    views: dict[str, dict[str, Choice]] = {each: {} for each in flag_ids}
    for row in connection.execute(select(first_views).where(first_views.c.flag_id.in_(list(flag_ids)))):
        views[row.flag_id][row.by_subject] = row.view
    recorded = decisions_on(connection, flag_ids)
    return {
        each: Involvement(opened=opened[each], first_views=views[each], revisions=recorded[each]) for each in flag_ids
    }
