"""Reasons: parts that sum, sentences that make sense, strengths first, gaps said."""

import math
from dataclasses import replace
from datetime import date

import pytest

from targeting.features.plan import PlannedIndicator
from targeting.serving.contents import Because, IndicatorValue
from targeting.serving.reasons import NOT_KNOWN, REFERENCE, Spoken, parts_by_concern, reasons, unknowns

AS_OF = date(2026, 3, 30)

# name: concern, sentence, sentence where there is none, direction
DECLARED = {
    "incidents": ("abuse", "{count:incident} recorded", "No incident is recorded", "raises"),
    "incidents_ever": ("abuse", "{count:incident} ever", "No incident ever", "raises"),
    "absence": ("school", "A child missed {percent} of sessions", "", "raises"),
    "centre": ("early years", "The family came {count:time}", "", "lowers"),
    "met": ("help", "Early help ended with needs met", "", "lowers"),
    "missing": ("young people", "A child was missing {count:time}", "No child was missing", "raises"),
    "trend": ("change", "Absence {change}", "", "raises"),
    "children": ("household", "{count:child|children} in the family", "No child in the family", None),
    "missed": ("attendance", "The most any child missed was {percent}", "", "raises"),
    "gained": ("marks", "Gained {percent} of the marks", "", "lowers"),
    "without work": ("work", "Without work for {duration}", "Nobody is without work", "raises"),
    "marks": ("marks", "Marks against the mean: {number:mark}", "", "lowers"),
    "age": ("household", "The youngest child is {age}", "", None),
    "smoking": ("pregnancy", "A mother smoked", "", "raises"),
    "suspended": ("suspension", "{count:suspension} from school", "No child was suspended", "raises"),
    "teenagers' absence": ("young people", "A young person missed {percent} of sessions", "", "raises"),
    "services": ("several needs", "{several:service} noted a need", "", "raises"),
}


def spoken(name: str, value: float | None, part: float, **more: object) -> Spoken:
    concern, sentence, sentence_if_none, direction = DECLARED[name]
    indicator = PlannedIndicator(
        name=name,
        description=name,
        concern=concern,
        sentence=sentence,
        unit="",
        sentence_if_none=sentence_if_none,
        direction=direction,
        unknown_means=f"What is known of {concern} is missing",
        use="model",
        evidence="",
        program=(),
        kinds=(),
        sources=(),
        agencies=() if name == "age" else ("schools",),
        attributes=(),
        usual={"missed": 0.05, "gained": 0.5, "without work": 0}.get(name),
    )
    held = {"unknown": None, "fact_ids": (), "latest_event": None, "agencies": (), **more}
    return Spoken(indicator, IndicatorValue(name=name, value=value, part=part, **held))


def said(*family: Spoken) -> list[tuple[str, bool]]:
    return [(reason.sentence, reason.is_strength) for reason in reasons(family, AS_OF)]


def test_parts_sum_by_concern_with_what_is_not_known_and_the_reference_apart() -> None:
    family = (
        spoken("incidents", 3, 0.7),
        spoken("incidents_ever", 4, 0.2),
        spoken("absence", None, 0.4, unknown="not_linked"),
        spoken("centre", 2, -0.3),
    )
    parts = parts_by_concern(family, reference=-1.5)
    assert list(parts) == ["abuse", "early years", NOT_KNOWN, REFERENCE]
    assert list(parts.values()) == pytest.approx([0.9, -0.3, 0.4, -1.5])
    assert math.fsum(parts.values()) == pytest.approx(0.7 + 0.2 + 0.4 - 0.3 - 1.5, abs=1e-12)


def test_each_concern_speaks_once_in_its_strongest_sentence_and_strengths_come_first() -> None:
    assert said(
        spoken("incidents", 3, 0.7),
        spoken("incidents_ever", 4, 0.2),
        spoken("absence", 0.31, 0.9),
        spoken("centre", 2, -0.3),
    ) == [("The family came twice", True), ("A child missed 31% of sessions", False), ("3 incidents recorded", False)]


