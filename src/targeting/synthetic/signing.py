"""Forms signed in batches: most wait for their manager's signing day, and are on the system from that day on."""

from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic.calendar import HISTORY_START, NEVER, Days, day_of

# Assumptions: the share of forms that wait; the others are signed as they come.
WAITS = 0.7
_LAST = day_of(date(2032, 12, 31))


@cache
def signing_days() -> Days:
    """Return the days on which managers sign what lies there: Fridays, and the last working day of each month.

    They are away for the first half of August and from 20 December to the New Year: what came then is signed after.
    """
    days = np.arange(HISTORY_START, _LAST).astype("datetime64[D]")
    working = np.is_busday(days)
    month = days.astype("datetime64[M]")
    in_month = (days - month).astype(int) + 1
    number = month.astype(int) % 12 + 1
    is_friday = (days.astype(int) + 3) % 7 == 4
    last_of_month = np.zeros(days.size, bool)
    last_of_month[[np.flatnonzero(working & (month == each))[-1] for each in np.unique(month)]] = True
    away = ((number == 8) & (in_month <= 15)) | ((number == 12) & (in_month >= 20))
    return days[(is_friday | last_of_month) & ~away].astype(np.int32)


def signed(recorded: Days, rng: np.random.Generator) -> Days:
    """Return when forms finished on days are on the system: most on the next signing day; NEVER stays."""
    following = signing_days()[np.minimum(np.searchsorted(signing_days(), recorded), signing_days().size - 1)]
    waits: NDArray[np.bool_] = (rng.random(recorded.size) < WAITS) & (recorded != NEVER)
    return np.where(waits, following, recorded).astype(np.int32)
