"""What is wrong with the declarations of sources, told all at once before a file is opened."""

import codecs
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from targeting.errors import DeclarationError, Fault, what_exists
from targeting.records.codes import SEX
from targeting.records.contract import Contract
from targeting.records.definition import CodeSet, Column, FactKind
from targeting.sources.converting import FLAGS, Invalid, value_reader
from targeting.sources.definition import (
    Extract,
    FactFields,
    Field,
    PersonFields,
    RelationshipFields,
    Source,
)
from targeting.sources.formats import kinds_of
from targeting.sources.people_of_rows import RELATIONSHIP

FOLDER = "features/sources"


def check_sources(sources: Sequence[Source], contract: Contract, places: Mapping[str, str] | None = None) -> None:
    """Raise DeclarationError with every fault of the sources; `places` says where each source, by name, is declared."""
    faults = [fault for source in sources for fault in source_faults(source, contract, (places or {}).get(source.name))]
    for noun, used in (("name", [s.name for s in sources]), ("folder", [s.folder for s in sources])):
        faults += [Fault(FOLDER, f"{n} sources have the {noun} {u!r}.") for u, n in Counter(used).items() if n > 1]
    if faults:
        raise DeclarationError(faults)


def source_faults(source: Source, contract: Contract, place: str | None = None) -> Iterator[Fault]:
    """Yield what is wrong with one source, each with its place."""
    where = place or f"{FOLDER}: {source.name!r}"
    for message in _messages(source, contract):
        yield Fault(where, message)


def _messages(source: Source, contract: Contract) -> Iterator[str]:
    made = frozenset().union(*(kinds_of(extract) for extract in source.extracts))
    for coverage in source.coverage:
        for kind in coverage.kinds:
            if kind not in made:
                yield f"coverage names {kind!r}, which no extract makes. {what_exists(kind, made)}"
        if coverage.until is not None and coverage.until < coverage.shared_from:
            yield f"coverage ends on {coverage.until}, before it begins on {coverage.shared_from}."
    uncovered = made - _covered(source, made)
    if uncovered:
        yield f"no coverage for {', '.join(sorted(uncovered))}: say from which date on the source shares them."
    for extract in source.extracts:
        if isinstance(extract, Extract):
            yield from (f"{extract.file}: {message}" for message in _extract_messages(extract, contract))


def _covered(source: Source, made: frozenset[str]) -> frozenset[str]:
    return frozenset(kind for coverage in source.coverage for kind in (coverage.kinds or made))


def _extract_messages(extract: Extract, contract: Contract) -> Iterator[str]:
    if not (extract.facts or extract.persons or extract.relationships):
        yield "the extract makes nothing. Declare persons, facts or relationships."
    try:
        codecs.lookup(extract.encoding)
    except LookupError:
        yield f"unknown encoding {extract.encoding!r}. Python's names, such as utf-8 and cp1252, are known."
    if len(extract.delimiter) != 1:
        yield f"the delimiter {extract.delimiter!r} is not one character."
    for person in extract.persons:
        yield from _person_messages(person)
    for relationship in extract.relationships:
        yield from _relationship_messages(relationship)
    for fact in extract.facts:
        if fact.kind not in contract:
            yield f"no kind of fact {fact.kind!r}. {what_exists(fact.kind, contract)}"
        else:
            yield from (f"{fact.kind}: {message}" for message in _fact_messages(fact, contract[fact.kind]))


def _person_messages(person: PersonFields) -> Iterator[str]:
    if person.key.column is None:
        yield "persons: key needs a column, the agency's own id of the person."
    for name, field in vars(person).items():
        if field is not None and name != "key":
            yield from _field_messages(f"persons: {name}", field)
    if person.sex is not None:
        yield from _code_messages("persons: sex", person.sex, SEX)
    for name in ("date_of_birth", "expected_date_of_birth", "recorded_on"):
        yield from _date_messages(f"persons: {name}", getattr(person, name))


def _relationship_messages(relationship: RelationshipFields) -> Iterator[str]:
    yield from _field_messages("relationship", relationship.relationship)
    yield from _code_messages("relationship", relationship.relationship, RELATIONSHIP)
    for name in ("started_on", "ended_on", "knowledge_date"):
        yield from _date_messages(name, getattr(relationship, name))


def _fact_messages(fact: FactFields, kind: FactKind) -> Iterator[str]:
    if fact.event_date.column is None:
        yield "event_date needs a column."
    yield from _date_messages("event_date", fact.event_date)
    yield from _date_messages("knowledge_date", fact.knowledge_date)
    if fact.when is not None:
        yield from _field_messages("when", fact.when)
        yield from _flag_messages("when", fact.when)
    for name, field in fact.values.items():
        column = kind.column(name)
        if column is None:
            yield f"no column {name!r}. {what_exists(name, (column.name for column in kind.columns))}"
        else:
            yield from _value_messages(column, field)
    missing = [column.name for column in kind.columns if column.required and column.name not in fact.values]
    if missing:
        yield f"needs a value for {', '.join(missing)}."


def _value_messages(column: Column, field: Field) -> Iterator[str]:
    yield from _field_messages(column.name, field)
    if column.type == "date":
        yield from _date_messages(column.name, field)
    elif column.type == "flag":
        yield from _flag_messages(column.name, field)
    elif column.codes is not None:
        yield from _code_messages(column.name, field, column.codes)
    if field.constant is not None:
        yield from _constant_messages(column, field.constant)


def _constant_messages(column: Column, value: object) -> Iterator[str]:
    read = value_reader(column, Field())(str(value))
    if isinstance(read, Invalid):
        yield f"{column.name}: the constant is {read.rule}. Expected {read.expected}."


def _field_messages(name: str, field: Field) -> Iterator[str]:
    if (field.column is None) == (field.constant is None):
        yield f"{name}: needs either a column or a constant."


def _date_messages(name: str, field: Field | None) -> Iterator[str]:
    if field is None:
        return
    yield from _field_messages(name, field)
    if field.format is not None and not _is_day(field.format):
        yield f"{name}: the format {field.format!r} does not tell a day. One that does is %d/%m/%Y."


def _is_day(pattern: str) -> bool:
    day = date(2019, 11, 23)
    try:
        return datetime.strptime(day.strftime(pattern), pattern).date() == day  # noqa: DTZ007
    except ValueError:
        return False


def _flag_messages(name: str, field: Field) -> Iterator[str]:
    for spelling, flag in field.codes.items():
        if flag.casefold() not in FLAGS:
            yield f"{name}: {spelling!r} stands for {flag!r}. Expected true or false."


def _code_messages(name: str, field: Field, codes: CodeSet) -> Iterator[str]:
    yield from _unknown(name, ((s, code) for s, code in field.codes.items() if code not in codes.codes), codes)


def _unknown(name: str, spellings: Iterable[tuple[str, str]], codes: CodeSet) -> Iterator[str]:
    for spelling, code in spellings:
        yield f"{name}: {spelling!r} stands for {code!r}, no code of {codes.name}. {what_exists(code, codes.codes)}"
