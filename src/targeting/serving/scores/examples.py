"""Requests as an integrator would send them, for the contract in use."""

from pydantic import JsonValue

from targeting.records.contract import Contract
from targeting.records.definition import Column, FactKind

FAMILY_ID = "f_aaaaaaaaaaaaaaaaaaaaaaaaaa"
# Kinds that an example shows where the contract has them.
SHOWN = ("referral", "domestic_abuse_incident")
_VALUES: dict[str, JsonValue] = {"integer": 1, "number": 1.5, "flag": True, "date": "2026-03-02", "code": "R-1047"}


def examples(contract: Contract) -> list[JsonValue]:
    """Return requests: a family by its id, by an agency's id of a person, with a record, and one not held at all.

    Of people who are not held the last one says who was asked.
    """
    kinds = [contract[name] for name in SHOWN if name in contract] or list(contract.values())[:2]
    child: JsonValue = {"system": "request", "value": "child"}
    mother: JsonValue = {"system": "request", "value": "mother"}
    by_agency: JsonValue = {"system": "social_care", "value": "104729"}
    return [
        {"family": {"system": "targeting", "value": FAMILY_ID}},
        {"family": by_agency},
        {"family": by_agency, "records": [_record(kind, by_agency) for kind in kinds[:1]]},
        {
            "people": [
                {"person": mother, "is_child": False, "birth_date": "1994-05-17", "from_date": "2021-09-01"},
                {"person": child, "is_child": True, "birth_date": "2021-08-20", "from_date": "2021-09-01"},
            ],
            "records": [_record(kind, child) for kind in kinds],
            "sources_asked": ["police", "schools", "social_care"],
        },
    ]


def _record(kind: FactKind, person: JsonValue) -> JsonValue:
    common: dict[str, JsonValue] = {
        "kind": kind.name,
        "person": person,
        "source": "social_care",
        "event_date": "2026-03-02",
        "knowledge_date": "2026-03-03",
    }
    return common | {column.name: _value(column) for column in kind.columns if column.required}


def _value(column: Column) -> JsonValue:
    if column.codes is not None:
        return next(iter(column.codes.codes))
    if column.minimum is not None:
        return column.minimum if column.type == "number" else int(column.minimum)
    return _VALUES[column.type]
