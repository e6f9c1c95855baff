"""Faults of a source's declaration are told all at once, each with its place and what would be right."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from targeting.errors import DeclarationError
from targeting.records.contract import contract
from targeting.sources.checking import check_sources, source_faults
from targeting.sources.definition import (
    CinCensus,
    Coverage,
    Extract,
    FactFields,
    Field,
    PersonFields,
    RelationshipFields,
    Source,
    column,
    constant,
)

INCIDENT = FactFields(
    kind="domestic_abuse_incident",
    person="who",
    event_date=column("on", format="%d/%m/%Y"),
    values={"grade": column("grade"), "child_present": constant(True)},
)


def messages(source: Source) -> list[str]:
    return [fault.message for fault in source_faults(source, contract())]


def test_a_sound_source_has_no_fault(make_source: Callable[..., Source]) -> None:
    assert messages(make_source([Extract(file="a.csv", facts=(INCIDENT,)), CinCensus(file="*.xml")])) == []


@pytest.mark.parametrize(
    ("fact", "message"),
    [
        (replace(INCIDENT, kind="incident"), "no kind of fact 'incident'. Those that do: "),
        (
            replace(INCIDENT, values={**INCIDENT.values, "grad": column("g")}),
            "no column 'grad'. Those that do: child_present, grade. Did you mean grade?",
        ),
        (replace(INCIDENT, values={"grade": column("grade")}), "needs a value for child_present."),
        (
            replace(INCIDENT, values={**INCIDENT.values, "grade": column("g", codes={"h": "hihg"})}),
            "grade: 'h' stands for 'hihg', no code of dash_grade. "
            "Those that do: high, medium, standard. Did you mean high?",
        ),
        (
            replace(INCIDENT, values={**INCIDENT.values, "child_present": column("c", codes={"x": "maybe"})}),
            "child_present: 'x' stands for 'maybe'. Expected true or false.",
        ),
        (
            replace(INCIDENT, values={**INCIDENT.values, "grade": constant("top")}),
            "grade: the constant is unknown code. Expected one of standard, medium, high (dash_grade).",
        ),
        (
            replace(INCIDENT, values={**INCIDENT.values, "grade": Field()}),
            "grade: needs either a column or a constant.",
        ),
        (
            replace(INCIDENT, event_date=column("on", format="%m/%Y")),
            "event_date: the format '%m/%Y' does not tell a day. One that does is %d/%m/%Y.",
        ),
        (replace(INCIDENT, event_date=constant("2024-01-01")), "event_date needs a column."),
        (replace(INCIDENT, when=Field()), "when: needs either a column or a constant."),
    ],
)
def test_a_fact_that_cannot_be_made_says_what_would_be_right(
    make_source: Callable[..., Source], fact: FactFields, message: str
) -> None:
    source = make_source([Extract(file="a.csv", facts=(fact,))])
    source = replace(source, coverage=(Coverage(shared_from=date(2020, 1, 1)),))
    (said,) = messages(source)
    assert said.startswith("a.csv: ")
    assert message in said


def test_the_rest_of_a_source_is_checked_too(make_source: Callable[..., Source]) -> None:
    person = PersonFields(key=constant("x"), sex=column("s", codes={"girl": "3"}), recorded_on=column("r", format="%Y"))
    relation = RelationshipFields(person="a", other="b", relationship=column("is", codes={"aunt": "aunt_of"}))
    source = make_source(
        [
            Extract(file="none.csv"),
            Extract(file="people.csv", persons=(person,), relationships=(relation,), encoding="utf-9", delimiter="||"),
            Extract(file="facts.csv", facts=(INCIDENT,)),
        ],
        coverage=(Coverage(shared_from=date(2020, 1, 1), until=date(2019, 1, 1), kinds=("missing_episode",)),),
    )
    assert messages(source) == [
        "coverage names 'missing_episode', which no extract makes. Those that do: domestic_abuse_incident.",
        "coverage ends on 2019-01-01, before it begins on 2020-01-01.",
        "no coverage for domestic_abuse_incident: say from which date on the source shares them.",
        "none.csv: the extract makes nothing. Declare persons, facts or relationships.",
        "people.csv: unknown encoding 'utf-9'. Python's names, such as utf-8 and cp1252, are known.",
        "people.csv: the delimiter '||' is not one character.",
        "people.csv: persons: key needs a column, the agency's own id of the person.",
        "people.csv: persons: sex: 'girl' stands for '3', no code of sex. Those that do: 0, 1, 2, 9.",
        "people.csv: persons: recorded_on: the format '%Y' does not tell a day. One that does is %d/%m/%Y.",
        "people.csv: relationship: 'aunt' stands for 'aunt_of', no code of relationship. "
        "Those that do: parent_of, partner_of, shared_case, sibling_of. Did you mean parent_of?",
    ]


def test_all_sources_are_told_of_at_once_with_their_places(make_source: Callable[..., Source]) -> None:
    wrong = Extract(file="a.csv", facts=(replace(INCIDENT, kind="incident"),))
    with pytest.raises(DeclarationError) as raised:
        check_sources(
            [make_source([wrong]), make_source([wrong], name="schools", folder="police")],
            contract(),
            {"police": "features/sources/police.py:12"},
        )
    places = [(fault.place, fault.message.split(".")[0]) for fault in raised.value.faults]
    assert ("features/sources", "2 sources have the folder 'police'") in places
    assert ("features/sources/police.py:12", "a") in places
    assert ("features/sources: 'schools'", "a") in places
