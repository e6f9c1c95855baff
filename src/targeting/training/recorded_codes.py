"""What the records say, code by code: of how many families each code was recorded, on dates before and now.

A code whose meaning moves changes what is recorded of everybody who has a record. Of all families most have none, so
that in an indicator it is hardly seen.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import special, stats

from targeting.models.estimator import Floats
from targeting.records.contract import Contract
from targeting.store.generations import Generation

# A quarter tells a large district soon; a year has records enough for a small one.
WINDOWS = (13, 26, 52)
NOT_GIVEN = "not given"
# A share of nothing has no logarithm: as many as half a family.
_LEAST = 0.5

Counts = Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class RecordedCodes:
    """Of how many families each code of a column was recorded in some weeks, up to some dates before and up to now.

    A family counts once, with its latest record. `sources` are those whose records these are.
    """

    kind: str
    column: str
    weeks: int
    sources: tuple[str, ...]
    before: tuple[Counts, ...]
    after: Counts

    @property
    def codes(self) -> tuple[str, ...]:
        """Return every code that was recorded up to any of the dates, sorted."""
        return tuple(sorted({code for counts in (*self.before, self.after) for code in counts}))

    @cached_property
    def nearest(self) -> Counts:
        """Return the counts before that are most like now's; empty where nothing was recorded before, or now."""
        held = [counts for counts in self.before if counts]
        return min(held, key=self._moved_from) if held and self.after else {}

    @cached_property
    def moved(self) -> float:
        """Return the population stability index over the codes, from the nearest date before to now."""
        return self._moved_from(self.nearest)

    @cached_property
    def most_moved(self) -> tuple[str, float]:
        """Return the code that chance moves least, by Fisher's exact test of its share, and that probability."""
        chances = {code: self._chance_of(code) for code in self.codes}
        code = min(chances, key=lambda each: chances[each])
        return code, chances[code]

    @property
    def least_chances(self) -> list[float]:
        """Return the least probability that the test of each code could give, were all its records on one side."""
        sides = [sum(counts.values()) for counts in (self.nearest, self.after)]
        both = [self.nearest.get(code, 0) + self.after.get(code, 0) for code in self.codes]
        return [
            min(float(stats.hypergeom.pmf(min(each, side), sum(sides), each, side)) for side in sides) for each in both
        ]

    def shares_of(self, code: str) -> tuple[float, float]:
        """Return a code's share of families with a record, on the nearest date before and now."""
        before, after = (counts.get(code, 0) / sum(counts.values()) for counts in (self.nearest, self.after))
        return before, after

    def _moved_from(self, before: Counts) -> float:
        first, second = (self._shares(counts) for counts in (before, self.after))
        return float(np.sum(special.rel_entr(first, second) + special.rel_entr(second, first)))

    def _shares(self, counts: Counts) -> Floats:
        held = np.array([max(float(counts.get(code, 0)), _LEAST) for code in self.codes])
        return np.asarray(held / held.sum(), dtype=np.float64)

    def _chance_of(self, code: str) -> float:
        table = [
            [counts.get(code, 0), sum(counts.values()) - counts.get(code, 0)] for counts in (self.nearest, self.after)
        ]
        return float(stats.fisher_exact(np.array(table)).pvalue)


def comparisons_that_count(least_chances: Sequence[float], chance: float) -> int:
    """Return among how many tests a chance is shared: those too rare to reach their share whatever is seen count not.

    Tarone (1990), A modified Bonferroni method for discrete data.
    """
    rising = np.sort(np.asarray(least_chances, dtype=np.float64))
    count = 1
    while np.searchsorted(rising, chance / count, side="right") > count:
        count += 1
    return count


def recorded_codes(
    generation: Generation, contract: Contract, columns: Mapping[str, Sequence[str]], *, dates: Sequence[date], on: date
) -> Iterator[RecordedCodes]:
    """Yield what was recorded in the coded columns and flags among some columns by kind, over each window of weeks.

    As it could be known on each of `dates`, and on `on`; without the records of whoever is left out.
    """
    families = _family_of_each_person(generation)
    for kind, names in sorted(columns.items()):
        coded = {each.name for each in contract[kind].columns if each.codes is not None or each.type == "flag"}
        wanted = [name for name in names if name in coded]
        if not wanted:
            continue
        latest = _latest_of_each_family(generation.facts(kind), families, [*dates, on])
        sources = tuple(sorted(pc.unique(latest[on]["source"]).to_pylist()))
        for name, weeks in product(wanted, WINDOWS):
            counts = [_counted(latest[day], name, since=day - timedelta(weeks=weeks)) for day in (*dates, on)]
            yield RecordedCodes(
                kind=kind, column=name, weeks=weeks, sources=sources, before=tuple(counts[:-1]), after=counts[-1]
            )


def _family_of_each_person(generation: Generation) -> pa.Table:
    """Return one family of each person, for counting a family once; nobody who is left out."""
    held = generation.memberships().select(["person_id", "family_id"])
    left_out = pc.is_in(held["person_id"], value_set=pa.array(sorted(generation.left_out), pa.string()))
    return held.filter(pc.invert(left_out)).group_by("person_id").aggregate([("family_id", "min")]).combine_chunks()


def _latest_of_each_family(facts: pa.Table, families: pa.Table, dates: Sequence[date]) -> dict[date, pa.Table]:
    """Return, for each date, the latest fact of each family that could be known on it."""
    place = pc.index_in(facts["person_id"], value_set=families["person_id"])
    theirs = facts.append_column("family", families["family_id_min"].take(place)).filter(pc.is_valid(place))
    ordered = theirs.sort_by([(name, "ascending") for name in ("family", "event_date", "fact_id")])
    return {day: _last_of_each_family(ordered, day) for day in dates}


def _last_of_each_family(ordered: pa.Table, on: date) -> pa.Table:
    visible = pc.and_(
        pc.less(ordered["knowledge_date"], on), pc.fill_null(pc.greater_equal(ordered["superseded_on"], on), True)
    )
    held = ordered.filter(pc.and_(visible, pc.less(ordered["event_date"], on)))
    names = held["family"].to_numpy()
    return held.filter(pa.array(np.append(names[1:] != names[:-1], True)[: len(names)]))


def _counted(facts: pa.Table, column: str, *, since: date) -> Counts:
    values = facts.filter(pc.greater_equal(facts["event_date"], since))[column]
    return dict(Counter(values.cast(pa.string()).fill_null(NOT_GIVEN).to_pylist()))
