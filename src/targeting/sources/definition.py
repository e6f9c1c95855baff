"""What a district declares of one agency: its agreement, its coverage, and which column of which extract means what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import ClassVar, Literal

Tier = Literal["council", "police_and_schools", "health"]
KnowledgeBasis = Literal["recorded", "delivered", "imputed"]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """A data sharing agreement; past `expires_on` values of its source are unknown (`expired`)."""

    reference: str
    expires_on: date


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Which kinds of fact a source shares, from which event date on.

    `kinds` empty: all that its extracts produce. `until` None: up to the latest delivery's `extracted_on`.
    """

    shared_from: date
    until: date | None = None
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Field:
    """One value of a fact, read from a column of an extract.

    `format` is a strptime pattern for dates. `codes` maps the extract's spelling (stripped, case-folded) to the
    contract's code; a spelling in neither the map nor the contract's code set is quarantined. `empty` lists spellings
    that mean no value. `constant` gives the value where no column holds it.
    """

    column: str | None = None
    constant: str | int | float | bool | None = None
    format: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    empty: tuple[str, ...] = ("",)


@dataclass(frozen=True, kw_only=True)
class PersonFields:
    """Which columns identify one person in an extract; `key` is the agency's own id of the person.

    A row without a key describes nobody. All but `key` go to the encrypted identities store alone. `recorded_on` None
    or empty: the person is known from the earliest fact on the same row, else from the day of extraction.
    """

    key: Field
    given_name: Field | None = None
    family_name: Field | None = None
    date_of_birth: Field | None = None
    expected_date_of_birth: Field | None = None
    sex: Field | None = None
    nhs_number: Field | None = None
    upn: Field | None = None
    uprn: Field | None = None
    house_number: Field | None = None
    street: Field | None = None
    locality: Field | None = None
    postcode: Field | None = None
    recorded_on: Field | None = None


@dataclass(frozen=True, kw_only=True)
class FactFields:
    """How one row of an extract becomes one fact, where `event_date` is filled; otherwise it makes none.

    `person` names the column that holds the agency's id of the person concerned. `when` is a flag: where it is given,
    only rows on which it is true make the fact. `knowledge_date` None or empty: the source's declared lag is added to
    the event and `knowledge_basis` is `imputed`; where that lies beyond the delivery, it is the day of extraction and
    `delivered`. `known_when_delivered` says so of every row: what a system holds without a date of its own.

    `record_key` names columns that identify the fact in the source: a later delivery with the same key and other
    values corrects the earlier fact. Without a key a fact is its values: delivered again it is the same fact, and
    nothing corrects it.
    """

    kind: str
    person: str
    event_date: Field
    knowledge_date: Field | None = None
    values: Mapping[str, Field] = field(default_factory=dict)
    record_key: tuple[str, ...] = ()
    when: Field | None = None
    known_when_delivered: bool = False


@dataclass(frozen=True, kw_only=True)
class RelationshipFields:
    """Columns that say how two persons of one agency are related.

    `relationship` maps to `parent_of`, `partner_of`, `sibling_of` or `shared_case` (both worked with in one case,
    one household by a worker's own knowledge). `knowledge_date` is when the agency recorded it.
    """

    person: str
    other: str
    relationship: Field
    started_on: Field | None = None
    ended_on: Field | None = None
    knowledge_date: Field | None = None


@dataclass(frozen=True, kw_only=True)
class Extract:
    """One file of an agency: `file` is a glob below the agency's folder of the extracts.

    Parquet where it ends in `.parquet`, else CSV, compressed by gzip where it ends in `.gz`. One row may describe a
    person, make several facts and one relationship; it is quarantined whole where any of them is invalid.
    """

    file: str
    persons: tuple[PersonFields, ...] = ()
    facts: tuple[FactFields, ...] = ()
    relationships: tuple[RelationshipFields, ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ","
    # Whether all of a file was known on the day of which it speaks, and whether codes are those of that day's year.
    is_history: ClassVar[bool] = False
    has_codes_by_year: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class CinCensus:
    """CIN Census XML files; their mapping is fixed by DfE's schema. An annual return: history, not live evidence."""

    file: str
    is_history: ClassVar[bool] = True
    has_codes_by_year: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class Ssda903:
    """SSDA903 CSV files; `file` matches every table of the return, each of which is known by its columns.

    An annual return: history, not live evidence. `year` is that of the 31 March on which the return's year ends; None:
    the last one before extraction.
    """

    file: str
    year: int | None = None
    encoding: str = "utf-8"
    is_history: ClassVar[bool] = True
    has_codes_by_year: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class AnnexA:
    """Annex A workbooks (.xlsx): Ofsted's lists of children for an inspection, a sheet a list.

    They bear no dates of recording: all of a workbook was known on the day of its extraction.
    """

    file: str
    is_history: ClassVar[bool] = True
    has_codes_by_year: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class SafeguardingDataset:
    """Tables of the Standard Safeguarding Dataset, CSV or Parquet, named as the tables are (`ssd_contacts.csv`).

    It bears no dates of recording: they are imputed from the events by the source's lag.
    """

    file: str
    encoding: str = "utf-8"
    is_history: ClassVar[bool] = False
    has_codes_by_year: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class AttendanceRegister:
    """Daily registers, CSV or Parquet: one row a pupil and day, with the marks of its two sessions.

    `pupil`, `day`, `morning` and `afternoon` name columns; `day` and `recorded_on` are ISO dates or day/month/year.
    `recorded_on` None: the source's lag after the day. Days of the spring and summer terms of 2020 make nothing:
    declare their coverage by `coverage_without_pandemic`.
    """

    file: str
    pupil: str
    day: str
    morning: str
    afternoon: str
    recorded_on: str | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    is_history: ClassVar[bool] = False
    has_codes_by_year: ClassVar[bool] = False


# A file format with a mapping of its own is declared by a class of its own: its reader is named in formats.py.
AnyExtract = Extract | CinCensus | Ssda903 | AnnexA | SafeguardingDataset | AttendanceRegister


@dataclass(frozen=True, kw_only=True)
class Source:
    """One agency's data: by whom, under what, for what, and how to read it.

    `folder` is the agency's folder below the extracts. `lag` is the time from event to knowledge where an extract does
    not say. `current_for` is how long after a delivery the source still counts as sharing, longer than the time between
    deliveries and their lag: later, its values are unknown (`not_shared`); None: the lag and 35 days.
    `purposes` must cover a model's purpose before its indicators compile. `register_ages` (from, below, in
    years) says that every child of that age is expected in the agency's register, so that a family without one is
    `not_linked` rather than without concern. `case_systems` are the programs whose ids of people the records bear, in
    the words of their staff, such as `ehm`; modules share a source only where they share one numbering of people.
    """

    name: str
    agency: str
    folder: str
    tier: Tier
    controller: str
    gateway: str
    purposes: frozenset[str]
    confidentiality: str
    may_show_to: frozenset[str]
    retention_years: int
    agreement: Agreement
    coverage: tuple[Coverage, ...]
    extracts: tuple[AnyExtract, ...]
    lag: timedelta = timedelta(days=7)
    current_for: timedelta | None = None
    register_ages: tuple[float, float] | None = None
    case_systems: tuple[str, ...] = ()


def column(
    name: str, *, format: str | None = None, codes: Mapping[str, str] | None = None, empty: tuple[str, ...] = ("",)
) -> Field:
    """Return a value read from the extract's column `name`."""
    return Field(column=name, format=format, codes=codes or {}, empty=empty)


def constant(value: str | int | float | bool) -> Field:
    """Return a value that is the same on every row."""
    return Field(constant=value)
