"""What a forecaster reads on a date of what agencies recorded, and how likely it is under each state of a household.

Three sorts. *Sightings* come at a rate that the needs set, so that silence speaks too; an event that is not yet
recorded looks like none. *Glimpses* show the needs at one moment and say nothing by their absence. *Stage records* tell
how a household moved between services, some of them late.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs
from targeting.synthetic.calendar import STEP_DAYS, STEPS_A_YEAR, Days, start_of, step_of
from targeting.synthetic.needs import CLOSED, EARLY_HELP, NEEDS, RECENT, STAGES, VULNERABILITIES
from targeting.synthetic.noticing import MEMORY_DAYS, Lag

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def unseen(lag: Lag, fortnights_ago: int) -> float:
    """Return the chance that an event of a fortnight is not on record at the start of one so many later, 1 the next."""
    return float(lag.exceeds(STEP_DAYS * fortnights_ago - np.arange(STEP_DAYS)).mean())


@dataclass(frozen=True)
class Sightings:
    """What one agency sees of one thing.

    `yearly` is the rate a year by needs at which it happens, `first` and `again` the chance, by family, that it is
    noticed where none was in the year before and where one was. `exposure` (families or 1, fortnights or 1) and
    `by_vulnerability` multiply the rate. One row an event: `detail` (events, 48) is the chance of what else is recorded
    of it by needs; `doubtful` events, which may be of another origin, leave their fortnight out. The feed is whole from
    fortnight `since` on; what is older serves as memory alone.
    """

    since: int
    yearly: Floats
    first: Floats
    again: Floats
    lag: Lag
    family: Ints
    day: Days
    recorded: Days
    detail: Floats
    doubtful: NDArray[np.bool_]
    exposure: Floats = field(default_factory=lambda: np.ones((1, 1)))
    by_vulnerability: Floats = field(default_factory=lambda: np.ones(VULNERABILITIES))
    only_closed: bool = False


@dataclass(frozen=True)
class Glimpses:
    """One row a record that shows the needs of a fortnight: `likelihood` (rows, 48) of what it says, by needs."""

    family: Ints
    step: Ints
    recorded: Days
    likelihood: Floats


# What a stage record says of a household that enters a fortnight: no more served by anyone, or which stage it is in.
# Before records begin nothing is known (`BLIND`); where they begin, which stage it is in, or that no case is open.
NOTHING, ENDED, IN_STAGE, BLIND, BEGINS_WITHOUT, BEGINS_IN = 0, 1, 10, 30, 40, 50
FREE_CASE, FREE_HELP = 100, 200


@dataclass(frozen=True)
class StageRecords:
    """One row a record of a household's stage at the start of fortnight `step`, and since when it is known.

    Records begin with fortnight `since`; whether early help ended is recorded from `help_ends_since` on.
    `unended_case` and `unended_help` are, by family, the fortnight from which on the end of a case or of early help may
    go without a record, because the child it was recorded of came of age; beyond the last where it never may.
    """

    since: int
    help_ends_since: int
    family: Ints
    step: Ints
    recorded: Days
    says: Ints
    unended_case: Ints
    unended_help: Ints


# How late a case's opening, the opening of early help, and the end of either are recorded.
REFERRAL_LAG, HELP_LAG, END_LAG = Lag(0.8), Lag(3.0), Lag(6.0, 0.08)


def stage_weights(says: int, fortnights_ago: int, lateness: float = 1.0) -> Floats:
    """Return the likelihood of what was recorded, and of what was not, of each change of stage, (before, after).

    `lateness` is how many times as late as usual the district records.
    """
    free, said = divmod(says, FREE_CASE)
    if said == BLIND:
        return np.ones((len(STAGES), len(STAGES)))
    if said >= BEGINS_WITHOUT:
        after = np.arange(len(STAGES))
        allowed = after < needs.ASSESSING if said == BEGINS_WITHOUT else after == said - BEGINS_IN
        return np.broadcast_to(allowed.astype(float), (len(STAGES), len(STAGES)))
    if said == NOTHING:
        return _silence(fortnights_ago, lateness, free_case=bool(free % 2), free_help=free >= 2)
    weights = np.zeros((len(STAGES), len(STAGES)))
    if said >= IN_STAGE:
        weights[:, said - IN_STAGE] = 1.0
        weights[said - IN_STAGE] = 0.0
        return weights
    weights[:, [CLOSED, RECENT]] = 1.0
    weights[needs.ASSESSING :, EARLY_HELP] = unseen(HELP_LAG.times(lateness), fortnights_ago)
    weights[[CLOSED, RECENT]] = 0.0
    return weights


def _silence(fortnights_ago: int, lateness: float, *, free_case: bool, free_help: bool) -> Floats:
    """Return the chance that each change of stage is not on record yet; whether closed lately is recorded nowhere."""
    weights = np.full((len(STAGES), len(STAGES)), unseen(END_LAG.times(lateness), fortnights_ago))
    weights[: needs.ASSESSING, needs.ASSESSING :] = unseen(REFERRAL_LAG.times(lateness), fortnights_ago)
    weights[[CLOSED, RECENT], EARLY_HELP] = unseen(HELP_LAG.times(lateness), fortnights_ago)
    weights[np.ix_([CLOSED, RECENT], [CLOSED, RECENT])] = 1.0
    if free_case:
        weights[needs.ASSESSING :] = 1.0
    if free_help:
        weights[EARLY_HELP, [CLOSED, RECENT]] = 1.0
    np.fill_diagonal(weights, 1.0)
    return weights


def stages_said(records: StageRecords, family: Ints, step: int) -> Ints:
    """Return what is on record at the start of fortnight `step` of each family's stage, (families, step + 1)."""
    said = np.zeros((family.size, step + 1), np.int64)
    fortnight = np.arange(step + 1)
    said += FREE_CASE * (fortnight >= records.unended_case[family][:, None])
    may_end = (fortnight >= records.unended_help[family][:, None]) | (fortnight < records.help_ends_since)
    said += FREE_HELP * may_end
    said[:, : records.since] = BLIND
    row = _rows_of(family, records.family)
    shown = (row >= 0) & (records.recorded < int(start_of(np.array(step)))) & (records.step <= step)
    order = np.flatnonzero(shown)
    order = order[records.step[order] >= records.since]
    # Where several are known of one fortnight, the one that says most comes last.
    order = order[np.argsort(records.says[order], kind="stable")]
    said[row[order], records.step[order]] = records.says[order]
    return said


