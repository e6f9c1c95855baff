"""Whether the records that teach are sound: entered in time, and of each family once.

What is entered weeks late looks, on the dates between, as if it had not happened, and a model learns to foretell what
is already there. A family that stands in the records twice counts twice, each time with half of what is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from targeting.features.dated_people import DatedFacts, Days, dated_facts
from targeting.features.dates import day_number
from targeting.features.definition import Outcome
from targeting.records.contract import Contract
from targeting.store.blocks import OPEN_DAY
from targeting.store.generations import Generation
from targeting.training.definition import GateLimits
from targeting.training.gates import Gate
from targeting.training.measures import wilson_lower

# Shares of fewer records or families than this prove nothing.
_LEAST = 50
_FEWEST_RECORDS = 20


@dataclass(frozen=True, kw_only=True)
class KindCheck:
    """The outcome's records of one kind: days from event to entry, and how many stand twice."""

    days_until_known: Days
    twice: int


@dataclass(frozen=True, kw_only=True)
class RecordsCheck:
    """The outcome's records by kind; how many families there are, and how many have another's birth dates."""

    kinds: Mapping[str, KindCheck]
    families: int
    twins: int


def check_records(
    outcome: Outcome, generation: Generation, contract: Contract, *, first: date, last: date
) -> RecordsCheck:
    """Return what the records of an outcome between two dates, and the families of the second, are like."""
    memberships = generation.memberships()
    persons, days = pc.unique(memberships["person_id"]), (day_number(first), day_number(last))
    kinds = {}
    for kind in sorted({each.kind for each in outcome.events}):
        events = [each for each in outcome.events if each.kind == kind]
        kinds[kind] = _check_kind(dated_facts(events, generation, contract, persons), days)
    families, twins = _families_and_twins(memberships, last)
    return RecordsCheck(kinds=kinds, families=families, twins=twins)


def recorded_in_time(held: RecordsCheck, limits: GateLimits) -> Gate:
    """Pass where few records of the outcome were entered late: a model would foretell what has happened already.

    Fails where, for a kind of record, the whole Wilson interval of the share lies above the limit.
    """
    late = {
        kind: each.days_until_known > limits.recorded_within_days
        for kind, each in held.kinds.items()
        if len(each.days_until_known) >= _FEWEST_RECORDS
    }
    told = ", ".join(f"{found.mean():.1%} of {kind.replace('_', ' ')}" for kind, found in late.items())
    events, records = (np.array([count(found) for found in late.values()], dtype=np.float64) for count in (np.sum, len))
    return Gate(
        "recorded_in_time",
        bool((wilson_lower(events, records) <= limits.recorded_late).all()),
        f"Entered more than {limits.recorded_within_days} days after what they tell of: {told or 'too few to tell'}; "
        f"at most {limits.recorded_late:.0%} of any.",
    )


def nothing_twice(held: RecordsCheck, limits: GateLimits) -> Gate:
    """Pass where hardly any record and hardly any family stands twice: what does counts twice, and teaches twice.

    Two records of one kind, of one person and one day are one, entered twice. Two families with the same birth dates
    of parents and children are one that was not linked.
    """
    records = sum(len(each.days_until_known) for each in held.kinds.values())
    shares = {
        "records of the outcome": sum(each.twice for each in held.kinds.values()) / records if records else 0.0,
        "families": held.twins / held.families if held.families else 0.0,
    }
    enough = {"records of the outcome": records >= _LEAST, "families": held.families >= _LEAST}
    told = ", ".join(f"{share:.1%} of {what}" for what, share in shares.items())
    return Gate(
        "nothing_twice",
        all(share <= limits.standing_twice or not enough[what] for what, share in shares.items()),
        f"Standing twice: {told}; at most {limits.standing_twice:.0%} of either.",
    )


def _check_kind(facts: DatedFacts, days: tuple[int, int]) -> KindCheck:
    at = (facts.event >= days[0]) & (facts.event < days[1]) & (facts.superseded == OPEN_DAY)
    _, times = np.unique(np.column_stack([facts.person[at], facts.event[at]]), axis=0, return_counts=True)
    delays = np.asarray(facts.knowledge[at] - facts.event[at], dtype=np.int32)
    return KindCheck(days_until_known=delays, twice=int(times[times > 1].sum()))


def _families_and_twins(memberships: pa.Table, day: date) -> tuple[int, int]:
    """Return how many families have an adult and a child born on known dates, and how many share all such dates."""
    present = pc.and_(
        pc.less_equal(memberships["visible_from"], day),
        pc.fill_null(pc.greater_equal(memberships["visible_to"], day), True),
    )
    born = memberships.filter(pc.and_(present, pc.is_valid(memberships["birth_date"])))
    whole = born.group_by("family_id").aggregate([("is_child", "min"), ("is_child", "max")])
    mixed = pc.and_(pc.invert(whole["is_child_min"]), whole["is_child_max"])
    born = born.filter(pc.is_in(born["family_id"], value_set=pc.unique(whole.filter(mixed)["family_id"])))
    births: dict[str, list[date]] = {}
    for family, birth in zip(born["family_id"].to_pylist(), born["birth_date"].to_pylist(), strict=True):
        births.setdefault(family, []).append(birth)
    shared: dict[tuple[date, ...], int] = {}
    for dates in births.values():
        shared[tuple(sorted(dates))] = shared.get(tuple(sorted(dates)), 0) + 1
    return len(births), sum(count for count in shared.values() if count > 1)
