"""Who is drawn for one list: a panel's families in the list's cohort, those sent elsewhere, the listed by rank."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.serving.contents import SentToFrontDoor
from targeting.serving.definition import ListKind, Panel
from targeting.serving.front_door import everyone_sent, sent_to_front_door
from targeting.serving.ranking import Place, places
from targeting.serving.week import Week

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One list's families: `rows` of the week's matrix that were considered, and by rank the `listed` among them."""

    week: Week
    panel: Panel
    kind: ListKind
    rows: Rows
    listed: tuple[Place, ...]
    sent: tuple[SentToFrontDoor, ...]

    @property
    def probability(self) -> Floats:
        """Return the calibrated probability of each family considered."""
        return self.week.probability[self.rows]

    @property
    def listed_rows(self) -> Rows:
        """Return the rows of the listed families, by rank."""
        return self.rows[[place.row for place in self.listed]] if self.listed else self.rows[:0]


def draw_list(week: Week, panel: Panel, kind: ListKind) -> Draw:
    """Return who is on one list of one panel; whom a threshold rule sends to the front door is not considered."""
    rows = week.rows_of(panel, kind)
    in_cohort = {name: mask[rows] for name, mask in week.in_cohort.items()}
    sent = sent_to_front_door(week.service.threshold_rule, in_cohort, week.matrix.family_id[rows])
    rows = rows[~np.isin(week.matrix.family_id[rows], list(everyone_sent(sent)))]
    listed = places(
        week.margins[rows],
        week.matrix.family_id[rows],
        capacity=kind.capacity(panel),
        never_known=week.never_known(rows),
        kept=kind.places_for_never_known,
    )
    return Draw(week=week, panel=panel, kind=kind, rows=rows, listed=listed, sent=sent)