def _rows_of(family: Ints, wanted: Ints) -> Ints:
    """Return the row of each wanted family among the families, which differ; -1 where it is none of them."""
    place = np.full(int(max(family.max(initial=0), wanted.max(initial=0))) + 1, -1)
    place[family] = np.arange(family.size)
    return np.asarray(place[wanted])


class Watch:
    """One agency's sightings as some families' forecaster has them at the start of fortnight `step`."""

    def __init__(self, sightings: Sightings, family: Ints, step: int) -> None:
        self._of = sightings
        self._family = family
        self._step = step
        as_of = int(start_of(np.array(step)))
        row = _rows_of(family, sightings.family)
        known = np.flatnonzero((row >= 0) & (sightings.recorded < as_of) & (sightings.day < as_of))
        self._event = np.full((family.size, step), -1)
        self._event[row[known], step_of(sightings.day[known])] = known
        self._again = self._noticed_lately()

    def _noticed_lately(self) -> NDArray[np.bool_]:
        """Return, by family and fortnight, whether the agency noticed something in the year before its middle."""
        day = np.where(self._event >= 0, self._of.day[self._event] if self._of.day.size else 0, -(10**6))
        latest = np.maximum.accumulate(day, axis=1)
        before = np.concatenate([np.full((len(day), 1), -(10**6)), latest[:, :-1]], axis=1)
        middle = start_of(np.arange(self._step)) + STEP_DAYS // 2
        return np.asarray(middle - before <= MEMORY_DAYS)

    def likelihood(self, step: int) -> Floats:
        """Return the likelihood of what is and is not on record of a fortnight, (families, vulnerabilities, 48)."""
        of = self._of
        if step < of.since:
            return np.ones((1, 1, 1))
        noticed = np.where(self._again[:, step], of.again[self._family], of.first[self._family])
        # One row or column of exposures stands for all.
        exposed = of.exposure[self._family % len(of.exposure), step % of.exposure.shape[1]]
        chance = (noticed * exposed)[:, None, None] * of.by_vulnerability[:, None] * of.yearly / STEPS_A_YEAR
        likelihood = 1 - np.minimum(chance, 1.0) * (1 - unseen(of.lag, self._step - step))
        event = self._event[:, step]
        there = np.flatnonzero(event >= 0)
        likelihood[there] = chance[there] * of.detail[event[there]][:, None, :]
        likelihood[there[of.doubtful[event[there]]]] = 1.0
        return np.asarray(likelihood)

    def seen(self, step: int) -> NDArray[np.bool_]:
        """Return of which families an event of no doubtful origin is on record in a fortnight."""
        if step < self._of.since:
            return np.zeros(self._family.size, bool)
        event = self._event[:, step]
        return np.asarray((event >= 0) & ~(self._of.doubtful[event] if self._of.day.size else False))

    @property
    def only_closed(self) -> bool:
        """Return whether it happens to households without an open case alone."""
        return self._of.only_closed


def glimpsed(glimpses: Glimpses, family: Ints, step: int) -> tuple[Ints, Ints, Floats]:
    """Return the row among the families, the fortnight and the likelihood of each glimpse on record by `step`."""
    row = _rows_of(family, glimpses.family)
    known = (row >= 0) & (glimpses.recorded < int(start_of(np.array(step)))) & (glimpses.step <= step)
    return row[known], glimpses.step[known], glimpses.likelihood[known]


def nothing_doubtful(events: int) -> NDArray[np.bool_]:
    """Return that no event is doubtful."""
    return np.zeros(events, bool)


def no_detail(events: int) -> Floats:
    """Return a likelihood of 1 for each event, whatever the needs."""
    return np.ones((events, NEEDS))