@pytest.mark.parametrize(
    ("name", "value", "part", "expected"),
    [
        ("incidents", 0, -0.5, [("No incident is recorded", True)]),
        ("incidents", 3, -0.5, []),  # Incidents are no strength, wherever a tree puts them.
        ("incidents", 0, 0.5, []),
        ("centre", 4, -0.5, [("The family came 4 times", True)]),
        ("centre", 0, 0.5, []),  # Not coming to a centre is no concern.
        ("centre", 4, 0.5, []),
        ("absence", 0.01, -0.5, [("A child missed 1% of sessions", True)]),
        ("absence", 0.0, -0.5, [("A child missed 0% of sessions", True)]),
        ("marks", -3, 0.5, [("Marks against the mean: -3 marks", False)]),
        ("marks", 3.5, -0.5, [("Marks against the mean: 3.5 marks", True)]),
        ("trend", 0.08, 0.5, [("Absence rose by 8 percentage points", False)]),
        ("trend", -0.08, -0.5, [("Absence fell by 8 percentage points", True)]),
        ("trend", 0.0, -0.5, []),
        ("smoking", 0, -0.5, []),  # There may have been no pregnancy: nothing is said.
        ("children", 3, 0.5, [("3 children in the family", False)]),
        ("children", 1, -0.5, []),  # A small family is no strength.
        ("children", 0, 0.5, []),  # Nor is it a reason to look that somebody is not there.
        ("age", 0, 0.5, [("The youngest child is under 1 year old", False)]),
        # Much of what raises an estimate is no strength beside what others have more of, nor is little a concern.
        ("missed", 0.05, -0.5, [("The most any child missed was 5%", True)]),
        ("missed", 0.23, -0.5, []),
        ("missed", 0.03, 0.5, []),
        ("missed", 0.23, 0.5, [("The most any child missed was 23%", False)]),
        ("gained", 0.8, -0.5, [("Gained 80% of the marks", True)]),
        ("gained", 0.3, -0.5, []),
        ("gained", 0.8, 0.5, []),
        ("gained", 0.3, 0.5, [("Gained 30% of the marks", False)]),
        ("without work", 180, -0.5, []),
        ("without work", 0, -0.5, [("Nobody is without work", True)]),
        ("without work", 180, 0.5, [("Without work for 6 months", False)]),
        ("incidents", 3, 0.04, []),  # Too little to be a reason.
        ("incidents", 0, -0.04, [("No incident is recorded", True)]),
        ("incidents", 0, -0.004, []),
    ],
)
def test_a_sentence_is_said_only_where_it_makes_sense(
    name: str, value: float, part: float, expected: list[tuple[str, bool]]
) -> None:
    assert said(spoken(name, value, part)) == expected


def test_of_many_reasons_five_are_said_and_one_is_a_strength() -> None:
    concerns = [("incidents", 0.5), ("absence", 0.9), ("missing", 0.8), ("children", 0.7), ("smoking", 0.6)]
    family = [spoken(name, 1, part) for name, part in concerns]
    assert len(said(*family)) == 5
    assert said(*family, spoken("centre", 2, -0.1), spoken("met", 1, -0.2)) == [
        ("Early help ended with needs met", True),
        ("A child missed 100% of sessions", False),
        ("A child was missing once", False),
        ("1 child in the family", False),
        ("A mother smoked", False),
    ]


def test_a_reason_says_who_recorded_it_and_how_long_ago() -> None:
    known = spoken("incidents", 2, 0.5, fact_ids=(1, 2), latest_event=date(2026, 3, 9), agencies=("police",))
    nothing = spoken("missing", 0, -0.5)
    strength, concern = reasons((known, nothing), AS_OF)
    assert (concern.agency, concern.latest_date, concern.age) == ("police", date(2026, 3, 9), "3 weeks ago")
    assert (strength.agency, strength.latest_date, strength.age) == ("schools", None, "")


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        ("not_shared", ["What is known of school is missing: these records are not shared for this date"]),
        ("not_linked", ["What is known of school is missing: no matching record of the family was found"]),
        ("expired", ["What is known of school is missing: the sharing agreement has ended"]),
        ("not_collected", []),  # The attendance of a term that is still to come is no gap.
        ("not_applicable", []),  # Nor is the schooling of a baby.
    ],
)
def test_what_is_not_known_is_said_once_with_why(why: Because, expected: list[str]) -> None:
    gaps = unknowns((spoken("absence", None, 0.1, unknown=why), spoken("absence", None, 0.2, unknown=why)))
    assert [gap.sentence for gap in gaps] == expected
    assert [gap.indicators for gap in gaps] == [("absence", "absence")] * len(expected)


