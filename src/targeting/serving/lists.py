"""The weekly lists: split by panel and list, ranked, explained, published."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.errors import DataError
from targeting.features import plan_to_json
from targeting.models.points_model import BY_POINTS, is_by_points
from targeting.serving.bands import band_numbers, bands
from targeting.serving.chaining import Seal
from targeting.serving.contents import (
    Band,
    DataAsOf,
    FamilyRecord,
    FrontDoorRule,
    ListHead,
    ListRules,
    Passport,
    Provenance,
)
from targeting.serving.counted_apart import counted_apart
from targeting.serving.database.decisions import FamilyDecision
from targeting.serving.definition import ListKind, Panel
from targeting.serving.district.beside_lists import write_beside_lists
from targeting.serving.drawing import Draw, draw_list
from targeting.serving.flags import make_passports
from targeting.serving.flow import Flow, flow_of
from targeting.serving.front_door import everyone_sent
from targeting.serving.ids import list_id
from targeting.serving.known_families import family_records
from targeting.serving.past import Past
from targeting.serving.published import CONSIDERED, PublishedList
from targeting.serving.ranking import rank_of_each, ranked
from targeting.serving.week import MadeFrom, Week, score_week
from targeting.serving.writing_lists import check_is_next, write_lists

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class FromStore:
    """What the service's own store adds: decisions in the order of recording; what binds a list to the audit log."""

    decided: Sequence[FamilyDecision] = ()
    seal: Seal | None = None


def publish(
    made_from: MadeFrom,
    *,
    data: Path,
    as_of_date: date,
    published_at: datetime,
    store: FromStore | None = None,
) -> tuple[PublishedList, ...]:
    """Publish the lists of a date below `data` and return them, by panel and kind as declared.

    Raises DataError for a date that the data do not reach, AlreadyPublishedError for one published before, or before
    one that was.
    """
    known = store or FromStore()
    week = score_week(replace(made_from, past=Past(data)), as_of_date)
    check_is_next(data, as_of_date)
    lists = lists_of(week, flow_of(week, known.decided, data), published_at)
    if not any(each.considered.num_rows for each in lists):
        raise DataError(f"nobody whom the lists are about is known as of {as_of_date}: name a later date.")
    write_beside_lists(lists, week.made_from.generation, week.covered(), data=data)
    write_lists(lists, data=data, seal=known.seal)
    return lists


def make_lists(made_from: MadeFrom, *, as_of_date: date, published_at: datetime) -> tuple[PublishedList, ...]:
    """Return the lists of a date, unpublished, where nothing was decided before."""
    return lists_of(score_week(made_from, as_of_date), Flow(), published_at)


def lists_of(week: Week, flow: Flow, published_at: datetime) -> tuple[PublishedList, ...]:
    """Return a week's lists, unpublished. The same inputs give the same lists."""
    draws = (draw_list(week, panel, kind, flow) for panel in week.service.panel for kind in week.service.list)
    return tuple(_published(draw, published_at) for draw in draws)


def _id(week: Week, panel: Panel, kind: ListKind) -> str:
    # One list a date, whether the model or its points rule orders it.
    return list_id(week.service.model.removesuffix(BY_POINTS), panel.name, kind.name, week.as_of_date.isoformat())


def _published(draw: Draw, published_at: datetime) -> PublishedList:
    head = _head(draw, published_at)
    service = draw.week.service
    # Points say nothing about how likely anything is.
    meanings = () if _is_by_points(draw.week) else bands(draw.probability, service.cuts, service.spoken())
    passports = tuple(_returned(each, draw.returned) for each in make_passports(draw, head, meanings))
    return PublishedList(
        head=head,
        flags=tuple(passport.flag for passport in passports),
        passports=passports,
        front_door=draw.sent,
        considered=_considered(draw),
        rules=_rules(draw, meanings),
        plans=_plans(draw),
        resting=draw.resting,
        left_out=tuple(sorted(draw.week.made_from.generation.left_out)),
        records=_records(draw, passports),
    )


def _records(draw: Draw, passports: Sequence[Passport]) -> tuple[FamilyRecord, ...]:
    week = draw.week
    return family_records(
        week.made_from.generation,
        [each.flag.family_id for each in passports],
        agencies={source.name: source.agency for source in week.plan.sources},
        as_of_date=week.as_of_date,
    )


