"""Everybody of the model's cohort on a date, scored, before they are split into lists."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from targeting.errors import DataError
from targeting.features import Matrix, Plan, plan_from_json
from targeting.features.engine import as_of_days, build_matrix, in_cohort
from targeting.features.matrix import NO_GAP, Unknown
from targeting.features.shard_run import ShardRun
from targeting.models.bundle import Bundle
from targeting.serving.definition import SERVICE, ListKind, Panel, Service
from targeting.serving.past import Past
from targeting.serving.wards import in_panel, wards_of
from targeting.store.generations import Generation

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# A list drawn this long after the last delivery would be silent on what happened since.
MOST_DAYS_WITHOUT_DATA = 28


@dataclass(frozen=True, kw_only=True)
class MadeFrom:
    """What lists are made from. `cohorts` has the plan of every cohort that the service names.

    `past` holds what was published before; None where nothing is to be compared.
    """

    generation: Generation
    bundle: Bundle
    service: Service
    cohorts: Mapping[str, Plan]
    declarations_digest: str
    code_version: str
    past: Past | None = None


@dataclass(frozen=True, kw_only=True)
class Outside:
    """Families counted apart whom the model does not speak of, sorted; `in_cohort` and `wards` run over them."""

    family_id: NDArray[np.str_]
    in_cohort: Mapping[str, Mask]
    wards: NDArray[np.str_]


NOBODY_OUTSIDE = Outside(family_id=np.empty(0, "U1"), in_cohort={}, wards=np.empty(0, "U1"))


@dataclass(frozen=True, kw_only=True)
class Week:
    """Margin and probability of every family; `in_cohort` and `wards` run over the matrix's rows, as they do.

    `outside` are families without either, of whom a list only says how many they are.
    """

    made_from: MadeFrom
    plan: Plan
    as_of_date: date
    matrix: Matrix
    margins: Floats
    probability: Floats
    in_cohort: Mapping[str, Mask]
    wards: NDArray[np.str_]
    outside: Outside = NOBODY_OUTSIDE

    @property
    def service(self) -> Service:
        """Return what the district declares of its lists."""
        return self.made_from.service

    def rows_of(self, panel: Panel, kind: ListKind) -> NDArray[np.int64]:
        """Return the rows of the families that a panel's list is about, before a rule sends any elsewhere."""
        return np.flatnonzero(self.in_cohort[kind.cohort] & self._of_panel(panel, self.wards))

    def outside_of(self, panel: Panel, kind: ListKind) -> Mask:
        """Return whom of those outside a panel's list would be about; of a family that two would be, the first has it.

        So no family is counted twice.
        """
        kinds, in_cohort = self.service.list, self.outside.in_cohort
        theirs = in_cohort[kind.cohort] & self._of_panel(panel, self.outside.wards)
        for earlier in kinds[: kinds.index(kind)]:
            theirs = theirs & ~in_cohort[earlier.cohort]
        return theirs

    def _of_panel(self, panel: Panel, wards: NDArray[np.str_]) -> Mask:
        claimed = [ward for other in self.service.panel for ward in other.wards]
        return in_panel(panel.wards, wards, claimed=claimed)

    def covered(self) -> Mapping[str, float]:
        """Return which share of the indicators some agency could tell of each family, with whatever it recorded."""
        told = np.isin(self.matrix.unknown, (Unknown.KNOWN, *NO_GAP)).mean(axis=1)
        return dict(zip(self.matrix.family_id.tolist(), told.tolist(), strict=True))

    def never_known(self, rows: NDArray[np.int64]) -> Mask:
        """Return which of the rows are families for whom places are kept."""
        name = self.service.never_known
        return self.in_cohort[name][rows] if name else np.zeros(len(rows), dtype=np.bool_)


