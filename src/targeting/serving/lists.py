"""The weekly lists: split by panel and list, ranked, explained, published."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from targeting.features.evidence import Evidence, evidence_of
from targeting.models.explanation import explain
from targeting.serving.bands import band_numbers, bands
from targeting.serving.contents import Band, Flag, IndicatorValue, ListHead, Passport, Provenance, SentToFrontDoor
from targeting.serving.definition import ListKind, Panel
from targeting.serving.front_door import everyone_sent, sent_to_front_door
from targeting.serving.ids import flag_id, list_id
from targeting.serving.passport import indicator_values, spoken
from targeting.serving.published import PublishedList, write_lists
from targeting.serving.ranking import Place, places
from targeting.serving.reasons import reasons, unknowns
from targeting.serving.week import MadeFrom, Week, score_week

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


def publish(made_from: MadeFrom, *, data: Path, as_of_date: date, published_at: datetime) -> tuple[PublishedList, ...]:
    """Publish the lists of a date below `data` and return them, by panel and kind as declared.

    Raises DataError for a date that the data do not reach, AlreadyPublishedError for one published before.
    """
    lists = make_lists(made_from, as_of_date=as_of_date, published_at=published_at)
    write_lists(lists, data=data)
    return lists


def make_lists(made_from: MadeFrom, *, as_of_date: date, published_at: datetime) -> tuple[PublishedList, ...]:
    """Return the lists of a date, unpublished. The same inputs give the same lists."""
    week, service = score_week(made_from, as_of_date), made_from.service
    draws = (_draw(week, panel, kind) for panel in service.panel for kind in service.list)
    return tuple(_published(draw, published_at) for draw in draws)


@dataclass(frozen=True, kw_only=True)
class _Draw:
    """One list's families: `rows` of the week's matrix that were considered, and by rank the `listed` among them."""

    week: Week
    panel: Panel
    kind: ListKind
    rows: Rows
    listed: tuple[Place, ...]
    sent: tuple[SentToFrontDoor, ...]

    @property
    def probability(self) -> Floats:
        return self.week.probability[self.rows]

    @property
    def listed_rows(self) -> Rows:
        return self.rows[[place.row for place in self.listed]] if self.listed else self.rows[:0]


def _draw(week: Week, panel: Panel, kind: ListKind) -> _Draw:
    rows = week.rows_of(panel, kind)
    in_cohort = {name: mask[rows] for name, mask in week.in_cohort.items()}
    sent = sent_to_front_door(week.service.threshold_rule, in_cohort, week.matrix.family_id[rows])
    rows = rows[~np.isin(week.matrix.family_id[rows], list(everyone_sent(sent)))]
    listed = places(
        week.margins[rows],
        week.matrix.family_id[rows],
        capacity=kind.capacity(panel),
        never_known=week.never_known(rows),
        kept=kind.places_for_never_known,
    )
    return _Draw(week=week, panel=panel, kind=kind, rows=rows, listed=listed, sent=sent)


def _published(draw: _Draw, published_at: datetime) -> PublishedList:
    head = _head(draw, published_at)
    passports = _passports(draw, head)
    flags = tuple(passport.flag for passport in passports)
    return PublishedList(head=head, flags=flags, passports=passports, front_door=draw.sent)


def _head(draw: _Draw, published_at: datetime) -> ListHead:
    week, service, panel, kind = draw.week, draw.week.service, draw.panel, draw.kind
    margins = week.margins[draw.rows]
    return ListHead(
        id=list_id(service.model, panel.name, kind.name, week.as_of_date.isoformat()),
        panel=panel.name,
        panel_title=panel.title,
        kind=kind.name,
        title=kind.title,
        as_of_date=week.as_of_date,
        published_at=published_at,
        synthetic=week.made_from.generation.synthetic,
        standing=service.standing(week.as_of_date),
        one=service.words.one,
        many=service.words.many,
        urgent=service.words.urgent,
        capacity=kind.capacity(panel),
        families=len(draw.rows),
        listed=len(draw.listed),
        just_below=_just_below(draw.probability, draw.listed, service.cuts),
        sent_to_front_door=len(everyone_sent(draw.sent)),
        mean_margin=math.fsum(margins) / len(margins) if len(margins) else 0.0,
        provenance=_provenance(week.made_from),
        keep_until=_years_after(week.as_of_date, service.retention.passport_years),
    )


def _just_below(probability: Floats, listed: Sequence[Place], cuts: Sequence[float]) -> int:
    """Return how many families without a place lie in the band of the last family that rank put on the list."""
    by_rank = [place.row for place in listed if not place.kept_place]
    if not by_rank:
        return 0
    number = band_numbers(probability, cuts)
    alike = number == number[by_rank[-1]]
    alike[[place.row for place in listed]] = False
    return int(alike.sum())


def _provenance(made_from: MadeFrom) -> Provenance:
    return Provenance(
        model=made_from.bundle.model,
        bundle_digest=made_from.bundle.digest,
        declarations_digest=made_from.declarations_digest,
        generation_id=made_from.generation.id,
        generation_manifest=made_from.generation.manifest_digest,
        code_version=made_from.code_version,
    )


def _years_after(day: date, years: int) -> date:
    """Return the same day so many years later; for 29 February, the 28th where the year has no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _passports(draw: _Draw, head: ListHead) -> tuple[Passport, ...]:
    week, rows = draw.week, draw.listed_rows
    explanation = explain(week.made_from.bundle.booster, week.matrix.values[rows], cohort_mean=head.mean_margin)
    meanings = bands(draw.probability, week.service.cuts, week.service.spoken())
    numbers = band_numbers(week.probability[rows], week.service.cuts).tolist()
    families = week.matrix.family_id[rows].tolist()
    behind = evidence_of(week.plan, week.made_from.generation, families, week.as_of_date) if families else {}
    listed = (
        _Listed(place, row, explanation.parts[index], behind[families[index]], meanings[numbers[index]])
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
    band: Band


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
        probability=float(week.probability[listed.row]),
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
