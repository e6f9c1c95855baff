"""What a forecaster could attain who knew the generator and read what is on record: a posterior for each family-date.

The forward filter runs over each household's fortnights up to a date; then the chain is stepped on through the thirteen
fortnights of the window, services' reactions included, since the stage is part of the state. Because both are exact
sums over states, no future is drawn. The forecaster is not told what some records say, so that the best attainable is
at least as good.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import early_years, needs
from targeting.synthetic.calendar import HORIZON_STEPS, LEAD_STEPS, NEVER, STEP_DAYS, YEAR, Days, start_of
from targeting.synthetic.course import Course, bands_ahead, booked_on
from targeting.synthetic.district import District
from targeting.synthetic.evidence import (
    BLIND,
    Floats,
    Glimpses,
    Ints,
    Sightings,
    StageRecords,
    Watch,
    glimpsed,
    stage_weights,
    stages_said,
)
from targeting.synthetic.family_dates import FamilyDates, matured_steps, sampled
from targeting.synthetic.glimpses import Terms, school_glimpses
from targeting.synthetic.maternity import Noted
from targeting.synthetic.mechanisms import Mechanisms
from targeting.synthetic.needs import BANDS, NEEDS, STAGES, VULNERABILITIES
from targeting.synthetic.pathway import Pathway
from targeting.synthetic.population import ADULT_DAYS, CHILD
from targeting.synthetic.posterior import Fortnight, Move, filtered, first_entries, normalised
from targeting.synthetic.settling import TURNOVER, vulnerability_shares
from targeting.synthetic.thresholds import Thresholds, thresholds
from targeting.synthetic.writing import real_dates

# The chance that a family is still in the district after a fortnight.
STAYS = float(np.exp(-TURNOVER * STEP_DAYS / YEAR))


@dataclass(frozen=True)
class Evidence:
    """All that the forecaster may read, of all families and times: a date decides what is on record."""

    district: District
    course: Course
    pathway: Pathway
    stages: StageRecords
    sightings: tuple[Sightings, ...]
    glimpses: Glimpses
    terms: Terms
    noted: Noted


@cache
def _needs_moves(by: Mechanisms) -> Floats:
    """Return P(needs after | stage, needs before) by band and vulnerability, (4, 3, 7, 48, 48)."""
    moves = needs.needs_step(by)[:, needs.HELP_OF_STAGE].astype(float)
    return np.ascontiguousarray(moves.reshape(VULNERABILITIES, BANDS, len(STAGES), NEEDS, NEEDS).swapaxes(0, 1))


def _moves(bands: NDArray[np.int8], at: Thresholds, said: Ints, fortnights_ago: int, by: Mechanisms) -> Iterator[Move]:
    """Return how households of bands move in a fortnight, by what was recorded of their stage at its end."""
    stages = needs.stage_step(at, by).astype(float)
    stages = stages.reshape(VULNERABILITIES, BANDS, len(STAGES), NEEDS, len(STAGES)).swapaxes(0, 1)
    keys, group = np.unique(said * BANDS + bands, return_inverse=True)
    for place, key in enumerate(keys):
        weights = stage_weights(int(key) // BANDS, fortnights_ago, by.lateness)
        band = int(key) % BANDS
        yield Move(np.flatnonzero(group == place), _needs_moves(by)[band], stages[band] * weights[:, None, :])


def prior(evidence: Evidence, family: Ints, step: int) -> Floats:
    """Return the belief on the first day of families, before anything of their needs was recorded.

    By ward, by the band on that day, and by whether the mother smokes, which is a habit of hers for good; known from a
    booking on record at the start of fortnight `step`.
    """
    district, course = evidence.district, evidence.course
    families = district.families
    first = course.first_step[family]
    kinds = needs.type_of(np.arange(VULNERABILITIES)[None, :], course.band[family, first][:, None])
    states = np.where(
        (first == 0)[:, None, None],
        needs.shares_at_rest(known=True, by=district.mechanisms)[kinds],
        needs.shares_at_rest(known=False, by=district.mechanisms)[kinds],
    )
    shares = vulnerability_shares()[families.ward[family]] * _of_smoking(evidence, step)[family]
    belief = shares[:, :, None] * states / states.sum(2, keepdims=True)
    return np.asarray(belief.reshape(family.size, VULNERABILITIES, len(STAGES), NEEDS))


def _of_smoking(evidence: Evidence, step: int) -> Floats:
    """Return the likelihood of what is on record of mothers' smoking, by family and vulnerability."""
    families, booked = evidence.district.families, evidence.noted.pregnancies
    smokes = np.minimum(early_years.smoking_chance(families.community), 1.0)
    likelihood = np.ones_like(smokes)
    known = (booked.recorded < int(start_of(np.array(step)))) & (booked.smoking <= early_years.NEVER_SMOKED)
    family = evidence.district.people.family[booked.baby[known]]
    is_smoker = (booked.smoking[known] == early_years.SMOKES)[:, None]
    likelihood[family] = np.where(is_smoker, smokes[family], 1 - smokes[family])
    return likelihood


