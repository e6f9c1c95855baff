"""What is asked: a family as it is held, people and records beside, each kind of record with its own columns.

The models are made from the contract, so that their JSON schema tells an integrator every column, bound and code.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal, Self, Union, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    JsonValue,
    create_model,
    model_validator,
)
from pydantic_core import CoreSchema

from targeting.records.contract import Contract
from targeting.records.definition import Column, ColumnType, FactKind
from targeting.serving.scores.examples import examples
from targeting.store.vocabularies import EPISODE

TARGETING, REQUEST = "targeting", "request"

# So many records of the usual length fit into the greatest body that the service reads, 1 MiB.
MOST_PEOPLE, MOST_RECORDS = 200, 2000
# More than a district has.
MOST_SOURCES = 64
# Sums are of whole millionths in 64 bits: so many records of so great a number still fit.
GREATEST = 1_000_000_000
# What is no space to anybody: JavaScript, Python and Rust each call other characters spaces.
NOT_BLANK = r"[^\s\u001c-\u001f\u0085\ufeff]"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _iso_day(value: Any) -> Any:
    """Return a date from an ISO string, wherever the string was read; all else is left to strict validation."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _whole(value: Any) -> Any:
    """Return 3 for 3.0: JSON knows one kind of number, and its schemas call that an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


# A strict date takes an ISO string from JSON alone; so does this, and from a Python string too.
Day = Annotated[date, BeforeValidator(_iso_day)]
SourceName = Annotated[str, Field(min_length=1, max_length=64)]


class _NeverNull:
    """Marks `T | None` where None says that a value was left out: null is not one."""

    def __get_pydantic_core_schema__(self, of_type: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler.generate_schema(get_args(of_type)[0])


def _may_be_absent(description: str) -> Any:
    return Field(default=None, description=description, json_schema_extra=_without_default)


class Sent(BaseModel):
    """Base of all that a request holds: nothing converted, no key beyond the declared ones."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Identifier(Sent):
    """Who or what is meant, by whose numbering."""

    system: str = Field(min_length=1, max_length=64, description="Whose numbering it is")
    value: str = Field(min_length=1, max_length=200, pattern=NOT_BLANK, repr=False, description="The id in it")


class FamilyIdentifier(Identifier):
    """A family: by its own id (system `targeting`), or by an agency's id of one person in it.

    Then the system is the source, or a case system that the source declares, such as `ehm`.
    """


class PersonIdentifier(Identifier):
    """A person: by an agency's own id, or by a label within this request (system `request`).

    The system of an agency's id is the source, or a case system that the source declares, such as `ehm`.
    """


class KnownTo(Sent):
    """Since when a person is in an agency's records."""

    source: SourceName = Field(description="The agency's source, as the district names it")
    since: Day = Field(description="The day from which the person was known there")


class Person(Sent):
    """One person of the family, while in one role: whose role or birth date changed appears once for each range.

    A member of the family as held needs no entry; where one is sent, what is held of that person stands, and only
    `known_to` adds to it. A record tells by itself that its person is known to its source.
    """

    person: PersonIdentifier
    is_child: bool = Field(description="Whether the person is a child of the family; an unborn one too")
    birth_date: Day | None = Field(default=None, description="The date of birth; of an unborn child, the expected one")
    from_date: Day = Field(description="The first as-of date on which the person counts as a member")
    until_date: Day | None = Field(default=None, description="The last one; null where it goes on")
    known_to: list[KnownTo] = Field(default=[], max_length=MOST_SOURCES, description="In whose records the person is")


class Record(Sent):
    """One fact about one person, with the day on which it happened and the day on which it could be known."""

    kind: str
    person: PersonIdentifier
    source: SourceName = Field(description="The source that recorded it, as the district names it")
    event_date: Day
    knowledge_date: Day
    superseded_on: Annotated[Day | None, _NeverNull()] = _may_be_absent(
        "The day on which it was corrected: from the day after on it no longer counts"
    )

    def column(self, name: str) -> Any:
        """Return the value of one of the kind's own columns, None where it was not sent."""
        return getattr(self, own(name), None)


def _each_once(sources: list[str]) -> list[str]:
    if len(set(sources)) < len(sources):
        raise ValueError("names a source twice")
    return sources


