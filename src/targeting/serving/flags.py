"""Flags and their passports: the listed families with band, reasons, unknowns, and all that proves them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from targeting.features.evidence import Evidence, evidence_of
from targeting.models.explanation import explain
from targeting.serving.bands import band_numbers
from targeting.serving.contents import Band, Flag, IndicatorValue, ListHead, Passport
from targeting.serving.drawing import Draw
from targeting.serving.ids import flag_id
from targeting.serving.passport import indicator_values, spoken
from targeting.serving.ranking import Place
from targeting.serving.reasons import reasons, unknowns
from targeting.serving.week import Week

Floats = NDArray[np.float64]


def make_passports(draw: Draw, head: ListHead, meanings: tuple[Band, ...]) -> tuple[Passport, ...]:
    """Return the passport of each listed family, its flag within, by rank."""
    week, rows = draw.week, draw.listed_rows
    explanation = explain(week.made_from.bundle.booster, week.matrix.values[rows], cohort_mean=head.mean_margin)
    numbers = band_numbers(week.probability[rows], week.service.cuts).tolist()
    families = week.matrix.family_id[rows].tolist()
    behind = evidence_of(week.plan, week.made_from.generation, families, week.as_of_date) if families else {}
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
    return tuple(_passport(week, head, each, explanation.reference) for each in listed)


@dataclass(frozen=True)
class _Listed:
    """One family with a place: its row of the week's matrix, parts of its margin, facts behind it, its band."""

    place: Place
    row: int
    parts: Floats
    evidence: Mapping[str, Evidence]
    band: Band | None


def _passport(week: Week, head: ListHead, listed: _Listed, reference: float) -> Passport:
    values = indicator_values(
        week.plan,
        values=week.matrix.values[listed.row].tolist(),
        unknown=week.matrix.unknown[listed.row].tolist(),
        parts=listed.parts.tolist(),
        evidence=listed.evidence,
    )
    return Passport(
        flag=_flag(week, head, listed, values),
        as_of_date=week.as_of_date,
        provenance=head.provenance,
        indicators=values,
        reference=reference,
        mean_margin=head.mean_margin,
        margin=float(week.margins[listed.row]),
        probability=float(week.probability[listed.row]) if listed.band is not None else None,
    )


def _flag(week: Week, head: ListHead, listed: _Listed, values: tuple[IndicatorValue, ...]) -> Flag:
    family_id, said = str(week.matrix.family_id[listed.row]), spoken(week.plan, values)
    return Flag(
        id=flag_id(head.id, family_id),
        list_id=head.id,
        family_id=family_id,
        rank=listed.place.rank,
        kept_place=listed.place.kept_place,
        band=listed.band,
        reasons=reasons(said, week.as_of_date),
        unknowns=unknowns(said),
        expires_on=week.as_of_date + timedelta(weeks=week.service.retention.flag_weeks),
    )
