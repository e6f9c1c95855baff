"""One family's numbers on a date: its indicators, its margin, and what they say; one path for held and sent records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from targeting.features.engine import as_of_days, in_cohort, matrix_of
from targeting.features.evidence import evidence_in
from targeting.features.plan import Plan
from targeting.features.shard_run import ShardRun
from targeting.models.explanation import contributions
from targeting.serving.bands import band_numbers
from targeting.serving.contents import Band, FrontDoorRule, IndicatorValue
from targeting.serving.passport import indicator_values, spoken
from targeting.serving.published import PublishedList
from targeting.serving.reasons import reasons, unknowns
from targeting.serving.scores.answer import PeopleCounted, RecordsCounted, Score, ScoreProvenance
from targeting.serving.scores.digest import values_digest
from targeting.serving.scores.publication import Publication
from targeting.serving.wards import in_panel, wards_in
from targeting.store.blocks import Shard

NO_RECORDS = RecordsCounted(received=0, already_held=0, not_read=0)
NO_PEOPLE = PeopleCounted(received=0, already_held=0)


@dataclass(frozen=True)
class OneFamily:
    """A shard of one family on a date, under the plans of a publication."""

    publication: Publication
    shard: Shard
    as_of_date: date

    @cached_property
    def run(self) -> ShardRun:
        """The model's plan on the family."""
        return run_on(self.publication, self.publication.plan, self.shard, self.as_of_date)

    @cached_property
    def is_in_cohort(self) -> bool:
        """Whether the model may be asked about the family on the date."""
        return bool(len(in_cohort(self.run)))

    def is_in(self, cohort: str) -> bool:
        """Return whether the family is in one of the publication's cohorts."""
        plan = self.publication.cohorts[cohort]
        return bool(len(in_cohort(run_on(self.publication, plan, self.shard, self.as_of_date))))

    def estimate(self) -> "Estimate":
        """Return the family's numbers; it is in the model's cohort."""
        (estimate,) = estimates(self.publication, self.run).values()
        return estimate

    def rules_that_hold(self, on: PublishedList) -> tuple[FrontDoorRule, ...]:
        """Return the threshold rules of a list that send the family to the front door."""
        return tuple(rule for rule in on.rules.threshold_rules if self.is_in(rule.cohort))

    def lists(self) -> Sequence[PublishedList]:
        """Return the lists that the family is considered for: by their cohort, and its ward where panels own some."""
        held = {name: self.is_in(name) for name in {each.rules.cohort for each in self.publication.lists}}
        return [each for each in self.publication.lists if held[each.rules.cohort] and self._is_panels(each)]

    def _is_panels(self, each: PublishedList) -> bool:
        claimed = [ward for other in self.publication.lists for ward in other.rules.wards]
        return not claimed or bool(in_panel(each.rules.wards, self._ward, claimed=claimed)[0])

    @cached_property
    def _ward(self) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
        found = wards_in(self.shard, self.as_of_date)
        return np.array([found.get(family, "") for family in self.shard.family_ids.tolist()], dtype=np.str_)


def run_on(publication: Publication, plan: Plan, shard: Shard, as_of_date: date) -> ShardRun:
    """Return one of a publication's plans on a shard on one date."""
    return ShardRun(plan, publication.shards.coverage, shard, as_of_days(plan, [as_of_date]))


@dataclass(frozen=True)
class Estimate:
    """One family's margin and probability, and the indicators from which they come."""

    margin: float
    probability: float
    indicators: tuple[IndicatorValue, ...]

    def band(self, bands: Sequence[Band]) -> Band:
        """Return which of a list's bands holds the probability."""
        cuts = [each.lower for each in bands[1:]]
        return bands[int(band_numbers(np.array([self.probability]), cuts)[0])]


def estimates(publication: Publication, run: ShardRun) -> Mapping[str, Estimate]:
    """Return the numbers of each family of a shard that is in the model's cohort, the same alone or among others."""
    bundle, matrix = publication.bundle, matrix_of(run)
    if not len(matrix):
        return {}
    margins = bundle.margins(matrix.values)
    parts, evidence = contributions(bundle.booster, matrix.values), evidence_in(run)
    found = {}
    for row, family_id in enumerate(matrix.family_id.tolist()):
        values = indicator_values(
            publication.plan,
            values=matrix.values[row].tolist(),
            unknown=matrix.unknown[row].tolist(),
            parts=parts[row, :-1].tolist(),
            evidence=evidence[family_id],
        )
        probability = bundle.probability(margins[row : row + 1])
        found[family_id] = Estimate(float(margins[row]), float(probability[0]), values)
    return found


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a request brought: of which family, on which date, how much of it was held already."""

    family_id: str | None
    as_of_date: date
    records: RecordsCounted = NO_RECORDS
    people: PeopleCounted = NO_PEOPLE


def score_of(estimate: Estimate, on: PublishedList, publication: Publication, told: Told) -> Score:
    """Return the answer for a family that a list considers, or would, but that has no flag."""
    said = spoken(publication.plan, estimate.indicators)
    return Score(
        family_id=told.family_id,
        provisional=bool(told.records.received or told.people.received),
        as_of_date=told.as_of_date,
        list_id=on.head.id,
        flag_id=None,
        band=estimate.band(on.rules.bands),
        probability=estimate.probability,
        reasons=reasons(said, told.as_of_date),
        unknowns=unknowns(said),
        expires_on=told.as_of_date + timedelta(weeks=on.rules.flag_weeks),
        records=told.records,
        people=told.people,
        provenance=provenance_of(publication, on, estimate.indicators),
        urgent=on.head.urgent,
    )


def provenance_of(publication: Publication, on: PublishedList, indicators: Sequence[IndicatorValue]) -> ScoreProvenance:
    """Return by what a score was made."""
    made_by = on.head.provenance
    return ScoreProvenance(
        model=made_by.model,
        model_version=publication.bundle.version,
        bundle_digest=made_by.bundle_digest,
        generation_id=made_by.generation_id,
        data_as_of=on.head.data_as_of,
        values_digest=values_digest(indicators),
    )