class ScoreRequest(Sent):
    """A family, by an id; or its people and records, which are merged with what is held where they are known."""

    family: Annotated[FamilyIdentifier | None, _NeverNull()] = _may_be_absent(
        "The family as held. Without people and records, the answer is the current list's own"
    )
    as_of_date: Annotated[Day | None, _NeverNull()] = _may_be_absent(
        "With people or records only: the day of the answer, by default that of the current lists"
    )
    people: list[Person] = Field(
        default=[],
        min_length=1,
        max_length=MOST_PEOPLE,
        description="Who belongs to the family, beside the members held",
        json_schema_extra=_without_default,
    )
    records: list[Any] = []
    sources_asked: Annotated[list[SourceName], AfterValidator(_each_once)] = Field(
        default=[],
        max_length=MOST_SOURCES,
        description="Whom you asked about these people, by the names of the district's sources, whether or not they "
        "had a record. A source of which a record is sent, or that a `known_to` names, is taken to have been asked. "
        "Where nobody of the family is held, what rests on sources that were not asked is unknown, not zero. Where "
        "anybody is held, all were asked when the data were loaded, and this changes nothing",
        json_schema_extra={"uniqueItems": True},
    )

    @model_validator(mode="after")
    def _says_who_is_meant(self) -> Self:
        if self.family is None and self.is_of_the_held_alone:
            raise ValueError("names nobody: one of family, people and records is needed")
        return self

    @property
    def is_of_the_held_alone(self) -> bool:
        """Return whether nothing is sent beside a family's id."""
        return not self.people and not self.records


def own(column: str) -> str:
    """Return the field that holds a kind's own column: none of them can be taken for one of pydantic's names."""
    return f"own_{column}"


def score_request(contract: Contract) -> type[ScoreRequest]:
    """Return the model of a request, its records of the contract's kinds; the same for the same kinds."""
    return _request_of(tuple(contract.values()))


@lru_cache(maxsize=2)
def _request_of(of: tuple[FactKind, ...]) -> type[ScoreRequest]:
    contract = {kind.name: kind for kind in of}
    kinds: Any = Union[tuple(record_of(kind) for kind in of)]  # noqa: UP007 - not known as types.
    one_record: Any = Annotated[kinds, Field(discriminator="kind")]

    class Described(ScoreRequest):
        model_config = ConfigDict(json_schema_extra={"anyOf": _ONE_OF_THEM, "examples": examples(contract)})

    records: Any = Field(
        default=[],
        min_length=1,
        max_length=MOST_RECORDS,
        description="Facts, each of one kind",
        json_schema_extra=_without_default,
    )
    return create_model(
        "ScoreRequest", __base__=Described, __doc__=ScoreRequest.__doc__, records=(list[one_record], records)
    )


_ONE_OF_THEM: list[JsonValue] = [{"required": [name]} for name in ("family", "people", "records")]


def record_of(kind: FactKind) -> type[Record]:
    """Return the model of one kind of fact: each of its columns with its type, bounds and codes."""
    name = "".join(part.capitalize() for part in kind.name.split("_")) + "Record"
    fields: dict[str, Any] = {own(column.name): _field(column) for column in kind.columns}
    said = f"{kind.description}. It happened when {kind.event}; it was known when {kind.knowledge}."
    fields["kind"] = (Literal[kind.name], ...)
    return create_model(name, __base__=Record, __doc__=said, **fields)


def _field(column: Column) -> tuple[Any, Any]:
    """Return the type of a column's value, and the field that takes it under the column's own name."""
    of_type = _type_of(column) if column.codes is None else Literal[tuple(column.codes.codes)]
    described = f"{column.description}. {_said_of(column)}".rstrip()
    if column.required:
        return of_type, Field(alias=column.name, description=described)
    return of_type | None, Field(default=None, alias=column.name, description=described)


_TYPES: Mapping[ColumnType, Any] = {"code": str, "integer": int, "number": float, "flag": bool, "date": Day}


def _type_of(column: Column) -> Any:
    """Return the type of a column's values, bounds included."""
    of_type = _TYPES[column.type]
    bounded: Any = Annotated[of_type, Field(**_bounds(column))]
    return Annotated[bounded, BeforeValidator(_whole)] if column.type == "integer" else bounded


def _said_of(column: Column) -> str:
    if column.name == EPISODE:
        return "The agency's own key; what ends the episode bears the same"
    if column.codes is not None:
        return "; ".join(f"{code}: {label}" for code, label in column.codes.codes.items())
    return f"In {column.unit}s" if column.unit else ""


def _bounds(column: Column) -> dict[str, Any]:
    if column.type in ("integer", "number"):
        lowest = -GREATEST if column.minimum is None else column.minimum
        highest = GREATEST if column.maximum is None else column.maximum
        make = int if column.type == "integer" else float
        return {"ge": make(lowest), "le": make(highest)}
    is_text = column.type == "code" and column.codes is None
    return {"min_length": 1, "max_length": 200, "pattern": NOT_BLANK} if is_text else {}
