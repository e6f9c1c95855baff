"""Worlds of the slow twin handed to the engine: as tables in memory, cut into shards as a generation on disk is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from slow_twin import Covered, Fact, Member, World

from targeting.features import Cohort, CompileRules, Indicator, Matrix, compile_plan
from targeting.features.engine import build_matrix
from targeting.features.expressions import Expression
from targeting.records.attributes import AttributeRule
from targeting.records.definition import CodeSet, Column, FactKind, episode_id
from targeting.sources.definition import Agreement, Coverage, Extract, FactFields, Field, Source
from targeting.store.blocks import Shard
from targeting.store.contents import AGENCY_LINKS, MEMBERSHIPS, fact_schema
from targeting.store.manifest import SourceCoverage
from targeting.store.selection import select_families
from targeting.store.shards import shard_from_tables

LONG_AGO, FAR_OFF = date(1990, 1, 1), date(2100, 1, 1)
PURPOSE = "early_help"


def _kind(name: str, *columns: Column, ends: str | None = None) -> FactKind:
    return FactKind(name=name, description=name, area="test", event="it", knowledge="it", columns=columns, ends=ends)


def _column(name: str, type: Any, codes: CodeSet | None = None) -> Column:
    return Column(name=name, description=name, type=type, codes=codes, required=False)


GRADES = CodeSet(name="grades", source="test", codes={"a": "first", "b": "second", "c": "third"})
SEEN = _kind(
    "seen",
    _column("grade", "code", GRADES),
    _column("amount", "integer"),
    _column("size", "number"),
    _column("flagged", "flag"),
    _column("due", "date"),
)
STARTED = _kind("started", episode_id(), _column("grade", "code", GRADES))
ENDED = _kind("ended", episode_id(), ends="started")
STOPPED = _kind("stopped", episode_id(), ends="started")

SMALL_CONTRACT = {kind.name: kind for kind in (SEEN, STARTED, ENDED, STOPPED)}

# Every attribute may be used: what the compiler refuses has tests of its own.
ATTRIBUTES = {
    name: AttributeRule(name=name, attribute_class="justified", owner="a", reason="b", review_date=FAR_OFF)
    for name in ("age", "family_size", "pregnancy_and_maternity", "mental_ill_health", "moves", "area", "deprivation")
}


def source(name: str, kinds: Iterable[str], **changes: Any) -> Source:
    """Return a source of the council that shares kinds of fact for early help."""
    facts = tuple(FactFields(kind=kind, person="person", event_date=Field(column="day")) for kind in kinds)
    declared = Source(
        name=name,
        agency=name.title(),
        folder=name,
        tier="council",
        controller="the council",
        gateway="a gateway",
        purposes=frozenset({PURPOSE}),
        confidentiality="a basis",
        may_show_to=frozenset({"panel"}),
        retention_years=6,
        agreement=Agreement(reference="A1", expires_on=FAR_OFF),
        coverage=(Coverage(shared_from=LONG_AGO),),
        extracts=(Extract(file="*.csv", facts=facts),),
        lag=timedelta(days=0),
    )
    return replace(declared, **changes)


@dataclass(frozen=True)
class MemoryGeneration:
    """A world as the engine reads it; two shards where there are two families."""

    world: World

    @property
    def coverage(self) -> tuple[SourceCoverage, ...]:
        return tuple(SourceCoverage(c.source, c.kind, c.shared_from, c.until) for c in self.world.coverage)

    @cached_property
    def _whole(self) -> Shard:
        tables = {kind: self.facts(kind) for kind in {fact.kind for fact in self.world.facts}}
        shard = shard_from_tables(
            tables,
            self.memberships(),
            self.agency_links(),
            contract=self.world.contract,
            sources=[declared.name for declared in self.world.sources],
        )
        return replace(shard, not_asked=self.world.not_asked)

    def shards(self) -> Sequence[Shard]:
        ids = self._whole.family_ids.tolist()
        halves = [half for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]) if half]
        return [select_families([self._whole], half) for half in halves]

    def shard_with(self, family_ids: Sequence[str]) -> Shard:
        return select_families([self._whole], family_ids)

    def facts(self, kind: str) -> pa.Table:
        rows = [_fact_row(fact) for fact in self.world.facts if fact.kind == kind]
        return pa.Table.from_pylist(rows, schema=fact_schema(self.world.contract[kind]))

    def memberships(self) -> pa.Table:
        return pa.Table.from_pylist([_member_row(member) for member in self.world.members], schema=MEMBERSHIPS)

    def agency_links(self) -> pa.Table:
        rows = [vars(link) | {"person_id": link.person} for link in self.world.links]
        return pa.Table.from_pylist(rows, schema=AGENCY_LINKS)


def _fact_row(fact: Fact) -> dict[str, Any]:
    return fact.values | {
        "fact_id": fact.fact_id,
        "person_id": fact.person,
        "event_date": fact.event,
        "knowledge_date": fact.knowledge,
        "superseded_on": fact.superseded,
        "knowledge_basis": "recorded",
        "source": fact.source,
    }


def _member_row(member: Member) -> dict[str, Any]:
    return {
        "family_id": member.family,
        "person_id": member.person,
        "is_child": member.is_child,
        "birth_date": member.birth,
        "visible_from": member.first,
        "visible_to": member.last,
    }


def rules_of(world: World, **changes: Any) -> CompileRules:
    """Return rules by which everything in a world may be used."""
    rules = CompileRules(
        contract=world.contract,
        sources=world.sources,
        attributes=ATTRIBUTES,
        purpose=PURPOSE,
        tier="health",
        on=date(2024, 1, 1),
        terms=world.terms,
    )
    return replace(rules, **changes)


def indicator(value: Expression, name: str = "it", **changes: Any) -> Indicator:
    """Return an indicator of a value."""
    return replace(Indicator("what it says", value, concern="a concern", sentence="{value}", name=name), **changes)


def matrix_of(
    world: World,
    values: Mapping[str, Expression],
    as_of: Sequence[date],
    *,
    cohort: Expression | None = None,
    families: Sequence[str] | None = None,
) -> Matrix:
    """Return the engine's matrix of some values over a world."""
    chosen = Cohort("a cohort", cohort, name="cohort") if cohort is not None else None
    plan = compile_plan([indicator(v, name) for name, v in values.items()], cohort=chosen, rules=rules_of(world))
    return build_matrix(plan, MemoryGeneration(world), as_of, families=families)


def cells(matrix: Matrix) -> dict[tuple[str, date, str], tuple[float | None, int]]:
    """Return a matrix as (family, date, name) -> (value or None, why unknown)."""
    found = {}
    for row, (family, day) in enumerate(zip(matrix.family_id.tolist(), matrix.as_of_date.tolist(), strict=True)):
        for place, name in enumerate(matrix.names):
            value, reason = float(matrix.values[row, place]), int(matrix.unknown[row, place])
            assert np.isnan(value) == (reason != 0)
            found[family, day, name] = (None, reason) if reason else (value, 0)
    return found


def covered(sources: Sequence[Source], kinds: Iterable[str], first: date = LONG_AGO, until: date = FAR_OFF) -> tuple:
    """Return the coverage of kinds by sources, always."""
    return tuple(Covered(declared.name, kind, first, until) for declared in sources for kind in kinds)
