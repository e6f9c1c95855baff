"""Families that requests tell of, in one shard: of whom the model speaks, by which list, and what is in doubt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from targeting.features.engine import in_cohort
from targeting.features.plan import PlannedSource
from targeting.features.shard_run import ShardRun
from targeting.features.undecided import sources_to_ask
from targeting.serving.contents import FrontDoorRule
from targeting.serving.published import PublishedList
from targeting.serving.scores.estimate import Estimates, run_on
from targeting.serving.scores.publication import Publication
from targeting.serving.wards import in_panel, wards_in
from targeting.store.blocks import Shard

SourcesToAsk = tuple[PlannedSource, ...]


@dataclass(frozen=True)
class Families:
    """Some families in one shard on a date, under the plans of a publication, each run once for all of them."""

    publication: Publication
    shard: Shard
    as_of_date: date

    @cached_property
    def run(self) -> ShardRun:
        """The model's plan on the families."""
        return run_on(self.publication, self.publication.plan, self.shard, self.as_of_date)

    @cached_property
    def in_models_cohort(self) -> frozenset[str]:
        """The families about whom the model may be asked on the date."""
        return frozenset(in_cohort(self.run).tolist())

    @cached_property
    def in_cohorts(self) -> Mapping[str, frozenset[str]]:
        """The families in each of the publication's cohorts."""
        return {name: frozenset(in_cohort(run).tolist()) for name, run in self._cohort_runs.items()}

    @cached_property
    def estimates(self) -> Estimates:
        """The numbers of the families in the model's cohort."""
        return Estimates(self.publication, self.run)

    def rules_that_hold(self, family_id: str, on: PublishedList) -> tuple[FrontDoorRule, ...]:
        """Return the threshold rules of a list that send a family to the front door."""
        return tuple(rule for rule in on.rules.threshold_rules if family_id in self.in_cohorts[rule.cohort])

    def rules_in_doubt(self, family_id: str, on: PublishedList) -> Iterator[tuple[FrontDoorRule, SourcesToAsk]]:
        """Yield each threshold rule of a list of which it turns on sources not asked whether it holds of a family."""
        for rule in on.rules.threshold_rules:
            sources = self._to_ask[rule.cohort].get(family_id)
            if sources:
                yield rule, sources

    def to_ask_for_a_list(self, family_id: str) -> SourcesToAsk:
        """Return the sources not asked on which it turns whether the model, or any list, speaks of a family.

        None where the model is known not to.
        """
        of_model = sources_to_ask(self.run).get(family_id, ())
        if family_id not in self.in_models_cohort and not of_model:
            return ()
        of_lists = (self._to_ask[each.rules.cohort].get(family_id, ()) for each in self.publication.lists)
        return tuple(dict.fromkeys((*of_model, *chain.from_iterable(of_lists))))

    def lists(self, family_id: str) -> Sequence[PublishedList]:
        """Return the lists that a family is considered for: by their cohort, and its ward where panels own some."""
        return [
            each
            for each in self.publication.lists
            if family_id in self.in_cohorts[each.rules.cohort] and self._is_panels(family_id, each)
        ]

    def _is_panels(self, family_id: str, each: PublishedList) -> bool:
        claimed = [ward for other in self.publication.lists for ward in other.rules.wards]
        if not claimed:
            return True
        ward = self._wards[self.shard.family_ids == family_id]
        return bool(in_panel(each.rules.wards, ward, claimed=claimed)[0])

    @cached_property
    def _cohort_runs(self) -> Mapping[str, ShardRun]:
        plans = self.publication.cohorts.items()
        return {name: run_on(self.publication, plan, self.shard, self.as_of_date) for name, plan in plans}

    @cached_property
    def _to_ask(self) -> Mapping[str, Mapping[str, SourcesToAsk]]:
        return {name: sources_to_ask(run) for name, run in self._cohort_runs.items()}

    @cached_property
    def _wards(self) -> NDArray[np.str_]:
        return wards_in(self.shard, self.as_of_date)