def score_week(made_from: MadeFrom, as_of_date: date) -> Week:
    """Return everybody of the model's cohort on a date, computed by the very plan in the bundle.

    Raises DataError for a date that the data do not reach, or a model made for something else.
    """
    _check_model(made_from)
    _check_date(made_from.generation, as_of_date)
    made_from = replace(made_from, generation=made_from.generation.keeping_open())
    plan = plan_from_json(made_from.bundle.plan_json)
    generation, service = made_from.generation, made_from.service
    matrix = build_matrix(plan, generation, [as_of_date])
    margins = made_from.bundle.margins(matrix.values)
    members = _members(made_from, as_of_date)
    apart = [members[each.cohort] for each in service.counted_apart]
    outside = np.setdiff1d(np.concatenate([np.empty(0, "U1"), *apart]), matrix.family_id)
    wards = _wards(made_from, np.concatenate([matrix.family_id, outside]), as_of_date)
    return Week(
        made_from=made_from,
        plan=plan,
        as_of_date=as_of_date,
        matrix=matrix,
        margins=margins,
        probability=made_from.bundle.probability(margins),
        in_cohort=_masks(members, matrix.family_id),
        wards=wards[: len(matrix)],
        outside=Outside(family_id=outside, in_cohort=_masks(members, outside), wards=wards[len(matrix) :]),
    )


def _members(made_from: MadeFrom, as_of_date: date) -> Mapping[str, NDArray[np.str_]]:
    """Return the families in each cohort that the service names, sorted. Shards are read once for all."""
    generation = made_from.generation
    plans = {name: made_from.cohorts[name] for name in made_from.service.cohorts()}
    days = {name: as_of_days(plan, [as_of_date]) for name, plan in plans.items()}
    found: dict[str, list[NDArray[np.str_]]] = {name: [np.empty(0, "U1")] for name in plans}
    for shard in generation.shards():
        for name, plan in plans.items():
            found[name].append(in_cohort(ShardRun(plan, generation.coverage, shard, days[name])))
    return {name: np.concatenate(of_shards) for name, of_shards in found.items()}


def _masks(members: Mapping[str, NDArray[np.str_]], family_id: NDArray[np.str_]) -> Mapping[str, Mask]:
    """Return which of the families, sorted, are in each cohort, whose members are sorted too."""
    found: dict[str, Mask] = {name: np.zeros(len(family_id), dtype=np.bool_) for name in members}
    for name, of_cohort in members.items():
        at = np.searchsorted(family_id, of_cohort)
        at = at[at < len(family_id)]
        found[name][at[family_id[at] == of_cohort[: len(at)]]] = True
    return found


def _wards(made_from: MadeFrom, family_id: NDArray[np.str_], as_of_date: date) -> NDArray[np.str_]:
    """Return each family's ward; empty text for all where no panel has wards of its own."""
    if not any(panel.wards for panel in made_from.service.panel):
        return np.zeros(len(family_id), dtype="U1")
    return wards_of(made_from.generation, family_id, as_of_date)


def _check_model(made_from: MadeFrom) -> None:
    bundle, service = made_from.bundle, made_from.service
    if bundle.model != service.model:
        raise DataError(f"{SERVICE} lists by the model {service.model!r}; this bundle is of {bundle.model!r}.")
    if bundle.origin.synthetic and not made_from.generation.synthetic:
        said = f"the model {bundle.model} {bundle.version} was trained on synthetic data"
        raise DataError(f"{said} and says nothing about real {service.words.many}: train it on the district's own.")


def _check_date(generation: Generation, as_of_date: date) -> None:
    until = generation.data_until
    first = min(entry.shared_from for entry in generation.coverage)
    if as_of_date <= first:
        raise DataError(f"no source shares anything before {first}: a list as of {as_of_date} would know nothing.")
    if as_of_date > until + timedelta(days=MOST_DAYS_WITHOUT_DATA):
        said = f"the data end on {until}, more than {MOST_DAYS_WITHOUT_DATA} days before {as_of_date}"
        raise DataError(f"{said}: load newer extracts, or name an earlier date.")