def test_of_whom_nobody_asked_it_is_not_said_that_no_record_was_found() -> None:
    gap = spoken("absence", None, 0.1, unknown="not_linked")
    shared = gap._replace(indicator=replace(gap.indicator, sources=("schools", "register", "police")))
    asked_one = unknowns((shared, gap), {"schools": "schools", "register": "the education department"})
    assert [(each.sentence, each.because) for each in asked_one] == [
        (
            "What is known of school is missing: by this request, nobody asked schools and the education department "
            "about the family",
            "not_linked",
        ),
        ("What is known of school is missing: no matching record of the family was found", "not_linked"),
    ]
    ended = spoken("absence", None, 0.1, unknown="expired")
    ended = ended._replace(indicator=shared.indicator)
    assert unknowns((ended,), {"schools": "schools"}) == unknowns((ended,))


def test_what_no_single_record_says_is_recorded_by_those_who_know_the_family() -> None:
    (reason,) = reasons((spoken("age", 2, 0.5),), AS_OF)
    assert (reason.sentence, reason.agency) == ("The youngest child is 2 years old", "agencies that know the family")


def test_an_unknown_value_is_never_a_reason_however_much_it_moves() -> None:
    assert said(spoken("absence", None, 2.0, unknown="not_linked")) == []


NOTHING_THERE: dict[str, object] = {"unknown": "not_applicable"}
NOTHING_RECORDED: dict[str, object] = {"unknown": "not_collected"}
NEVER_SUSPENDED = spoken("suspended", 0, -0.5)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        # Where no child was at school there was no attendance to collect, and no suspension to be spared.
        ([spoken("absence", None, 0.0, **NOTHING_THERE)], []),
        ([spoken("absence", None, 0.0, **NOTHING_RECORDED)], []),
        (
            [
                spoken("absence", None, 0.0, **NOTHING_RECORDED),
                spoken("teenagers' absence", None, 0.0, **NOTHING_THERE),
            ],
            [],
        ),
        ([spoken("absence", None, 0.0, **NOTHING_THERE), spoken("teenagers' absence", None, 0.0, **NOTHING_THERE)], []),
        # A child at primary school may be suspended, though nobody is of secondary age.
        ([spoken("absence", 0.2, 0.0), spoken("teenagers' absence", None, 0.0, **NOTHING_THERE)], [NEVER_SUSPENDED]),
        # What schools do not share says nothing of who is at school.
        ([spoken("absence", None, 0.0, unknown="not_shared")], [NEVER_SUSPENDED]),
        ([], [NEVER_SUSPENDED]),
    ],
)
def test_that_nothing_happened_is_a_strength_only_where_it_could_have(
    others: list[Spoken], expected: list[Spoken]
) -> None:
    assert said(NEVER_SUSPENDED, *others) == [(each.sentence, True) for each in expected]


def test_that_no_baby_was_reported_missing_is_no_strength() -> None:
    missing, teenagers = spoken("missing", 0, -0.5), spoken("teenagers' absence", None, 0.0, **NOTHING_THERE)
    assert said(missing, teenagers, spoken("absence", 0.2, 0.0)) == []
    assert said(missing, spoken("teenagers' absence", 0.2, 0.0)) == [("No child was missing", True)]


@pytest.mark.parametrize(("value", "part"), [(0.004, 0.5), (-0.004, -0.5), (0.004, -0.5)])
def test_what_stayed_the_same_is_neither_a_strength_nor_a_concern(value: float, part: float) -> None:
    assert said(spoken("trend", value, part)) == []


def test_several_is_not_said_of_one() -> None:
    assert said(spoken("services", 1, 0.5)) == []
    assert said(spoken("services", 2, 0.5)) == [("2 services noted a need", False)]


def test_agencies_are_named_as_one_says_them() -> None:
    (reason,) = reasons((spoken("incidents", 2, 0.5, agencies=("housing", "police", "schools")),), AS_OF)
    assert reason.agency == "housing, police and schools"
