"""What a district declares in `features/`: indicators, cohorts, outcomes."""

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from targeting.errors import TargetingError
from targeting.features.expressions import Expression
from targeting.features.leaves import memory_of
from targeting.features.roles import ADULT_AGE
from targeting.features.selections import Facts
from targeting.features.windows import Length, check_length, days

Direction = Literal["raises", "lowers"]
Use = Literal["model", "context", "refused"]
InWhom = Literal["children", "all"]


FOUR_WEEKS = days(28)
HALF_A_YEAR = days(182)
A_QUARTER = days(91)


@dataclass(frozen=True, eq=False)
class Indicator:
    """One thing known of a family on a date, with the words that a panel reads.

    `sentence` may have a gap where the value stands: `{count:incident}`, `{number:unit}`, `{percent}`, `{duration}` (of
    days), `{age}` (of years), `{change:incident}`; `sentence_if_none` is said where the value is 0. `usual` is how much
    nobody would remark on: of what raises an estimate, only more than that is a concern, and anything else a strength.
    `direction` fixes the sign of its effect on an estimate where the domain gives one. `use` says how sensitive it is:
    "context" is for a panel alone; "refused" is named so that nobody proposes it again, with `refused_because`, and no
    model or panel gets it. `longest_memory` is what it promises to forget: the compiler refuses a value that reaches
    further back. `unknown_means` says in words why it may be unknown; `evidence` names what speaks for it. The loader
    sets `name`, from the declaration's variable, and `place`.
    """

    description: str
    value: Expression
    _: KW_ONLY
    concern: str
    sentence: str
    unit: str = ""
    sentence_if_none: str = ""
    direction: Direction | None = None
    usual: float | None = None
    unknown_means: str = ""
    use: Use = "model"
    refused_because: str = ""
    longest_memory: Length | None = None
    evidence: str = ""
    name: str = ""
    place: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.value, Expression):
            raise TargetingError(f"the indicator {self.description!r} {_NO_VALUE}")
        if (self.use == "refused") != bool(self.refused_because):
            raise TargetingError(
                f'the indicator {self.description!r} says either both or neither of use="refused" and refused_because.'
            )
        if self.longest_memory is not None:
            check_length(self.longest_memory)

    @property
    def memory(self) -> Length | None:
        """The longest window that its value looks into; None where it looks back to the first record."""
        return memory_of(self.value)


@dataclass(frozen=True, eq=False)
class Cohort:
    """Families of whom a model speaks on a date: those with a member for whom the condition is known to hold."""

    description: str
    condition: Expression
    name: str = ""
    place: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.condition, Expression) or not self.condition.is_condition:
            raise TargetingError(
                f"the cohort {self.description!r} needs a condition, such as (people.children().count_for_family() "
                ">= 1) & ~facts('referral').open_for_family()."
            )


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a model estimates: any of `events` in [as_of + lead, as_of + horizon), in a member of the family.

    Members are those of the as-of date: children under 18 and unborn, or all. An event sooner than `lead` is already
    in train. What is known `settling` after the horizon decides. A family all of whose members in question left or died
    first is censored; so is one without an event for whom `censored_where` is known to hold on the day that decides,
    such as one that nobody records any more. A member counts `until_age`: whoever reaches it without an event had none.
    (Were such families left out, those with an event before the birthday would stand for all, and age would look like a
    danger.)
    """

    description: str
    _: KW_ONLY
    events: tuple[Facts, ...]
    lead: Length = FOUR_WEEKS
    horizon: Length = HALF_A_YEAR
    settling: Length = A_QUARTER
    in_whom: InWhom = "children"
    censored_by: tuple[Facts, ...] = ()
    censored_where: Expression | None = None
    until_age: int | None = ADULT_AGE
    name: str = ""
    place: str = ""

    def __post_init__(self) -> None:
        if not self.events or not all(isinstance(event, Facts) for event in (*self.events, *self.censored_by)):
            raise TargetingError(f"the outcome {self.description!r} needs events=(facts('...'), ...), at least one.")
        if self.censored_where is not None and not self.censored_where.is_condition:
            raise TargetingError(f"the outcome {self.description!r} needs a condition as censored_where, or none.")
        if "terms" in (self.lead.unit, self.horizon.unit, self.settling.unit):
            raise TargetingError(f"the outcome {self.description!r} counts in days, weeks, months or years, not terms.")
        if not self.horizon.is_longer_than(self.lead):
            raise TargetingError(f"the outcome {self.description!r} needs a horizon longer than its lead.")


_NO_VALUE = (
    "has no value yet: end its facts with .count_for_family(), .exists_for_family(), .latest_for_family('column') or "
    "another ..._for_family()."
)
