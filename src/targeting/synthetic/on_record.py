"""What a system holds on the day of the extract: what began and was recorded in time, ends that were recorded."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic.calendar import Days
from targeting.synthetic.columns import rows_where
from targeting.synthetic.district import District
from targeting.synthetic.episodes import Episodes
from targeting.synthetic.writing import NO_DAY


def blank_unknown(event: Days, recorded: Days, district: District) -> tuple[Days, Days]:
    """Return events and their recording, both blank where the system does not hold them yet."""
    unknown = recorded > district.last_day
    blank = np.full(event.size, NO_DAY)
    return np.where(unknown, blank, event), np.where(unknown, blank, recorded)


def episodes_on_record(episodes: Episodes, district: District, since: int) -> Episodes:
    """Return the episodes begun from `since` on and in the system, with ends blank where not recorded yet."""
    kept = (episodes.start >= since) & (episodes.recorded <= district.last_day)
    held = rows_where(episodes, kept)
    end, end_recorded = blank_unknown(held.end, held.end_recorded, district)
    return replace(held, end=end, end_recorded=end_recorded)


def one_at_a_time(group: NDArray[np.integer], start: Days, end: Days) -> NDArray[np.int64]:
    """Return the rows, by group and start, that begin after the last one kept of their group has ended."""
    order = np.lexsort((start, group))
    columns: Iterable[tuple[int, int, int]] = zip(
        group[order].tolist(), start[order].tolist(), end[order].tolist(), strict=True
    )
    kept: list[int] = []
    last_group, free_from = -1, 0
    for place, (who, begins, ends) in zip(count(), columns, strict=False):
        if who != last_group or begins > free_from:
            kept.append(place)
            last_group, free_from = who, ends
    return np.asarray(order[np.array(kept, np.int64)])
