"""The lists of a date with all that made them: what a question about that date is answered from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import chain

import pyarrow as pa

from targeting.errors import DataError
from targeting.features.plan import Plan, PlannedSource, plan_from_json
from targeting.features.shard_run import ShardRun
from targeting.models.bundle import Bundle
from targeting.models.calibration import calibrator_to_json
from targeting.serving.contents import ListHead
from targeting.serving.library import Found
from targeting.serving.published import PublishedList
from targeting.serving.scores.digest import version_of
from targeting.serving.served import Served
from targeting.serving.systems import Systems
from targeting.serving.wards import ADDRESS
from targeting.store.generations import SourceCoverage, open_generation
from targeting.store.open_shards import OpenShards
from targeting.store.people_index import PeopleIndex


@dataclass(frozen=True, kw_only=True)
class Publication:
    """All lists of one date, and the very bundle, plans and generation that they name.

    `cohorts` are the compiled cohorts of lists and threshold rules, by name. `case_systems` are those that the
    district's sources declare now, each with its source. `runs` are its plans on nobody, by plan and date, from which
    runs on families begin.
    """

    lists: tuple[PublishedList, ...]
    bundle: Bundle
    plan: Plan
    cohorts: Mapping[str, Plan]
    shards: OpenShards
    people: PeopleIndex
    case_systems: Mapping[str, str] = field(default_factory=dict)
    runs: dict[tuple[int, date], ShardRun] = field(default_factory=dict, repr=False)

    @property
    def head(self) -> ListHead:
        """Return what the first list says of itself: date, provenance and data are the same for all of them."""
        return self.lists[0].head

    @property
    def as_of_date(self) -> date:
        """Return the date of the lists."""
        return self.head.as_of_date

    @cached_property
    def calibration_version(self) -> str:
        """Return the version of the calibrator: the first characters of the SHA-256 of its file in the bundle."""
        return version_of(calibrator_to_json(self.bundle.calibrator))

    @cached_property
    def policy_versions(self) -> Mapping[str, str]:
        """Return the version of each list's rules, by the list: the first characters of their SHA-256."""
        return {each.head.id: version_of(each.rules.model_dump_json()) for each in self.lists}

    @cached_property
    def flagged(self) -> Mapping[str, Found]:
        """Return the flag of each family that has one, by the family; of the first list that has it."""
        found: dict[str, Found] = {}
        for each in self.lists:
            for place, flag in enumerate(each.flags):
                found.setdefault(flag.family_id, Found(each, flag.id, flag.family_id, place))
        return found

    @cached_property
    def considered(self) -> tuple[tuple[PublishedList, pa.Array], ...]:
        """Return each list with the families that it considered, sorted."""
        return tuple((each, each.considered["family_id"].combine_chunks()) for each in self.lists)

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the names of the sources whose records are held."""
        return self.shards.generation.sources

    @cached_property
    def systems(self) -> Systems:
        """Return the systems by whose ids people can be named."""
        return Systems(self.sources, self.case_systems)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """Return the model's plan and those of all cohorts."""
        return (self.plan, *self.cohorts.values())

    def reads(self, kind: str, source: str) -> bool:
        """Return whether the model, a list or a rule reads a kind of fact of a source."""
        return (kind, source) in self._read or (kind == ADDRESS and self._by_ward)

    def kinds_read(self) -> frozenset[str]:
        """Return the kinds of fact that the model, a list or a rule reads."""
        return frozenset(kind for kind, _ in self._read) | ({ADDRESS} if self._by_ward else frozenset())

    def sources_read(self) -> frozenset[str]:
        """Return the sources of which the model, a list or a rule reads a kind of fact."""
        return frozenset(source for _, source in self._read)

    @cached_property
    def agencies(self) -> Mapping[str, str]:
        """Return whose each source is that a plan may read, by the source."""
        return {each.name: each.agency for plan in self.plans for each in plan.sources}

    @cached_property
    def planned_sources(self) -> Mapping[str, PlannedSource]:
        """Return the sources that a plan may read, by name, each as the first plan with it has it."""
        return {each.name: each for plan in reversed(self.plans) for each in reversed(plan.sources)}

    @cached_property
    def shared(self) -> Mapping[tuple[str, str], tuple[SourceCoverage, ...]]:
        """Return from when until when records were shared, by source and kind of fact."""
        found: dict[tuple[str, str], tuple[SourceCoverage, ...]] = {}
        for each in self.shards.coverage:
            key = each.source, each.kind
            found[key] = (*found.get(key, ()), each)
        return found

    @property
    def _by_ward(self) -> bool:
        return any(each.rules.wards for each in self.lists)

    @cached_property
    def _read(self) -> frozenset[tuple[str, str]]:
        return frozenset(chain.from_iterable(_read_by(plan) for plan in self.plans))


def read_publication(served: Served, lists: tuple[PublishedList, ...]) -> Publication:
    """Return the publication of some lists of one date.

    Raises TargetingError where what they name is not there any more, or is not what it was.
    """
    bundle, made_by = served.bundle_of(lists[0]), lists[0].head.provenance
    generation = open_generation(served.data, made_by.generation_id).leaving_out(frozenset(lists[0].left_out))
    if generation.manifest_digest != made_by.generation_manifest or any(
        each.head.provenance != made_by for each in lists
    ):
        raise DataError(f"{generation.path}: not what the lists of {lists[0].head.as_of_date} were made from.")
    plans = {name: text for each in lists for name, text in each.plans.items()}
    return Publication(
        # Held whole, also where they are not the current ones any more: a family after another is looked up in them.
        lists=tuple(replace(each) for each in lists),
        bundle=bundle,
        plan=plan_from_json(bundle.plan_json),
        cohorts={name: plan_from_json(text) for name, text in plans.items()},
        shards=OpenShards(generation),
        people=PeopleIndex(generation),
        case_systems=served.case_systems,
    )


def _read_by(plan: Plan) -> frozenset[tuple[str, str]]:
    selections = chain.from_iterable(measure.selections for measure in plan.measures)
    return frozenset((each.kind, plan.sources[index].name) for each in selections for index in each.sources)
