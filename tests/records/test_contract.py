"""The contract: every kind of fact is described, classed and consistent, and a project's own kinds join it."""

from dataclasses import replace

import pytest

from targeting.errors import DeclarationError, Fault, what_exists
from targeting.records.codes import ASSESSMENT_FACTOR, CLOSURE_REASON, REFERRAL_SOURCE
from targeting.records.contract import BUILT_IN, contract
from targeting.records.definition import CodeSet, Column, FactKind, episode_id

VISIT = FactKind(name="visit", description="A visit", area="tests", event="it began", knowledge="it was recorded")


def test_a_project_adds_kinds_of_its_own() -> None:
    kinds = contract([VISIT])
    assert kinds["visit"] is VISIT
    assert len(kinds) == len(BUILT_IN) + 1


def test_all_faults_of_added_kinds_are_told_at_once() -> None:
    taken = replace(VISIT, name="contact")
    shadowing = replace(VISIT, columns=(Column(name="event_date", description="", type="date"),))
    endless = replace(VISIT, name="visit_ended", ends="visit_begun", columns=(episode_id(),))
    with pytest.raises(DeclarationError) as raised:
        contract([taken, shadowing, endless])
    assert [fault.message for fault in raised.value.faults] == [
        "the kind 'contact' exists already; rename yours.",
        "visit.event_date: every fact has that column already.",
        "visit_ended ends 'visit_begun': both need the column `episode_id`.",
    ]


def test_an_ending_without_the_episode_that_it_ends_is_refused() -> None:
    ended = replace(VISIT, name="visit_ended", ends="visit", columns=(episode_id(),))
    with pytest.raises(DeclarationError, match="visit_ended ends 'visit': both need the column `episode_id`"):
        contract([VISIT, ended])


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.name)
def test_every_kind_is_described_and_every_column_classed(kind: FactKind) -> None:
    assert all((kind.description, kind.area, kind.event, kind.knowledge))
    assert len({column.name for column in kind.columns}) == len(kind.columns)
    for column in kind.columns:
        assert column.description
        assert column.attribute
        assert column.codes is None or (column.type == "code" and column.codes.codes)
        assert column.minimum is None or column.maximum is None or column.minimum < column.maximum


@pytest.mark.parametrize(
    ("codes", "code", "year", "is_in_force"),
    [
        (ASSESSMENT_FACTOR, "18A", 2020, True),
        (ASSESSMENT_FACTOR, "18A", 2021, False),
        (ASSESSMENT_FACTOR, "18B", 2020, False),
        (ASSESSMENT_FACTOR, "18B", 2021, True),
        (ASSESSMENT_FACTOR, "18A", None, True),
        (ASSESSMENT_FACTOR, "3B", 1999, True),
        (ASSESSMENT_FACTOR, "99", None, False),
        (REFERRAL_SOURCE, "5D", 2022, False),
        (REFERRAL_SOURCE, "5D", 2023, True),
        (CLOSURE_REASON, "RC9", 2022, False),
    ],
)
def test_a_code_holds_in_the_census_years_in_which_it_was_in_force(
    codes: CodeSet, code: str, year: int | None, is_in_force: bool
) -> None:
    assert codes.is_in_force(code, year) is is_in_force


def test_an_error_names_what_exists_the_closest_apart() -> None:
    assert what_exists("abscences", ["absences", "referrals"]) == (
        "Those that do: absences, referrals. Did you mean absences?"
    )
    assert what_exists("x", []) == "Those that do: none."


def test_faults_are_told_once_and_in_the_order_of_their_places() -> None:
    late, early = Fault("features/b.py:1", "b"), Fault("features/a.py:1", "a")
    assert str(DeclarationError([late, early, late])) == "features/a.py:1: a\nfeatures/b.py:1: b"
