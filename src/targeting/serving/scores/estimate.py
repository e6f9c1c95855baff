"""Families' numbers on a date: indicators, margin, and what they say; one path for held and sent records."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np

from targeting.features.engine import as_of_days, matrix_of
from targeting.features.evidence import Evidence, EvidenceIn
from targeting.features.plan import Plan, PlannedIndicator
from targeting.features.shard_run import ShardRun
from targeting.models.explanation import contributions
from targeting.serving.bands import band_numbers
from targeting.serving.contents import BECAUSE, Band, Because
from targeting.serving.ids import score_id
from targeting.serving.published import PublishedList
from targeting.serving.reasons import Spoken, reasons, unknowns
from targeting.serving.scores.answer import PeopleCounted, RecordsCounted, Score, ScoreProvenance
from targeting.serving.scores.digest import digest_of_row
from targeting.serving.scores.publication import Publication
from targeting.store.blocks import Shard

NO_RECORDS = RecordsCounted(received=0, already_held=0, not_read=0)
NO_PEOPLE = PeopleCounted(received=0, already_held=0)
# By the codes of a matrix: 0 is known.
_BECAUSE: tuple[Because | None, ...] = (None, *BECAUSE)


def run_on(publication: Publication, plan: Plan, shard: Shard, as_of_date: date) -> ShardRun:
    """Return one of a publication's plans on a shard on one date."""
    key = id(plan), as_of_date
    if key not in publication.runs:
        nobody = publication.shards.shard_of_nobody()
        publication.runs[key] = ShardRun(plan, publication.shards.coverage, nobody, as_of_days(plan, [as_of_date]))
    return publication.runs[key].on(shard)


class StatedValue(NamedTuple):
    """One indicator's value of one family; the facts behind it are looked up where something is to be said of it."""

    value: float | None
    unknown: Because | None
    part: float
    indicator: PlannedIndicator
    family: int
    behind: "Behind"

    @property
    def latest_event(self) -> date | None:
        """Return the day of the latest fact behind it."""
        return self.behind(self.family, self.indicator).latest_event

    @property
    def agencies(self) -> tuple[str, ...]:
        """Return who recorded the facts behind it."""
        return self.behind(self.family, self.indicator).agencies


Behind = Callable[[int, PlannedIndicator], Evidence]
# As `_make` of each, which takes three times as long: a block of a job has some hundred thousand of them.
_stated: Callable[[Iterable[Any]], StatedValue] = partial(tuple.__new__, StatedValue)
_spoken: Callable[[Iterable[Any]], Spoken] = partial(tuple.__new__, Spoken)


def _looked_up_once(evidence: EvidenceIn) -> Behind:
    """Return what looks up the facts behind a value; of those asked for again at once, only the first time."""

    last: dict[tuple[int, str], Evidence] = {}

    def behind(family: int, indicator: PlannedIndicator) -> Evidence:
        if (family, indicator.name) not in last:
            last.clear()
            last[family, indicator.name] = evidence.of(family, indicator)
        return last[family, indicator.name]

    return behind


@dataclass(frozen=True)
class Estimate:
    """One family's margin and probability, what may be said of its indicators, and the digest of their values."""

    margin: float
    probability: float
    said: tuple[Spoken, ...]
    values_digest: str

    def band(self, bands: Sequence[Band]) -> Band:
        """Return which of a list's bands holds the probability."""
        cuts = [each.lower for each in bands[1:]]
        return bands[int(band_numbers(np.array([self.probability]), cuts)[0])]


class Estimates:
    """The numbers of the families of a shard that are in the model's cohort, the same alone or among others.

    Margins and parts are worked out for all of them at once; what may be said of one family, some hundred values, is
    made when it is asked for and kept by nobody: a block of hundreds would hold as many thousands of them.
    """

    def __init__(self, publication: Publication, run: ShardRun) -> None:
        self._publication, self._matrix = publication, matrix_of(run)
        self._rows = {family_id: row for row, family_id in enumerate(self._matrix.family_id.tolist())}
        if not self._rows:
            return
        bundle = publication.bundle
        self._margins = bundle.margins(self._matrix.values)
        self._parts = contributions(bundle.booster, self._matrix.values)
        self._behind = _looked_up_once(EvidenceIn(run))
        self._places = {family_id: place for place, family_id in enumerate(run.shard.family_ids.tolist())}

    def __contains__(self, family_id: str) -> bool:
        """Return whether a family is in the model's cohort."""
        return family_id in self._rows

    def of(self, family_id: str) -> Estimate:
        """Return the numbers of one family. Raises KeyError where it is not in the model's cohort."""
        row = self._rows[family_id]
        values, unknown = self._matrix.values[row], self._matrix.unknown[row]
        # Each row alone: a calibrator may round otherwise among others.
        probability = float(self._publication.bundle.probability(self._margins[row : row + 1])[0])
        digest = digest_of_row(self._matrix.names, values, unknown)
        return Estimate(float(self._margins[row]), probability, self._said(family_id, row), digest)

    def _said(self, family_id: str, row: int) -> tuple[Spoken, ...]:
        whys, indicators = self._matrix.unknown[row].tolist(), self._publication.plan.indicators
        values = [None if why else value for value, why in zip(self._matrix.values[row].tolist(), whys, strict=True)]
        parts, becauses = self._parts[row, :-1].tolist(), [_BECAUSE[why] for why in whys]
        place, behind = self._places[family_id], self._behind
        stated = map(_stated, zip(values, becauses, parts, indicators, repeat(place), repeat(behind)))
        return tuple(map(_spoken, zip(indicators, stated, strict=True)))


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a request brought: of which family, on which date, how much of it was held already, who was not asked."""

    family_id: str | None
    as_of_date: date
    records: RecordsCounted = NO_RECORDS
    people: PeopleCounted = NO_PEOPLE
    not_asked: tuple[str, ...] = ()


def score_of(estimate: Estimate, on: PublishedList, publication: Publication, told: Told) -> Score:
    """Return the answer for a family that a list considers, or would, but that has no flag."""
    return Score(
        id=score_id(on.head.id, told.family_id or "", told.as_of_date.isoformat(), estimate.values_digest),
        family_id=told.family_id,
        provisional=bool(told.records.received or told.people.received),
        as_of_date=told.as_of_date,
        list_id=on.head.id,
        flag_id=None,
        band=estimate.band(on.rules.bands),
        probability=estimate.probability,
        reasons=reasons(estimate.said, told.as_of_date),
        unknowns=unknowns(estimate.said, {name: publication.agencies[name] for name in told.not_asked}),
        not_asked=told.not_asked,
        expires_on=told.as_of_date + timedelta(weeks=on.rules.flag_weeks),
        records=told.records,
        people=told.people,
        provenance=provenance_of(publication, on, estimate.values_digest),
        urgent=on.head.urgent,
    )


def provenance_of(publication: Publication, on: PublishedList, values_digest: str) -> ScoreProvenance:
    """Return by what a score was made."""
    made_by = on.head.provenance
    return ScoreProvenance(
        model=made_by.model,
        model_version=publication.bundle.version,
        bundle_digest=made_by.bundle_digest,
        calibration_version=publication.calibration_version,
        policy_version=publication.policy_versions[on.head.id],
        declarations_digest=made_by.declarations_digest,
        generation_id=made_by.generation_id,
        data_as_of=on.head.data_as_of,
        values_digest=values_digest,
    )
