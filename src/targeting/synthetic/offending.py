"""Offences for which somebody was charged, cautioned or dealt with out of court: few children, some of them often."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs
from targeting.synthetic.calendar import FIRST_DAY, Days
from targeting.synthetic.noticing import Households, delay
from targeting.synthetic.population import CARER, MALE, OTHER_PARENT, PARTNER
from targeting.synthetic.stretches import befall, by_age, stretches, weighing

# Assumptions, set by the published rates of children cautioned or sentenced, of first entrants and of those who offend
# again: offences a year of a child between 10 and 18, how unevenly spread over children, and what adds to them.
_CHILDREN = 0.0057
_UNEVEN = 0.0056
_BY_NEEDS = weighing(absence=0.9, strain=0.45, abuse=0.25, substances=0.25)
_BY_AGE = by_age(((10, 0.15), (12, 0.5), (14, 1.2), (16, 1.9)))
_BOYS, _GIRLS = 1.67, 0.30
_ADULTS = 0.008 + 0.055 * needs.SUBSTANCES + 0.020 * needs.STRAIN + 0.030 * needs.ABUSE

DISPOSALS = (
    "Community resolution",
    "Youth caution",
    "Referral order",
    "Youth rehabilitation order",
    "Detention and training order",
    "Charged (adult)",
    "Cautioned (adult)",
)
RESOLUTION, CAUTION, REFERRAL_ORDER, REHABILITATION_ORDER, CUSTODY, CHARGED, CAUTIONED = range(7)
_RESOLVED, _RESOLVED_AGAIN = 0.45, 0.30
_AT_FIRST = np.cumsum([0.50, 0.46, 0.03, 0.01])
_AFTERWARDS = np.cumsum([0.22, 0.36, 0.34, 0.08])

CATEGORIES = (
    "Violence against the person",
    "Sexual offences",
    "Drug offences",
    "Theft, burglary and robbery",
    "Criminal damage and arson",
    "Possession of weapons",
    "Public order",
    "Other",
)
_CATEGORY_SHARES = (0.33, 0.03, 0.12, 0.19, 0.11, 0.08, 0.09, 0.05)


@dataclass(frozen=True)
class Offences:
    """One row an offence dealt with, by person and day; `further`: the child was cautioned or convicted before."""

    person: NDArray[np.int64]
    day: Days
    recorded: Days
    category: NDArray[np.int64]
    disposal: NDArray[np.int64]
    further: NDArray[np.bool_]

    @property
    def is_formal(self) -> NDArray[np.bool_]:
        """Return which are a child's cautions and convictions."""
        return (self.disposal >= CAUTION) & (self.disposal <= CUSTODY)


def offences(households: Households, rng: np.random.Generator) -> Offences:
    """Return the offences of children from 10 on, and of parents."""
    child, child_day = _of_children(households, rng)
    adult, adult_day = _of_adults(households, rng)
    disposal, further = _disposals(child, rng)
    charged = np.where(rng.random(adult.size) < 0.75, CHARGED, CAUTIONED)
    day = np.concatenate([child_day, adult_day])
    return Offences(
        person=np.concatenate([child, adult]),
        day=day,
        recorded=(day + delay(day.size, 2.0, rng)).astype(np.int32),
        category=rng.choice(len(CATEGORIES), day.size, p=_CATEGORY_SHARES),
        disposal=np.concatenate([disposal, charged]),
        further=np.concatenate([further, np.zeros(adult.size, bool)]),
    )


def _of_children(households: Households, rng: np.random.Generator) -> tuple[NDArray[np.int64], Days]:
    """Return whose offences were dealt with and when, by child and day."""
    lived = stretches(households, ages=(10, 18), since=FIRST_DAY, days=91)
    people = households.district.people
    # More boys ever offend; those girls who do, do so as often.
    temper = rng.gamma(_UNEVEN * np.where(people.sex == MALE, _BOYS, _GIRLS), 1 / _UNEVEN)[lived.person]
    happened = befall(lived, _CHILDREN * temper * _BY_AGE(lived.age) * _BY_NEEDS[lived.needs], rng)
    order = np.lexsort((happened.day, happened.person))
    return happened.person[order], happened.day[order]


def _of_adults(households: Households, rng: np.random.Generator) -> tuple[NDArray[np.int64], Days]:
    """Return parents' offences: of the other adult more often than of the carer."""
    happened = households.happen(rng, _ADULTS)
    people = households.district.people
    carer, partner, former = (people.one_a_family(role)[happened.family] for role in (CARER, PARTNER, OTHER_PARENT))
    other = np.where(partner >= 0, partner, former)
    person = np.where((other >= 0) & (rng.random(carer.size) < 0.8), other, carer)
    return person, happened.day


def _disposals(child: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return how each offence of children, sorted by child and day, was dealt with, and whether one came before.

    The law steps up with those before: first a caution or referral order, then orders, rarely custody.
    """
    first = np.append(True, child[1:] != child[:-1])[: child.size]
    resolved = rng.random(child.size) < np.where(first, _RESOLVED, _RESOLVED_AGAIN)
    before = np.cumsum(~resolved) - (~resolved).astype(int)
    start = np.maximum.accumulate(np.where(first, np.arange(child.size), 0))
    further = before > before[start] if child.size else np.zeros(0, bool)
    draw = rng.random(child.size)
    formal = 1 + np.where(further, np.searchsorted(_AFTERWARDS, draw), np.searchsorted(_AT_FIRST, draw))
    return np.where(resolved, RESOLUTION, np.minimum(formal, CUSTODY)), further & ~resolved