def _returned(passport: Passport, sentences: Mapping[str, str]) -> Passport:
    """Return a passport whose flag says that its family is back, where it is."""
    said = sentences.get(passport.flag.family_id)
    return passport.model_copy(update={"flag": passport.flag.model_copy(update={"returned": said})})


def _considered(draw: Draw) -> pa.Table:
    """Return everybody whom the list was drawn from, sorted by family as the week's matrix is."""
    margins, families = draw.week.margins[draw.rows], draw.week.matrix.family_id[draw.rows]
    rank = rank_of_each(ranked(margins, families))
    probability = pa.nulls(len(rank), pa.float64()) if _is_by_points(draw.week) else pa.array(draw.probability)
    return pa.table([pa.array(families.tolist(), pa.string()), rank, margins, probability], schema=CONSIDERED)


def _is_by_points(week: Week) -> bool:
    return is_by_points(week.made_from.bundle.model)


def _rules(draw: Draw, meanings: tuple[Band, ...]) -> ListRules:
    service = draw.week.service
    return ListRules(
        cohort=draw.kind.cohort,
        wards=draw.panel.wards,
        bands=meanings,
        threshold_rules=tuple(FrontDoorRule(**rule.model_dump()) for rule in service.threshold_rule),
        flag_weeks=service.retention.flag_weeks,
    )


def _plans(draw: Draw) -> dict[str, str]:
    cohorts = draw.week.made_from.cohorts
    named = [draw.kind.cohort, *(rule.cohort for rule in draw.week.service.threshold_rule)]
    return {name: plan_to_json(cohorts[name]) for name in named}


def _head(draw: Draw, published_at: datetime) -> ListHead:
    week, service, panel, kind = draw.week, draw.week.service, draw.panel, draw.kind
    margins = week.margins[draw.rows]
    return ListHead(
        id=_id(week, panel, kind),
        together=tuple(_id(week, each, one) for each in service.panel for one in service.list),
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
        outcome=service.words.outcome,
        urgent=service.words.urgent,
        works_blind=panel.works_blind,
        kept_for=_kept_for(week, kind),
        data_as_of=_data_as_of(week),
        capacity=kind.capacity(panel),
        families=len(draw.rows),
        listed=len(draw.listed),
        just_below=_just_below(draw, service.cuts),
        sent_to_front_door=len(everyone_sent(draw.sent)),
        resting=len(draw.resting),
        left_out=len(week.made_from.generation.left_out),
        counted_apart=counted_apart(week, panel, kind),
        ordered_by="points_rule" if _is_by_points(week) else "model",
        mean_margin=math.fsum(margins) / len(margins) if len(margins) else 0.0,
        provenance=_provenance(week.made_from),
        keep_until=_years_after(week.as_of_date, service.retention.passport_years),
    )


def _kept_for(week: Week, kind: ListKind) -> str:
    """Return the description of the cohort for which places on a list are kept; empty where none are."""
    name = week.service.never_known
    cohort = week.made_from.cohorts[name].cohort if name and kind.places_for_never_known else None
    return cohort.description if cohort else ""


def _just_below(draw: Draw, cuts: Sequence[float]) -> int:
    """Return how many families lie in the band of the last one that rank put on the list, without a place or a rest.

    Where points order the list, they are those of as many points.
    """
    by_rank = [place.row for place in draw.listed if not place.kept_place]
    if not by_rank:
        return 0
    points = draw.week.margins[draw.rows]
    number = points if _is_by_points(draw.week) else band_numbers(draw.probability, cuts)
    alike = (number == number[by_rank[-1]]) & ~draw.is_resting
    alike[[place.row for place in draw.listed]] = False
    return int(alike.sum())


def _data_as_of(week: Week) -> tuple[DataAsOf, ...]:
    """Return until when each source of the model reaches, in the order of its plan."""
    coverage = week.made_from.generation.coverage
    reach = {
        source.name: [each.until for each in coverage if each.source == source.name] for source in week.plan.sources
    }
    return tuple(
        DataAsOf(source=source.name, agency=source.agency, until=max(reach[source.name]))
        for source in week.plan.sources
        if reach[source.name]
    )


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
