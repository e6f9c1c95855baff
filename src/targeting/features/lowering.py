"""Expressions made into measures and programs: the language on one side, the plan's data on the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from targeting.features.checks import Allowed
from targeting.features.expressions import Combination, Constant, Expression
from targeting.features.filters import filter_steps
from targeting.features.leaves import Leaf, asks_for_ends, drawn_kinds, enders_of, leaves_of
from targeting.features.members import PeopleValue
from targeting.features.plan import Exclusion, Instruction, Measure, MeasureOperation, Selection
from targeting.features.roles import Role
from targeting.features.rules import CompileRules
from targeting.features.selections import During, Facts, FoldedValue
from targeting.features.together import JointValue

MONTHS_A_YEAR = 12

_EACH: Mapping[str, MeasureOperation] = {
    "rate": "rate",
    "count": "count_each",
    "sum": "sum_each",
}
_PEOPLE: Mapping[str, MeasureOperation] = {
    "count": "people_count",
    "youngest_age": "people_youngest_age",
}


@dataclass(frozen=True)
class Lowering:
    """Makes measures and programs of checked expressions, taking facts from the allowed sources alone."""

    rules: CompileRules
    allowed: Allowed

    def measures(self, expression: Expression) -> Iterator[Measure]:
        """Yield the measures of an expression's leaves."""
        return map(self.measure, leaves_of(expression))

    def program(self, expression: Expression, measures: Mapping[Measure, int]) -> Iterator[Instruction]:
        """Yield an expression in postfix order, its leaves as indexes of measures."""
        if isinstance(expression, Combination):
            for operand in expression.operands:
                yield from self.program(operand, measures)
            yield Instruction(operation=expression.operator)
        elif isinstance(expression, Constant):
            yield Instruction(operation="constant", constant=expression.value)
        else:
            yield Instruction(operation="measure", measure=measures[self.measure(cast(Leaf, expression))])

    def measure(self, leaf: Leaf) -> Measure:
        """Return the measure of a leaf; equal leaves have equal measures."""
        if isinstance(leaf, PeopleValue):
            return Measure(operation=_PEOPLE[leaf.operation], selection=_of_role(Selection(), leaf.people.role))
        if isinstance(leaf, FoldedValue):
            return self._folded(leaf)
        if isinstance(leaf, JointValue):
            return self._joint(leaf)
        return Measure(
            operation=leaf.operation,
            selection=self.selection(leaf.facts),
            columns=leaf.columns,
            ended_by=self._ends(leaf.facts.kind) if asks_for_ends(leaf) else (),
            state=filter_steps(() if leaf.state is None else (leaf.state,), self.rules.contract[leaf.facts.kind]),
        )

    def selection(self, facts: Facts) -> Selection:
        """Return which rows a leaf's facts are."""
        selection = Selection(
            kind=facts.kind,
            sources=self._sources(facts.kind),
            filter=filter_steps(facts.conditions, self.rules.contract[facts.kind]),
            window=facts.window,
            exclusions=tuple(
                self._exclusion(spells, during) for during in facts.exclusions for spells in during.spells
            ),
        )
        return _of_role(selection, facts.role)

    def sources_of(self, leaf: Leaf) -> set[int]:
        """Return the sources that a leaf's value is drawn from, as indexes into the declared ones."""
        return {index for kind in drawn_kinds(leaf, self.rules.contract) for index in self._sources(kind)}

    def _folded(self, leaf: FoldedValue) -> Measure:
        return Measure(
            operation=_EACH[leaf.each.operation],
            selection=self.selection(leaf.each.facts),
            columns=leaf.each.columns,
            fold=leaf.fold,
            at_least=leaf.at_least or 0.0,
        )

    def _joint(self, leaf: JointValue) -> Measure:
        steps = tuple(tuple(map(self.selection, step)) for step in leaf.steps)
        return Measure(operation=leaf.operation, selection=steps[0][0], steps=steps, within=leaf.within)

    def _exclusion(self, spells: Facts, during: During) -> Exclusion:
        return Exclusion(
            starts=self.selection(spells),
            ends=self._ends(spells.kind) if during.until is None else (self.selection(during.until),),
            over=during.over,
            has_episodes=during.until is None,
        )

    def _ends(self, kind: str) -> tuple[Selection, ...]:
        enders = enders_of(kind, self.rules.contract)
        return tuple(Selection(kind=each, sources=self._sources(each)) for each in enders if self.allowed(each))

    def _sources(self, kind: str) -> tuple[int, ...]:
        allowed = {source.name for source in self.allowed(kind)}
        return tuple(index for index, source in enumerate(self.rules.sources) if source.name in allowed)


def _of_role(selection: Selection, role: Role) -> Selection:
    if role.who != "children":
        return replace(selection, who=role.who)
    return replace(
        selection,
        who=role.who,
        from_months=round(role.from_age * MONTHS_A_YEAR),
        below_months=round(role.below_age * MONTHS_A_YEAR),
    )
