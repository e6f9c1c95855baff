"""What became of the families of a matrix: the outcome's events, and why some families have no label."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.errors import DataError
from targeting.features.compiler import compile_plan
from targeting.features.dated_people import NEVER, DatedFacts, dated_facts, memberships_of
from targeting.features.dates import add_months, as_dates, day_number, later
from targeting.features.definition import Cohort, Outcome
from targeting.features.engine import build_matrix
from targeting.features.matrix import Matrix
from targeting.features.outcome_checks import check_outcome
from targeting.features.rules import CompileRules
from targeting.store.blocks import MISSING_DAY
from targeting.store.generations import Generation

Days = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Labels:
    """What became of each row of a matrix, in its order.

    `label` is 1 where an event came in [as_of + lead, as_of + horizon), 0 where none did, and NaN where that cannot be
    said or does not count: `already_in_train` (an event before the lead), `censored`, or not `matured`. `first_event`
    is the first event from the as-of date up to the horizon as far as it is recorded, NaT for none.
    """

    family_id: NDArray[np.str_]
    as_of_date: NDArray[np.datetime64]
    label: NDArray[np.float64]
    already_in_train: Flags
    censored: Flags
    matured: Flags
    first_event: NDArray[np.datetime64]


class Periods(NamedTuple):
    """As-of dates, the days after their lead and their horizon, and the days on which they are decided."""

    as_of: Days
    lead: Days
    horizon: Days
    decided: Days


class _Became(NamedTuple):
    """The first event, and when the last of the members in question had left; NEVER for none."""

    first_event: Days
    gone: Days


def build_labels(outcome: Outcome, matrix: Matrix, generation: Generation, rules: CompileRules) -> Labels:
    """Return the labels of a matrix's rows, from what is known by as_of + horizon + settling.

    Members are those of the as-of date, whatever became of the family since. Raises DeclarationError with every fault
    of the outcome, and DataError where no source has shared one of its events.
    """
    check_outcome(outcome, rules)
    periods = _periods(outcome, matrix.as_of_date.astype("datetime64[D]").astype(np.int64).astype(np.int32))
    matured = _matured(outcome, periods, generation)
    became = _became(outcome, matrix, periods, generation, rules)
    already = became.first_event < periods.lead
    lost = (became.first_event == NEVER) & _lost(outcome, matrix, periods.decided, generation, rules)
    censored = (became.gone < became.first_event) | lost
    label = np.where(became.first_event < NEVER, 1.0, 0.0)
    label[already | censored | ~matured] = np.nan
    first = np.where(became.first_event < NEVER, as_dates(became.first_event), np.datetime64("NaT", "D"))
    return Labels(matrix.family_id, matrix.as_of_date, label, already, censored, matured, first)


def _periods(outcome: Outcome, as_of: Days) -> Periods:
    horizon = later(as_of, outcome.horizon)
    return Periods(as_of, later(as_of, outcome.lead), horizon, later(horizon, outcome.settling))


def _matured(outcome: Outcome, periods: Periods, generation: Generation) -> Flags:
    """Return which as-of dates lie, with horizon and settling, within what was shared of every event of the outcome."""
    matured = np.ones(len(periods.as_of), dtype=np.bool_)
    for kind in {facts.kind for facts in outcome.events}:
        entries = [entry for entry in generation.coverage if entry.kind == kind]
        if not entries:
            raise DataError(
                f"no source has shared {kind!r}, which decides the outcome {outcome.name!r}: load it first."
            )
        matured &= periods.as_of >= min(day_number(entry.shared_from) for entry in entries)
        matured &= periods.decided <= max(day_number(entry.until) for entry in entries)
    return matured


def _lost(outcome: Outcome, matrix: Matrix, decided: Days, generation: Generation, rules: CompileRules) -> Flags:
    """Return for which rows `censored_where` is known to hold of the family on the day that decides."""
    lost = np.zeros(len(matrix), dtype=np.bool_)
    if outcome.censored_where is None:
        return lost
    cohort = Cohort(outcome.description, outcome.censored_where, name=outcome.name, place=outcome.place)
    days = np.unique(as_dates(decided))
    found = build_matrix(compile_plan([], cohort=cohort, rules=rules), generation, days.tolist())
    for day in days:
        rows = np.flatnonzero(as_dates(decided) == day)
        lost[rows] = np.isin(matrix.family_id[rows], found.family_id[found.as_of_date == day])
    return lost


def _became(outcome: Outcome, matrix: Matrix, periods: Periods, generation: Generation, rules: CompileRules) -> _Became:
    families, family = np.unique(matrix.family_id, return_inverse=True)
    members = memberships_of(generation, families)
    events = dated_facts(outcome.events, generation, rules.contract, members.person_ids)
    leaving = dated_facts(outcome.censored_by, generation, rules.contract, members.person_ids)
    first, gone = np.full(len(matrix), NEVER), np.full(len(matrix), NEVER)
    for day in np.unique(periods.as_of):
        rows = np.flatnonzero(periods.as_of == day)
        period = Periods(*(dates[rows[:1]] for dates in periods))
        present = members.on(day, outcome.in_whom)
        birthday = _comes_of_age(outcome, present.birth, period)
        event, left = (_earliest(each, period)[present.person] for each in (events, leaving))
        first_event = np.full(len(families), NEVER)
        np.minimum.at(first_event, present.family, np.where(event < birthday, event, NEVER))
        last_left = np.full(len(families), day)
        np.maximum.at(last_left, present.family, np.where(left < birthday, left, NEVER))
        first[rows], gone[rows] = first_event[family[rows]], last_left[family[rows]]
    return _Became(first, gone)


def _earliest(facts: DatedFacts, period: Periods) -> Days:
    return facts.earliest(period.as_of[0], period.horizon[0], period.decided[0])


def _comes_of_age(outcome: Outcome, birth: Days, period: Periods) -> Days:
    """Return on which day each member reaches the age until which they count; NEVER for not within the horizon."""
    if outcome.until_age is None:
        return np.full(len(birth), NEVER)
    birthday = add_months(birth, 12 * outcome.until_age)
    within = (birth != MISSING_DAY) & (birthday >= period.as_of) & (birthday < period.horizon)
    return np.where(within, birthday, NEVER)
