"""Who turns to the front door: the source of a contact or referral, by what goes on in the household and the month."""

from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs
from targeting.synthetic.calendar import Days, day_of


class _Origin(NamedTuple):
    """A source as the case system words it, its weight, and by how much needs add to it."""

    label: str
    weight: float
    abuse: float = 0.0
    ill_health: float = 0.0
    substances: float = 0.0
    strain: float = 0.0
    absence: float = 0.0


# Weights are assumptions, set so that police, schools and health have their published shares of referrals.
_ORIGINS = (
    _Origin("Police", 0.275, abuse=1.9, substances=0.5, strain=0.2),
    _Origin("Schools", 0.212, strain=0.2, absence=1.0),
    _Origin("Education services", 0.020, absence=1.0),
    _Origin("Health - GP", 0.022, ill_health=0.6),
    _Origin("Health - health visitor", 0.040, ill_health=0.4, strain=0.4),
    _Origin("Health - A&E", 0.034, substances=0.6, strain=0.3),
    _Origin("Health - other", 0.040, ill_health=0.5, substances=0.5),
    _Origin("Individual - family member/relative/carer", 0.050, strain=0.4),
    _Origin("Individual - self", 0.015),
    _Origin("Individual - acquaintance", 0.020, strain=0.4),
    _Origin("LA - social care", 0.065),
    _Origin("LA - other internal", 0.055, strain=0.3),
    _Origin("LA - external", 0.025),
    _Origin("LA - early help", 0.045, strain=0.5, absence=0.4),
    _Origin("Housing", 0.025, strain=0.5),
    _Origin("Other legal agency", 0.030, abuse=0.5),
    _Origin("Other", 0.060),
    _Origin("Anonymous", 0.035, strain=0.5),
)

LABELS = tuple(origin.label for origin in _ORIGINS)
POLICE, SCHOOLS = LABELS.index("Police"), LABELS.index("Schools")
HEALTH = tuple(index for index, label in enumerate(LABELS) if label.startswith("Health"))
EARLY_HELP = LABELS.index("LA - early help")

_WEIGHTS = np.stack(
    [
        origin.weight
        * (
            1
            + origin.abuse * needs.ABUSE
            + origin.ill_health * needs.ILL_HEALTH
            + origin.substances * needs.SUBSTANCES
            + origin.strain * needs.STRAIN
            + origin.absence * needs.ABSENCE
        )
        for origin in _ORIGINS
    ],
    axis=1,
)

_WHILE_CLOSED = 0.12
_SCHOOLS_CLOSED = ((date(2020, 3, 23), date(2020, 6, 14)), (date(2021, 1, 4), date(2021, 3, 7)))


def drawn(needs_then: NDArray[np.int16], day: Days, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return a source for each event, by index into LABELS; schools are silent while they are closed."""
    weights = _WEIGHTS[needs_then]
    weights[_schools_closed(day), SCHOOLS] *= _WHILE_CLOSED
    cumulative = np.cumsum(weights, axis=1)
    mark = rng.random(day.size) * cumulative[:, -1]
    return np.asarray((cumulative <= mark[:, None]).sum(1))


def _schools_closed(day: Days) -> NDArray[np.bool_]:
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12 + 1
    closed = np.asarray(month == 8)
    for first, last in _SCHOOLS_CLOSED:
        closed |= (day >= day_of(first)) & (day <= day_of(last))
    return closed


def chances(source: NDArray[np.int64], day: Days) -> NDArray[np.float64]:
    """Return, for each event, the chance by needs, (events, 48), that it came from the source that it came from."""
    closed_weights = _WEIGHTS.copy()
    closed_weights[:, SCHOOLS] *= _WHILE_CLOSED
    by_month = np.stack([each / each.sum(1, keepdims=True) for each in (_WEIGHTS, closed_weights)])
    return np.asarray(by_month[_schools_closed(day).astype(int), :, source])
