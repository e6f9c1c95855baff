"""Shares that are told beside the tables, so coarse that no count of one to five can be worked out from them."""

from targeting.fairness.definition import Disclosure
from targeting.fairness.results import WITHHELD, Number

LEAST = 100
FINE, FINE_FROM, WIDE = 0.01, 1_000, 0.05


def coarse_share(
    number: float, out_of: float, disclosure: Disclosure = "suppress", *, people: int | None = None
) -> Number:
    """Return a share to a per cent where it is out of 1,000 and more, to five where out of 100 and more, else `c`.

    Either step is worth five people at least, so that a share says of no fewer how many they are. Of nobody there is
    none. Data declared public are told in full. `people` (none: `out_of`) is how many the things counted are of.
    """
    if out_of == 0:
        return None
    if disclosure == "none":
        return round(number / out_of, 8)
    of = out_of if people is None else min(people, out_of)
    if of < LEAST:
        return WITHHELD
    step = FINE if of >= FINE_FROM else WIDE
    return round(round(number / out_of / step) * step, 2)
