"""What an audit knows of each person it counts: values of facts, and what follows from family and dates."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from targeting.errors import Fault, what_exists
from targeting.fairness.definition import Attribute, Policy
from targeting.features.dates import latest_birth
from targeting.records.contract import Contract
from targeting.store.blocks import MISSING_DAY, OPEN_DAY
from targeting.store.generations import Generation
from targeting.training.audit_units import Days, Indexes, Mask, Members, Texts, day_column

AGE_BANDS = ((1, "under 1"), (5, "1-4"), (10, "5-9"), (16, "10-15"), (18, "16-17"))
UNBORN, GROWN = "unborn", "18 and over"
FAMILY_SIZES = ("1", "2", "3", "4 or more")
KNOWN, NEVER_KNOWN = "known before", "never known"
KNOWN_BY = "referral"


@dataclass(frozen=True)
class People:
    """The people an audit counts (`counted`), among all members of the scored families."""

    members: Members
    counted: Mask
    generation: Generation

    @property
    def persons(self) -> Members:
        """Those who are counted."""
        return self.members.where(self.counted)


def age_bands(people: People) -> Texts:
    """Return the age band of each person on the date; empty where no birth date is known."""
    persons = people.persons
    bands = np.full(len(persons.person), GROWN, dtype="U16")
    for below, band in reversed(AGE_BANDS):
        bands[persons.birth > latest_birth(persons.as_of, 12 * below)] = band
    bands[persons.birth > persons.as_of] = UNBORN
    bands[persons.birth == MISSING_DAY] = ""
    return bands


def family_sizes(people: People) -> Texts:
    """Return how many of those counted are in the person's family on the date."""
    scored = people.persons.scored
    size = np.bincount(scored)[scored]
    return np.array(FAMILY_SIZES)[np.minimum(size, len(FAMILY_SIZES)) - 1]


def known_before(people: People) -> Texts:
    """Return whether social care had a referral of anyone in the family that could be known on the date."""
    members = people.members
    facts = people.generation.facts(KNOWN_BY)
    persons, code = np.unique(members.person, return_inverse=True)
    held = _Facts.of(facts, None, persons)
    known = np.zeros(len(members.person), dtype=bool)
    for day in np.unique(members.as_of):
        met = np.zeros(len(persons), dtype=bool)
        met[held.person[held.visible_on(day)]] = True
        known |= (members.as_of == day) & met[code]
    family_known = np.zeros(int(members.scored.max(initial=-1)) + 1, dtype=bool)
    family_known[members.scored[known]] = True
    return np.where(family_known[people.persons.scored], KNOWN, NEVER_KNOWN)


DERIVED: Mapping[str, Callable[[People], Texts]] = MappingProxyType(
    {"age_band": age_bands, "family_size": family_sizes, "known_before": known_before}
)
_ORDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "age_band": (UNBORN, *(band for _, band in AGE_BANDS), GROWN),
        "family_size": FAMILY_SIZES,
        "known_before": (KNOWN, NEVER_KNOWN),
    }
)


def column_faults(policy: Policy, contract: Contract) -> Iterator[Fault]:
    """Return a fault for each audited column of a policy that is neither derived nor a column of a kind of fact."""
    for index, attribute in enumerate(policy.attribute):
        message = None if attribute.column is None else _wrong_with(attribute.column, contract)
        if message is not None:
            yield Fault(f"fairness/policy.toml: attribute[{index}].column", f"{message} (attribute {attribute.name!r})")


def _wrong_with(column: str, contract: Contract) -> str | None:
    kind, dot, name = column.partition(".")
    if not dot:
        if column not in DERIVED:
            return f"{column!r} is no column: write `kind.column`, or a derived one. {what_exists(column, DERIVED)}"
        needs_referrals = column == "known_before" and KNOWN_BY not in contract
        return f"'known_before' needs the kind of fact {KNOWN_BY!r}, which no source has." if needs_referrals else None
    if kind not in contract:
        return f"the kind of fact {kind!r} does not exist. {what_exists(kind, contract)}"
    columns = [each.name for each in contract[kind].columns]
    return None if name in columns else f"{kind!r} has no column {name!r}. {what_exists(name, columns)}"


