"""The plan: indicators as data, to be run without their declarations. It holds all that scoring needs, and no code."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache, cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Literal

from targeting.errors import DataError
from targeting.features.definition import Direction, Use
from targeting.features.roles import Who
from targeting.features.windows import Length, Window
from targeting.records.terms import Term
from targeting.sources.definition import Tier

if TYPE_CHECKING:
    from pydantic import TypeAdapter

PLAN_VERSION = 1
EPISODE = "episode_id"
# Several models' plans together have some hundreds of different roles and windows.
KEPT = 4096

MeasureOperation = Literal[
    "count",
    "exists",
    "sum",
    "latest",
    "earliest",
    "maximum",
    "minimum",
    "distinct",
    "days_since_latest",
    "days_since_earliest",
    "open",
    "days_open",
    "longest_gap",
    "in_state",
    "silent",
    "rate",
    "count_each",
    "sum_each",
    "together",
    "in_order",
    "people_count",
    "people_youngest_age",
]
FilterOperation = Literal["==", "!=", ">=", ">", "<=", "<", "is_in", "is_known", "and", "or", "not", "unless"]
ProgramOperation = Literal[
    "measure", "constant", "+", "-", "/", "==", "!=", ">=", ">", "<=", "<", "&", "|", "~", "case"
]


@dataclass(frozen=True, kw_only=True)
class FilterStep:
    """One step of a filter in postfix order: a test of a column, or a combination of the tests before it.

    `codes` or `numbers` hold what the column is compared with; a flag is 0 or 1, a date its days since 1970.
    """

    operation: FilterOperation
    column: str = ""
    codes: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Exclusion:
    """Spells of the same person that drop a row over whose time they lie, `over` a length up to its event.

    An end is that of the same episode, or without episodes the next of the person.
    """

    starts: "Selection"
    ends: tuple["Selection", ...]
    over: Length
    has_episodes: bool = True

    @property
    def spells(self) -> tuple["Selection", ...]:
        """What starts and what ends them."""
        return self.starts, *self.ends


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which rows of one kind are looked at, from which sources (indexes into the plan's). No kind: members."""

    kind: str = ""
    sources: tuple[int, ...] = ()
    filter: tuple[FilterStep, ...] = ()
    window: Window | None = None
    who: Who = "everyone"
    from_months: int = 0
    below_months: int = 216
    exclusions: tuple[Exclusion, ...] = ()

    @cached_property
    def role(self) -> "Selection":
        """Its role alone."""
        return _shared(Selection(who=self.who, from_months=self.from_months, below_months=self.below_months))

    @cached_property
    def unfiltered(self) -> "Selection":
        """What it asks of whom, whatever the facts say."""
        return _shared(replace(self, filter=(), exclusions=()))

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, each.name) for each in fields(self)))

    def __hash__(self) -> int:
        # What a shard makes is looked up by its selection, some thousand times: the hash is worked out once.
        return self._hash

    def holds(self, other: "Selection") -> bool:
        """Return whether this surely has every row of another, on every date on which the other has it."""
        is_wider = self.window is None or (other.window is not None and self.window.holds(other.window))
        same_facts = (self.kind, self.sources, self.exclusions) == (other.kind, other.sources, other.exclusions)
        same_role = self.who == "everyone" or self.role == other.role
        return same_facts and same_role and is_wider and self.filter in {(), other.filter}


@lru_cache(maxsize=KEPT)
def children_aged(from_months: int, below_months: int) -> Selection:
    """Return the members who are children of some ages."""
    return _shared(Selection(who="children", from_months=from_months, below_months=below_months))


@lru_cache(maxsize=KEPT)
def _shared(selection: Selection) -> Selection:
    """Return the same object for equal selections: under it things are found without the selections being compared."""
    return selection


def _width(selection: Selection) -> tuple[bool, int, bool, bool, str]:
    """Return by what selections that hold one another are ordered: those of the fewest rows first."""
    length = selection.window.longest.count if selection.window else 0
    return selection.window is None, length, not selection.filter, selection.who == "everyone", repr(selection)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One value of each family and date, drawn from a selection; equal measures are computed once.

    `ended_by` are the facts that end an episode, for `open`. `state` is what a person's latest fact must fulfil. `fold`
    and `at_least` belong to a value of each person. `steps` are facts that come together or in order, of each step any
    of its selections, `within` a length; the first of them all is `selection`.
    """

    operation: MeasureOperation
    selection: Selection
    columns: tuple[str, ...] = ()
    ended_by: tuple[Selection, ...] = ()
    state: tuple[FilterStep, ...] = ()
    steps: tuple[tuple[Selection, ...], ...] = ()
    within: Length | None = None
    fold: Literal["", "maximum", "minimum", "mean", "count_at_least"] = ""
    at_least: float = 0.0

    @cached_property
    def valued(self) -> tuple[Selection, ...]:
        """The rows that its value is drawn from, each selection once; of members alone, their role."""
        return tuple(dict.fromkeys((self.selection, *self.ended_by, *chain.from_iterable(self.steps))))

    @cached_property
    def exclusions(self) -> tuple[Exclusion, ...]:
        """What drops any of those rows, each once."""
        return tuple(dict.fromkeys(chain.from_iterable(selection.exclusions for selection in self.valued)))

    @cached_property
    def selections(self) -> tuple[Selection, ...]:
        """All rows that the measure looks at, each selection once; of members alone, their role."""
        return tuple(dict.fromkeys((*self.valued, *self._spells)))

    @property
    def combined(self) -> tuple[Selection, ...]:
        """Those of which it is not enough to know how many rows there are."""
        return tuple(self._spells) if self.operation in ("count", "exists", "silent") else self.selections

    @property
    def _spells(self) -> Iterator[Selection]:
        return chain.from_iterable(exclusion.spells for exclusion in self.exclusions)


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One step of a program in postfix order; `measure` indexes the plan's measures."""

    operation: ProgramOperation
    measure: int = -1
    constant: float = 0.0


