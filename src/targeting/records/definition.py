"""What a kind of fact is: its columns, what its two dates mean, and whether it may feed a score."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ColumnType = Literal["code", "integer", "number", "flag", "date"]

# Columns every fact has beside its own.
COMMON_COLUMNS = (
    "fact_id",
    "person_id",
    "event_date",
    "knowledge_date",
    "superseded_on",
    "knowledge_basis",
    "source",
)

SERVICE_RECORD = "service_record"


@dataclass(frozen=True, kw_only=True)
class CodeSet:
    """Codes and their labels, with the census years in which each was in force.

    `codes` maps a code to its label; `years` maps a code to (first, last) census year, either None where open.
    A code missing from `years` holds in every year.
    """

    name: str
    source: str
    codes: Mapping[str, str]
    years: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)

    def is_in_force(self, code: str, year: int | None) -> bool:
        """Return whether `code` exists and was in force in `year`; with no year, whether it ever was."""
        if code not in self.codes:
            return False
        first, last = self.years.get(code, (None, None))
        return year is None or ((first is None or first <= year) and (last is None or year <= last))


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a kind of fact.

    `attribute` is what the column says of a person, as classed in `fairness/policy.toml`: `service_record` for what a
    service did or saw, or the name of a personal attribute (`ethnicity`, `mental_ill_health`, ...).
    A column without one is unclassified and cannot be used by an indicator. `code_attributes` says of single codes what
    they say of a person beyond that: an indicator touches it unless its filter leaves the code out.
    """

    name: str
    description: str
    type: ColumnType
    attribute: str | None = SERVICE_RECORD
    codes: CodeSet | None = None
    code_attributes: Mapping[str, str] = field(default_factory=dict)
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class AtMost:
    """A constraint between two columns of numbers: where both are known, `column` is no more than `limit`."""

    column: str
    limit: str


@dataclass(frozen=True, kw_only=True)
class FactKind:
    """A kind of dated record about one person.

    `event` and `knowledge` say what the two dates mean. `ends` names the kind that this one brings to an end, matched
    on the shared column `episode_id` (a `date`-free text key held as a code without a code set).
    `never_an_input` carries the reason why no model may use the kind; None where one may.
    `attribute` classes the fact itself: that it exists says something of a person (an adult's mental ill-health).
    `constraints` hold between its columns: a row that breaks one is quarantined.
    """

    name: str
    description: str
    area: str
    event: str
    knowledge: str
    columns: tuple[Column, ...] = ()
    ends: str | None = None
    never_an_input: str | None = None
    attribute: str = SERVICE_RECORD
    constraints: tuple[AtMost, ...] = ()

    def __hash__(self) -> int:
        """Return a hash: kinds that are equal have one name."""
        return hash(self.name)

    def column(self, name: str) -> Column | None:
        """Return the column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def has_episodes(self) -> bool:
        """Whether its facts carry an `episode_id` that a later fact ends."""
        return self.column("episode_id") is not None


def episode_id() -> Column:
    """Return the column that ties a start to its end: the source's own key of the episode, pseudonymised at load."""
    return Column(name="episode_id", description="Key of the episode, shared by its start and its end", type="code")


def spell(  # noqa: PLR0913 - what the two kinds say, each part by name.
    name: str,
    what: str,
    *,
    area: str,
    columns: tuple[Column, ...] = (),
    end_columns: tuple[Column, ...] = (),
    never_an_input: str | None = None,
    attribute: str = SERVICE_RECORD,
) -> tuple[FactKind, FactKind]:
    """Return the two kinds of something that lasts: `<name>_started`, and `<name>_ended`, which ends it.

    `what` is its name in a sentence ("A stay in temporary accommodation"). What is learned at the end is in
    `end_columns` alone.
    """
    started = FactKind(
        name=f"{name}_started",
        description=f"{what} started",
        area=area,
        event="it started",
        knowledge="its start was recorded",
        columns=(episode_id(), *columns),
        never_an_input=never_an_input,
        attribute=attribute,
    )
    ended = FactKind(
        name=f"{name}_ended",
        description=f"{what} ended",
        area=area,
        event="it ended",
        knowledge="its end was recorded",
        columns=(episode_id(), *end_columns),
        ends=started.name,
        never_an_input=never_an_input,
        attribute=attribute,
    )
    return started, ended