def words_of(attribute: Attribute, contract: Contract) -> dict[str, str]:
    """Return what each value of an audited column is called, in the order to show them; empty where it has no codes."""
    column = attribute.column or ""
    if column in _ORDERS:
        return {value: value for value in _ORDERS[column]}
    kind, _, name = column.partition(".")
    found = contract[kind].column(name)
    codes = {} if found is None or found.codes is None else found.codes.codes
    return {code: f"{label} ({code})" if code.isupper() else label for code, label in codes.items()}


def values_of(attribute: Attribute, people: People) -> Texts:
    """Return each counted person's value of an audited column, empty where none is recorded."""
    column = attribute.column or ""
    if column in DERIVED:
        return DERIVED[column](people)
    kind, _, name = column.partition(".")
    return _values_of_facts(people.generation.facts(kind), name, attribute, people.persons)


def _values_of_facts(table: pa.Table, column: str, attribute: Attribute, people: Members) -> Texts:
    persons, code = np.unique(people.person, return_inverse=True)
    held = _Facts.of(table, column, persons).in_order(attribute)
    if attribute.as_known == "latest":
        return held.last_of_each(held.visible_to == OPEN_DAY, len(persons))[code]
    values = np.full(len(code), "", dtype=held.value.dtype)
    for day in np.unique(people.as_of):
        on_day = people.as_of == day
        values[on_day] = held.last_of_each(held.visible_on(day), len(persons))[code[on_day]]
    return values


@dataclass(frozen=True)
class _Facts:
    """Facts of some persons, with one value each."""

    person: Indexes
    value: Texts
    event: Days
    knowledge: Days
    visible_to: Days
    fact_id: Indexes

    @staticmethod
    def of(table: pa.Table, column: str | None, persons: Texts) -> "_Facts":
        """Return the facts of `persons`; of a column, those that have a value in it."""
        if column is not None:
            table = table.filter(table[column].is_valid())
        ids = np.asarray(table["person_id"].to_pylist(), dtype=np.str_)
        at = np.minimum(np.searchsorted(persons, ids), max(len(persons) - 1, 0))
        kept = persons[at] == ids if len(persons) else np.zeros(len(ids), dtype=bool)
        table = table.filter(pa.array(kept))
        texts = [] if column is None else table[column].cast(pa.string()).to_pylist()
        return _Facts(
            person=at[kept],
            value=np.asarray(texts or [""] * len(table), dtype=np.str_),
            event=day_column(table, "event_date", MISSING_DAY),
            knowledge=day_column(table, "knowledge_date", MISSING_DAY),
            visible_to=day_column(table, "superseded_on", OPEN_DAY),
            fact_id=np.asarray(table["fact_id"].to_numpy(), dtype=np.int64),
        )

    def visible_on(self, day: np.int32) -> Mask:
        """Return which facts were known on an as-of date, and held."""
        return np.asarray((self.knowledge < day) & (day <= self.visible_to))

    def in_order(self, attribute: Attribute) -> "_Facts":
        """Return the facts so that the last of a person is the one that counts.

        What gives way comes first. By now, what was learned last counts; on a date, what happened last.
        """
        preferred = ~np.isin(self.value, attribute.gives_way)
        latest = attribute.as_known == "latest"
        dates = (self.event, self.knowledge) if latest else (self.knowledge, self.event)
        order = np.lexsort((self.fact_id, *dates, preferred, self.person))
        return _Facts(*(getattr(self, name)[order] for name in _Facts.__annotations__))

    def last_of_each(self, mask: Mask, persons: int) -> Texts:
        """Return the last value of each person among facts in order, empty where there is none."""
        values = np.full(persons, "", dtype=self.value.dtype if len(self.value) else "U1")
        # Of several assignments to one place NumPy keeps the last.
        values[self.person[mask]] = self.value[mask]
        return values
