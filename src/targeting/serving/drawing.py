"""Who is drawn for one list: a panel's families in the list's cohort, those sent elsewhere, the listed by rank."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.serving.contents import Resting, SentToFrontDoor
from targeting.serving.definition import ListKind, Panel
from targeting.serving.flow import Flow
from targeting.serving.front_door import everyone_sent, sent_to_front_door
from targeting.serving.ranking import Place, places, rank_of_each, ranked
from targeting.serving.week import Week

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One list's families: `rows` of the week's matrix that were considered, and by rank the `listed` among them.

    `resting` are considered too, and get no place. `returned` has the sentence of each family that is back, by family.
    """

    week: Week
    panel: Panel
    kind: ListKind
    rows: Rows
    listed: tuple[Place, ...]
    sent: tuple[SentToFrontDoor, ...]
    resting: tuple[Resting, ...]
    returned: Mapping[str, str]

    @property
    def probability(self) -> Floats:
        """Return the calibrated probability of each family considered."""
        return self.week.probability[self.rows]

    @property
    def listed_rows(self) -> Rows:
        """Return the rows of the listed families, by rank."""
        return self.rows[[place.row for place in self.listed]] if self.listed else self.rows[:0]

    @property
    def is_resting(self) -> NDArray[np.bool_]:
        """Return which of the families considered rest."""
        return np.isin(self.week.matrix.family_id[self.rows], [each.family_id for each in self.resting])


def draw_list(week: Week, panel: Panel, kind: ListKind, flow: Flow) -> Draw:
    """Return who is on one list of one panel; whom a threshold rule sends to the front door is not considered."""
    rows = week.rows_of(panel, kind)
    in_cohort = {name: mask[rows] for name, mask in week.in_cohort.items()}
    sent = sent_to_front_door(week.service.threshold_rule, in_cohort, week.matrix.family_id[rows])
    rows = rows[~np.isin(week.matrix.family_id[rows], list(everyone_sent(sent)))]
    families = week.matrix.family_id[rows].tolist()
    return Draw(
        week=week,
        panel=panel,
        kind=kind,
        rows=rows,
        listed=_listed(
            week, rows, np.array([name not in flow.resting for name in families], dtype=np.bool_), panel, kind
        ),
        sent=sent,
        resting=tuple(flow.resting[name] for name in families if name in flow.resting),
        returned={name: flow.returned[name] for name in families if name in flow.returned},
    )


def _listed(week: Week, rows: Rows, may_be: NDArray[np.bool_], panel: Panel, kind: ListKind) -> tuple[Place, ...]:
    """Return who of the rows has a place, among those that may have one; rank is that among all of them."""
    able = np.flatnonzero(may_be)
    chosen = places(
        week.margins[rows[able]],
        week.matrix.family_id[rows[able]],
        capacity=kind.capacity(panel),
        never_known=week.never_known(rows[able]),
        kept=kind.places_for_never_known,
    )
    rank = rank_of_each(ranked(week.margins[rows], week.matrix.family_id[rows]))
    return tuple(Place(int(rank[able[each.row]]), int(able[each.row]), each.kept_place) for each in chosen)