class _Reading:
    """What the forecaster reads of some families at the start of one fortnight."""

    def __init__(self, evidence: Evidence, family: Ints, step: int) -> None:
        self._evidence, self._family, self._step = evidence, family, step
        self._watches = [Watch(sightings, family, step) for sightings in evidence.sightings]
        self._said = stages_said(evidence.stages, family, step)
        in_school = school_glimpses(evidence.district, evidence.course, evidence.terms, family, step)
        parts = [glimpsed(each, family, step) for each in (evidence.glimpses, in_school)]
        self._glimpses = tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))
        self.shape = (family.size, VULNERABILITIES, len(STAGES), NEEDS)

    def glimpses_of(self, step: int) -> Floats:
        """Return the likelihood of what is glimpsed of a fortnight's needs, (families, 1, 1, 48)."""
        row, when, likelihood = self._glimpses
        now = when == step
        product_of = np.ones((self._family.size, NEEDS))
        np.multiply.at(product_of, row[now], likelihood[now])
        return product_of[:, None, None, :]

    def likelihood(self, step: int) -> Floats:
        """Return the likelihood of all that is and is not on record of a fortnight."""
        total = np.broadcast_to(self.glimpses_of(step), self.shape).copy()
        for watch in self._watches:
            of_watch = watch.likelihood(step)[:, :, None, :]
            if watch.only_closed:
                total[:, :, : needs.ASSESSING] *= of_watch
                total[watch.seen(step), :, needs.ASSESSING :] = 0.0
            else:
                total *= of_watch
        return total

    def fortnights(self) -> Iterator[Fortnight]:
        """Return the fortnights up to the date, in which every family enters on its first."""
        course, by_step = self._evidence.course, thresholds(self._step)
        beliefs = prior(self._evidence, self._family, self._step)
        first = course.first_step[self._family]
        for step in range(self._step):
            entering, here = np.flatnonzero(first == step), np.flatnonzero(first <= step)
            bands, said = course.band[self._family[here], step], self._said[here, step + 1]
            mechanisms = self._evidence.district.mechanisms
            moves = _moves(bands, by_step[step], said, self._step - step, mechanisms)
            placed = [Move(here[move.rows], move.needs, move.stages) for move in moves]
            yield Fortnight(entering, beliefs[entering], self.likelihood(step), placed)


def believed(evidence: Evidence, family: Ints, step: int) -> Floats:
    """Return what the forecaster believes of families, each once, at the start of a fortnight in which all are here."""
    reading = _Reading(evidence, family, step)
    belief = filtered(reading.shape, reading.fortnights())
    entering = np.flatnonzero(evidence.course.first_step[family] == step)
    belief[entering] = prior(evidence, family, step)[entering]
    return normalised(belief * reading.glimpses_of(step), np.arange(family.size))


def entries_ahead(evidence: Evidence, belief: Floats, family: Ints, step: int) -> Floats:
    """Return the chance of a first escalation in each of the thirteen fortnights from a date on, by family.

    Of a family that may move away, with the children who are expected by then; none once the last has come of age.
    """
    bands = bands_ahead(evidence.district.people, len(evidence.district.families), step, HORIZON_STEPS)[family]
    by_step = thresholds(step + HORIZON_STEPS)[step:]
    # Nothing of the future is on record: every change of stage is as likely as the chain makes it.
    unknown = np.full(family.size, BLIND)
    by = evidence.district.mechanisms
    ahead = (list(_moves(bands[:, place], at, unknown, 1, by)) for place, at in enumerate(by_step))
    entered = first_entries(belief, ahead, absorbing=needs.IN_NEED, stays=STAYS)
    middles = start_of(step + np.arange(HORIZON_STEPS)) + STEP_DAYS // 2
    return np.asarray(entered * (middles < _last_of_age(evidence.district, step)[family][:, None]))


def _last_of_age(district: District, step: int) -> Days:
    """Return the day on which the last child expected by a date comes of age, by family."""
    people = district.people
    child = people.of_role(CHILD)
    child = child[booked_on(people, child) <= start_of(np.array(step))]
    last = np.full(len(district.families), -NEVER)
    np.maximum.at(last, people.family[child], people.born[child] + ADULT_DAYS)
    return last


def probabilities(evidence: Evidence, rows: FamilyDates) -> Floats:
    """Return the attainable probability of each family-date: of a first escalation in [28, 182) days, not before."""
    found = np.zeros(rows.family.size)
    for step in np.unique(rows.step):
        at = np.flatnonzero(rows.step == step)
        belief = believed(evidence, rows.family[at], int(step))
        entered = entries_ahead(evidence, belief, rows.family[at], int(step))
        in_train = entered[:, :LEAD_STEPS].sum(1)
        found[at] = entered[:, LEAD_STEPS:].sum(1) / (1 - in_train)
    return found


def attainable_table(evidence: Evidence, rng: np.random.Generator) -> pa.Table:
    """Return the sample of the last four matured quarters with the attainable probability and inclusion weight."""
    district, course = evidence.district, evidence.course
    rows = sampled(district, course, evidence.pathway, matured_steps(course, district.last_day), rng)
    return pa.table(
        {
            "family": rows.family,
            "as_of_date": real_dates(start_of(rows.step)),
            "probability": probabilities(evidence, rows),
            "inclusion_weight": 1 / rows.inclusion,
        }
    )
