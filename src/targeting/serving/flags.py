"""Flags and their passports: the listed families with band, reasons, unknowns, and all that proves them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from targeting.features.dates import day_numbers
from targeting.features.evidence import Evidence, evidence_in
from targeting.features.shard_run import ShardRun
from targeting.models.explanation import explain
from targeting.serving.bands import band_numbers
from targeting.serving.changes import rank_range
from targeting.serving.contents import Band, Flag, IndicatorValue, ListHead, Passport
from targeting.serving.drawing import Draw
from targeting.serving.ids import flag_id
from targeting.serving.moved import Ledger
from targeting.serving.passport import indicator_values, spoken
from targeting.serving.rank_ranges import Ranges
from targeting.serving.ranking import Place
from targeting.serving.reasons import reasons, unknowns
from targeting.serving.since import Since, since_before
from targeting.serving.week import Week
from targeting.store.blocks import Shard
from targeting.store.known_then import kept_in_memory

Floats = NDArray[np.float64]


def make_passports(draw: Draw, head: ListHead, meanings: tuple[Band, ...]) -> tuple[Passport, ...]:
    """Return the passport of each listed family, its flag within, by rank."""
    if not draw.listed:
        return ()
    week, rows = draw.week, draw.listed_rows
    explanation = explain(week.made_from.bundle.booster, week.matrix.values[rows], cohort_mean=head.mean_margin)
    numbers = band_numbers(week.probability[rows], week.service.cuts).tolist()
    families = week.matrix.family_id[rows].tolist()
    shard = kept_in_memory(week.made_from.generation.shard_with(families))
    behind = _evidence(week, shard)
    since, ranges = since_before(draw, shard), Ranges(draw)
    listed = (
        _Listed(
            place,
            row,
            explanation.parts[index],
            behind[families[index]],
            meanings[numbers[index]] if meanings else None,
        )
        for index, (place, row) in enumerate(zip(draw.listed, rows.tolist(), strict=True))
    )
    return tuple(_Making(week, head, ranges, since, explanation.reference).passport(each) for each in listed)


def _evidence(week: Week, shard: Shard) -> Mapping[str, Mapping[str, Evidence]]:
    return evidence_in(ShardRun(week.plan, week.made_from.generation.coverage, shard, day_numbers([week.as_of_date])))


@dataclass(frozen=True)
class _Listed:
    """One family with a place: its row of the week's matrix, parts of its margin, facts behind it, its band."""

    place: Place
    row: int
    parts: Floats
    evidence: Mapping[str, Evidence]
    band: Band | None


@dataclass(frozen=True)
class _Making:
    """What the passports of one list have in common; `since` is None where no list was published before."""

    week: Week
    head: ListHead
    ranges: Ranges
    since: Since | None
    reference: float

    def passport(self, listed: _Listed) -> Passport:
        """Return one family's passport."""
        week, head = self.week, self.head
        values = self._values(listed)
        return Passport(
            flag=self._flag(listed, values),
            as_of_date=week.as_of_date,
            provenance=head.provenance,
            indicators=values,
            reference=self.reference,
            mean_margin=head.mean_margin,
            margin=float(week.margins[listed.row]),
            probability=float(week.probability[listed.row]) if listed.band is not None else None,
            ledger=self._ledger(listed),
        )

    def _values(self, listed: _Listed) -> tuple[IndicatorValue, ...]:
        return indicator_values(
            self.week.plan,
            values=self.week.matrix.values[listed.row].tolist(),
            unknown=self.week.matrix.unknown[listed.row].tolist(),
            parts=listed.parts.tolist(),
            evidence=listed.evidence,
        )

    def _flag(self, listed: _Listed, values: Sequence[IndicatorValue]) -> Flag:
        week, head, place = self.week, self.head, listed.place
        family_id, said = self._family_id(listed), spoken(week.plan, values)
        why, gaps = reasons(said, week.as_of_date), unknowns(said)
        alone, together = self.ranges.by_gaps(place, gaps)
        return Flag(
            id=flag_id(head.id, family_id),
            list_id=head.id,
            family_id=family_id,
            rank=place.rank,
            kept_place=place.kept_place,
            band=listed.band,
            reasons=why,
            unknowns=tuple(
                gap.model_copy(update={"could_place": could}) for gap, could in zip(gaps, alone, strict=True)
            ),
            expires_on=week.as_of_date + timedelta(weeks=week.service.retention.flag_weeks),
            rank_range=rank_range(place.rank, self.ranges.by_models(place), together, has_untold_gap=None in alone),
            change=self.since.change(head, family_id, why, values) if self.since else None,
        )

    def _family_id(self, listed: _Listed) -> str:
        return str(self.week.matrix.family_id[listed.row])

    def _ledger(self, listed: _Listed) -> Ledger | None:
        return self.since.ledgers.get(self._family_id(listed)) if self.since else None
