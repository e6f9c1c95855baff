"""Which facts lie behind a value: their ids, the latest of them, and the agencies that recorded them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.features.dates import EPOCH
from targeting.features.engine import as_of_days, runs, values_of_all, values_of_indicators
from targeting.features.evidence_rows import deciding_rows
from targeting.features.plan import Measure, Plan, PlannedIndicator
from targeting.features.programs import Values
from targeting.features.shard_run import ShardRun
from targeting.store.generations import Generation


@dataclass(frozen=True)
class Evidence:
    """The facts behind one value: ascending ids, the latest event date, and who recorded them, by name.

    None where the value is unknown, rests on the family's members alone, or counts facts of which there are none.
    """

    fact_ids: tuple[int, ...] = ()
    latest_event: date | None = None
    agencies: tuple[str, ...] = ()


def evidence(plan: Plan, generation: Generation, family_id: str, as_of_date: date) -> Mapping[str, Evidence]:
    """Return the facts behind each indicator of one family on a date, by the indicator's name."""
    return evidence_of(plan, generation, [family_id], as_of_date)[family_id]


def evidence_of(
    plan: Plan, generation: Generation, family_ids: Sequence[str], as_of_date: date
) -> Mapping[str, Mapping[str, Evidence]]:
    """Return the facts behind each indicator, by family and by the indicator's name. Raises as `build_matrix` does.

    A value that one fact decides (the latest, the greatest) rests on that fact; a count, sum or rate on all its facts;
    an open episode on its start, a state on the facts since it began, what comes together or in order on the facts that
    do. A combination rests on what those of its parts rest on that are known.
    """
    found = [evidence_in(run) for run in runs(plan, generation, as_of_days(plan, [as_of_date]), family_ids)]
    return {family: those for each in found for family, those in each.items()}


def evidence_in(run: ShardRun) -> Mapping[str, Mapping[str, Evidence]]:
    """Return the facts behind each indicator of one shard's families on the run's only date, as `evidence_of` does."""
    behind = EvidenceIn(run)
    return {
        str(family_id): {each.name: behind.of(place, each) for each in run.plan.indicators}
        for place, family_id in enumerate(run.shard.family_ids)
    }


class _Fact(NamedTuple):
    fact_id: int
    event: int
    agency: str


_ByFamily = Mapping[int, Sequence[_Fact]]


def _evidence(facts: Iterator[_Fact]) -> Evidence:
    found = sorted(set(facts))
    if not found:
        return Evidence()
    return Evidence(
        fact_ids=tuple(fact.fact_id for fact in found),
        latest_event=EPOCH + timedelta(days=max(fact.event for fact in found)),
        agencies=tuple(sorted({fact.agency for fact in found})),
    )


class EvidenceIn:
    """The facts behind the values of one run on its only date, each measure's looked up when it is first asked for."""

    def __init__(self, run: ShardRun) -> None:
        self._run = run.told
        self._measures = values_of_all(self._run)
        self._behind: dict[int, _ByFamily] = {}
        self._unknown: dict[str, NDArray[np.int8]] = {}

    def of(self, family: int, indicator: PlannedIndicator) -> Evidence:
        """Return the facts behind an indicator of one of the shard's families, by the family's place in the shard."""
        if self._unknown_of(indicator)[family]:
            return Evidence()
        used = {step.measure for step in indicator.program if step.operation == "measure"}
        return _evidence(chain.from_iterable(self._facts_behind(each).get(family, ()) for each in used))

    def _unknown_of(self, indicator: PlannedIndicator) -> NDArray[np.int8]:
        if indicator.name not in self._unknown:
            unknown = values_of_indicators(self._run)[indicator.name].unknown
            self._unknown[indicator.name] = np.broadcast_to(unknown, self._run.size)[:, 0]
        return self._unknown[indicator.name]

    def _facts_behind(self, measure: int) -> _ByFamily:
        if measure not in self._behind:
            self._behind[measure] = _behind(self._run.plan.measures[measure], self._measures[measure], self._run)
        return self._behind[measure]


def _behind(measure: Measure, values: Values, run: ShardRun) -> _ByFamily:
    """Return the facts behind a measure by family, those families left out for whom it is unknown."""
    if not measure.selection.kind:
        return {}
    known = values.unknown[:, 0] == 0
    agency_of = {source.name: source.agency for source in run.plan.sources}
    behind: dict[int, list[_Fact]] = {}
    for rows in deciding_rows(measure, run):
        for family, row in zip(rows.visible.family.tolist(), rows.row.tolist(), strict=True):
            if known[family]:
                agency = agency_of[run.shard.sources[rows.facts.source[row]]]
                fact = _Fact(int(rows.facts.fact_id[row]), int(rows.facts.event[row]), agency)
                behind.setdefault(family, []).append(fact)
    return behind