Program = tuple[Instruction, ...]


@dataclass(frozen=True, kw_only=True)
class PlannedSource:
    """What of a source bears on values: who shares it, until when it may be used, how late it may be.

    Facts are unknown (`expired`) on as-of dates after `expires_on`. A delivery counts as current for `current_days`.
    Children aged from the first of `register_months` to below the second are expected in its register.
    """

    name: str
    agency: str
    expires_on: date
    current_days: int
    register_months: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedIndicator:
    """An indicator's words, its program, and what it rests on; `memory` None: back to the first record.

    `sources` and `agencies` are those that its value is drawn from, `kinds` all that it reads.
    """

    name: str
    description: str
    concern: str
    sentence: str
    unit: str
    sentence_if_none: str
    direction: Direction | None
    unknown_means: str
    use: Use
    evidence: str
    program: Program
    kinds: tuple[str, ...]
    sources: tuple[str, ...]
    agencies: tuple[str, ...]
    attributes: tuple[str, ...]
    memory: Length | None = None
    usual: float | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedCohort:
    """A cohort's description, and the program whose value must be known and true."""

    name: str
    description: str
    program: Program

    @cached_property
    def measures(self) -> frozenset[int]:
        """The measures that its program takes, as indexes into the plan's."""
        return frozenset(step.measure for step in self.program if step.operation == "measure")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Indicators and cohort over shared measures, for one purpose and data tier."""

    version: int
    purpose: str
    tier: Tier
    indicators: tuple[PlannedIndicator, ...]
    cohort: PlannedCohort | None
    measures: tuple[Measure, ...]
    sources: tuple[PlannedSource, ...]
    terms: tuple[Term, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The indicators' names, in declared order."""
        return tuple(indicator.name for indicator in self.indicators)

    @cached_property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """The columns that it reads of each kind that it reads."""
        needed: dict[str, set[str]] = {}
        for measure in self.measures:
            state = {step.column for step in measure.state if step.column}
            own = ({EPISODE} if measure.ended_by else set(measure.columns)) | state
            looked_at = [(each, own) for each in measure.valued]
            for exclusion in measure.exclusions:
                looked_at += [(each, {EPISODE} if exclusion.has_episodes else set()) for each in exclusion.spells]
            for selection, columns in looked_at:
                if selection.kind:
                    tested = {step.column for step in selection.filter if step.column}
                    needed.setdefault(selection.kind, set()).update(columns | tested)
        return {kind: tuple(sorted(columns)) for kind, columns in needed.items()}

    @cached_property
    def wider(self) -> Mapping[Selection, Selection | None]:
        """From what each selection of facts is narrowed: of those made that hold it, the one of the fewest rows."""
        made = {each: [other for other in others if other in self.made] for each, others in self._holding.items()}
        return {each: min(others, key=_width, default=None) for each, others in made.items()}

    @cached_property
    def made(self) -> AbstractSet[Selection]:
        """The selections whose rows are made: of those that are only counted, such as several others lie closest in."""
        closest = Counter(min(others, key=_width) for others in self._holding.values() if others)
        combined = chain.from_iterable(measure.combined for measure in self.measures)
        return {*combined, *(each for each, times in closest.items() if times > 1)}

    @cached_property
    def _holding(self) -> Mapping[Selection, Sequence[Selection]]:
        facts = {each for measure in self.measures for each in measure.selections if each.kind}
        return {each: [other for other in facts if other != each and other.holds(each)] for each in facts}

    @property
    def digest(self) -> str:
        """The SHA-256 of the plan's JSON."""
        return hashlib.sha256(plan_to_json(self).encode()).hexdigest()


@cache
def _adapter() -> "TypeAdapter[Plan]":
    """Return what reads and writes plans, made at the first: that takes longer than to import all the rest."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - a matrix of declarations needs none of it.

    return TypeAdapter(Plan)


def plan_to_json(plan: Plan) -> str:
    """Return the plan as JSON, the same bytes for the same plan."""
    return json.dumps(_adapter().dump_python(plan, mode="json"), sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def plan_from_json(text: str) -> Plan:
    """Return the plan that `plan_to_json` wrote. Raises DataError where the text is none, or one of another version."""
    from pydantic import ValidationError  # noqa: PLC0415 - as above.

    try:
        plan = _adapter().validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise DataError(f"this is no plan: at {where}, {first['msg']}. Train the model again.") from error
    if plan.version != PLAN_VERSION:
        raise DataError(f"the plan has version {plan.version}, this program reads {PLAN_VERSION}: train again.")
    return plan
