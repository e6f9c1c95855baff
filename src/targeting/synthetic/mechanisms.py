"""By which mechanisms a fictional district works: the standard ones, and others on which a model can be tried.

What a model learns on a synthetic district might hold for that district's own rules alone. A variant keeps the people,
the agencies and their files, and changes how needs come and go, how the front door answers them, how late is recorded.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from targeting.errors import TargetingError, what_exists

Shape = Literal["proportional", "additive"]


@dataclass(frozen=True)
class Mechanisms:
    """What may differ between districts; the defaults are the standard district's.

    `front_door` is the shape of the hazard of a referral: `proportional` multiplies by each need, up to a ceiling;
    `additive` adds up, so that one need alone is answered sooner and many together later. `tempo` multiplies the rates
    a year at which abuse, ill-health, substances, strain and absence come and go: above one, spells are shorter and
    more. `coupling` multiplies by how much one need brings another. `seen_before` and `watched` say how much sooner a
    household comes back that was known lately: a factor, and a rate a year whatever its needs. `lateness` multiplies
    the usual days after which contacts, referrals, early help, police and adult services are recorded.
    """

    front_door: Shape = "proportional"
    tempo: tuple[float, float, float, float, float] = (1.0, 1.0, 1.0, 1.0, 1.0)
    coupling: float = 1.0
    seen_before: float = 5.0
    watched: float = 0.48
    lateness: float = 1.0


STANDARD = Mechanisms()
VARIANTS = MappingProxyType(
    {
        "standard": STANDARD,
        "other": Mechanisms(
            front_door="additive",
            tempo=(1.6, 0.6, 0.6, 1.6, 1.0),
            coupling=1.8,
            seen_before=2.5,
            watched=0.20,
            lateness=3.0,
        ),
    }
)


def variant(name: str) -> Mechanisms:
    """Return the mechanisms of a name. Raises TargetingError where there are none of that name."""
    if name not in VARIANTS:
        raise TargetingError(f"--variant {name!r} does not exist. {what_exists(name, VARIANTS)}")
    return VARIANTS[name]
