"""Recourse: who could leave the list, were nothing more to be recorded of the family?

The clock is moved on by the outcome's horizon with the facts, members and links of the list's date, none later. What
then counts is computed by the same plan and the same kernel as the list itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from targeting.errors import DataError
from targeting.fairness.results import Section, SectionColumn, SectionRow
from targeting.features.dates import as_dates
from targeting.features.engine import as_of_days, matrix_of
from targeting.features.plan import Plan
from targeting.features.shard_run import ShardRun
from targeting.models.estimator import Floats, margins
from targeting.models.explanation import contributions
from targeting.store.blocks import OPEN_DAY, FactRows, LinkRows, MemberRows, Shard
from targeting.training.audit_drawn import Drawn
from targeting.training.audit_units import Indexes, Mask, Texts

MOST_NAMED = 5
Dated = TypeVar("Dated", FactRows, MemberRows, LinkRows)


@dataclass(frozen=True)
class _Ahead:
    """The listed families of the last date: by scored row, who leaves, and which indicators that raise them lapse."""

    scored: Indexes
    leaves: Mask
    lapses: Mask
    held: Sequence[str]


def recourse(drawn: Drawn) -> Section:
    """Return, by group, how many of those listed leave as records age, and how many have nothing that could lapse."""
    ahead = _ahead(drawn)
    last = drawn.people.persons.as_of == drawn.last_day
    at = np.flatnonzero(drawn.listed & last)
    place = np.searchsorted(ahead.scored, drawn.people.persons.scored[at])
    rows = []
    for attribute in drawn.attributes:
        groups = drawn.groups(attribute, drawn.given.attributes[attribute.name])
        for code, name in enumerate(groups.names):
            mine = place[groups.code[at] == code]
            number = len(mine)
            values = (
                drawn.share(int(ahead.leaves[mine].sum()), number),
                drawn.share(int((~ahead.lapses[mine]).sum()), number),
            )
            rows.append(SectionRow(label=drawn.label(attribute, name), values=values))
    weeks = drawn.horizon // 7
    return Section(
        name="recourse",
        title="Who could ever leave the list",
        says=(
            f"Of those listed on the last date: for how many the rank would fall below the line within {weeks} weeks, "
            "were nothing more recorded of the family; and how many are held there by nothing but what does not lapse "
            "in that time. The latter can do nothing to leave: they are listed for their past.",
            *_held(ahead.held),
        ),
        columns=(
            SectionColumn(heading=f"Would leave within {weeks} weeks"),
            SectionColumn(heading="Held by nothing that lapses"),
        ),
        rows=tuple(rows),
    )


def _held(names: Sequence[str]) -> tuple[str, ...]:
    told = "; ".join(name.replace("_", " ") for name in names)
    return (f"What raises a rank most, and does not lapse: {told}.",) if told else ()


def _ahead(drawn: Drawn) -> _Ahead:
    predictions, plan = drawn.predictions, drawn.plan
    if plan is None or predictions.rows is None or predictions.booster is None:
        raise DataError("Recourse needs the plan, the rows and the model of the predictions.")
    last = drawn.people.persons.as_of == drawn.last_day
    scored = np.unique(drawn.people.persons.scored[drawn.listed & last])
    later = _values_later(drawn, plan, predictions.family_id[scored])
    now, names = predictions.rows.take(scored).X, plan.names
    parts = contributions(predictions.booster, now, threads=1)[:, :-1]
    of_facts = np.array([bool(indicator.kinds) for indicator in plan.indicators])
    raises = (parts > 0) & of_facts
    changed = ~((now == later) | (np.isnan(now) & np.isnan(later)))
    line = predictions.margin[scored].min(initial=np.inf)
    stuck = np.where(raises & ~changed, parts, 0.0).mean(axis=0) if len(scored) else np.zeros(len(names))
    most = [at for at in np.argsort(-stuck, kind="stable")[:MOST_NAMED].tolist() if stuck[at] > 0]
    return _Ahead(
        scored=scored,
        leaves=margins(predictions.booster, later, threads=1) < line,
        lapses=(raises & changed).any(axis=1),
        held=[names[at] for at in most],
    )


def _values_later(drawn: Drawn, plan: Plan, families: Texts) -> Floats:
    """Return each family's indicators at the horizon, of what was known on the last date."""
    distinct = np.unique(families)
    as_of = as_of_days(plan, [as_dates(np.array([drawn.last_day + drawn.horizon], dtype=np.int32))[0].item()])
    shard = frozen(drawn.generation.shard_with(distinct.tolist()), drawn.last_day)
    matrix = matrix_of(ShardRun(replace(plan, cohort=None), drawn.generation.coverage, shard, as_of))
    return np.asarray(matrix.values[np.searchsorted(matrix.family_id, families)])


def frozen(shard: Shard, day: np.int32) -> Shard:
    """Return a shard as it was known on a day, with all of it holding ever after, and nothing later."""
    return replace(
        shard,
        members=_kept(shard.members, day),
        links=_kept(shard.links, day),
        read_facts=lambda kind, columns: _kept(shard.facts(kind, columns), day),
    )


def _kept(rows: Dated, day: np.int32) -> Dated:
    held = (rows.visible_from <= day) & (day <= rows.visible_to)
    arrays = {
        each.name: getattr(rows, each.name)[held]
        for each in fields(rows)
        if isinstance(getattr(rows, each.name), np.ndarray)
    }
    if isinstance(rows, FactRows):
        arrays["columns"] = {name: column[held] for name, column in rows.columns.items()}
    return replace(rows, **{**arrays, "visible_to": np.full(int(held.sum()), OPEN_DAY)})
